"""Tables in ruled lines on the pages of a PDF: their cells with the lines of text in them, over pages, as rows.

A table that breaks off at the foot of a page and goes on with the same edges at the head of the next one is one table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfkg.reading import limits, typeset
from perfkg.reading.grid import Cell
from perfkg.reading.layouts.words import levels as heading_levels
from perfkg.reading.layouts.words import role
from perfkg.reading.typeset import Box, Glyph, Line, Printed
from perfkg.records import Place
from perfkg.tokens import words

_TOLERANCE = 3.0
_FEWEST_APART = 3


@dataclass(slots=True)
class Table:
    """The part of a ruled table on one page: its cells' boxes with the lines in them, and its parts on later pages."""

    page: int
    box: Box
    cells: list[tuple[Box, list[Line]]]
    later: list[Table] = field(default_factory=list)


Block = Table | Printed
"""What stands on a page: a table, or a line outside of tables."""


@dataclass(slots=True)
class _Draft:
    """A cell of a table whose text may go on over the page."""

    lines: list[Line]
    width: float
    column: int
    place: Place
    rows: int
    columns: int

    def cell(self, spaced: frozenset[str]) -> Cell:
        """The cell as it now stands, in a table where `spaced` marks have a space after them."""
        text = typeset.joined(self.lines, self.width, spaced)
        return Cell(text, self.column, self.place, self.rows, self.columns)


def filled(found: Any, loose: list[Glyph], number: int) -> tuple[Table, list[Glyph]]:
    """The table that pdfplumber has `found` on page `number`, with its text of the `loose` glyphs, and those that are left.

    InvalidFile if it has more cells than are read.
    """
    boxes: list[Box] = sorted(found.cells, key=lambda box: (box[1], box[0]))
    limits.check_cells(len(boxes))
    inside: list[list[Glyph]] = [[] for _ in boxes]
    left_over: list[Glyph] = []
    for glyph in loose:
        x, y = glyph.center
        at = next((i for i, box in enumerate(boxes) if box[0] <= x <= box[2] and box[1] <= y <= box[3]), None)
        (left_over if at is None else inside[at]).append(glyph)
    cells = [(box, typeset.lines(glyphs)) for box, glyphs in zip(boxes, inside, strict=True)]
    return Table(number, found.bbox, cells), left_over


