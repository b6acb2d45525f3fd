"""The ledger in PostgreSQL: the same library, several writers, and no password in any message."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import WORDS_ALONE, make_declaration
from sqlalchemy import func, select

from perfkg.errors import InvalidLibrary, InvalidQuestion
from perfkg.ledger import DOUBTS, ORDERS, Choice, Ledger, tables, writing
from perfkg.library import Library

PASSWORD = "geheim"
FIRST, SECOND = make_declaration(), make_declaration("校舍维修", "云岭县第一中学", 2022)


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is; Debian keeps those of a server off the path, a folder a version."""
    kept = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    return shutil.which(name) or next(reversed(kept), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server of our own, up to the name of a database."""
    initdb, pg_ctl = map(program, ("initdb", "pg_ctl"))
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not installed")
    # It refuses to run as root, and a user of its own does not reach into pytest's folders.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(prefix="perfkg-") as name, socket.socket() as free:
        folder = Path(name)
        os.chown(folder, user.pw_uid, user.pw_gid)
        (folder / "password").write_text(PASSWORD)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def run(*command: str) -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user.pw_uid, group=user.pw_gid, cwd="/")

        data, password = str(folder / "data"), f"--pwfile={folder / 'password'}"
        run(initdb, "-D", data, "-U", "me", "-A", "scram-sha-256", password, "-E", "UTF8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
        run(pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:{port}/"
        finally:
            run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")


@pytest.fixture
def url(server: str) -> str:
    """The URL of an empty database."""
    import psycopg

    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(server.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server + name


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


def test_a_library_is_opened_again_and_again(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_LEDGER", url)
    for recorded in ((FIRST.id,), ()):
        with Library(tmp_path / "library", WORDS_ALONE) as library:
            assert library.import_declarations([FIRST]).receipt.recorded == recorded
            assert library.words.count == len(FIRST.indicators)


def test_every_list_can_be_asked_for(ledger: Ledger) -> None:
    ledger.record([FIRST, SECOND])
    assert {len(ledger.listed(Choice(), order)) for order in ORDERS} == {2}
    assert ledger.doubts() == {name: ledger.count(choice=Choice(doubt=name)) for name in DOUBTS}
    assert ledger.doubts()["none"] == 2
    ledger.imports.undo(1)
    assert len(ledger.log(withdrawn=True)) == 2
    assert ledger.imports.redo(1).changed == (FIRST.id, SECOND.id)
    with pytest.raises(InvalidQuestion, match="pg_dump"):
        ledger.copy(Path("copy.db"))


def test_a_change_is_never_seen_before_one_of_a_lower_number(ledger: Ledger, url: str) -> None:
    other = Ledger(url)
    later = threading.Thread(target=other.record, args=([SECOND],))
    with ledger.database.writing() as connection:
        writing.record(connection, FIRST, "first")
        later.start()
        later.join(0.5)
        assert later.is_alive()
        assert other.last_change() == 0
    later.join(10)
    assert [(one.number, one.id) for one in other.changes()] == [(1, FIRST.id), (2, SECOND.id)]
    other.close()


def test_who_reads_sees_one_state(ledger: Ledger, url: str) -> None:
    other = Ledger(url)
    count = select(func.count()).select_from(tables.current)
    with ledger.database.reading() as connection:
        before = connection.scalar(count)
        other.record([FIRST])
        assert connection.scalar(count) == before == 0
    assert ledger.count() == 1
    other.close()


def test_no_message_tells_the_password(server: str) -> None:
    with pytest.raises(InvalidLibrary, match="does not exist") as raised:
        Ledger(server + "nothing")
    assert PASSWORD not in str(raised.value)
    assert "***" in str(raised.value)


@pytest.mark.parametrize(
    "url", [f"me:{PASSWORD}@host", f"nosuch://me:{PASSWORD}@host/x", f"postgresql://me:{PASSWORD}@h:x/y"]
)
def test_an_address_that_says_nothing_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PERFKG_LEDGER", url)
    with pytest.raises(InvalidLibrary, match="PERFKG_LEDGER") as raised:
        Library(tmp_path / "library", WORDS_ALONE)
    assert PASSWORD not in str(raised.value)
