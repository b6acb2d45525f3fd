"""Lists of projects with a column for each category: a row is a project, a cell holds the indicators of one category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from perfkg.reading.layouts import words
from perfkg.reading.layouts.align import Column
from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.pieces import Line, Piece, filled, part
from perfkg.reading.layouts.rows import Row
from perfkg.reading.layouts.several import numbered
from perfkg.reading.layouts.unglue import unglue
from perfkg.records import Repair

_FEWEST_CATEGORIES = 3
_ROLES = ["name", "value"]


def table_at(lines: Sequence[Line], start: int) -> Table | None:
    """The list whose headings begin on line `start`: a project's name, and categories on this line or the next."""
    first = list(filled(lines[start]))
    if not any(words.role("columns", piece.text) == "project" for piece in first):
        return None
    for storeys in (1, 2):
        headings = [piece for line in lines[start : start + storeys] for piece in filled(line)]
        lowest = headings[len(headings) - len(list(filled(lines[min(start + storeys, len(lines)) - 1]))) :]
        categories = [piece for piece in lowest if 2 in words.levels(piece.text)]
        if len(categories) >= _FEWEST_CATEGORIES:
            owners = [(role, piece) for piece in first if (role := words.role("columns", piece.text))]
            columns = [Column(role, piece.column, piece.text) for role, piece in owners]
            columns += [Column("category", piece.column, piece.text) for piece in categories]
            body = start + storeys
            return Table(tuple(columns), tuple(headings), start, body, body, "wide")
    return None


def rows(lines: Sequence[Line], table: Table) -> Iterator[Row]:
    """A row for each indicator, the first of a project with the cells that say whose it is; sums come as loose pieces."""
    roles = {column.column: column.role for column in table.columns}
    for line in lines[table.body : table.end]:
        cells = list(filled(line))
        if not cells:
            continue
        if any(words.role("ends", cell.text) == "total" for cell in cells[:3]):
            yield Row(loose=cells)
            continue
        owner: dict[str, list[Piece]] = {}
        for cell in cells:
            if (role := roles.get(cell.column)) and role != "category":
                owner.setdefault(role, []).append(cell)
        loose = [cell for cell in cells if cell.column not in roles]
        found = [row for cell in cells if roles.get(cell.column) == "category" for row in _indicators(cell, table)]
        for index, row in enumerate(found or [Row()]):
            row.cells = {**(owner if index == 0 else {}), **row.cells}
            row.loose = loose if index == 0 else []
            yield row


def _indicators(cell: Piece, table: Table) -> Iterator[Row]:
    """The indicators written into a category's cell, each a row with its headings."""
    headings = {role: [replace(piece, line=cell.line)] for role, piece in _headings(cell, table)}
    for start, end in numbered(cell.text) or [(0, len(cell.text))]:
        item = part(cell, start, end)
        for found in unglue(item.text, _ROLES):
            row = Row({**headings}, doubtful=found.doubtful and len(found.fields) > 1)
            for role, begin, until in found.fields:
                row.cells.setdefault(role, []).append(part(item, begin, until))
            if len(found.fields) > 1:
                whole = item.text[found.fields[0][1] : found.fields[-1][2]].strip()
                row.repairs.append(Repair("unglued", "名称和指标值写在同一格里，按内容分开", before=whole))
            yield row


def _headings(cell: Piece, table: Table) -> Iterator[tuple[str, Piece]]:
    """The category above a cell, and the first level printed over it."""
    category = next(piece for piece in reversed(table.headings) if piece.column == cell.column)
    for piece in table.headings:
        over = piece.column <= cell.column < piece.column + max(piece.column_span, 1)
        if over and piece.line < category.line and 1 in words.levels(piece.text):
            yield "level1", piece
    yield "level2", category
