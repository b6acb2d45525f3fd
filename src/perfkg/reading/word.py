"""Word documents (.docx) → one grid: paragraphs as one-cell rows, the rows of tables between them.

A table inside a cell follows the row it stands in; the text of a text box follows its paragraph. Insertions are read
and deletions are not, as if all changes had been accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from perfkg.reading import limits
from perfkg.reading.grid import Cell, Grid, packed
from perfkg.reading.package import Package, damaged
from perfkg.records import Place

_SPACES = {"br": "\n", "cr": "\n", "tab": " ", "ptab": " ", "noBreakHyphen": "-"}
_WRAPPERS = {"sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "AlternateContent", "Choice", "Fallback"}
_NO_TEXT = {"del", "moveFrom", "instrText", "delText", "rPr", "pPr", "txbxContent", "rt"}
# Ticks and boxes of the Wingdings fonts, which stand in the private use area.
_SYMBOLS = {"F0FE": "☑", "F052": "☑", "F0FC": "✓", "F050": "✓", "F0A8": "□", "F06F": "□", "F0A3": "□", "F0FD": "☒"}


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell of a table row before its height is known; `merge` is `restart`, `continue` or empty."""

    node: Any
    text: str
    column: int
    width: int
    merge: str


def grids(data: bytes) -> tuple[Grid, ...]:
    """The document as one grid, its page headers first, its notes last; InvalidFile if it cannot be read."""
    package = Package(data)
    document = _main(package)
    related = package.relations(document).values()
    headers = sorted({part for kind, part in related if kind == "header"})
    notes = sorted({part for kind, part in related if kind in ("footnotes", "endnotes")} & package.names.keys())
    reader = _Reader()
    for part in (*headers, document):
        limits.step()
        reader.blocks(package.tree(part))
    for note in (note for part in notes for note in package.tree(part)):
        reader.blocks(note)
    rows = packed(dict(enumerate(reader.rows)))
    return (Grid(rows),) if rows else ()


def chunks(data: bytes) -> Iterator[bytes]:
    """What other documents a document holds whole, to be converted when it is opened (altChunk)."""
    package = Package(data)
    for kind, part in package.relations(_main(package)).values():
        if kind == "aFChunk" and part in package.names:
            with package.open(part) as stream:
                yield stream.read()


def _main(package: Package) -> str:
    document = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), None)
    if document is None:
        raise damaged("_rels/.rels")
    return document


class _Reader:
    """Collects the rows of a document in reading order."""

    def __init__(self) -> None:
        self.rows: list[tuple[Cell, ...]] = []
        self._tables = 0
        self._lines = 0
        self._cells = 0

    def blocks(self, node: Any, depth: int = 0) -> None:
        """Adds the paragraphs and tables of a body, header, cell or text box."""
        limits.check_nesting(depth)
        for child in _parts(node, "p", "tbl", "body"):
            if _name(child) == "p":
                self._paragraph(child, depth)
            elif _name(child) == "tbl":
                self._table(child, depth + 1)
            else:
                self.blocks(child, depth)

    def _paragraph(self, node: Any, depth: int) -> None:
        self._lines += 1
        if text := _text(node):
            self._count(1)
            self.rows.append((Cell(text, 0, Place(line=self._lines)),))
        self._text_boxes(node, depth)

    def _text_boxes(self, node: Any, depth: int) -> None:
        for box in _boxes(node):
            self.blocks(box, depth + 1)

    def _table(self, node: Any, depth: int) -> None:
        limits.check_nesting(depth)
        self._tables += 1
        table, lines, starts = self._tables, [_line(row) for row in _parts(node, "tr")], []
        for line in lines:
            self._count(len(line))
            starts.append(len(self.rows))
            self.rows.append(())
            for box in line:
                self._nested(box.node, depth)
        for number, line in enumerate(lines):
            self.rows[starts[number]] = tuple(
                Cell(
                    box.text,
                    box.column,
                    Place(table=table, row=number + 1, column=box.column + 1),
                    starts[_last(lines, number, box)] - starts[number] + 1,
                    box.width,
                )
                for box in line
            )

    def _nested(self, cell: Any, depth: int) -> None:
        for child in _parts(cell, "tbl", "p"):
            if _name(child) == "tbl":
                self._table(child, depth + 1)
            else:
                self._text_boxes(child, depth)

    def _count(self, cells: int) -> None:
        self._cells += cells
        limits.check_cells(self._cells)


def _line(row: Any) -> list[_Box]:
    """The cells of a table row, each with its column and width in columns of the table's grid."""
    boxes, column = [], _number(row, "trPr", "gridBefore", 0)
    for node in _parts(row, "tc"):
        width = max(_number(node, "tcPr", "gridSpan", 1), 1)
        text = "\n".join(filter(None, map(_text, _parts(node, "p"))))
        boxes.append(_Box(node, text, column, width, _merge(node)))
        column += width
    return boxes


def _last(lines: list[list[_Box]], number: int, box: _Box) -> int:
    """The number of the last row that `box`, in row `number`, is merged down to."""
    if box.merge != "restart":
        return number
    for below in range(number + 1, len(lines)):
        if not any(other.column == box.column and other.merge == "continue" for other in lines[below]):
            return below - 1
    return len(lines) - 1


def _name(node: Any) -> str:
    """The name without its namespace, for there are two namespaces (transitional and strict)."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _parts(node: Any, *names: str) -> Iterator[Any]:
    """The children of these names, also where changes, fields or alternatives are wrapped around them."""
    for child in _chosen(node):
        name = _name(child)
        if name in names:
            yield child
        elif name in _WRAPPERS:
            yield from _parts(child, *names)


def _chosen(node: Any) -> Any:
    """The children, but of the alternatives that say the same thing in two ways only the first."""
    return node[:1] if _name(node) == "AlternateContent" else node


def _text(paragraph: Any) -> str:
    return "".join(_runs(paragraph)).strip()


def _runs(node: Any) -> Iterator[str]:
    for child in _chosen(node):
        name = _name(child)
        if name == "t":
            yield child.text or ""
        elif name == "sym":
            yield _symbol(_attribute(child, "char"))
        elif name in _SPACES:
            yield _SPACES[name]
        elif name not in _NO_TEXT:
            yield from _runs(child)


def _symbol(code: str) -> str:
    try:
        return _SYMBOLS.get(code.upper()) or chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""


def _boxes(node: Any) -> Iterator[Any]:
    """The contents of the text boxes anchored in a paragraph, not those within one another."""
    for child in _chosen(node):
        if _name(child) == "txbxContent":
            yield child
        elif _name(child) not in {"del", "moveFrom"}:
            yield from _boxes(child)


def _attribute(node: Any, name: str) -> str:
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def _property(node: Any, group: str, name: str) -> Any:
    """The element `name` in the properties `group` of a row or cell, or None."""
    found = (part for child in node if _name(child) == group for part in child if _name(part) == name)
    return next(found, None)


def _number(node: Any, group: str, name: str, default: int) -> int:
    found = _property(node, group, name)
    value = _attribute(found, "val") if found is not None else ""
    return min(int(value), 1000) if value.isdigit() else default


def _merge(cell: Any) -> str:
    found = _property(cell, "tcPr", "vMerge")
    return "" if found is None else _attribute(found, "val") or "continue"
