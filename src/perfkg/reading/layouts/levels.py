"""First and second levels of the rows: carried down where merged cells hide them, inferred where they are missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from perfkg import schemes
from perfkg.reading.layouts import words
from perfkg.records import Category, Repair

_HOLDS_SATISFACTION = ("效果指标", "效果目标")
"""Forms with these first levels have 满意度指标 as a second level under it, not beside it."""


@dataclass(slots=True)
class Levels:
    """What the rows so far have said. `family` is the scheme the form is written in, where known."""

    family: str | None
    level1: str | None = None
    level2: str | None = None
    seen: dict[str, str] = field(default_factory=dict)
    inferred: bool = False

    def read(self, first: str | None, second: str | None) -> tuple[Category, list[Repair], bool]:
        """The category of a row that prints these headings (None: it prints none), what was mended, and any doubt."""
        repairs: list[Repair] = []
        if first and second and words.levels(first, self.family) == {2}:
            repairs.append(Repair("level1-corrected", f"一级指标一格印的是二级指标“{first}”", before=first))
            first = None
        if first and not second and self._within(first):
            first, second = None, first
        if first:
            self.level1, self.level2, self.inferred = first, None, False
            self.seen[self._kind(first)] = first
        if second:
            self.level2 = second
        unsure = bool(second and not first and self._replace_parent(second, repairs))
        concept = schemes.concept(self.level1, self.level2, self.family)
        return Category(self.level1, self.level2, concept), repairs, unsure

    def _within(self, heading: str) -> bool:
        """Whether the heading is one of satisfaction that stands under the first level that holds it."""
        holds = words.bare_heading(self.level1 or "") in _HOLDS_SATISFACTION
        return holds and "满意度" in heading and 2 in words.levels(heading)

    def _kind(self, first: str) -> str:
        return schemes.concept(first, None, self.family) or first

    def _replace_parent(self, second: str, repairs: list[Repair]) -> bool:
        """Whether the first level above `second` is doubtful; it is replaced where the form has left it out."""
        parent = schemes.parent(words.bare_heading(second), self.family)
        if not parent or self._within(second) or (self.level1 and self._kind(self.level1) == self._kind(parent)):
            return False
        if self.level1 and not words.levels(self.level1, self.family):
            return False
        if self.seen.get(self._kind(parent)):
            return True
        before, self.level1 = self.level1, parent
        back = _rank(self._kind(parent)) < max((_rank(kind) for kind in self.seen), default=-1)
        self.seen[self._kind(parent)] = parent
        reason = f"“{second}”之上没有印一级指标，按指标体系归入“{parent}”"
        repairs.append(Repair("level1-inferred", reason, before=before, after=parent))
        return back


def _rank(concept: str) -> int:
    """The order in which forms print the first levels."""
    order = ("cost", "output", "completion", "benefit", "satisfaction")
    name = concept.rpartition("/")[2]
    return order.index(name) if name in order else -1
