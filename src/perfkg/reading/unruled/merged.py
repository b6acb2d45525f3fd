"""Which rows a category counts for whose cell is merged over several and shows its text in their middle, or at their top."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from perfkg.reading.layouts import words
from perfkg.reading.typeset import Line
from perfkg.reading.unruled.rows import Band

_MOST_LINES = 8
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
        self._found = self._shared()
        self.cost = self._found[0]

    def _shared(self) -> tuple[float, tuple[Merged, ...]]:
        """Rows and lines from the top, the cheapest way to each number of both."""
        rows, lines = len(self._column.bands), len(self._column.lines)
        if not lines:
            return 0.0, ()
        best: dict[tuple[int, int], tuple[float, tuple[Merged, ...]]] = {(0, 0): (0.0, ())}
        for row in range(rows):
            for line in range(lines + 1):
                if (row, line) in best:
                    for to, cost, cell in self._steps(row, line):
                        whole = best[row, line][0] + cost
                        if to not in best or whole < best[to][0]:
                            best[to] = whole, (*best[row, line][1], *cell)
        reached = [
            (cost + _UNKNOWN * (lines - line), found) for (row, line), (cost, found) in best.items() if row == rows
        ]
        return min(reached, key=lambda one: one[0], default=(float("inf"), ()))

    def _steps(self, row: int, line: int) -> list[tuple[tuple[int, int], float, tuple[Merged, ...]]]:
        """The next cell, of so many lines and over so many rows; or rows without any."""
        steps: list[tuple[tuple[int, int], float, tuple[Merged, ...]]] = []
        rows, lines = len(self._column.bands), self._column.lines
        for end in range(row + 1, rows + 1):
            if any(row < start < end for start in self._column.starts):
                break
            if end in self._column.closed:
                continue
            none = (_NONE_FIRST if self._column.continued else _NONE) if not row else _NONE
            if not (line and self._centered is False):
                steps.append(((end, line), none, ()))
            for after in range(line + 1, min(line + _MOST_LINES, len(lines)) + 1):
                cell = Merged(tuple(lines[line:after]), row, end - row)
                off = self._off(cell)
                if off < _FARTHEST_EMS:
                    steps.append(((end, after), off + self._against(cell), (cell,)))
        return steps

    def _off(self, cell: Merged) -> float:
        """How many letters off its place the text of a cell stands."""
        middle = (cell.lines[0].middle + cell.lines[-1].middle) / 2
        bands, edges = self._column.bands, self._column.edges
        if cell.count == 1 or not self._centered:
            band = bands[cell.start]
            off = min(abs(band.middle - middle), abs(band.first - cell.lines[0].middle))
        else:
            off = abs((edges[cell.start] + edges[cell.start + cell.count]) / 2 - middle)
        return max(0.0, off / self._size - _EXACT_EMS)

    def _against(self, cell: Merged) -> float:
        """What speaks against these lines being one heading over these rows."""
        known = words.levels(cell.text)
        is_right = not self._column.level or self._column.level in known
        cost = 0.0 if is_right else _OTHER_LEVEL if known else _UNKNOWN
        for line, after in pairwise(cell.lines):
            cost += _LOOSE * max(0.0, (after.middle - line.middle) / self._size - _APART)
        if self._column.inner is not None and cell.start and cell.start not in self._column.inner:
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
