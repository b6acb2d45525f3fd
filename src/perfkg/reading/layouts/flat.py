"""Exports with one row an indicator: the columns before it say whose it is, once, merged down or again in every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.head import Head
from perfkg.reading.layouts.pieces import Piece
from perfkg.reading.layouts.rows import Row

_OWNER = ("organization", "project", "year")
_FACTS = ("department", "implementer", "project_code", "organization_code", "objective")
_MONEY = ("total", "fiscal", "other")
_NOT_SAID = {"number", "kind", *_MONEY}


@dataclass(slots=True)
class Group:
    """The rows of one project, with the cells that say whose they are."""

    head: Head = field(default_factory=Head)
    rows: list[Row] = field(default_factory=list)


def is_flat(table: Table) -> bool:
    """Whether the table has a column for the project."""
    return any(column.role == "project" for column in table.columns)


def groups(rows: Iterable[Row], table: Table) -> list[Group]:
    """The rows by project, in the order in which the projects appear; an empty cell repeats the one above.

    There is one group at least. A row that holds nothing but an organization stands over the projects of that organization.
    """
    found: dict[tuple[str, ...], Group] = {}
    owner: dict[str, Piece] = {}
    over: list[Row] = []
    shared = any(column.role == "project" and "单位" in column.text for column in table.columns)
    for row in rows:
        if shared and row.cells.keys() == {"project"}:
            row.cells["organization"] = row.cells.pop("project")
        said = {role: row.cells[role][0] for role in _OWNER if row.cells.get(role)}
        if said and row.cells.keys() - _NOT_SAID == {"organization"}:
            owner = said
            row.loose += [piece for role in _MONEY for piece in row.cells.pop(role, ())]
            over.append(row)
            continue
        owner = said if "project" in said and "organization" in said else owner | said
        group = found.setdefault(_key(owner), Group())
        for one in (*reversed(over), row):
            _take(group.head, one, table.headings)
            group.rows.append(one)
        for role, piece in owner.items():
            group.head.values.setdefault(role, [piece])
        over.clear()
    if over:
        found.setdefault(_key(owner), Group()).rows.extend(over)
    return list(found.values()) or [Group()]


def _key(owner: dict[str, Piece]) -> tuple[str, ...]:
    return tuple(owner[role].text if role in owner else "" for role in _OWNER)


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
