"""A declaration as the form that offices fill in, in Word and Excel; the library reads it back as it was.

The layout is that of the 项目支出绩效目标申报表 of 财预〔2015〕88号: the head, the money in 万元, the objective, and the
indicators under their first and second levels, each level standing once beside the rows it covers.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from perfkg.records import Declaration, Indicator
from perfkg.report import paper
from perfkg.report.cells import clean, neutral
from perfkg.text import strip_html

_TITLE = "项目支出绩效目标申报表"
_WIDTHS = (2.2, 2.4, 3.2, 5.2, 4.0)
"""Centimetres of the five columns: 17 together, an A4 page between its margins."""

_CHARACTERS = (12, 14, 20, 34, 24)
"""Widths of the five columns in a workbook."""


_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of the form: its text, its row and column from 0, how far it reaches; `label` if printed, `money` in 万元."""

    text: str
    row: int
    column: int
    across: int = 1
    down: int = 1
    label: bool = False
    money: bool = False


def word(declaration: Declaration) -> bytes:
    """The form as a .docx file of A4 pages. It has a place for all a declaration says, none for self-evaluation."""
    document = paper.blank(_TITLE)
    paper.heading(document, _TITLE, 18, centered=True)
    paper.line(document, _year(declaration), centered=True)
    boxes = list(_boxes(declaration))
    table = paper.table(document, max(box.row + box.down for box in boxes), _WIDTHS)
    cells = [list(row.cells) for row in table.rows]
    for row in table.rows:
        paper.unbroken(row)
    for box in boxes:
        first = cells[box.row][box.column]
        if box.across > 1:
            first = first.merge(cells[box.row][box.column + box.across - 1])
        paper.fill(first, _kept(box.text), bold=box.label, centered=box.label, shaded=box.label)
        paper.span([cells[box.row + step][box.column] for step in range(box.down)])
    return paper.saved(document)


def sheet(declaration: Declaration) -> bytes:
    """The form as a workbook of one sheet, every text a text."""
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    page = book.active
    page.title = "申报表"
    for column, width in enumerate(_CHARACTERS, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    for number, text in enumerate((_TITLE, _year(declaration)), 1):
        page.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(_WIDTHS))
        _put(page.cell(number, 1), Box(text, 0, 0, label=True))
    page["A1"].font, page.row_dimensions[1].height = Font(bold=True, size=18), 36
    for box in _boxes(declaration):
        row, column = box.row + 3, box.column + 1
        page.row_dimensions[row].height = max(page.row_dimensions[row].height or 0, _height(box))
        _put(page.cell(row, column), box)
        if box.across > 1 or box.down > 1:
            page.merge_cells(
                start_row=row, start_column=column, end_row=row + box.down - 1, end_column=column + box.across - 1
            )
    _ruled(page)
    page.page_setup.paperSize, page.page_setup.fitToHeight = page.PAPERSIZE_A4, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _year(declaration: Declaration) -> str:
    return f"（{declaration.year or '    '}年度）"


def _boxes(one: Declaration) -> Iterator[Box]:
    row = 0
    for label, text in _head(one):
        yield Box(label, row, 0, across=2, label=True)
        yield Box(text, row, 2, across=3)
        row += 1
    yield Box("项目资金（万元）", row, 0, down=3, label=True)
    money = (
        ("年度资金总额", one.funding.total),
        ("其中：财政拨款", one.funding.fiscal),
        ("其他资金", one.funding.other),
    )
    for label, yuan in money:
        yield Box(label, row, 1, across=2, label=True)
        yield Box(_ten_thousands(yuan), row, 3, across=2, money=True)
        row += 1
    for label, prose in (("中期目标", one.term_objective), ("年度目标", one.objective or "")):
        if prose is not None:
            yield Box(label, row, 0, across=2, label=True)
            yield Box(prose, row, 2, across=3)
            row += 1
    yield Box("绩效指标", row, 0, down=len(one.indicators) + 1, label=True)
    for column, label in enumerate(("一级指标", "二级指标", "三级指标", "指标值"), 1):
        yield Box(label, row, column, label=True)
    # An empty heading below another would be read as continuing it: rows without a category stand first.
    ordered = sorted(one.indicators, key=lambda row: bool(row.category.level1 or row.category.level2))
    yield from _rows(ordered, row + 1)


def _head(one: Declaration) -> Iterator[tuple[str, str]]:
    yield "项目名称", one.project or ""
    if one.department:
        yield "主管部门", one.department
    yield "预算单位", one.organization or ""
    if one.implementer:
        yield "实施单位", one.implementer


def _rows(indicators: Sequence[Indicator], row: int) -> Iterator[Box]:
    for level1, group in groupby(indicators, key=lambda one: one.category.level1 or ""):
        under = list(group)
        yield Box(level1, row, 1, down=len(under))
        for level2, below in groupby(under, key=lambda one: one.category.level2 or ""):
            rows = list(below)
            yield Box(level2, row, 2, down=len(rows))
            for one in rows:
                yield Box(one.name or "", row, 3)
                yield Box(one.value or "", row, 4)
                row += 1


def _ten_thousands(yuan: float | None) -> str:
    """Yuan in 万元 without a digit lost."""
    return "" if yuan is None else f"{(Decimal(repr(yuan)) / 10_000).normalize():f}"


def _kept(text: str) -> str:
    """`text` so that the reading, which takes tags and entities for left-overs of a web page, leaves it as it is."""
    return clean(text if strip_html(text) == text else html.escape(text, quote=False))


def _put(cell: Any, box: Box) -> None:
    """A text as text; an amount as a number, unless it has more digits than a workbook shows."""
    from openpyxl.styles import Alignment, Font

    if box.money and box.text and len(box.text) <= _DIGITS:
        cell.value = float(box.text)
    else:
        cell.value = _kept(box.text)
        cell.data_type = "s"
        cell.quotePrefix = neutral(box.text) != clean(box.text)
    aside = box.label or (box.across == 1 and box.column in {1, 2})
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if aside else "left")
    cell.font = Font(bold=box.label, size=11)


def _height(box: Box) -> float:
    """Points that the text of a cell needs; a workbook does not find out for merged cells."""
    room = sum(_CHARACTERS[box.column : box.column + box.across]) // 2
    lines = sum(max(1, -(-len(one) // room)) for one in box.text.split("\n")) if box.down == 1 else 1
    return min(409.0, 16.0 * lines + 8)


def _ruled(page: Any) -> None:
    from openpyxl.styles import Border, Side

    side = Side(style="thin")
    for cells in page.iter_rows(min_row=3, max_col=len(_WIDTHS)):
        for cell in cells:
            cell.border = Border(left=side, right=side, top=side, bottom=side)
