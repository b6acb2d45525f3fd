"""Excel workbooks → a grid a sheet, every cell as Excel shows it; formulas by their cached value.

.xlsx is read part by part as a stream, for only its styles tell how a number is shown, and only the cells that are
there are looked at, whatever size a sheet claims. Macros and links to other files are never followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading import limits
from perfkg.reading.display import BUILT_IN, shown
from perfkg.reading.grid import Cell, Grid, packed
from perfkg.reading.package import Package, damaged
from perfkg.records import Place

ROWS, COLUMNS = 1_048_576, 16_384
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_OFFICE = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,9})([0-9]{1,9})$")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Range = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of one workbook share."""

    package: Package
    strings: list[str]
    formats: list[str]
    from_1904: bool


def grids(data: bytes) -> tuple[Grid, ...]:
    """The sheets of an .xlsx or .xlsm that have any cell filled; InvalidFile if it cannot be read."""
    package = Package(data)
    name = _part_named(package)
    root = package.tree(name)
    relations = package.relations(name)
    parts = {kind: part for kind, part in relations.values() if kind in {"sharedStrings", "styles"}}
    book = _Book(
        package,
        _strings(package, parts.get("sharedStrings")),
        _formats(package, parts.get("styles")),
        any(node.get("date1904") in {"1", "true"} for node in _each(root, "workbookPr")),
    )
    found = []
    left = limits.CELLS
    for node in _each(root, "sheet"):
        kind, part = relations.get(node.get(_OFFICE) or node.get(_STRICT_OFFICE) or "", ("", ""))
        if kind != "worksheet":
            continue
        limits.step()
        read = partial(_grid, book, part, node.get("name", ""))
        if node.get("state", "visible") == "visible":
            found.append(read(left))
            left -= sum(map(len, found[-1].rows))
        else:
            found.append(hidden(read))
    return tuple(grid for grid in found if grid.rows)


def hidden(read: Callable[[int], Grid]) -> Grid:
    """A hidden sheet as `read` gives it, marked so; empty if it is too large for a form or cannot be read."""
    try:
        return replace(read(limits.HIDDEN_CELLS), hidden=True)
    except InvalidFile:
        return Grid((), hidden=True)


def spread(cells: Iterable[Cell], merged: Iterable[Range]) -> tuple[tuple[Cell, ...], ...]:
    """Cells with `Place.row` → rows, those at the top left of a merged range (first row, first column, last row, last
    column, from 0) with its spans, cut to the area in use: a range may claim the whole sheet.
    """
    ranges = {(top, left): (bottom, right) for top, left, bottom, right in merged}
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        top = (cell.place.row or 1) - 1
        bottom, right = ranges.get((top, cell.column), (top, cell.column))
        height, width = max(bottom - top, 0) + 1, max(right - cell.column, 0) + 1
        rows.setdefault(top, []).append(
            replace(cell, row_span=height, column_span=width) if height * width > 1 else cell
        )
    last = max((cell.column for row in rows.values() for cell in row), default=0)
    return tuple(
        tuple(replace(cell, column_span=min(cell.column_span, last - cell.column + 1)) for cell in row)
        for row in packed(rows)
    )


