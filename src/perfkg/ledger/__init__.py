"""The ledger: every declaration as it was read, every change numbered. The one truth; all else is rebuilt from it.

An import is one transaction. Nothing is ever overwritten: a corrected form (same organization, project, year and
kind, hence the same id) becomes a new version, a withdrawal is a change like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, inspect, or_, select

from perfkg.errors import InvalidLibrary, UnknownId
from perfkg.ledger import tables
from perfkg.ledger.database import Database
from perfkg.records import Declaration, Json, as_json

_AT_ONCE = 400
"""Declarations asked for in one query: databases limit how many values one may have."""


@dataclass(frozen=True, slots=True)
class Change:
    """One numbered change: `action` is record, revise or withdraw; `declaration` is None for a withdrawal."""

    number: int
    action: str
    id: str
    version: int
    declaration: Declaration | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one import did, as ids: recorded anew, revised, already there unchanged."""

    recorded: tuple[str, ...]
    revised: tuple[str, ...]
    unchanged: tuple[str, ...]
    change: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of current declarations."""

    id: str
    version: int
    organization: str | None
    project: str | None
    year: int | None
    kind: str
    indicators: int
    total: float | None


class Ledger:
    """Record, revise, withdraw, and the changes since a number. `url` is any SQLAlchemy URL, SQLite by default."""

    def __init__(self, url: str) -> None:
        """Opens or makes the ledger at `url`. Raises InvalidLibrary when it is damaged or newer than this program."""
        self.database = Database(url)
        self._check_format()

    def _check_format(self) -> None:
        with self.database.reading() as connection:
            made = inspect(connection).has_table(tables.about.name)
            query = select(tables.about.c.value).where(tables.about.c.key == "format")
            format = connection.scalar(query) if made else None
        if format is None:
            self._make_tables()
        elif int(format) > tables.FORMAT:
            raise InvalidLibrary(
                f"资料库的格式版本是 {format}，本程序只认得到 {tables.FORMAT}",
                self.database.url,
                "请用更新版本的 perfkg 打开",
            )

    def _make_tables(self) -> None:
        with self.database.writing() as connection:
            tables.metadata.create_all(connection)
            known = connection.scalar(select(func.count()).select_from(tables.about))
            if not known:
                connection.execute(insert(tables.about).values(key="format", value=str(tables.FORMAT)))

    @classmethod
    def at(cls, folder: Path) -> Ledger:
        """The ledger of a library folder."""
        return cls(f"sqlite:///{folder / 'ledger.db'}")

    def close(self) -> None:
        """Gives the database connections back."""
        self.database.engine.dispose()

    def record(self, declarations: Iterable[Declaration], actor: str = "local") -> Receipt:
        """Records all `declarations` in one transaction; content already there changes nothing."""
        outcome: dict[str, list[str]] = {"record": [], "revise": [], "unchanged": []}
        with self.database.writing() as connection:
            for declaration in declarations:
                outcome[_record(connection, declaration, actor)].append(declaration.id)
            change = _last_change(connection)
        return Receipt(tuple(outcome["record"]), tuple(outcome["revise"]), tuple(outcome["unchanged"]), change)

    def withdraw(self, id: str, actor: str = "local") -> int:
        """Takes a declaration out; its versions stay. Gives the change number. Raises UnknownId."""
        with self.database.writing() as connection:
            version = connection.scalar(select(tables.current.c.version).where(tables.current.c.declaration == id))
            if version is None:
                raise UnknownId("资料库里没有这份申报表", id, "编号可能已撤回，请用 perfkg info 或资料库页面核对")
            connection.execute(tables.current.delete().where(tables.current.c.declaration == id))
            _note_change(connection, "withdraw", id, version, actor, None)
            return _last_change(connection)

    def last_change(self) -> int:
        """The number of the last change, 0 for an empty ledger."""
        with self.database.reading() as connection:
            return _last_change(connection)

    def changes(self, since: int = 0, limit: int = 200) -> list[Change]:
        """The next at most `limit` changes after number `since`, oldest first."""
        query = (
            select(tables.changes, tables.versions.c.content)
            .join(
                tables.versions,
                (tables.versions.c.declaration == tables.changes.c.declaration)
                & (tables.versions.c.version == tables.changes.c.version),
            )
            .where(tables.changes.c.number > since)
            .order_by(tables.changes.c.number)
            .limit(limit)
        )
        with self.database.reading() as connection:
            return [_change(row) for row in connection.execute(query).mappings()]

    def get(self, id: str, version: int | None = None) -> Declaration:
        """The current declaration `id`, or one of its versions. Raises UnknownId."""
        query = select(tables.versions.c.content).where(tables.versions.c.declaration == id)
        if version is None:
            query = query.join(
                tables.current,
                (tables.current.c.declaration == tables.versions.c.declaration)
                & (tables.current.c.version == tables.versions.c.version),
            )
        else:
            query = query.where(tables.versions.c.version == version)
        with self.database.reading() as connection:
            content = connection.scalar(query)
        if content is None:
            raise UnknownId("资料库里没有这份申报表", id, "编号可能有误，或申报表已撤回")
        return Declaration.from_json(json.loads(content))

    def contents(self, versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Json]:
        """Declarations by id and version as plain JSON, without making records of them."""
        wanted, columns = sorted(versions), tables.versions.c
        found: dict[tuple[str, int], Json] = {}
        with self.database.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                ids, numbers = zip(*(these := set(wanted[start : start + _AT_ONCE])), strict=True)
                # Two lists rather than one of pairs, for which SQLite reads the whole table.
                query = select(columns.declaration, columns.version, columns.content).where(
                    columns.declaration.in_(ids), columns.version.in_(set(numbers))
                )
                rows = connection.execute(query)
                found |= {(id, number): json.loads(text) for id, number, text in rows if (id, number) in these}
        return found

    def entries(
        self,
        organization: str | None = None,
        year: int | None = None,
        limit: int | None = None,
        offset: int = 0,
        text: str | None = None,
    ) -> list[Entry]:
        """The current declarations, by organization, year and project.

        `organization` matches exactly, `text` is a part of the organization's or the project's name.
        """
        query = select(tables.current).where(*_chosen(organization, year, text))
        query = query.order_by(
            tables.current.c.organization, tables.current.c.year, tables.current.c.project, tables.current.c.declaration
        )
        with self.database.reading() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [_entry(row) for row in rows]

    def count(self, organization: str | None = None, year: int | None = None, text: str | None = None) -> int:
        """How many `entries` there are without a limit."""
        query = select(func.count()).select_from(tables.current).where(*_chosen(organization, year, text))
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def years(self) -> list[int]:
        """The fiscal years of all current declarations, latest first."""
        year = tables.current.c.year
        query = select(year).where(year.is_not(None)).distinct().order_by(year.desc())
        with self.database.reading() as connection:
            return [int(one) for one in connection.scalars(query)]

    def organizations(self) -> list[tuple[str, int]]:
        """The names of all current organizations with their number of declarations."""
        query = (
            select(tables.current.c.organization, func.count())
            .where(tables.current.c.organization.is_not(None))
            .group_by(tables.current.c.organization)
            .order_by(tables.current.c.organization)
        )
        with self.database.reading() as connection:
            return [(name, count) for name, count in connection.execute(query)]

    def totals(self) -> dict[str, int]:
        """How many declarations, indicators, organizations and years are current."""
        query = select(
            func.count(),
            func.coalesce(func.sum(tables.current.c.indicators), 0),
            func.count(func.distinct(tables.current.c.organization)),
            func.count(func.distinct(tables.current.c.year)),
        )
        with self.database.reading() as connection:
            counts = connection.execute(query).one()
        return dict(zip(("declarations", "indicators", "organizations", "years"), map(int, counts), strict=True))

    def history(self, id: str) -> list[Mapping[str, Any]]:
        """The changes of one declaration, oldest first: number, action, version, actor, at, file."""
        query = select(tables.changes).where(tables.changes.c.declaration == id).order_by(tables.changes.c.number)
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def content_digest(declaration: Declaration) -> str:
    """Equal for forms that say the same, whatever file, sheet or line they were read from."""
    text = json.dumps(_without_places(as_json(declaration)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if key not in {"place", "source"}}
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    return value


def _chosen(organization: str | None, year: int | None, text: str | None) -> Iterator[ColumnElement[bool]]:
    columns = tables.current.c
    if organization is not None:
        yield columns.organization == organization
    if year is not None:
        yield columns.year == year
    if text:
        yield or_(columns.organization.contains(text, autoescape=True), columns.project.contains(text, autoescape=True))


def _record(connection: Connection, declaration: Declaration, actor: str) -> str:
    digest = content_digest(declaration)
    known = connection.execute(
        select(tables.current.c.version, tables.current.c.digest).where(tables.current.c.declaration == declaration.id)
    ).one_or_none()
    if known and known.digest == digest:
        return "unchanged"
    latest = connection.scalar(
        select(func.max(tables.versions.c.version)).where(tables.versions.c.declaration == declaration.id)
    )
    version = (latest or 0) + 1
    content = json.dumps(as_json(declaration), ensure_ascii=False)
    connection.execute(
        insert(tables.versions).values(declaration=declaration.id, version=version, digest=digest, content=content)
    )
    connection.execute(tables.current.delete().where(tables.current.c.declaration == declaration.id))
    connection.execute(insert(tables.current).values(**_current_row(declaration, version, digest)))
    action = "revise" if known else "record"
    _note_change(connection, action, declaration.id, version, actor, declaration.source.file)
    return action


def _current_row(declaration: Declaration, version: int, digest: str) -> dict[str, Any]:
    total = declaration.funding.total
    return {
        "declaration": declaration.id,
        "version": version,
        "digest": digest,
        "organization": declaration.organization,
        "project": declaration.project,
        "year": declaration.year,
        "kind": declaration.kind,
        "indicators": len(declaration.indicators),
        "total": None if total is None else repr(total),
    }


def _note_change(connection: Connection, action: str, id: str, version: int, actor: str, file: str | None) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(
        insert(tables.changes).values(action=action, declaration=id, version=version, actor=actor, at=at, file=file)
    )


def _last_change(connection: Connection) -> int:
    return connection.scalar(select(func.max(tables.changes.c.number))) or 0


def _change(row: RowMapping) -> Change:
    declaration = None if row["action"] == "withdraw" else Declaration.from_json(json.loads(row["content"]))
    return Change(row["number"], row["action"], row["declaration"], row["version"], declaration)


def _entry(row: RowMapping) -> Entry:
    total = None if row["total"] is None else float(row["total"])
    return Entry(
        row["declaration"],
        row["version"],
        row["organization"],
        row["project"],
        row["year"],
        row["kind"],
        row["indicators"],
        total,
    )
