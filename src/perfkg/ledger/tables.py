"""The tables of the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text

FORMAT = 3
"""Version of the tables below; a library with a higher one was made by a newer perfkg and is left alone."""

metadata = MetaData()


def _log(name: str, *told: Column[Any]) -> Table:
    """A table of what was done: numbered in order, never renumbered, each line with who did it and when."""
    number = Column("number", Integer, primary_key=True, autoincrement=True)
    who, when = Column("actor", String, nullable=False), Column("at", String, nullable=False)
    return Table(name, metadata, number, *told, who, when, sqlite_autoincrement=True)


about = Table("about", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))
changes = _log(
    "changes",
    Column("action", String, nullable=False),
    Column("declaration", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("file", String),
)
versions = Table(
    "versions",
    metadata,
    Column("declaration", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String, nullable=False),
    Column("content", Text, nullable=False),
)
current = Table(
    "current",
    metadata,
    Column("declaration", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("organization", String, index=True),
    Column("project", String),
    Column("year", Integer, index=True),
    Column("kind", String, nullable=False),
    Column("indicators", Integer, nullable=False),
    Column("total", String),
    Column("unsure", Integer, nullable=False),
    Column("repairs", Integer, nullable=False),
    Column("leftovers", Integer, nullable=False),
    Column("blanks", Integer, nullable=False),
    Column("change", Integer, nullable=False),
)
imports = _log(
    "imports",
    Column("counts", Text, nullable=False),
    Column("outcomes", Text, nullable=False),
)
decisions = _log(
    "decisions",
    Column("action", String, nullable=False),
    Column("concepts", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
encodings = Table(
    "encodings",
    metadata,
    Column("encoder", String, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("row", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
rulings = _log(
    "rulings",
    Column("form", String, nullable=False, index=True),
    Column("finding", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("reason", Text, nullable=False),
)