def position(reference: str) -> tuple[int, int]:
    """`B3` → row 2, column 1 (from 0); InvalidFile beyond the last row or column that Excel has."""
    match = _REFERENCE.match(reference.replace("$", ""))
    if not match:
        raise damaged(f"单元格 {reference[:20]}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    check_extent(int(match[2]), column)
    return int(match[2]) - 1, column - 1


def check_extent(rows: int, columns: int, where: str | None = None) -> None:
    """InvalidFile if a sheet claims more than Excel can hold, as only a forged file does."""
    if rows > ROWS or columns > COLUMNS:
        what = f"工作表自称有{rows}行、{columns}列，超出 Excel 的上限（{ROWS}行、{COLUMNS}列）"
        raise InvalidFile(what, where, "请在 Excel 或 WPS 中打开确认，另存一份再导入")


def _part_named(package: Package) -> str:
    for kind, part in package.relations("").values():
        if kind == "officeDocument":
            return part
    raise damaged("_rels/.rels")


def _each(root: Any, *names: str) -> Iterator[Any]:
    return root.iter(*(space + name for space in (_MAIN, _STRICT) for name in names))  # type: ignore[no-any-return]


def _stream(package: Package, part: str, *names: str) -> Iterator[tuple[str, Any]]:
    tags = [space + name for space in (_MAIN, _STRICT) for name in names]
    for element in package.elements(part, *tags):
        yield element.tag.rpartition("}")[2], element


def _strings(package: Package, part: str | None) -> list[str]:
    if part is None or part not in package.names:
        return []
    strings = []
    for _, element in _stream(package, part, "si"):
        strings.append(_rich_text(element))
        limits.check_cells(len(strings), "共享文字")
    return strings


def _rich_text(element: Any) -> str:
    """The runs of a text without the readings given beside Chinese or Japanese words."""
    texts = []
    for node in _each(element, "t"):
        if not node.getparent().tag.endswith("}rPh"):
            texts.append(node.text or "")
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(texts))


def _formats(package: Package, part: str | None) -> list[str]:
    """The number format of each cell style, by the style's index."""
    if part is None or part not in package.names:
        return []
    root = package.tree(part)
    own = {node.get("numFmtId"): node.get("formatCode", "") for node in _each(root, "numFmt")}
    styles = next(_each(root, "cellXfs"), ())
    codes = []
    for style in styles:
        number = style.get("numFmtId", "0")
        codes.append(own.get(number) or BUILT_IN.get(_whole(number, 0), "General"))
    return codes


def _grid(book: _Book, part: str, sheet: str, left: int) -> Grid:
    where = f"工作表“{sheet}”"
    limits.check_cells(limits.CELLS + _values(book.package, part) - left, where)
    cells: list[Cell] = []
    merged: list[Range] = []
    row, column = 0, -1
    for name, node in _stream(book.package, part, "c", "row", "mergeCell", "dimension", "col"):
        if name == "c":
            row, column = position(node.get("r")) if node.get("r") else (row, column + 1)
            if text := _text(book, node):
                cells.append(Cell(text, column, Place(sheet=sheet, row=row + 1, column=column + 1)))
                limits.check_cells(limits.CELLS + len(cells) - left, where)
        elif name == "row":
            row, column = _whole(node.get("r"), row + 1), -1
            check_extent(row, 0, where)
        elif name == "col":
            check_extent(0, _whole(node.get("max"), 0), where)
        elif node.get("ref"):
            first, _, second = node.get("ref").partition(":")
            area = (*position(first), *position(second or first))
            merged += [area] if name == "mergeCell" else []
    return Grid(spread(cells, merged), name=sheet)


def _values(package: Package, part: str) -> int:
    """About how many cells of a sheet are filled, counted much faster than they are read."""
    count = 0
    with package.open(part) as stream:
        while chunk := stream.read(1 << 20):
            count += chunk.count(b"<v>") + chunk.count(b"<is>")
    return count


def _text(book: _Book, node: Any) -> str:
    kind = node.get("t", "n")
    if kind == "inlineStr":
        return _rich_text(node).strip()
    found = {child.tag.rpartition("}")[2]: child.text or "" for child in node}
    value = found.get("v", "")
    if not value:
        return f"={found['f']}" if found.get("f") else ""
    if kind == "s":
        return _shared(book, value)
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind != "n":
        return value.strip()
    style = _whole(node.get("s"), 0)
    code = book.formats[style] if 0 <= style < len(book.formats) else "General"
    return _number(value, code, book.from_1904)


def _whole(text: str | None, otherwise: int) -> int:
    try:
        return int(text or otherwise)
    except ValueError:
        return otherwise


def _shared(book: _Book, value: str) -> str:
    try:
        return book.strings[int(value)].strip()
    except (ValueError, IndexError) as error:
        raise damaged("xl/sharedStrings.xml") from error


def _number(value: str, code: str, from_1904: bool) -> str:
    try:
        return shown(float(value), code, from_1904)
    except (ValueError, ArithmeticError):
        return value.strip()
