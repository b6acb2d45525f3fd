"""Excel 97–2003 workbooks (.xls, and .et as WPS writes it) → a grid a sheet, every cell as Excel shows it.

Calamine reads the values; the number formats, which it does not give, are read from the records of the workbook
([MS-XLS] 2.4: FORMAT, XF, BOUNDSHEET, and the cell records).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from perfkg.reading import limits
from perfkg.reading.compound import Compound
from perfkg.reading.display import BUILT_IN, shown
from perfkg.reading.grid import Cell, Grid
from perfkg.reading.package import damaged, encrypted
from perfkg.reading.workbook import hidden, spread
from perfkg.records import Place

_BOF, _EOF, _FILEPASS, _DATE1904, _FORMAT, _XF, _BOUNDSHEET = 0x809, 0x0A, 0x2F, 0x22, 0x41E, 0xE0, 0x85
_NUMBER, _RK, _FORMULA, _MULRK = 0x203, 0x27E, 0x06, 0xBD
_UTF16 = 1

Records = Iterator[tuple[int, int, bytes]]


class _Styles:
    """Which number format each numeric cell has, sheet by sheet."""

    def __init__(self, stream: bytes) -> None:
        self.from_1904 = False
        self._formats = dict(BUILT_IN)
        self._styles: list[int] = []
        self._sheets: dict[str, int] = {}
        self._stream = stream
        for kind, _, body in _records(stream, 0):
            self._read(kind, body)

    def codes(self, sheet: str) -> dict[tuple[int, int], str]:
        """(row, column) → number format of the numbers of a sheet, from 0."""
        codes: dict[tuple[int, int], str] = {}
        for kind, _, body in _records(self._stream, self._sheets.get(sheet, len(self._stream))):
            if kind in (_NUMBER, _RK, _FORMULA):
                row, column, style = struct.unpack_from("<HHH", body)
                codes[row, column] = self._code(style)
            elif kind == _MULRK:
                row, column = struct.unpack_from("<HH", body)
                for index in range((len(body) - 6) // 6):
                    codes[row, column + index] = self._code(struct.unpack_from("<H", body, 4 + index * 6)[0])
        return codes

    def _code(self, style: int) -> str:
        number = self._styles[style] if style < len(self._styles) else 0
        return self._formats.get(number, "General")

    def _read(self, kind: int, body: bytes) -> None:
        if kind == _FILEPASS:
            raise encrypted()
        if kind == _DATE1904:
            self.from_1904 = body[:1] == b"\1"
        elif kind == _FORMAT:
            self._formats[struct.unpack_from("<H", body)[0]] = _string(body[2:], 2)
        elif kind == _XF:
            self._styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _BOUNDSHEET:
            self._sheets.setdefault(_string(body[6:], 1), struct.unpack_from("<I", body)[0])


def grids(data: bytes) -> tuple[Grid, ...]:
    """The sheets of an .xls that have any cell filled; InvalidFile if it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    compound = Compound(data)
    name = "Workbook" if "Workbook" in compound.names else "Book"
    if name not in compound.names:
        raise damaged()
    try:
        styles = _Styles(compound.read(name))
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = []
        left = limits.CELLS
        for sheet in book.sheets_metadata:
            limits.step()
            read = partial(_named, book, sheet.name, styles)
            if sheet.visible == SheetVisibleEnum.Visible:
                found.append(read(left))
                left -= sum(map(len, found[-1].rows))
            elif sheet.typ == SheetTypeEnum.WorkSheet:
                found.append(hidden(read))
    except (CalamineError, struct.error) as error:
        raise damaged() from error
    except BaseException as error:  # Calamine panics on some damaged files, with an exception that is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from error
    return tuple(grid for grid in found if grid.rows)


def _named(book: Any, name: str, styles: _Styles, left: int) -> Grid:
    return _grid(book.get_sheet_by_name(name), styles, left)


def _grid(sheet: Any, styles: _Styles, left: int) -> Grid:
    codes = styles.codes(sheet.name)
    first_column = sheet.start[1] if sheet.start else 0
    cells = []
    for row, values in enumerate(sheet.iter_rows()):
        for column, value in enumerate(values, start=first_column):
            if text := _text(value, codes.get((row, column), "General"), styles.from_1904):
                cells.append(Cell(text, column, Place(sheet=sheet.name, row=row + 1, column=column + 1)))
                limits.check_cells(limits.CELLS + len(cells) - left, f"工作表“{sheet.name}”")
    merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
    return Grid(spread(cells, merged), name=sheet.name)


def _text(value: Any, code: str, from_1904: bool) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (date, time, timedelta)):
        value = _days(value, from_1904)
    if isinstance(value, (int, float)):
        return shown(float(value), code, from_1904)
    return str(value).strip()


def _days(value: date | time | timedelta, from_1904: bool) -> float:
    """The number a cell holds for a moment: days since the epoch."""
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    epoch = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    return (moment - epoch).total_seconds() / 86400


def _records(stream: bytes, start: int) -> Records:
    """Kind, offset and body of the records of one substream."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        depth += (kind == _BOF) - (kind == _EOF)
        yield kind, at, body
        at += 4 + size
        if depth <= 0:
            return


def _string(body: bytes, width: int) -> str:
    """A Unicode string of the format, its length in `width` bytes."""
    length = int.from_bytes(body[:width], "little")
    if body[width : width + 1] and body[width] & _UTF16:
        return body[width + 1 : width + 1 + length * 2].decode("utf-16-le", "replace")
    return body[width + 1 : width + 1 + length].decode("latin-1")
