"""Long tables, written row by row, so that memory does not grow with them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from perfkg.errors import InvalidQuestion
from perfkg.outputs import replacing
from perfkg.report.cells import clean, neutral
from perfkg.report.tables import Cell

LONGEST_SHEET = 1_048_576
"""Rows of a worksheet."""

_WIDTH = 18

Rows = Iterable[Sequence[Cell]]


def write_rows(headers: Sequence[str], rows: Rows, path: Path) -> None:
    """Writes `rows` under `headers` to a .csv or .xlsx file. No text becomes a formula.

    Raises InvalidQuestion for another suffix and for more rows than a worksheet holds, InvalidFile where it cannot write:
    what was there is then untouched.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InvalidQuestion(
            "不能写成这种文件", path.suffix or "（没有扩展名）", f"文件名请以 {'、'.join(_WRITERS)} 结尾"
        )
    with replacing(path) as beside:
        writer(headers, rows, beside)


def _csv(headers: Sequence[str], rows: Rows, path: Path) -> None:
    """UTF-8 with the mark that Excel wants."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for row in rows:
            writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])


def _xlsx(headers: Sequence[str], rows: Rows, path: Path) -> None:
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("指标")
    sheet.freeze_panes = "A2"
    for column in range(1, len(headers) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}1"
    with closing(sheet):
        sheet.append([_bold(sheet, header) for header in headers])
        for row in _fitting(rows):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _fitting(rows: Rows) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, 2):
        if number > LONGEST_SHEET:
            raise InvalidQuestion(
                "一张工作表放不下这么多行", f"最多 {LONGEST_SHEET - 1} 条指标", "请缩小范围，或改用 .csv"
            )
        yield row


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    """A text as text: openpyxl would make a formula of one that begins with =."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str) or neutral(value) == value:
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = clean(value)
    cell.data_type = "s"
    cell.quotePrefix = neutral(value) != clean(value)
    return cell


_WRITERS: Mapping[str, Callable[[Sequence[str], Rows, Path], None]] = {".xlsx": _xlsx, ".csv": _csv}
