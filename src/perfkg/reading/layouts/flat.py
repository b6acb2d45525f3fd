"""Exports with one row an indicator: the columns before it say whose it is, once, merged down or again in every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.head import Head
from perfkg.reading.layouts.pieces import Piece
from perfkg.reading.layouts.rows import Row

_OWNER = ("organization", "project", "year")
_FACTS = ("department", "project_code", "organization_code", "objective")
_MONEY = ("total", "fiscal", "other")


@dataclass(slots=True)
class Group:
    """The rows of one project, with the cells that say whose they are."""

    head: Head = field(default_factory=Head)
    rows: list[Row] = field(default_factory=list)


def is_flat(table: Table) -> bool:
    """Whether the table has a column for the project."""
    return any(column.role == "project" for column in table.columns)


def groups(rows: Iterable[Row], table: Table) -> list[Group]:
    """The rows by project, in the order in which the projects appear; an empty cell repeats the one above."""
    found: dict[tuple[str, ...], Group] = {}
    owner: dict[str, str] = {}
    for row in rows:
        said = {role: row.cells[role][0].text for role in _OWNER if row.cells.get(role)}
        owner = said if "project" in said and "organization" in said else owner | said
        group = found.setdefault(tuple(owner.get(role, "") for role in _OWNER), Group())
        _take(group.head, row, table.headings)
        group.rows.append(row)
    return list(found.values())


def _take(head: Head, row: Row, headings: Sequence[Piece]) -> None:
    """Moves the cells that say whose the row is into the head; what it says already is said again."""
    for role in (*_OWNER, *_FACTS):
        for piece in row.cells.pop(role, ()):
            known = head.values.setdefault(role, [])
            repeated = any(piece.text == other.text for other in known)
            head.roles[piece] = role if repeated or not known else "leftover"
            if not known:
                known.append(piece)
    for role in _MONEY:
        for piece in row.cells.pop(role, ()):
            head.roles[piece] = "funding"
            label = next(heading for heading in headings if heading.column == piece.column)
            head.money_heads.append(label)
            if not any(label == other for _, other, _ in head.amounts):
                head.amounts.append((role, label, [piece]))
    for piece in row.cells.pop("kind", ()):
        head.roles[piece] = "leftover"
