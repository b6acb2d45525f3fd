"""The ledger: every declaration as it was read, every change numbered. The one truth; all else is rebuilt from it.

An import is one transaction. Nothing is ever overwritten: a corrected form (same organization, project, year and
kind, hence the same id) becomes a new version, a withdrawal is a change like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select

from perfkg.errors import UnknownId
from perfkg.ledger import format, listing, tables, writing
from perfkg.ledger.database import AT_ONCE, Database
from perfkg.ledger.decisions import Decision, Decisions
from perfkg.ledger.imports import Import, Imports, Outcome, Undoing, record_import
from perfkg.ledger.listing import DOUBTS, ORDERS, Choice, Entry
from perfkg.ledger.rulings import Rulings
from perfkg.ledger.writing import content_digest
from perfkg.records import Declaration, Json

__all__ = [
    "DOUBTS",
    "ORDERS",
    "Change",
    "Choice",
    "Decision",
    "Entry",
    "Import",
    "Ledger",
    "LogLine",
    "Outcome",
    "Receipt",
    "Undoing",
    "content_digest",
    "tables",
]


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
    """What one import did, as ids: recorded anew, revised, already there unchanged; and its number (None: nothing)."""

    recorded: tuple[str, ...]
    revised: tuple[str, ...]
    unchanged: tuple[str, ...]
    change: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the audit log: what was done (record, revise, withdraw, restore) to which version, when, by whom."""

    number: int
    action: str
    version: int
    actor: str
    at: str
    declaration: Declaration


class Ledger:
    """Record, revise, withdraw, and the changes since a number. `url` is any SQLAlchemy URL, SQLite by default."""

    def __init__(self, url: str) -> None:
        """Opens or makes the ledger at `url`. Raises InvalidLibrary when it is damaged or newer than this program."""
        self.database = Database(url)
        self.decisions = Decisions(self.database)
        self.imports = Imports(self.database)
        self.rulings = Rulings(self.database)
        format.prepare(self.database)

    @classmethod
    def at(cls, folder: Path) -> Ledger:
        """The ledger of a library folder."""
        return cls(f"sqlite:///{folder / 'ledger.db'}")

    def close(self) -> None:
        """Gives the database connections back."""
        self.database.engine.dispose()

    def about(self, key: str) -> str | None:
        """What `note` was last told of `key`."""
        with self.database.reading() as connection:
            return connection.scalar(select(tables.about.c.value).where(tables.about.c.key == key))

    def note(self, key: str, value: str) -> None:
        """Keeps a fact about the library itself; backups have it too."""
        with self.database.writing() as connection:
            connection.execute(delete(tables.about).where(tables.about.c.key == key))
            connection.execute(insert(tables.about).values(key=key, value=value))

    def record(
        self, declarations: Iterable[Declaration], actor: str = "local", refused: Iterable[tuple[str, str]] = ()
    ) -> Receipt:
        """Records all `declarations` in one transaction; content already there changes nothing.

        The import is noted with what became of each, and with the files `refused` (name and reason).
        """
        with self.database.writing() as connection:
            outcomes, number = record_import(connection, list(declarations), refused, actor)
            change = writing.last_change(connection)
        recorded, revised, unchanged = (
            tuple(one.id or "" for one in outcomes if one.action == action) for action in writing.ACTIONS
        )
        return Receipt(recorded, revised, unchanged, change, number)

    def withdraw(self, id: str, actor: str = "local") -> int:
        """Takes a declaration out; its versions stay. Gives the change number. Raises UnknownId."""
        with self.database.writing() as connection:
            writing.withdraw(connection, id, actor)
            return writing.last_change(connection)

    def restore(self, id: str, version: int | None = None, actor: str = "local") -> int:
        """Makes a version (the last, if not said) current again: after a withdrawal, or in place of a later version.

        Gives the number of the last change. Raises UnknownId.
        """
        with self.database.writing() as connection:
            writing.restore(connection, id, version, actor)
            return writing.last_change(connection)

    def last_change(self) -> int:
        """The number of the last change, 0 for an empty ledger."""
        with self.database.reading() as connection:
            return writing.last_change(connection)

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
            for start in range(0, len(wanted), AT_ONCE):
                ids, numbers = zip(*(these := set(wanted[start : start + AT_ONCE])), strict=True)
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
        """The current declarations, by organization, year and project; see `Choice` for what chooses them."""
        return self.listed(Choice(organization, year, text), "organization", limit, offset)

    def listed(self, choice: Choice, order: str = "year", limit: int | None = None, offset: int = 0) -> list[Entry]:
        """The current declarations of `choice` in an order of ORDERS, a stretch of them."""
        with self.database.reading() as connection:
            return listing.entries(connection, choice, order, limit, offset)

    def count(
        self,
        organization: str | None = None,
        year: int | None = None,
        text: str | None = None,
        choice: Choice | None = None,
    ) -> int:
        """How many there are of `entries`, or of a `choice`."""
        with self.database.reading() as connection:
            return listing.count(connection, choice or Choice(organization, year, text))

    def doubts(self) -> dict[str, int]:
        """How many current declarations there are of each of DOUBTS."""
        with self.database.reading() as connection:
            return listing.doubts(connection)

    def log(self, limit: int | None = None, offset: int = 0, withdrawn: bool = False) -> list[LogLine]:
        """Every change, latest first, with what its version said; or only of what is `withdrawn` now, the withdrawal."""
        with self.database.reading() as connection:
            rows = listing.log(connection, limit, offset, withdrawn)
        named = ("number", "action", "version", "actor", "at")
        return [
            LogLine(
                **{name: row[name] for name in named}, declaration=Declaration.from_json(json.loads(row["content"]))
            )
            for row in rows
        ]

    def count_log(self, withdrawn: bool = False) -> int:
        """How many lines `log` has without a limit."""
        with self.database.reading() as connection:
            return listing.count_log(connection, withdrawn)

    def declarations(self, choice: Choice, order: str = "year") -> Iterator[Declaration]:
        """The current declarations of `choice` with their content, one after another."""
        chosen = [(entry.id, entry.version) for entry in self.listed(choice, order)]
        for start in range(0, len(chosen), AT_ONCE):
            some = chosen[start : start + AT_ONCE]
            found = self.contents(some)
            yield from (Declaration.from_json(found[one]) for one in some if one in found)

    def copy(self, path: Path) -> None:
        """Writes a consistent copy of the whole ledger to the new file `path`, while others read and write it.

        The copy is a ledger.db of its own. Raises InvalidQuestion where the ledger is no SQLite file, InvalidLibrary.
        """
        self.database.copy(path)

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
        with self.database.reading() as connection:
            return listing.totals(connection)

    def history(self, id: str) -> list[Mapping[str, Any]]:
        """The changes of one declaration, oldest first: number, action, version, actor, at, file."""
        query = select(tables.changes).where(tables.changes.c.declaration == id).order_by(tables.changes.c.number)
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _change(row: RowMapping) -> Change:
    declaration = None if row["action"] == writing.WITHDRAW else Declaration.from_json(json.loads(row["content"]))
    # To a projection, what is put back is new.
    action = writing.RECORD if row["action"] == writing.RESTORE else row["action"]
    return Change(row["number"], action, row["declaration"], row["version"], declaration)
