"""How the ledger talks to its database: full sync, one writer at a time, snapshots, errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc

from perfkg.errors import InvalidLibrary, InvalidQuestion, PerfkgError, UnavailableService

AT_ONCE = 400
"""Values asked for in one query: databases limit how many it may have."""

_PATIENCE = 30
"""Seconds that a writer waits for another."""

_WRITER = 0x7065_7266_6B67
"""The number of the lock that a writer holds in PostgreSQL."""


class Database:
    """An engine on `url` (SQLite or any SQLAlchemy URL) whose failures are the family of perfkg.errors.

    `name` is the URL as messages may tell it: without a password.
    """

    def __init__(self, url: str) -> None:
        """Nothing is opened until first used. Raises InvalidLibrary for a URL that says nothing to SQLAlchemy."""
        self.url = url
        self.engine = _engine(url)
        self.name = self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one snapshot."""
        with _faults(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it or nothing. One at a time, so that changes are seen in their order."""
        writer = self.engine.connect
        with _faults(self.name), writer().execution_options(writing=True) as connection, connection.begin():
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
    try:
        engine = create_engine(url)
    except (exc.ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        # The URL is not told: it may hold a password.
        raise InvalidLibrary(
            "台账的地址读不懂", "PERFKG_LEDGER", "应当是 SQLAlchemy 的地址，例如 postgresql+psycopg://用户@主机/库名"
        ) from error
    except ImportError as error:
        raise InvalidLibrary(
            f"没有安装这种数据库的驱动：{error.name}", "PERFKG_LEDGER", "用 PostgreSQL 请安装 perfkg[postgresql]"
        ) from error
    begin = {"sqlite": _begin_sqlite, "postgresql": _begin_postgresql}.get(engine.dialect.name)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    if begin is not None:
        event.listen(engine, "begin", begin)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction control would begin writes late, as plain BEGIN, and so deadlock two importers.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_PATIENCE * 1000}", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_writing(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not _is_writing(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    # Numbers are given before a transaction ends: with two writers at once a later one could be seen first, and who
    # follows the changes would never see the other.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def _is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("writing", False))


@contextmanager
def _faults(name: str) -> Iterator[None]:
    """Database errors as the library's fault, in words."""
    try:
        yield
    except exc.TimeoutError as error:
        raise UnavailableService("台账的连接都在使用中", name, "请稍候再试") from error
    except exc.DatabaseError as error:
        raise _told(error, name) from error


def _told(error: exc.DatabaseError, name: str) -> PerfkgError:
    reason = str(error.orig).strip()
    if type(error.orig) is sqlite3.DatabaseError:
        return InvalidLibrary(f"资料库的台账已损坏：{reason}", name, "请用备份恢复 ledger.db")
    if "is full" in reason or "No space left" in reason:
        return InvalidLibrary("磁盘已满，没有写入任何内容", name, "请清理磁盘后重新导入")
    if "locked" in reason or "lock timeout" in reason:
        return UnavailableService("另一个程序正在写这个资料库", name, "请稍候再试")
    if "readonly" in reason or "unable to open" in reason:
        return InvalidLibrary("资料库无法写入", name, "请检查文件夹是否存在、是否有写权限")
    advice = "请检查磁盘和文件权限" if name.startswith("sqlite") else "请检查数据库是否在运行，地址、用户和口令是否正确"
    return InvalidLibrary(f"资料库的台账出错：{reason}", name, advice)
