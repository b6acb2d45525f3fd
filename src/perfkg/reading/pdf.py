"""PDF documents with text → one grid: ruled tables as tables, other text as `unruled` reads it.

A table that breaks off at the foot of a page and goes on with the same edges at the head of the next one is one table.
Pages that are only pictures are named, never taken for empty.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading import limits, typeset, unruled
from perfkg.reading.grid import Cell, Grid, packed
from perfkg.reading.layouts.words import levels as heading_levels
from perfkg.reading.layouts.words import role
from perfkg.reading.package import damaged, encrypted
from perfkg.reading.typeset import Box, Glyph, Line, Printed
from perfkg.reading.unruled import Rule
from perfkg.records import Place
from perfkg.tokens import words

_TOLERANCE = 3.0
_MARGIN_SHARE = 0.08
_FEW_LETTERS = 30
_FEWEST_APART = 3
_SHARE_UNKNOWN = 0.2
_STRAIGHT = 0.05


@dataclass(slots=True)
class _Table:
    """The part of a ruled table on one page: its cells' boxes with the lines in them, and its parts on later pages."""

    page: int
    box: Box
    cells: list[tuple[Box, list[Line]]]
    later: list[_Table] = field(default_factory=list)


Block = _Table | Printed


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


def grids(data: bytes) -> tuple[Grid, ...]:
    """The document as one grid; InvalidFile if it is encrypted, damaged, has too many pages or no text at all."""
    rows: list[Sequence[Cell]] = []
    tables = 0
    blocks, rules = _blocks(data)
    for is_table, run in groupby(_connected(blocks), key=lambda block: isinstance(block, _Table)):
        if not is_table:
            rows += unruled.rows([block for block in run if isinstance(block, Printed)], rules)
            continue
        for table in run:
            tables += 1
            rows += _table_rows(table, tables) if isinstance(table, _Table) else []
    found = packed(dict(enumerate(rows)))
    return (Grid(found),) if found else ()


