"""The list of current declarations: which of them, in which order, and how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, RowMapping, and_, case, cast, func, or_, select

from perfkg.ledger import tables
from perfkg.ledger.writing import WITHDRAW

_C = tables.current.c
_NAMELESS = or_(_C.project.is_(None), _C.organization.is_(None))
_BY_NAME = (_C.organization.nulls_last(), _C.year.desc().nulls_last(), _C.project.nulls_last())

ORDERS: Mapping[str, tuple[ColumnElement[Any], ...]] = {
    "year": (_NAMELESS, _C.year.desc().nulls_last(), *_BY_NAME),
    "recent": (_C.change.desc(),),
    "organization": (_NAMELESS, *_BY_NAME),
    "project": (_NAMELESS, _C.project, *_BY_NAME),
    "total": (cast(_C.total, Float).desc().nulls_last(), *_BY_NAME),
    "indicators": (_C.indicators.desc(), *_BY_NAME),
    "doubts": ((_C.unsure + _C.leftovers + _C.blanks).desc(), *_BY_NAME),
}
"""By a word for it; those without a project or an organization stand last wherever names or years count."""

DOUBTS: Mapping[str, ColumnElement[bool]] = {
    "any": or_(_C.unsure > 0, _C.leftovers > 0, _C.blanks > 0),
    "unsure": _C.unsure > 0,
    "repairs": _C.repairs > 0,
    "leftovers": _C.leftovers > 0,
    "blanks": _C.blanks > 0,
    "none": and_(_C.unsure == 0, _C.leftovers == 0, _C.blanks == 0),
}
"""What a person should look at: rows that can be read two ways, what was mended, text not used, cells left blank."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list. `unsure`, `repairs`, `leftovers` and `blanks` count what a person should look at."""

    id: str
    version: int
    organization: str | None
    project: str | None
    year: int | None
    kind: str
    indicators: int
    total: float | None
    unsure: int = 0
    repairs: int = 0
    leftovers: int = 0
    blanks: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries: `organization` and `project` match exactly, `among` is a part of the organization's name, `text`
    of the organization's or the project's; `doubt` is a name of DOUBTS.
    """

    organization: str | None = None
    year: int | None = None
    text: str | None = None
    kind: str | None = None
    doubt: str | None = None
    among: str | None = None
    project: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """As conditions on the table of current declarations."""
        for name in ("organization", "project", "year", "kind"):
            if (wanted := getattr(self, name)) is not None:
                yield _C[name] == wanted
        if self.among:
            yield _C.organization.contains(self.among, autoescape=True)
        if self.text:
            yield or_(_C.organization.contains(self.text, autoescape=True), _has(self.text))
        if self.doubt:
            yield DOUBTS[self.doubt]


def _has(text: str) -> ColumnElement[bool]:
    return _C.project.contains(text, autoescape=True)


def entries(connection: Connection, choice: Choice, order: str, limit: int | None, offset: int) -> list[Entry]:
    """The entries of `choice` in an order of ORDERS, a stretch of them."""
    query = select(tables.current).where(*choice.conditions()).order_by(*ORDERS[order], _C.declaration)
    return [_entry(row) for row in connection.execute(query.limit(limit).offset(offset)).mappings()]


def count(connection: Connection, choice: Choice) -> int:
    """How many entries `choice` has."""
    return connection.scalar(select(func.count()).select_from(tables.current).where(*choice.conditions())) or 0


def doubts(connection: Connection) -> dict[str, int]:
    """How many entries there are of each of DOUBTS."""
    query = select(*(func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in DOUBTS.values()))
    return dict(zip(DOUBTS, map(int, connection.execute(query).one()), strict=True))


def totals(connection: Connection) -> dict[str, int]:
    """How many declarations, indicators, organizations and years are current."""
    query = select(
        func.count(),
        func.coalesce(func.sum(_C.indicators), 0),
        func.count(func.distinct(_C.organization)),
        func.count(func.distinct(_C.year)),
    )
    counts = map(int, connection.execute(query).one())
    return dict(zip(("declarations", "indicators", "organizations", "years"), counts, strict=True))


def log(connection: Connection, limit: int | None, offset: int, withdrawn: bool) -> list[Mapping[str, Any]]:
    """The changes, latest first, each with the content of its version; those alone by which a form is `withdrawn` now."""
    versions, changes = tables.versions.c, tables.changes.c
    same = and_(versions.declaration == changes.declaration, versions.version == changes.version)
    query = select(tables.changes, versions.content).join(tables.versions, same).where(*_logged(withdrawn))
    query = query.order_by(changes.number.desc()).limit(limit).offset(offset)
    return [dict(row) for row in connection.execute(query).mappings()]


def count_log(connection: Connection, withdrawn: bool) -> int:
    """How many lines `log` has without a limit."""
    return connection.scalar(select(func.count()).select_from(tables.changes).where(*_logged(withdrawn))) or 0


def _logged(withdrawn: bool) -> Iterator[ColumnElement[bool]]:
    if withdrawn:
        changes = tables.changes.c
        yield changes.number.in_(select(func.max(changes.number)).group_by(changes.declaration))
        yield changes.action == WITHDRAW


def _entry(row: RowMapping) -> Entry:
    values = {field.name: row[field.name] for field in fields(Entry) if field.name in row}
    total = None if row["total"] is None else float(row["total"])
    return Entry(**values | {"id": row["declaration"], "total": total})
