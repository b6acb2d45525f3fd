from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from conftest import make_declaration
from sqlalchemy import update

from perfkg.errors import InvalidLibrary, UnknownId
from perfkg.ledger import Ledger, content_digest, tables
from perfkg.records import Place, Source


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.at(tmp_path)


def test_importing_twice_changes_nothing(ledger: Ledger) -> None:
    made = make_declaration()
    assert ledger.record([made]).recorded == (made.id,)
    again = ledger.record([made])
    assert again.unchanged == (made.id,)
    assert again.change == 1


def test_the_same_form_in_another_file_changes_nothing(ledger: Ledger) -> None:
    made = make_declaration()
    row = dataclasses.replace(made.indicators[0], place=Place(sheet="一", row=9))
    moved = dataclasses.replace(made, source=Source("b.xlsx", "1" * 64, Place(sheet="一")), indicators=(row,))
    assert content_digest(moved) == content_digest(made)
    ledger.record([made])
    assert ledger.record([moved]).unchanged == (made.id,)


def test_a_corrected_form_revises_and_keeps_the_old_version(ledger: Ledger) -> None:
    made = make_declaration()
    corrected = dataclasses.replace(made, objective="保障网络畅通")
    ledger.record([made])
    assert ledger.record([corrected]).revised == (made.id,)
    assert ledger.get(made.id) == corrected
    assert ledger.get(made.id, version=1) == made
    assert [change["action"] for change in ledger.history(made.id)] == ["record", "revise"]


def test_withdrawing_takes_out_and_keeps_history(ledger: Ledger) -> None:
    made = make_declaration()
    ledger.record([made])
    assert ledger.withdraw(made.id) == 2
    with pytest.raises(UnknownId):
        ledger.get(made.id)
    assert ledger.get(made.id, version=1) == made
    assert ledger.record([made]).recorded == (made.id,)
    assert ledger.get(made.id) == made


def test_withdrawing_what_is_not_there_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UnknownId, match="没有这份申报表"):
        ledger.withdraw("0" * 16)


def test_changes_come_in_order_with_their_content(ledger: Ledger) -> None:
    first, second = make_declaration("甲"), make_declaration("乙")
    ledger.record([first, second])
    ledger.withdraw(first.id)
    changes = ledger.changes(since=1)
    assert [(change.number, change.action, change.id) for change in changes] == [
        (2, "record", second.id),
        (3, "withdraw", first.id),
    ]
    assert changes[0].declaration == second
    assert changes[1].declaration is None


def test_a_failing_import_records_nothing(ledger: Ledger) -> None:
    def broken() -> object:
        yield make_declaration("甲")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ledger.record(broken())  # type: ignore[arg-type]
    assert ledger.last_change() == 0
    assert ledger.totals()["declarations"] == 0


def test_totals_and_lists(ledger: Ledger) -> None:
    ledger.record([make_declaration("甲"), make_declaration("乙", organization="云岭县教育局", year=2022)])
    assert ledger.totals() == {"declarations": 2, "indicators": 2, "organizations": 2, "years": 2}
    assert [entry.project for entry in ledger.entries(organization="云岭县教育局")] == ["乙"]
    assert [entry.project for entry in ledger.entries(year=2021)] == ["甲"]
    assert ledger.organizations() == [("云岭县大数据中心", 1), ("云岭县教育局", 1)]


def test_a_library_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path)
    with ledger.database.writing() as connection:
        connection.execute(update(tables.about).values(value="99"))
    ledger.close()
    with pytest.raises(InvalidLibrary, match="更新版本"):
        Ledger.at(tmp_path)


def test_a_damaged_ledger_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all, whatever its name" * 100)
    with pytest.raises(InvalidLibrary, match="损坏"):
        Ledger.at(tmp_path)


def test_a_full_disk_is_said_and_nothing_is_written(ledger: Ledger) -> None:
    made = make_declaration(rows=(("项目完成", "质量指标", "名" * 500, "值" * 500),) * 500)
    with ledger.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(InvalidLibrary, match="磁盘已满"):
        ledger.record([made])
    assert ledger.last_change() == 0


def test_a_ledger_without_decisions_is_brought_up(tmp_path: Path) -> None:
    first = Ledger.at(tmp_path)
    first.record([make_declaration()])
    with first.database.writing() as connection:
        tables.decisions.drop(connection)
        connection.execute(update(tables.about).values(value="2"))
    first.close()
    again = Ledger.at(tmp_path)
    assert (again.decisions.last(), again.decisions.all()) == (0, [])
    assert again.decisions.record("reject", ["a"], {"names": ["甲"]}).number == 1
    assert [entry.project for entry in again.entries()] == ["网络运行维护费"]
    again.close()