def _blocks(data: bytes) -> tuple[list[Block], dict[int, list[Rule]]]:
    """What stands on the pages, those that are only pictures being named where they stand, and the lines ruled on each."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    blocks: list[Block] = []
    rules: dict[int, list[Rule]] = {}
    open_below: Box | None = None
    scanned: list[int] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > limits.PAGES:
                raise InvalidFile(f"PDF 超过{limits.PAGES}页", advice="请拆分成几个文件后再导入")
            for number, page in enumerate(document.pages, start=1):
                limits.step()
                if _is_scanned(page):
                    scanned.append(number)
                    blocks.append(_remark(number, f"第{number}页是扫描图像，没有读取"))
                if across := "".join(char["text"] for char in page.chars if _is_oblique(char)).strip():
                    blocks.append(_remark(number, f"水印：{across}"))
                found, open_below = _page_blocks(page, number, open_below)
                blocks += found
                rules[number] = [(one["x0"], one["x1"], one["top"]) for one in page.horizontal_edges]
                page.close()
            if scanned and len(scanned) == len(document.pages):
                raise _only_pictures(scanned)
    except PdfminerException as error:
        raise encrypted() if isinstance(error.args[0], PDFPasswordIncorrect) else damaged() from error
    return blocks, rules


def _remark(number: int, said: str) -> Printed:
    """A line in brackets for what of a page is not read: it must not be taken for nothing."""
    text = f"［{said}］"
    return Printed(number, 0, Line((Glyph(text, 0, 0, 1, 1, 1),), text), is_marginal=True)


def _is_oblique(char: Any) -> bool:
    """Whether a letter stands aslant, as those of a watermark across the page do."""
    along, across = map(abs, char["matrix"][:2])
    return bool(min(along, across) > _STRAIGHT * max(along, across))


def _only_pictures(numbers: Sequence[int]) -> InvalidFile:
    pages = "、".join(map(str, numbers[:10])) + ("……" if len(numbers) > 10 else "")
    advice = "请提供原来的 Word、Excel 文件，或先做文字识别（OCR）"
    return InvalidFile("PDF 是扫描图像，没有可读的文字", f"第{pages}页", advice)


def _is_scanned(page: Any) -> bool:
    """Whether nearly all of a page is pictures: no text, or hardly more than a page number or a stamp."""
    letters = sum(not char["text"].isspace() for char in page.chars)
    area = sum(abs((image["x1"] - image["x0"]) * (image["bottom"] - image["top"])) for image in page.images)
    return letters < _FEW_LETTERS and area > float(page.width * page.height) / 2


def _page_blocks(page: Any, number: int, before: Box | None) -> tuple[list[Block], Box | None]:
    """The tables of a page and the lines outside of them, from top to bottom.

    Beside them the box of the last table if its ruled lines do not part its rows; `before` is that of the page before,
    whose rows may go on within the first box of this one.
    """
    _refuse_unknown_letters(page, number)
    loose = typeset.glyphs(char for char in page.chars if not _is_oblique(char))
    placed: list[tuple[float, Block]] = []
    margin = float(page.height) * _MARGIN_SHARE
    for found in page.find_tables():
        if len(found.cells) > 1:
            table, rest = _filled(found, loose, number)
            below = any(table.box[3] < one.top < float(page.height) - margin for one in rest)
            goes_on = before is not None and _same_sides(before, table.box)
            before = table.box
            if not (goes_on or _is_frame(table) or _holds_rows(table) or (below and _is_head(table))):
                before = None
                placed.append((table.box[1], table))
                loose = rest
    for count, line in enumerate(typeset.lines(loose), start=1):
        is_marginal = line.bottom < margin or line.top > float(page.height) - margin
        placed.append((line.top, Printed(number, count, line, is_marginal)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])], before


def _is_frame(table: _Table) -> bool:
    """Whether the ruled lines only go across, around rows whose cells stand apart by white space alone."""
    left, _, right, _ = table.box
    if any(abs(box[0] - left) > _TOLERANCE or abs(box[2] - right) > _TOLERANCE for box, _ in table.cells):
        return False
    return any(_is_apart(line) for _, lines in table.cells for line in lines)


def _is_apart(line: Line) -> bool:
    """Whether white space parts the cells on a line: three of them at least, or a label from what belongs to it."""
    parts = [part.text.strip() for part in typeset.segments(line)]
    return len(parts) >= _FEWEST_APART or (len(parts) > 1 and bool(role("labels", parts[0]) or role("money", parts[0])))


def _holds_rows(table: _Table) -> bool:
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


def _is_head(table: _Table) -> bool:
    """Whether only the headings of a table of indicators stand in ruled lines."""
    top = max(box[1] for box, lines in table.cells if lines) if any(lines for _, lines in table.cells) else 0.0
    last = ["".join(line.text for line in lines) for box, lines in table.cells if abs(box[1] - top) < _TOLERANCE]
    return sum(role("columns", text) is not None for text in last) >= _FEWEST_APART


def _refuse_unknown_letters(page: Any, number: int) -> None:
    unknown = sum(char["text"].startswith("(cid:") for char in page.chars)
    if unknown > _SHARE_UNKNOWN * len(page.chars):
        advice = "请提供原来的 Word、Excel 文件，或用打印重新生成 PDF"
        raise InvalidFile("PDF 的字体没有文字编码，读出来是乱码", f"第{number}页", advice)


def _filled(found: Any, loose: list[Glyph], number: int) -> tuple[_Table, list[Glyph]]:
    """The table with its text, and the glyphs that are left."""
    boxes: list[Box] = sorted(found.cells, key=lambda box: (box[1], box[0]))
    limits.check_cells(len(boxes))
    inside: list[list[Glyph]] = [[] for _ in boxes]
    left_over: list[Glyph] = []
    for glyph in loose:
        x, y = glyph.center
        at = next((i for i, box in enumerate(boxes) if box[0] <= x <= box[2] and box[1] <= y <= box[3]), None)
        (left_over if at is None else inside[at]).append(glyph)
    cells = [(box, typeset.lines(glyphs)) for box, glyphs in zip(boxes, inside, strict=True)]
    return _Table(number, found.bbox, cells), left_over


def _connected(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, a table joined by the parts of it that go on at the top of the next pages."""
    found: list[Block] = []
    open_table: _Table | None = None
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


def _goes_on(table: _Table, other: _Table) -> bool:
    last = [table, *table.later][-1]
    return other.page == last.page + 1 and _same_sides(last.box, other.box)


def _same_sides(one: Box, other: Box) -> bool:
    return all(abs(this - that) < _TOLERANCE for this, that in zip(one[::2], other[::2], strict=True))


def _table_rows(table: _Table, number: int) -> list[list[Cell]]:
    parts = [table, *table.later]
    edges = _edges(x for part in parts for box, _ in part.cells for x in box[::2])
    rows: list[list[_Draft]] = []
    for part in parts:
        drafts = _drafts(part, edges, number, len(rows))
        if rows and drafts and _is_split(rows, drafts[0]):
            for lower in drafts.pop(0):
                if lower.lines and (upper := _above(rows, lower)):
                    upper.lines.extend(lower.lines)
        rows += drafts
    spaced = typeset.spaced_marks(line for row in rows for draft in row for line in draft.lines)
    return [[draft.cell(spaced) for draft in row] for row in rows]


def _drafts(part: _Table, edges: list[float], number: int, before: int) -> list[list[_Draft]]:
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
