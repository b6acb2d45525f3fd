"""The imports of a ledger: what each did with which file, and how one is taken back as a whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from perfkg.errors import UnknownId
from perfkg.ledger import tables
from perfkg.ledger.database import Database
from perfkg.ledger.writing import (
    RECORD,
    REVISE,
    current_version,
    last_version,
    now,
    record,
    restore,
    withdraw,
)
from perfkg.records import Declaration


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form in a file (`action` is record, revise or unchanged), or why the file was refused."""

    file: str
    sha256: str
    id: str | None = None
    version: int | None = None
    action: str = "refused"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `counts`: files, refused, declarations, indicators, recorded, revised, unchanged, repairs, unsure,
    leftovers. `outcomes` are those of every file, in the order they were read.
    """

    number: int
    actor: str
    at: str
    counts: Mapping[str, int]
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back (or putting it back) did: the ids changed, and those that were left as they are,
    because they have been changed since.
    """

    changed: tuple[str, ...]
    left: tuple[str, ...]


class Imports:
    """The imports noted in `database`."""

    def __init__(self, database: Database) -> None:
        """Nothing is read before it is asked for."""
        self.database = database

    def recent(self, limit: int = 50, offset: int = 0) -> list[Import]:
        """The latest first, without their outcomes."""
        columns = tables.imports.c
        query = select(columns.number, columns.actor, columns.at, columns.counts).order_by(columns.number.desc())
        with self.database.reading() as connection:
            return [_import(row) for row in connection.execute(query.limit(limit).offset(offset)).mappings()]

    def count(self) -> int:
        """How many there were."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(tables.imports)) or 0

    def get(self, number: int) -> Import:
        """Import `number` with its outcomes. Raises UnknownId."""
        with self.database.reading() as connection:
            return _get(connection, number)

    def standing(self, number: int) -> int:
        """How many forms that import `number` recorded or revised are current as it left them. Raises UnknownId."""
        with self.database.reading() as connection:
            return sum(_stands(connection, one) for one in _steps(_get(connection, number)))

    def undo(self, number: int, actor: str = "local") -> Undoing:
        """Takes back, in one transaction, what import `number` did: what it recorded is withdrawn, what it revised is as
        before. What was changed since is left. Raises UnknownId.
        """
        done, left = [], []
        with self.database.writing() as connection:
            for one in _steps(_get(connection, number)):
                if not _stands(connection, one):
                    left.append(one.id)
                    continue
                if one.before is None:
                    withdraw(connection, one.id, actor)
                else:
                    restore(connection, one.id, one.before, actor)
                done.append(one.id)
        return Undoing(tuple(done), tuple(left))

    def redo(self, number: int, actor: str = "local") -> Undoing:
        """Puts back what `undo` took back, in one transaction. What was changed since is left. Raises UnknownId."""
        done, left = [], []
        with self.database.writing() as connection:
            for one in _steps(_get(connection, number)):
                if _undone(connection, one):
                    restore(connection, one.id, one.after, actor)
                    done.append(one.id)
                elif not _stands(connection, one):
                    left.append(one.id)
        return Undoing(tuple(done), tuple(left))


def record_import(
    connection: Connection, read: Sequence[Declaration], refused: Iterable[tuple[str, str]], actor: str
) -> tuple[list[Outcome], int | None]:
    """Records `read` and notes the import with the files `refused` (name and reason).

    Gives the outcomes of what was read, and the import's number, None where there was nothing to note.
    """
    outcomes = []
    for one in read:
        action, version = record(connection, one, actor)
        outcomes.append(Outcome(one.source.file, one.source.sha256, one.id, version, action))
    refusals = [Outcome(file, "", reason=reason) for file, reason in refused]
    if not (outcomes or refusals):
        return [], None
    values = {
        "actor": actor,
        "at": now(),
        "counts": json.dumps(_counts(read, outcomes, refusals)),
        "outcomes": json.dumps([asdict(one) for one in (*outcomes, *refusals)], ensure_ascii=False),
    }
    [number] = connection.execute(insert(tables.imports).values(**values)).inserted_primary_key or (None,)
    return outcomes, number


def _counts(read: Sequence[Declaration], outcomes: Sequence[Outcome], refusals: Sequence[Outcome]) -> dict[str, int]:
    rows = [row for one in read for row in one.indicators]
    actions = Counter(one.action for one in outcomes)
    return {
        "files": len({(one.file, one.sha256) for one in outcomes}) + len(refusals),
        "refused": len(refusals),
        "declarations": len(read),
        "indicators": len(rows),
        "recorded": actions[RECORD],
        "revised": actions[REVISE],
        "unchanged": len(outcomes) - actions[RECORD] - actions[REVISE],
        "repairs": sum(len(one.repairs) for one in read) + sum(len(row.repairs) for row in rows),
        "unsure": sum(bool(row.unsure) for row in rows),
        "leftovers": sum(len(one.leftovers) for one in read),
    }


@dataclass(frozen=True, slots=True)
class _Step:
    """What an import did to a form: the version it found (None: no form was there) and the one it left."""

    id: str
    before: int | None
    after: int


def _steps(one: Import) -> list[_Step]:
    """A step for each form: the same form may stand in several files of an import."""
    found: dict[str, _Step] = {}
    for outcome in one.outcomes:
        if outcome.id is None or outcome.version is None or outcome.action not in {RECORD, REVISE}:
            continue
        before = None if outcome.action == RECORD else outcome.version - 1
        first = found.get(outcome.id)
        found[outcome.id] = _Step(outcome.id, first.before if first else before, outcome.version)
    return list(found.values())


def _stands(connection: Connection, one: _Step) -> bool:
    """Whether a form says what the import left it saying."""
    current = current_version(connection, one.id)
    return current is not None and _same(connection, one.id, current, one.after)


def _undone(connection: Connection, one: _Step) -> bool:
    """Whether nothing has happened to a form since the import but its being taken back."""
    current = current_version(connection, one.id)
    if one.before is None or current is None:
        back = one.before is None and current is None
        return back and _same(connection, one.id, last_version(connection, one.id), one.after)
    return _same(connection, one.id, current, one.before)


def _same(connection: Connection, id: str, version: int, other: int) -> bool:
    return bool(_digest(connection, id, version) == _digest(connection, id, other))


def _digest(connection: Connection, id: str, version: int) -> Any:
    columns = tables.versions.c
    return connection.scalar(select(columns.digest).where(columns.declaration == id, columns.version == version))


def _get(connection: Connection, number: int) -> Import:
    row = connection.execute(select(tables.imports).where(tables.imports.c.number == number)).mappings().one_or_none()
    if row is None:
        raise UnknownId("没有这次导入", str(number), "请在资料库的导入记录里核对")
    return _import(row)


def _import(row: RowMapping) -> Import:
    outcomes = tuple(Outcome(**one) for one in json.loads(row["outcomes"])) if "outcomes" in row else ()
    return Import(row["number"], row["actor"], row["at"], json.loads(row["counts"]), outcomes)