def connected(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, a table joined by the parts of it that go on at the top of the next pages."""
    found: list[Block] = []
    open_table: Table | None = None
    for block in blocks:
        if isinstance(block, Printed):
            open_table = open_table if block.is_marginal else None
        elif open_table and _goes_on(open_table, block):
            open_table.later.append(block)
            continue
        else:
            open_table = block
        found.append(block)
    return found


def _goes_on(table: Table, other: Table) -> bool:
    last = [table, *table.later][-1]
    return other.page == last.page + 1 and same_sides(last.box, other.box)


def same_sides(one: Box, other: Box) -> bool:
    """Whether two boxes begin and end at the same place from left to right."""
    return all(abs(this - that) < _TOLERANCE for this, that in zip(one[::2], other[::2], strict=True))


def rows(table: Table, number: int) -> list[list[Cell]]:
    """The rows of a table, the document's `number`th: a row that goes on over the page is one."""
    parts = [table, *table.later]
    edges = _edges(x for part in parts for box, _ in part.cells for x in box[::2])
    made: list[list[_Draft]] = []
    for part in parts:
        drafts = _drafts(part, edges, number, len(made))
        if made and drafts and _is_split(made, drafts[0]):
            for lower in drafts.pop(0):
                if lower.lines and (upper := _above(made, lower)):
                    upper.lines.extend(lower.lines)
        made += drafts
    spaced = typeset.spaced_marks(line for row in made for draft in row for line in draft.lines)
    return [[draft.cell(spaced) for draft in row] for row in made]


def _drafts(part: Table, edges: list[float], number: int, before: int) -> list[list[_Draft]]:
    """The rows of one part of a table, `before` so many rows of earlier parts."""
    levels = _edges(y for box, _ in part.cells for y in box[1::2])
    rows: list[list[_Draft]] = [[] for _ in levels[1:]]
    for (left, top, right, bottom), lines in part.cells:
        row, column = _index(levels, top), _index(edges, left)
        height, width = _index(levels, bottom) - row, _index(edges, right) - column
        if row < len(rows):
            place = Place(page=part.page, table=number, row=before + row + 1, column=column + 1)
            rows[row].append(_Draft(lines, right - left, column, place, max(height, 1), max(width, 1)))
    return rows


def _is_split(rows: list[list[_Draft]], first: list[_Draft]) -> bool:
    """Whether the first row of a page only goes on with the last one of the page before.

    Wherever it has text, the cell above was full to its end. Where a single cell of a single line was, for which that
    says little, a word must run over the page.
    """
    pairs = [(_above(rows, draft), draft) for draft in first if draft.lines]
    if not all(upper and typeset.continues(upper.lines, lower.lines, lower.width) for upper, lower in pairs):
        return False
    if len(pairs) != 1 or not pairs[0][0] or len(pairs[0][0].lines) > 1:
        return bool(pairs)
    return _is_one_word(pairs[0][0].lines[-1].text.strip(), pairs[0][1].lines[0].text.strip())


def _is_one_word(before: str, after: str) -> bool:
    """Whether a word of the dictionary begins at the end of one text and ends at the beginning of the other."""
    found = set(words(before[-4:] + after[:4]))
    return any(before[-head:] + after[:tail] in found for head in range(1, 4) for tail in range(1, 4))


def _above(rows: list[list[_Draft]], lower: _Draft) -> _Draft | None:
    """The cell that stands right above the first row of a page, on the page before."""
    for distance, row in enumerate(reversed(rows), start=1):
        for upper in row:
            if upper.column == lower.column:
                return upper if upper.rows >= distance else None
    return None


def _edges(values: Iterable[float]) -> list[float]:
    """The distinct positions of ruled lines, those within a few points being the same."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOLERANCE:
            found.append(value)
    return found


def _index(edges: list[float], value: float) -> int:
    return max(bisect_right(edges, value + _TOLERANCE / 2) - 1, 0)


def is_frame(table: Table) -> bool:
    """Whether the ruled lines only go across, around rows whose cells stand apart by white space alone."""
    left, _, right, _ = table.box
    if any(abs(box[0] - left) > _TOLERANCE or abs(box[2] - right) > _TOLERANCE for box, _ in table.cells):
        return False
    return any(_is_apart(line) for _, lines in table.cells for line in lines)


def _is_apart(line: Line) -> bool:
    """Whether white space parts the cells on a line: three of them at least, or a label from what belongs to it."""
    parts = [part.text.strip() for part in typeset.segments(line)]
    return len(parts) >= _FEWEST_APART or (len(parts) > 1 and bool(role("labels", parts[0]) or role("money", parts[0])))


def holds_rows(table: Table) -> bool:
    """Whether a cell holds several categories of one level, or one beside what else is in its row.

    Then the lines ruled around it do not part the rows in it.
    """
    for _, lines in table.cells:
        rows = [[heading_levels(part.text.strip()) for part in typeset.segments(line)] for line in lines]
        if any(any(row) and len(row) + len(list(filter(None, row))) > _FEWEST_APART for row in rows):
            return True
        if any(sum(known == {level} for row in rows for known in row) > 1 for level in (1, 2)):
            return True
    return False


def is_head(table: Table) -> bool:
    """Whether only the headings of a table of indicators stand in ruled lines."""
    top = max(box[1] for box, lines in table.cells if lines) if any(lines for _, lines in table.cells) else 0.0
    last = ["".join(line.text for line in lines) for box, lines in table.cells if abs(box[1] - top) < _TOLERANCE]
    return sum(role("columns", text) is not None for text in last) >= _FEWEST_APART
