"""The imports of a ledger: what each did with which file, and how one is taken back as a whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, RowMapping, func, insert, select

from perfkg.errors import UnknownId
from perfkg.ledger import tables
from perfkg.ledger.database import AT_ONCE, Database
from perfkg.ledger.stamps import now
from perfkg.ledger.writing import (
    RECORD,
    REVISE,
    record,
    restore,
    withdraw,
)
from perfkg.records import Declaration

AS_LEFT, AS_BEFORE, OTHERWISE = "as left", "as before", "otherwise"
"""What a form says since an import: what that left, what was there before it (nothing, if it was new), or else."""


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
            steps = _steps(_get(connection, number))
            states = _states(connection, steps)
            return sum(states[one.id] == AS_LEFT for one in steps)

    def undo(self, number: int, actor: str = "local") -> Undoing:
        """Takes back, in one transaction, what import `number` did: what it recorded is withdrawn, what it revised is as
        before. What was changed since is left. Raises UnknownId.
        """
        done, left = [], []
        with self.database.writing() as connection:
            steps = _steps(_get(connection, number))
            states = _states(connection, steps)
            for one in steps:
                if states[one.id] != AS_LEFT:
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
            steps = _steps(_get(connection, number))
            states = _states(connection, steps)
            for one in steps:
                if states[one.id] == AS_BEFORE:
                    restore(connection, one.id, one.after, actor)
                    done.append(one.id)
                elif states[one.id] != AS_LEFT:
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


def _states(connection: Connection, steps: Sequence[_Step]) -> dict[str, str]:
    """Whether each form says what the import left it saying, what it said before (nothing, if it was new), or else."""
    found: dict[str, str] = {}
    for start in range(0, len(steps), AT_ONCE):
        some = steps[start : start + AT_ONCE]
        ids = [one.id for one in some]
        current, versions = _digests(connection, ids)
        for one in some:
            said, left = current.get(one.id), versions[one.id][one.after]
            if said == left:
                found[one.id] = AS_LEFT
            elif one.before is None:
                last = versions[one.id][max(versions[one.id])]
                found[one.id] = AS_BEFORE if said is None and last == left else OTHERWISE
            else:
                found[one.id] = AS_BEFORE if said == versions[one.id][one.before] else OTHERWISE
    return found


def _digests(connection: Connection, ids: Sequence[str]) -> tuple[dict[str, str], dict[str, dict[int, str]]]:
    """The digest of what is current of each form, and of each of its versions."""
    current, versions = tables.current.c, tables.versions.c
    rows = connection.execute(select(current.declaration, current.digest).where(current.declaration.in_(ids)))
    said = {row.declaration: row.digest for row in rows}
    every: dict[str, dict[int, str]] = {id: {} for id in ids}
    query = select(versions.declaration, versions.version, versions.digest).where(versions.declaration.in_(ids))
    for id, version, digest in connection.execute(query):
        every[id][version] = digest
    return said, every


def _get(connection: Connection, number: int) -> Import:
    row = connection.execute(select(tables.imports).where(tables.imports.c.number == number)).mappings().one_or_none()
    if row is None:
        raise UnknownId("没有这次导入", str(number), "请在资料库的导入记录里核对")
    return _import(row)


def _import(row: RowMapping) -> Import:
    outcomes = tuple(Outcome(**one) for one in json.loads(row["outcomes"])) if "outcomes" in row else ()
    return Import(row["number"], row["actor"], row["at"], json.loads(row["counts"]), outcomes)
