"""What a change does to the tables, within a transaction that the caller has begun."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, func, insert, select

from perfkg.errors import UnknownId
from perfkg.ledger import tables
from perfkg.ledger.stamps import now
from perfkg.records import Declaration, as_json

RECORD, REVISE, RESTORE, WITHDRAW = "record", "revise", "restore", "withdraw"
UNCHANGED = "unchanged"
ACTIONS = (RECORD, REVISE, UNCHANGED)
"""What recording a declaration can do."""


def record(connection: Connection, declaration: Declaration, actor: str) -> tuple[str, int]:
    """Records `declaration` as a new version where it says something new; gives what that was, and the version."""
    digest = content_digest(declaration)
    columns = tables.current.c
    query = select(columns.version, columns.digest).where(columns.declaration == declaration.id)
    known = connection.execute(query).one_or_none()
    if known and known.digest == digest:
        return UNCHANGED, known.version
    version = last_version(connection, declaration.id) + 1
    content = json.dumps(as_json(declaration), ensure_ascii=False)
    connection.execute(
        insert(tables.versions).values(declaration=declaration.id, version=version, digest=digest, content=content)
    )
    action = REVISE if known else RECORD
    _set_current(connection, action, declaration, version, digest, actor)
    return action, version


def withdraw(connection: Connection, id: str, actor: str) -> None:
    """Takes a declaration out of the list; its versions stay. Raises UnknownId."""
    version = current_version(connection, id)
    if version is None:
        raise UnknownId("资料库里没有这份申报表", id, "编号可能已撤回，请用 perfkg info 或资料库页面核对")
    connection.execute(tables.current.delete().where(tables.current.c.declaration == id))
    note(connection, WITHDRAW, id, version, actor, None)


def restore(connection: Connection, id: str, version: int | None, actor: str) -> None:
    """Makes `version` (without one, the last) current again, under its own number where it was withdrawn, else as a
    new one. Nothing changes where its content is current. Raises UnknownId.
    """
    last = last_version(connection, id)
    versions = tables.versions.c
    chosen = (versions.declaration == id) & (versions.version == (last if version is None else version))
    found = connection.execute(select(versions.version, versions.digest, versions.content).where(chosen)).one_or_none()
    if found is None:
        where = id if version is None else f"{id} 第 {version} 版"
        raise UnknownId("资料库里没有过这份申报表", where, "请核对编号和版本号")
    declaration = Declaration.from_json(json.loads(found.content))
    if found.version == last and current_version(connection, id) is None:
        _set_current(connection, RESTORE, declaration, last, found.digest, actor)
    else:
        record(connection, declaration, actor)


def current_version(connection: Connection, id: str) -> int | None:
    """The version that is current, None where the declaration is withdrawn or was never recorded."""
    found: int | None = connection.scalar(select(tables.current.c.version).where(tables.current.c.declaration == id))
    return found


def last_version(connection: Connection, id: str) -> int:
    """The number of the last version, 0 where there is none."""
    query = select(func.max(tables.versions.c.version)).where(tables.versions.c.declaration == id)
    return connection.scalar(query) or 0


def last_change(connection: Connection) -> int:
    """The number of the last change, 0 for an empty ledger."""
    return connection.scalar(select(func.max(tables.changes.c.number))) or 0


def note(connection: Connection, action: str, id: str, version: int, actor: str, file: str | None) -> None:
    """Adds a numbered change."""
    connection.execute(
        insert(tables.changes).values(action=action, declaration=id, version=version, actor=actor, at=now(), file=file)
    )


def content_digest(declaration: Declaration) -> str:
    """Equal for forms that say the same, whatever file, sheet or line they were read from."""
    text = json.dumps(_without_places(as_json(declaration)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def current_row(declaration: Declaration, version: int, digest: str, change: int) -> dict[str, Any]:
    """The line of a declaration in the list of those that are current."""
    total, rows = declaration.funding.total, declaration.indicators
    heads = (declaration.organization, declaration.project, declaration.year, total)
    return {
        "declaration": declaration.id,
        "version": version,
        "digest": digest,
        "organization": declaration.organization,
        "project": declaration.project,
        "year": declaration.year,
        "kind": declaration.kind,
        "indicators": len(rows),
        "total": None if total is None else repr(total),
        "unsure": sum(row.unsure or any(target.doubt for target in row.targets) for row in rows),
        "repairs": len(declaration.repairs) + sum(len(row.repairs) for row in rows),
        "leftovers": len(declaration.leftovers),
        "blanks": sum(one is None for one in heads) + sum(row.name is None or row.value is None for row in rows),
        "change": change,
    }


def _set_current(
    connection: Connection, action: str, declaration: Declaration, version: int, digest: str, actor: str
) -> None:
    note(connection, action, declaration.id, version, actor, declaration.source.file)
    connection.execute(tables.current.delete().where(tables.current.c.declaration == declaration.id))
    row = current_row(declaration, version, digest, last_change(connection))
    connection.execute(insert(tables.current).values(**row))


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if key not in {"place", "source"}}
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    return value
