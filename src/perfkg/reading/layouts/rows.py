"""The body of an indicator table as rows: for each role the pieces that stand for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.align import Column, fit
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.reading.layouts.tables import Table
from perfkg.records import Repair

_CARRIED = {"name", "value", "term_value"}


@dataclass(slots=True)
class Row:
    """One row of an indicator table; `cells` by role, `areas` the values of places by the place's name."""

    cells: dict[str, list[Piece]] = field(default_factory=dict)
    areas: list[tuple[str, Piece]] = field(default_factory=list)
    loose: list[Piece] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    doubtful: bool = False

    def has(self, role: str) -> bool:
        """Whether something other than a placeholder stands for the role."""
        return any(not looks.is_placeholder(piece.text) for piece in self.cells.get(role, ()))


def rows(lines: Sequence[Line], table: Table, family: str | None) -> Iterator[Row]:
    """The rows of the table's body, in order. Lines of sums and the like come as rows with loose pieces alone."""
    body = lines[table.body : table.end]
    if table.flowing:
        yield from _flowing(body, table, family)
        return
    placed = _is_placed(body)
    columns = table.columns if placed else _with_room(table.columns)
    spans: list[tuple[Piece, str]] = []
    for line in body:
        cells = list(filled(line))
        if cells:
            row = _row(cells, columns, placed, family)
            _carry(row, cells, spans)
            yield row


def _row(cells: list[Piece], columns: Sequence[Column], placed: bool, family: str | None) -> Row:
    if words.role("ends", cells[0].text) in ("total", "aside"):
        return Row(loose=cells)
    found = fit(cells, columns, placed=placed, family=family)
    row = _gather(cells, columns, found.columns)
    row.doubtful = found.doubtful
    moved = [cell for cell, at in zip(cells, found.columns, strict=True) if _is_moved(cell, columns, at)]
    if placed and moved:
        first, others = moved[0], f"等{len(moved)}格" if len(moved) > 1 else ""
        reason = f"合并单元格使“{first.text[:20]}”{others}不在表头所在的列，按内容归位"
        row.repairs.append(Repair("moved-cells", reason, before=_columns_of(cells)))
    return row


def _flowing(body: Sequence[Line], table: Table, family: str | None) -> Iterator[Row]:
    cells = [piece for line in body for piece in line]
    blanks = any(not piece.text for piece in cells)
    cells = [piece for piece in cells if piece.text or blanks]
    stop = next((i for i, cell in enumerate(cells) if words.role("ends", cell.text) == "total"), len(cells))
    found = fit(cells[:stop], table.columns, placed=False, flowing=True, family=family)
    for start, end in zip(found.starts, [*found.starts[1:], stop], strict=False):
        yield _gather(cells[start:end], table.columns, found.columns[start:end])
    if rest := [cell for cell in cells[stop:] if cell.text]:
        yield Row(loose=rest)


def _gather(cells: Sequence[Piece], columns: Sequence[Column], places: Sequence[int | None]) -> Row:
    row = Row()
    for cell, at in zip(cells, places, strict=True):
        if not cell.text:
            continue
        if at is None:
            row.loose.append(cell)
        elif columns[at].role == "area":
            row.areas.append((columns[at].text, cell))
        else:
            row.cells.setdefault(columns[at].role, []).append(cell)
    return row


def _is_moved(cell: Piece, columns: Sequence[Column], at: int | None) -> bool:
    return at is not None and not cell.column <= columns[at].column < cell.column + max(cell.column_span, 1)


def _columns_of(cells: Sequence[Piece]) -> str:
    return " | ".join(f"第{cell.column + 1}列：{cell.text[:20]}" for cell in cells)


def _is_placed(body: Sequence[Line]) -> bool:
    """Whether grid columns mean something: somewhere a cell is empty with another after it, or cells are merged."""
    rows = [cells for line in body if (cells := list(filled(line)))]
    pairs = [pair for cells in rows for pair in itertools.pairwise(cells)]
    gaps = any(after.column - before.column > 1 or before.row_span > 1 for before, after in pairs)
    return gaps or len({cells[0].column for cells in rows}) > 1


def _with_room(columns: tuple[Column, ...]) -> list[Column]:
    """The columns with room for an explanation after the name, which some forms print without a heading."""
    room: list[Column] = []
    for column in columns:
        room.append(column)
        if column.role == "name" and not any(other.role == "explain" for other in columns):
            room.append(Column("extra", column.column, ""))
    return room


def _carry(row: Row, cells: Sequence[Piece], spans: list[tuple[Piece, str]]) -> None:
    """Names and values merged over several rows count for each of them."""
    if not cells:
        return
    line = cells[0].line
    spans[:] = [(piece, role) for piece, role in spans if piece.line + piece.row_span > line]
    for piece, role in spans:
        if role not in row.cells and any(other in row.cells for other in ("name", "value")):
            row.cells[role] = [piece]
            row.repairs.append(
                Repair("merged-cell", f"“{piece.text[:20]}”所在的单元格合并了几行，对每行都算", after=piece.text)
            )
    spans.extend(
        (piece, role)
        for role in _CARRIED
        for piece in row.cells.get(role, ())
        if piece.row_span > 1 and piece.line == line
    )
