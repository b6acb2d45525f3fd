"""The tables of a ledger are made where there are none, and brought up to this program where an older one made them."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, func, insert, inspect, select

from perfkg.errors import InvalidLibrary
from perfkg.ledger import tables
from perfkg.ledger.database import Database
from perfkg.ledger.writing import current_row
from perfkg.records import Declaration


def prepare(database: Database) -> None:
    """Makes or upgrades the tables in `database`. Raises InvalidLibrary where a newer program made them."""
    with database.reading() as connection:
        format = _format(connection)
    if format > tables.FORMAT:
        raise InvalidLibrary(
            f"资料库的格式版本是 {format}，本程序只认得到 {tables.FORMAT}", database.name, "请用更新版本的 perfkg 打开"
        )
    if format < tables.FORMAT:
        with database.writing() as connection:
            _upgrade(connection, _format(connection))


def _format(connection: Connection) -> int:
    """0 where there are no tables yet."""
    if not inspect(connection).has_table(tables.about.name):
        return 0
    return int(connection.scalar(select(tables.about.c.value).where(tables.about.c.key == "format")) or 0)


def _upgrade(connection: Connection, format: int) -> None:
    if format == tables.FORMAT:  # Another process was faster.
        return
    standing: list[tuple[str, int]] = []
    if format:
        found = connection.execute(select(tables.current.c.declaration, tables.current.c.version))
        standing = [(id, version) for id, version in found]
        tables.current.drop(connection)
    tables.metadata.create_all(connection)
    for id, version in standing:
        _fill(connection, id, version)
    connection.execute(delete(tables.about).where(tables.about.c.key == "format"))
    connection.execute(insert(tables.about).values(key="format", value=str(tables.FORMAT)))


def _fill(connection: Connection, id: str, version: int) -> None:
    """The line of a declaration in the list, made anew from its content."""
    versions, changes = tables.versions.c, tables.changes.c
    chosen = (versions.declaration == id) & (versions.version == version)
    digest, content = connection.execute(select(versions.digest, versions.content).where(chosen)).one()
    last = select(func.max(changes.number)).where(changes.declaration == id)
    row = current_row(Declaration.from_json(json.loads(content)), version, digest, connection.scalar(last) or 0)
    connection.execute(insert(tables.current).values(**row))
