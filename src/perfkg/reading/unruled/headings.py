"""Where the column headings of a table stand on a page, whose words may be broken over lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perfkg.reading import typeset
from perfkg.reading.layouts import words
from perfkg.reading.typeset import Glyph, Line

_GAPS_EMS = (1.3, 0.5)
_MOST_LINES = 6
_MOST_EMS = 6.0
_FEWEST = 3
_LONGEST = 20
_UNKNOWN = 2
_FEW_LETTERS = 2
_LEVELS = {"level1", "level2", "name"}
_CONTENT = {*_LEVELS, "value", "term_value", "actual"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column heading: its text, what it is a word for, if that is known, and where it stands.

    `beside` are the letters of it that stand beside the rows, as those of 绩效指标 do below each other.
    """

    text: str
    role: str | None
    left: float
    right: float
    beside: frozenset[Glyph] = frozenset()

    @property
    def center(self) -> float:
        """How far right its middle stands."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of one table from left to right, on the lines `start` to `end` of their page."""

    columns: tuple[Heading, ...]
    start: int
    end: int


def find(lines: Sequence[Line], start: int = 0) -> Headings | None:
    """The first headings from line `start` on: three known words at least side by side, two of them of indicators."""
    for first in range(start, len(lines)):
        if _at(lines, first):
            near = (_at(lines, again) for again in range(first, min(first + _MOST_LINES, len(lines))))
            return max((one for one in near if one), key=lambda one: one[0])[1]
    return None


def _at(lines: Sequence[Line], first: int) -> tuple[tuple[int, int], Headings] | None:
    """The headings whose highest words stand on line `first`, with all lines below that only add to them.

    Before them their rank: how many are known words, those that are not counting against them.
    """
    best: tuple[tuple[int, int], Headings] | None = None
    for gap in _GAPS_EMS:
        for end in range(first + 1, min(first + _MOST_LINES, len(lines)) + 1):
            if lines[end - 1].top - lines[first].top > _MOST_EMS * lines[first].size:
                break
            columns = _columns(lines[first:end], gap)
            known = _count(columns)
            rank = (known - _UNKNOWN * len(_unknown(columns)), known)
            if known and (best is None or rank >= best[0]):
                best = rank, Headings(columns, first, end)
    return best


def _columns(lines: Iterable[Line], gap: float) -> tuple[Heading, ...]:
    """The words of the lines as headings: those that stand over each other are one."""
    stacks: list[tuple[float, float, list[Line]]] = []
    for part in sorted((part for line in lines for part in typeset.segments(line, gap)), key=lambda part: part.left):
        if stacks and part.left < stacks[-1][1]:
            left, right, under = stacks[-1]
            stacks[-1] = left, max(right, part.right), [*under, part]
        else:
            stacks.append((part.left, part.right, [part]))
    texts = ["".join(part.text.strip() for part in sorted(under, key=lambda part: part.top)) for *_, under in stacks]
    return tuple(
        Heading(text, words.role("columns", text) if len(text) > 1 else None, left, right)
        for text, (left, right, _) in zip(texts, stacks, strict=True)
    )


def _count(columns: Sequence[Heading]) -> int:
    """How many known headings there are; none where these are no headings of a table of indicators."""
    roles = {column.role for column in columns if column.role}
    known = sum(column.role is not None for column in columns)
    if known < _FEWEST or len(_unknown(columns)) * 2 > known or any(len(column.text) > _LONGEST for column in columns):
        return 0
    return known if roles & _LEVELS and len(roles & _CONTENT) >= 2 else 0


def _unknown(columns: Sequence[Heading]) -> list[Heading]:
    """The headings that are no known words; not letters on the left, which may be of a word written downwards."""
    return [one for at, one in enumerate(columns) if one.role is None and (at or len(one.text) > _FEW_LETTERS)]
