"""Which rows a category counts for whose cell is merged over several and shows its text in their middle, or at their top."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from perfkg.reading.layouts import words
from perfkg.reading.typeset import Line
from perfkg.reading.unruled.rows import Band

_MOST_LINES = 8
_MOST_WAYS = 24
_EXACT_EMS = 0.3
_FARTHEST_EMS = 4.0
_UNKNOWN, _OTHER_LEVEL, _LOOSE, _APART = 1.0, 0.4, 2.0, 1.6
_NONE, _NONE_FIRST = 1.5, 0.6
_ACROSS = 1.0
_CLOSE = 0.35
_POOR = 0.8


@dataclass(frozen=True, slots=True)
class Merged:
    """A category's cell: its lines, the first of its rows and how many they are. `doubtful`: they may be others."""

    lines: tuple[Line, ...]
    start: int
    count: int
    doubtful: bool = False

    @property
    def text(self) -> str:
        """What its lines say together."""
        return "".join(line.text.strip() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Column:
    """The column of one level, or of a project's name and the like (level 0), with the rows beside it.

    `edges` are the heights at which the rows begin, and where the last ends. `starts`: rows at which a cell must begin,
    `closed`: at which none can, where ruled lines say so. `inner`: rows at which cells of the next level begin.
    """

    level: int
    lines: Sequence[Line]
    bands: Sequence[Band]
    edges: Sequence[float]
    starts: Collection[int] = ()
    closed: Collection[int] = ()
    inner: Collection[int] | None = None
    continued: bool = False


def cells(columns: Sequence[Column]) -> list[list[Merged]]:
    """The cells of each column in order, as all fit best: each in the middle of its rows, or each in its first row.

    The columns are those of a table's levels, the lowest level first, for a cell begins where one of those below does.
    """
    ways = [list(_ways(columns, centered=centered)) for centered in (True, False)]
    best, other = sorted(ways, key=lambda way: sum(one.cost for one in way))
    is_close = sum(one.cost for one in other) - sum(one.cost for one in best) < _CLOSE
    found = []
    for way, rival in zip(best, other, strict=True):
        own = way.cells()
        torn = is_close and [one.start for one in own] != [one.start for one in rival.cells()]
        found.append([replace(one, doubtful=one.doubtful or torn) for one in own])
    return found


def _ways(columns: Sequence[Column], *, centered: bool) -> Iterator[_Way]:
    inner = None
    for column in columns:
        way = _Way(replace(column, inner=inner), centered=centered)
        inner = {one.start for one in way.cells()}
        yield way


class _Way:
    """One way of setting merged cells, and the cheapest sharing out of the rows under it."""

    def __init__(self, column: Column, *, centered: bool) -> None:
        self._column = column
        self._centered = centered
        self._size = max((line.size for line in column.lines), default=1.0)
        self._rows = [(band.middle, band.first) for band in column.bands]
        self._middles = {id(line): line.middle for line in column.lines}
        self._found = self._shared()
        self.cost = self._found[0]

    def _shared(self) -> tuple[float, tuple[Merged, ...]]:
        """Rows and lines from the top, the cheapest way to each number of both."""
        rows, lines = len(self._column.bands), len(self._column.lines)
        if not lines:
            return 0.0, ()
        best: list[dict[int, tuple[float, tuple[Merged, ...]]]] = [{0: (0.0, ())}, *({} for _ in range(rows))]
        for row in range(rows):
            for line, (before, found) in sorted(best[row].items(), key=lambda one: one[1][0])[:_MOST_WAYS]:
                for end, after, cost, cell in self._steps(row, line):
                    if after not in best[end] or before + cost < best[end][after][0]:
                        best[end][after] = before + cost, (*found, *cell)
        reached = [(cost + _UNKNOWN * (lines - line), found) for line, (cost, found) in best[rows].items()]
        return min(reached, key=lambda one: one[0], default=(float("inf"), ()))

    def _steps(self, row: int, line: int) -> Iterator[tuple[int, int, float, tuple[Merged, ...]]]:
        """The next cell, or rows without any: where it ends, how many lines are used up, its cost, and the cell."""
        lines, column = self._column.lines, self._column
        last = min((start for start in column.starts if start > row), default=len(column.bands))
        ends = [end for end in range(row + 1, last + 1) if end not in column.closed]
        if self._centered or not line:
            none = _NONE_FIRST if column.continued and not row else _NONE
            yield from ((end, line, none, ()) for end in ends)
        for after in range(line + 1, min(line + _MOST_LINES, len(lines)) + 1):
            own = tuple(lines[line:after])
            if len(own) > 1 and self._middle(own[-1:]) - self._middle(own[-2:-1]) > _FARTHEST_EMS * self._size:
                return
            against = self._against(own, row)
            for end in self._near(ends, row, own):
                cell = Merged(own, row, end - row)
                yield end, after, self._off(cell) + against, (cell,)

    def _middle(self, lines: Sequence[Line]) -> float:
        """The height of the middle of a cell's text."""
        return (self._middles[id(lines[0])] + self._middles[id(lines[-1])]) / 2

    def _near(self, ends: Sequence[int], row: int, lines: Sequence[Line]) -> Sequence[int]:
        """The ends of a cell from `row` on that leave its text near its place."""
        middle, far = self._middle(lines), _FARTHEST_EMS * self._size
        if not self._centered:
            return ends if abs(self._rows[row][0] - middle) < far else ()
        bottom = 2 * middle - self._column.edges[row]
        first, after = (bisect_left(self._column.edges, bottom + 2 * side) for side in (-far, far))
        return [end for end in ends if first <= end < after]

    def _off(self, cell: Merged) -> float:
        """How many letters off its place the text of a cell stands."""
        middle, edges = self._middle(cell.lines), self._column.edges
        if cell.count == 1 or not self._centered:
            of_row, of_first = self._rows[cell.start]
            off = min(abs(of_row - middle), abs(of_first - self._middle(cell.lines[:1])))
        else:
            off = abs((edges[cell.start] + edges[cell.start + cell.count]) / 2 - middle)
        return max(0.0, off / self._size - _EXACT_EMS)

    def _against(self, lines: tuple[Line, ...], row: int) -> float:
        """What speaks against these lines being one heading that begins in this row."""
        known = words.levels("".join(line.text.strip() for line in lines))
        is_right = not self._column.level or self._column.level in known
        cost = 0.0 if is_right else _OTHER_LEVEL if known else _UNKNOWN
        for line, after in pairwise(lines):
            cost += _LOOSE * max(0.0, (after.middle - line.middle) / self._size - _APART)
        if self._column.inner is not None and row and row not in self._column.inner:
            cost += _ACROSS
        return cost

    def cells(self) -> list[Merged]:
        """The cells; one that stands poorly, or as well over a row more or less, is doubtful."""
        found = list(self._found[1])
        open_cells = set()
        for at, one in enumerate(found):
            unknown = self._column.level and not words.levels(one.text)
            if self._off(one) > _POOR or (unknown and one.count > 1):
                open_cells.add(at)
        for at, (one, after) in enumerate(pairwise(found)):
            if self._centered and self._shifts(one, after):
                open_cells |= {at, at + 1}
        return [Merged(o.lines, o.start, o.count, at in open_cells) for at, o in enumerate(found)]

    def _shifts(self, one: Merged, after: Merged) -> bool:
        """Whether the row between two cells could as well belong to the other."""
        edge = after.start
        if one.start + one.count != edge or edge in self._column.starts:
            return False
        now = self._off(one) + self._off(after)
        for by in (-1, 1):
            if one.count + by < 1 or after.count - by < 1 or edge + by in self._column.closed:
                continue
            moved = Merged(one.lines, one.start, one.count + by), Merged(after.lines, edge + by, after.count - by)
            if sum(map(self._off, moved)) - now < _CLOSE:
                return True
        return False
