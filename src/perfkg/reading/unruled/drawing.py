"""The lines of a table on one page as rows of cells, once it is known how far each column reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from perfkg.reading import typeset
from perfkg.reading.grid import Cell
from perfkg.reading.typeset import Glyph, Line, Printed
from perfkg.reading.unruled import columns, merged, rows
from perfkg.reading.unruled.headings import Heading
from perfkg.reading.unruled.merged import Merged
from perfkg.reading.unruled.rows import Band
from perfkg.records import Place

Rule = tuple[float, float, float]
"""A ruled line: its left and right end and its height."""

Row = list[Cell]

_LEVELS = {"level1": 1, "level2": 2, "term_level2": 2}
_PROJECTS = ("project", "project_code", "organization", "organization_code", "department", "implementer", "objective",
             "year", "total", "fiscal", "other", "kind")  # fmt: skip
_MERGED = _LEVELS | dict.fromkeys(_PROJECTS, 0)
"""The columns whose cells may count for several rows, with the level of the categories in them."""

_ACROSS = 0.7
_SAME_POINTS = 2.0
_PADDING_POINTS = 12.0


class Drawing:
    """The columns of a table with the lines ruled on one of its pages."""

    def __init__(self, headings: Sequence[Heading], bounds: Sequence[float], rules: Iterable[Rule]) -> None:
        self._headings = headings
        self._bounds = bounds
        self._rules = list(rules)
        self._levels = [at for at, one in enumerate(headings) if one.role in _MERGED]
        self._contents = [at for at, one in enumerate(headings) if one.role not in _MERGED and one.role != "side"]

    def head(self, given: Sequence[Printed]) -> list[Row]:
        """The headings as one row."""
        page, line = given[0].page, given[0].number
        return [
            [Cell(one.text, at, Place(page=page, line=line, column=at + 1)) for at, one in enumerate(self._headings)]
        ]

    def body(self, given: Sequence[Printed], *, continued: bool) -> list[Row]:
        """The rows of the table on these lines of a page; `continued`: other rows of it stand before them."""
        by_column = self._columns(given)
        contents = {at: by_column[at] for at in self._contents}
        found = rows.bands(contents, {at: self._headings[at] for at in contents}, self._across())
        if not found:
            return [[Cell(one.line.text.strip(), 0, Place(page=one.page, line=one.number, column=1))] for one in given]
        if self._levels and self._headings[self._levels[-1]].role in _LEVELS:
            found = rows.with_empty(found, by_column[self._levels[-1]])
        doubtful = {number for number, band in enumerate(found) if band.doubtful}
        levels = self._levels[::-1]
        of_levels = [self._level(at, by_column[at], found, continued=continued) for at in levels]
        cells = dict(zip(levels, merged.cells(of_levels), strict=True))
        for own in cells.values():
            doubtful |= {one.start + more for one in own if one.doubtful for more in range(one.count)}
        stray = self._stray(by_column, found, cells)
        doubtful |= {number for _, _, number in stray}
        sheet = _Sheet.of(given, by_column, doubtful)
        return [sorted(row, key=lambda one: one.column) for row in self._rows(found, cells, stray, sheet)]

    def _columns(self, given: Sequence[Printed]) -> dict[int, list[Line]]:
        """The lines of each column, from top to bottom."""
        glyphs: dict[int, list[Glyph]] = {at: [] for at in range(len(self._headings))}
        for printed in given:
            for at, own in columns.of(printed.line, self._bounds):
                glyphs[at] += own
        return {at: typeset.lines(own) for at, own in glyphs.items()}

    def _across(self) -> list[float]:
        """The heights at which a line is ruled across the columns that have a cell in every row."""
        left, right = self._headings[self._contents[0]].left, self._headings[self._contents[-1]].right
        heights: dict[float, float] = {}
        for start, end, height in self._rules:
            same = next((one for one in heights if abs(one - height) < _SAME_POINTS), height)
            heights[same] = heights.get(same, 0.0) + max(0.0, min(end, right) - max(start, left))
        return sorted(height for height, length in heights.items() if length > _ACROSS * (right - left))

    def _level(self, at: int, lines: Sequence[Line], bands: Sequence[Band], *, continued: bool) -> merged.Column:
        """The column of a level, with what the ruled lines say about where its cells begin."""
        edges = _edges(bands)
        starts: set[int] = set()
        closed: set[int] = set()
        across = self._across()
        x = self._headings[at].center
        for number, (above, below) in enumerate(pairwise(bands), start=1):
            rule = next((one for one in across if above.middle < one < below.middle), None)
            if rule is None:
                continue
            edges[number] = rule
            cut = any(left <= x <= right and abs(height - rule) < _SAME_POINTS for left, right, height in self._rules)
            (starts if cut else closed).add(number)
        level = _MERGED[self._headings[at].role or ""]
        return merged.Column(level, lines, bands, edges, starts, closed, continued=continued)

    def _stray(
        self, by_column: Mapping[int, Sequence[Line]], bands: Sequence[Band], cells: Mapping[int, Sequence[Merged]]
    ) -> list[tuple[int, Line, int]]:
        """The lines that are of no row and no category: their columns, and the rows nearest to them."""
        placed = {line for own in cells.values() for one in own for line in one.lines}
        return [
            (at, line, min(range(len(bands)), key=lambda row: abs(bands[row].middle - line.middle)))
            for at in by_column.keys() - set(self._contents)
            for line in by_column[at]
            if line not in placed and not set(line.glyphs) <= self._headings[at].beside
        ]

    def _rows(
        self,
        bands: Sequence[Band],
        cells: Mapping[int, Sequence[Merged]],
        stray: Iterable[tuple[int, Line, int]],
        page: _Sheet,
    ) -> list[Row]:
        found = [
            [page.cell(at, lines, number) for at, lines in band.cells.items()] for number, band in enumerate(bands)
        ]
        for at, own in cells.items():
            for one in own:
                found[one.start].append(page.cell(at, one.lines, one.start, one.count))
        for at, line, number in stray:
            found[number].append(page.cell(at, [line], number))
        return found


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is to know of the lines of a table on one page to write its cells; the rows that are `doubtful`."""

    number: int
    lines: Mapping[Glyph, int]
    widths: Mapping[int, float]
    spaced: frozenset[str]
    doubtful: Collection[int]

    @classmethod
    def of(cls, given: Sequence[Printed], by_column: Mapping[int, Sequence[Line]], doubtful: Collection[int]) -> _Sheet:
        """The sheet of these lines of a page, and of their parts by column."""
        numbers = {glyph: printed.number for printed in given for glyph in printed.line.glyphs}
        widths = {at: max((line.right - line.left for line in lines), default=0.0) for at, lines in by_column.items()}
        spaced = typeset.spaced_marks(line for lines in by_column.values() for line in lines)
        return cls(given[0].page, numbers, widths, spaced, doubtful)

    def cell(self, column: int, lines: Sequence[Line], row: int, count: int = 1) -> Cell:
        """The lines as one cell in so many rows from `row` on."""
        place = Place(page=self.number, line=self.lines[lines[0].glyphs[0]], column=column + 1)
        text = typeset.joined(lines, self.widths[column] + _PADDING_POINTS, self.spaced)
        return Cell(text, column, place, count, doubtful=row in self.doubtful)


def _edges(bands: Sequence[Band]) -> list[float]:
    """Where the rows begin, midway between their texts, and where the last one ends."""
    if not bands:
        return []
    between = [(above.bottom + below.top) / 2 for above, below in pairwise(bands)]
    gaps = sorted(below.top - above.bottom for above, below in pairwise(bands))
    half = max(gaps[len(gaps) // 2] / 2, 0.0) if gaps else 0.0
    return [bands[0].top - half, *between, bands[-1].bottom + half]
