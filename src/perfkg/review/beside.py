"""A form beside a library: the rows of other projects that say the same, and the projects nearest as a whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from perfkg.library import Library
from perfkg.records import Declaration, Hit, Indicator
from perfkg.review.form import Form, bare, category
from perfkg.search import search

ALIKE = 0.6
"""Names that share less than this of their character pairs are about something else."""

_EMPTY = re.compile("保障|保证|确保|提高|提升|完成|情况|指标|工作|经费|费用?|专项|项目|资金|运行|20\\d\\d|年度?")
_NEAREST = 10
_NEAR = 0.25
_DATE = re.compile(r"20\d\d(?:[-至~]20\d\d)?年?度?")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another project near a form as a whole: `score` 0 to 1, `same` rows word for word, `alike` rows of one name."""

    declaration: str
    organization: str | None
    project: str | None
    year: int | None
    funding: float | None
    score: float
    same: int
    alike: int


@dataclass(frozen=True)
class Beside:
    """A form beside a library, without the form itself and its own versions."""

    form: Form
    library: Library

    def comparable(self, row: Indicator) -> list[Hit]:
        """Rows of other projects under the same category whose names say the same, best first."""
        return [hit for hit in self._hits[row.id] if _kind(hit) == category(row) and alike(hit.name, row.name) >= ALIKE]

    def same(self, row: Indicator) -> list[Hit]:
        """Rows of other forms with the same name and value, word for word."""
        said = (bare(row.name), bare(row.value))
        return [hit for hit in self._hits[row.id] if (bare(hit.name), bare(hit.value)) == said]

    @cached_property
    def _hits(self) -> dict[str, list[Hit]]:
        found: dict[str, list[Hit]] = defaultdict(list)
        for row in self.form.rows:
            text = "，".join(part for part in (row.category.level2, row.name, row.value) if part)[:500]
            if text:
                found[row.id] = [hit for hit in search(self.library, text, limit=60).hits if not self._own(hit)]
        return found

    def _own(self, hit: Hit) -> bool:
        mine = self.form.declaration
        return hit.declaration == mine.id or (
            (hit.organization, undated(hit.project), hit.year) == (mine.organization, undated(mine.project), mine.year)
        )

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """The projects nearest as a whole, best first: half by their names, half by the rows they share."""
        mine = self.form.declaration
        near = {hit.declaration for hits in self._hits.values() for hit in hits[:20]}
        named = f"{mine.project or ''}"
        if bare(named):
            near |= {hit.declaration for hit in search(self.library, named, limit=30).hits if not self._own(hit)}
        others = (self._neighbour(self.library.ledger.get(id)) for id in near)
        ranked = sorted(others, key=lambda one: (-one.score, -one.same, one.declaration))
        once = {(one.organization, undated(one.project), one.year): one for one in reversed(ranked)}
        return tuple(one for one in ranked if one in once.values() and one.score >= _NEAR)[:_NEAREST]

    def _neighbour(self, other: Declaration) -> Neighbour:
        rows = [row for row in self.form.rows if row.name]
        texts = {(bare(row.name), bare(row.value)) for row in other.indicators}
        same = sum((bare(row.name), bare(row.value)) in texts for row in rows)
        close = sum(has_alike(row, other.indicators) for row in rows)
        named = alike(undated(other.project), undated(self.form.declaration.project))
        score = round((named + close / max(len(rows), 1)) / 2, 3)
        who = (other.organization, other.project, other.year, other.funding.total)
        return Neighbour(other.id, *who, score, same, close)

    @cached_property
    def kin(self) -> tuple[Declaration, ...]:
        """The forms of the nearest projects that are of one kind with this one by their names, one a project."""
        kind: dict[tuple[str | None, str], Declaration] = {}
        mine = undated(self.form.declaration.project)
        for one in self.neighbours:
            if alike(undated(one.project), mine) >= ALIKE / 2 or one.score >= ALIKE:
                kind.setdefault((one.organization, undated(one.project)), self.library.ledger.get(one.declaration))
        return tuple(kind.values())

    @cached_property
    def last_year(self) -> Declaration | None:
        """The same organization's declaration of the same project the year before."""
        mine = self.form.declaration
        if mine.year is None or not mine.project or not mine.organization:
            return None
        for entry in self.library.ledger.entries(organization=mine.organization, year=mine.year - 1):
            if entry.kind == mine.kind and undated(entry.project) == undated(mine.project):
                return self.library.ledger.get(entry.id)
        return None


def alike(one: str | None, other: str | None) -> float:
    """How much of their character pairs two wordings share (Dice, 0 to 1), empty words aside.

    >>> alike("网络故障处理时间", "故障处理时间"), alike("光纤数量", "服务对象满意度")
    (0.8333333333333334, 0.0)
    """
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def has_alike(row: Indicator, others: Iterable[Indicator]) -> bool:
    """Whether a row of the same category and a like name is among `others`."""
    return any(category(other) == category(row) and alike(other.name, row.name) >= ALIKE for other in others)


def undated(project: str | None) -> str:
    """A project's name without its year: 2021年看守所经费 and 2022年看守所经费 are one project."""
    return _DATE.sub("", bare(project))


def source(hit: Hit) -> str:
    """Where a row comes from, for a sentence: 盐边县公安局“看守所经费”（2021年）."""
    return f"{hit.organization or '（未写单位）'}“{hit.project or '（未写项目）'}”（{hit.year or '年度不明'}）"


def _pairs(text: str | None) -> frozenset[str]:
    whole = bare(text)
    plain = _EMPTY.sub("", whole) or whole
    return frozenset(plain[at : at + 2] for at in range(max(len(plain) - 1, 1))) if plain else frozenset()


def _kind(hit: Hit) -> str | None:
    return hit.category.concept.rsplit("/", 1)[-1] if hit.category.concept else None
