"""How the ledger talks to its database: full sync, immediate writes, errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc

from perfkg.errors import InvalidLibrary, InvalidQuestion, UnavailableService


class Database:
    """An engine on `url` (SQLite or any SQLAlchemy URL) whose failures are the family of perfkg.errors."""

    def __init__(self, url: str) -> None:
        """Nothing is opened until first used."""
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one snapshot."""
        with _faults(self.url), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it or nothing."""
        with _faults(self.url), self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def copy(self, path: Path) -> None:
        """Writes a consistent copy to the new file `path`. Raises InvalidQuestion for another database than SQLite."""
        if self.engine.dialect.name != "sqlite":
            raise InvalidQuestion(
                "台账不在 SQLite 文件里", self.engine.dialect.name, "请用数据库自己的备份工具，如 pg_dump"
            )
        try:
            with self.reading() as connection:
                _copied(connection, path)
        except (OSError, sqlite3.Error) as error:
            raise InvalidLibrary(
                f"备份写不进去：{error}", str(path), "请检查文件夹是否存在、可写，磁盘是否已满"
            ) from error


def _copied(connection: Connection, path: Path) -> None:
    """Page by page in one step, within one snapshot: whoever writes meanwhile neither waits nor shows in the copy."""
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)
        # A file of its own, without the write-ahead log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
        [state] = target.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise InvalidLibrary(f"备份没有通过检查：{state}", str(path), "请检查磁盘后重新备份")


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction control would begin writes late, as plain BEGIN, and so deadlock two importers.
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _faults(url: str) -> Iterator[None]:
    """Database errors as the library's fault, in words."""
    try:
        yield
    except exc.OperationalError as error:
        reason = str(error.orig)
        if "full" in reason:
            raise InvalidLibrary("磁盘已满，没有写入任何内容", url, "请清理磁盘后重新导入") from error
        if "locked" in reason:
            raise UnavailableService("另一个程序正在写这个资料库", url, "请稍候再试") from error
        if "readonly" in reason or "unable to open" in reason:
            raise InvalidLibrary("资料库无法写入", url, "请检查文件夹是否存在、是否有写权限") from error
        raise InvalidLibrary(f"资料库的台账出错：{reason}", url, "请检查磁盘和文件权限") from error
    except exc.DatabaseError as error:
        raise InvalidLibrary(f"资料库的台账已损坏：{error.orig}", url, "请用备份恢复 ledger.db") from error
