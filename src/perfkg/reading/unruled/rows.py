"""Which lines of a table without ruled lines make up one row.

The cells of a row stand level: all in the middle of its height, or all at its top. A line that is not full is not
continued; lines of one cell stand closer than rows do. The rows that break these rules least are the rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from perfkg.reading import typeset
from perfkg.reading.typeset import Line
from perfkg.reading.unruled.headings import Heading

_MOST_STRIPS = 24
_MOST_LEADING_EMS = 1.5
_ROOM_EMS = 1.8
_LEVEL_EMS = 0.25
_SAME_EMS = 0.15
_OFF, _LOOSE, _UNFILLED, _STACKED, _TIGHT, _UNRULED, _FULL, _PARALLEL = 1.5, 3.0, 1.2, 2.0, 0.6, 1.0, 0.4, 0.7
_EMPTY = {"name": 1.5, "value": 0.8}
_EMPTY_OTHER = 0.25
_NUMBERS = {"weight", "score", "number"}
_CLOSE = 0.6
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Band:
    """One row: the lines of each of its cells by column. `doubtful`: its lines could be shared out otherwise.

    `beside` are the lines of a category in a row that is empty but for it.
    """

    cells: Mapping[int, Sequence[Line]]
    doubtful: bool = False
    beside: Sequence[Line] = ()

    @property
    def top(self) -> float:
        """The upper edge of its text."""
        return min(lines[0].top for lines in (*self.cells.values(), self.beside) if lines)

    @property
    def bottom(self) -> float:
        """The lower edge of its text."""
        return max(lines[-1].bottom for lines in (*self.cells.values(), self.beside) if lines)

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def first(self) -> float:
        """The height of the middle of its first line."""
        return min(lines[0].middle for lines in (*self.cells.values(), self.beside) if lines)


def with_empty(given: Sequence[Band], categories: Sequence[Line]) -> list[Band]:
    """The rows, with those between them that have a category and nothing else: the text of one in room for a row."""
    found = list(given)
    gaps = sorted(below.top - above.bottom for above, below in pairwise(given))
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    for run in _runs(categories):
        at = bisect_right([band.top for band in found], run[0].top)
        size = run[0].size
        above = found[at - 1].bottom if at else float("-inf")
        below = found[at].top if at < len(found) else float("inf")
        room = max(_ROOM_EMS, usual / size + 1 - _LEVEL_EMS) * size
        if at and below - above > room and above < run[0].top and run[-1].bottom < below:
            found.insert(at, Band({}, beside=run))
    return found


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines, those together that stand as close as the lines of one cell."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and line.middle - runs[-1][-1].middle < _MOST_LEADING_EMS * line.size:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def bands(columns: Mapping[int, Sequence[Line]], headings: Mapping[int, Heading], rules: Sequence[float]) -> list[Band]:
    """The rows of a table from its lines by column, top to bottom; `rules` are the heights of lines ruled across it."""
    if not any(columns.values()):
        return []
    tries = [_Parting(columns, headings, rules, at_top=at_top) for at_top in (False, True)]
    return min(tries, key=lambda parting: parting.cost).bands()


class _Parting:
    """The strips of a table and the cheapest way to join them to rows."""

    def __init__(
        self,
        columns: Mapping[int, Sequence[Line]],
        headings: Mapping[int, Heading],
        rules: Sequence[float],
        *,
        at_top: bool,
    ) -> None:
        self._columns = {column: lines for column, lines in columns.items() if lines}
        self._roles = {column: heading.role or "" for column, heading in headings.items()}
        self._at_top = at_top
        self._rooms = {column: _room(headings[column], lines) for column, lines in self._columns.items()}
        self._strips = _strips(self._columns)
        self._size = max(line.size for lines in self._columns.values() for line in lines)
        middles = [max(line.middle for _, line in strip) for strip in self._strips]
        self._ruled = {
            number
            for number in range(1, len(middles))
            if any(middles[number - 1] < rule < min(line.middle for _, line in self._strips[number]) for rule in rules)
        }

    @cached_property
    def _leading(self) -> float:
        """How far apart the lines of one cell stand: the closest full line and what follows it."""
        steps = [
            after.middle - line.middle
            for column, lines in self._columns.items()
            if self._roles[column] not in _NUMBERS
            for line, after in pairwise(lines)
            if typeset.is_wrapped(line, after, self._rooms[column])
        ]
        return min([*steps, _MOST_LEADING_EMS * self._size])

    @cached_property
    def _costs(self) -> dict[tuple[int, int], float]:
        """What each run of strips costs as one row."""
        count = len(self._strips)
        return {
            (start, end): cost
            for start in range(count)
            for end in range(start + 1, min(start + _MOST_STRIPS, count) + 1)
            if (cost := self._row_cost(start, end)) < _NEVER
        }

    @cached_property
    def _best(self) -> list[tuple[float, int]]:
        """For each number of strips from the top what they cost at least, and where their last row begins."""
        found = [(0.0, 0)]
        for end in range(1, len(self._strips) + 1):
            starts = range(max(0, end - _MOST_STRIPS), end)
            found.append(min((found[s][0] + self._costs.get((s, end), _NEVER), s) for s in starts))
        return found

    @property
    def cost(self) -> float:
        """What the cheapest rows cost."""
        return self._best[-1][0]

    def bands(self) -> list[Band]:
        """The cheapest rows; those whose edges could as well be elsewhere are doubtful."""
        ends = [len(self._strips)]
        while ends[-1]:
            ends.append(self._best[ends[-1]][1])
        ends.reverse()
        open_edges = {end for end in range(1, len(self._strips)) if self._margin(end, end in ends) < _CLOSE}
        return [
            Band(self._cells(start, end), any(start <= edge <= end for edge in open_edges))
            for start, end in pairwise(ends)
        ]

    @cached_property
    def _rest(self) -> list[float]:
        """For each strip what it and all below it cost at least."""
        count = len(self._strips)
        found = [0.0] * (count + 1)
        for start in range(count - 1, -1, -1):
            ends = range(start + 1, min(start + _MOST_STRIPS, count) + 1)
            found[start] = min(self._costs.get((start, end), _NEVER) + found[end] for end in ends)
        return found

    def _margin(self, edge: int, is_edge: bool) -> float:
        """How much more it would cost if there were no edge of a row before strip `edge`, or if there were one."""
        if not is_edge:
            return self._best[edge][0] + self._rest[edge] - self.cost
        over = (
            self._best[start][0] + cost + self._rest[end]
            for (start, end), cost in self._costs.items()
            if start < edge < end
        )
        return min(over, default=_NEVER) - self.cost

    def _cells(self, start: int, end: int) -> dict[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        for strip in self._strips[start:end]:
            for column, line in strip:
                found.setdefault(column, []).append(line)
        return found

    def _row_cost(self, start: int, end: int) -> float:
        if any(start < edge < end for edge in self._ruled):
            return _NEVER
        cells = self._cells(start, end)
        cost = sum(map(self._cell_cost, cells, cells.values()))
        cost += sum(_EMPTY.get(self._roles[column], _EMPTY_OTHER) for column in self._columns.keys() - cells)
        cost += _PARALLEL * sum(map(self._parallel, range(start + 1, end)))
        return cost + self._unlevel(list(cells.values())) + (self._edge_cost(start) if start else 0.0)

    def _parallel(self, strip: int) -> int:
        """How many columns more than one go on from the strip above in this one: rows do so, wrapped cells rarely."""
        above, here = ({column for column, _ in self._strips[at]} for at in (strip - 1, strip))
        return max(0, len(above & here) - 1)

    def _cell_cost(self, column: int, lines: Sequence[Line]) -> float:
        """What speaks against these lines being one cell."""
        cost = _STACKED * (len(lines) - 1) if self._roles[column] in _NUMBERS else 0.0
        for line, after in pairwise(lines):
            apart = (after.middle - line.middle - self._leading) / self._size - _SAME_EMS
            cost += _LOOSE * max(0.0, apart)
            cost += 0.0 if typeset.is_wrapped(line, after, self._rooms[column]) else _UNFILLED
        return cost

    def _unlevel(self, cells: Sequence[Sequence[Line]]) -> float:
        """How far the cells of a row are from standing level with the highest of them."""
        if self._at_top:
            level = min(lines[0].middle for lines in cells)
            off = [lines[0].middle - level for lines in cells]
        else:
            highest = max(cells, key=lambda lines: lines[-1].bottom - lines[0].top)
            level = (highest[0].middle + highest[-1].middle) / 2
            off = [abs((lines[0].middle + lines[-1].middle) / 2 - level) for lines in cells]
        return sum(_OFF * min(max(0.0, way / self._size - _LEVEL_EMS), 2.0) for way in off)

    def _edge_cost(self, edge: int) -> float:
        """What speaks against a row beginning with strip `edge`: lines as close as in a cell, no rule among rules."""
        if edge in self._ruled:
            return 0.0
        above = {column: line for strip in self._strips[:edge][-_MOST_STRIPS:] for column, line in strip}
        below = {column: line for strip in reversed(self._strips[edge:][:_MOST_STRIPS]) for column, line in strip}
        pairs = [(column, above[column], below[column]) for column in above.keys() & below.keys()]
        closest = min((after.middle - line.middle for _, line, after in pairs), default=_NEVER)
        cost = _TIGHT if closest < self._leading + _SAME_EMS * self._size else 0.0
        names = [pair for pair in pairs if self._roles[pair[0]] == "name"]
        full = any(typeset.is_wrapped(line, after, self._rooms[column]) for column, line, after in names)
        return cost + (_FULL if full and cost else 0.0) + (_UNRULED if len(self._ruled) > 1 else 0.0)


def _room(heading: Heading, lines: Sequence[Line]) -> float:
    """How wide a column is at least: from the first letter in it to the last, that of its heading included."""
    left = min(heading.left, *(line.left for line in lines))
    return max(heading.right, *(line.right for line in lines)) - left


def _strips(columns: Mapping[int, Sequence[Line]]) -> list[list[tuple[int, Line]]]:
    """The lines of all columns, those at one height together, from top to bottom."""
    lines = sorted(((column, line) for column, lines in columns.items() for line in lines), key=lambda p: p[1].middle)
    found: list[list[tuple[int, Line]]] = []
    for column, line in lines:
        last = found[-1][0][1] if found else None
        again = last is not None and any(column == other for other, _ in found[-1])
        if last and not again and line.middle - last.middle < _LEVEL_EMS * min(line.size, last.size):
            found[-1].append((column, line))
        else:
            found.append([(column, line)])
    return found
