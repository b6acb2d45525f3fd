"""Workbooks and .csv files: every text is written as text, never as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from perfkg.records import Finding
from perfkg.report import opinion
from perfkg.report.cells import clean, neutral
from perfkg.report.tables import Cell, Table
from perfkg.review import SEVERITIES, VERDICTS, Report, rules
from perfkg.review.overview import overview

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WIDEST = 40
_FORMS = ("序号", "项目", "单位", "年度", "资金总额（万元）", "问题", "待核实", "通过", "先处理的事项", "来源文件")
_FINDINGS = ("项目", "单位", "年度", "结论", "程度", "规则", "说明", "原文", "位置", "依据", "建议", "来源文件")
_DISMISSED = ("项目", "单位", "年度", "说明", "位置", "不采纳的理由", "来源文件")
_NEAREST = (
    "项目",
    "相近的项目",
    "相近项目的单位",
    "年度",
    "资金总额（万元）",
    "相近程度",
    "完全相同的指标",
    "名称相近的指标",
)


def reviews(reports: Sequence[Report]) -> bytes:
    """A workbook: the forms, what is wrong or to be verified, everything that was checked, the nearest projects."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    _sheet(book, "汇总", _FORMS, [_form_row(number, one) for number, one in enumerate(reports, 1)])
    rows = [(report, one) for report in reports for one in report.findings]
    wanted = [pair for pair in rows if pair[1].verdict in {"fail", "deferred"}]
    _sheet(book, "问题与待核实", _FINDINGS, [_finding_row(*pair) for pair in wanted])
    if dismissed := [row for report in reports for row in _dismissed_rows(report)]:
        _sheet(book, "不采纳", _DISMISSED, dismissed)
    if len(reports) > 1:
        seen = overview(reports)
        headers = ("单位", "表数", "问题", *(title for _, title in seen.rules))
        _sheet(
            book,
            "单位与规则",
            headers,
            [(one.organization, one.forms, one.findings, *one.failing) for one in seen.rows],
        )
    _sheet(book, "全部核对结果", _FINDINGS, [_finding_row(*pair) for pair in rows])
    near = [
        (
            report.declaration.project,
            one.project,
            one.organization,
            one.year,
            _wan(one.funding),
            one.score,
            one.same,
            one.alike,
        )
        for report in reports
        for one in report.nearest
    ]
    if near:
        _sheet(book, "相近项目", _NEAREST, near)
    return _saved(book)


def table(answer: Table) -> bytes:
    """A workbook of one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    _sheet(book, "结果", answer.headers, answer.rows, (answer.title, *answer.notes))
    return _saved(book)


def csv(answer: Table) -> bytes:
    """UTF-8 with the mark that Excel wants; the notes stand below the rows."""
    import csv as module

    out = io.StringIO()
    writer = module.writer(out)
    writer.writerow(answer.headers)
    for row in answer.rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    for note in answer.notes:
        writer.writerow([neutral(note)])
    return out.getvalue().encode("utf-8-sig", "replace")


def _form_row(number: int, report: Report) -> tuple[Cell, ...]:
    one, counts = report.declaration, report.counts
    money = _wan(one.funding.total)
    who = (number, one.project, one.organization, one.year, money)
    first = "；".join(opinion.first(report))
    return (*who, counts["fail"], counts["deferred"], counts["pass"], first, one.source.file)


def _finding_row(report: Report, one: Finding) -> tuple[Cell, ...]:
    form = report.declaration
    severity = SEVERITIES[one.severity] if one.verdict == "fail" else None
    return (
        *(form.project, form.organization, form.year),
        *(VERDICTS[one.verdict], severity, rules()[one.rule].title, one.message, one.quote, str(one.place)),
        *(one.basis, one.advice, form.source.file),
    )


def _dismissed_rows(report: Report) -> list[tuple[Cell, ...]]:
    form = report.declaration
    who = (form.project, form.organization, form.year)
    return [(*who, one.message, one.where, one.reason, form.source.file) for one in opinion.dismissed(report)]


def _wan(yuan: float | None) -> float | None:
    return None if yuan is None else round(yuan / 10_000, 6)


def _sheet(
    book: Any, title: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]], notes: Sequence[str] = ()
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = book.create_sheet(title)
    for column, header in enumerate(headers, 1):
        cell = sheet.cell(1, column, header)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            _put(sheet, number, column, value)
    sheet.freeze_panes = "A2"
    if sheet.max_row > 1:
        sheet.auto_filter.ref = sheet.dimensions
    _widths(sheet, len(headers))
    for note in notes:
        _put(sheet, sheet.max_row + 2 if note == notes[0] else sheet.max_row + 1, 1, note)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    """A number as a number, a text as text: openpyxl would make a formula of one that begins with =."""
    from openpyxl.styles import Alignment

    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = clean(value)
        cell.data_type = "s"
        cell.quotePrefix = neutral(value) != clean(value)
    else:
        cell.value = value
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _widths(sheet: Worksheet, columns: int) -> None:
    from openpyxl.utils import get_column_letter

    for column in range(1, columns + 1):
        texts = [
            str(cell.value) for (cell,) in sheet.iter_rows(min_col=column, max_col=column) if cell.value is not None
        ]
        longest = max((sum(2 if ord(one) > 255 else 1 for one in text) for text in texts), default=0)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 3, 8), _WIDEST)


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
