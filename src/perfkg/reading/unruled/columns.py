"""Which part of a page belongs to which heading: the white corridors between the columns of a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from perfkg.reading import typeset
from perfkg.reading.typeset import Glyph, Line
from perfkg.reading.unruled.headings import Heading

Span = tuple[float, float]

_NARROWEST_POINTS = 1.0
_INK_EMS = 0.25
_MOST_WIDE = 3


class Corridors:
    """What is left white between the headings by the lines taken in so far."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self._headings = headings
        self._free = [
            _without([(a.center, b.center)], [(a.left, a.right), (b.left, b.right)]) for a, b in pairwise(headings)
        ]
        self._lines: list[list[Span]] = []

    def take(self, line: Line) -> bool:
        """Takes in a line of the table; False, and nothing taken, if it would leave no room between two columns."""
        ink = _ink(line)
        left = [_without(free, ink) for free in self._free]
        if not all(left):
            return False
        self._free = left
        self._lines.append(ink)
        return True

    def bounds(self) -> list[float]:
        """How far right each column ends that has another beside it."""
        found: list[float] = []
        for number, free in enumerate(self._free):
            left = found[-1] if found else float("-inf")
            right = self._headings[number + 1].right
            best = min(free, key=lambda gap: (self._conflicts(gap, free, left, right), gap[0] - gap[1]))
            found.append((best[0] + best[1]) / 2)
        return found

    def _conflicts(self, chosen: Span, free: Sequence[Span], left: float, right: float) -> int:
        """In how many lines a cell would have a gap within, were this the gap between the two columns."""
        others = [gap for gap in free if gap != chosen]
        count = 0
        for ink in self._lines:
            for gap in others:
                low, high = (left, chosen[0]) if gap[1] <= chosen[0] else (chosen[1], right)
                before = any(low < end <= gap[0] for _, end in ink)
                after = any(gap[1] <= start < high for start, _ in ink)
                count += before and after
        return count


def of(line: Line, bounds: Sequence[float]) -> list[tuple[int, list[Glyph]]]:
    """The glyphs of a line by the column they stand in."""
    found: dict[int, list[Glyph]] = {}
    for glyph in line.glyphs:
        found.setdefault(bisect_right(bounds, glyph.center[0]), []).append(glyph)
    return sorted(found.items())


def _ink(line: Line) -> list[Span]:
    return [(part.left, part.right) for part in typeset.segments(line, _INK_EMS)]


def _without(free: Iterable[Span], ink: Sequence[Span]) -> list[Span]:
    """The spans where none of the ink is, without those too narrow to part columns."""
    left = list(free)
    for start, end in ink:
        left = [part for low, high in left for part in ((low, min(high, start)), (max(low, end), high))
                if part[1] - part[0] > _NARROWEST_POINTS]  # fmt: skip
    return left
