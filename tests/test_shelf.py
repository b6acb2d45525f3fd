"""The shelf: which declarations there are and in which order, imports and how they are taken back, what was withdrawn."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import WORDS_ALONE, make_declaration
from sqlalchemy import text

from perfkg.errors import InvalidFile, InvalidLibrary, UnknownId
from perfkg.ledger import DOUBTS, ORDERS, Choice, Ledger
from perfkg.library import Library
from perfkg.records import Declaration, Leftover, Place, Target

ROADS = make_declaration("道路养护", "云岭县交通局", 2022, total=500000.0, file="路.docx")
NETWORK = make_declaration()
DOUBTFUL = replace(
    make_declaration("村级道路", "云岭县交通局", 2020, file="村.docx"),
    leftovers=(Leftover("填报人：王某", Place(line=3)),),
)
UNSURE = replace(DOUBTFUL, indicators=(replace(DOUBTFUL.indicators[0], unsure=True),))
NAMELESS = replace(make_declaration("无名", year=2023), id="f" * 16, project=None, organization=None)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.at(tmp_path)
    made.record([NAMELESS, ROADS, NETWORK, UNSURE])
    return made


def projects(ledger: Ledger, choice: Choice | None = None, order: str = "year") -> list[str | None]:
    return [one.project for one in ledger.listed(choice or Choice(), order)]


# Lists


def test_forms_without_a_name_stand_last_and_the_latest_years_first(ledger: Ledger) -> None:
    assert projects(ledger) == ["道路养护", "网络运行维护费", "村级道路", None]


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_holds_everything_once(ledger: Ledger, order: str) -> None:
    assert sorted(projects(ledger, order=order), key=str) == sorted(projects(ledger), key=str)
    one_by_one = [entry for at in range(4) for entry in ledger.listed(Choice(), order, 1, at)]
    assert one_by_one == ledger.listed(Choice(), order)


def test_orders_by_what_is_counted(ledger: Ledger) -> None:
    assert projects(ledger, order="total")[0] == "道路养护"
    assert projects(ledger, order="recent")[0] == "村级道路"
    assert ledger.listed(Choice(), "doubts")[0].unsure + ledger.listed(Choice(), "doubts")[0].leftovers == 2


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(among="交通"), 2),
        (Choice("云岭县交通局", 2022), 1),
        (Choice(kind="self-evaluation"), 0),
        (Choice(text="道路"), 2),
        (Choice(project="道路养护"), 1),
        (Choice(doubt="unsure"), 1),
        (Choice(doubt="leftovers"), 1),
        (Choice(doubt="blanks"), 1),
        (Choice(doubt="any"), 2),
        (Choice(doubt="none"), 2),
        (Choice(text="%"), 0),
    ],
)
def test_the_list_is_narrowed(ledger: Ledger, choice: Choice, found: int) -> None:
    assert len(ledger.listed(choice)) == ledger.count(choice=choice) == found


def test_doubts_are_counted(ledger: Ledger) -> None:
    counted = ledger.doubts()
    assert counted == {name: ledger.count(choice=Choice(doubt=name)) for name in DOUBTS}


def test_a_target_in_doubt_is_a_row_in_doubt(tmp_path: Path) -> None:
    row = replace(NETWORK.indicators[0], targets=(Target("state", "或", doubt="两种读法"),))
    ledger = Ledger.at(tmp_path)
    ledger.record([replace(NETWORK, indicators=(row,))])
    assert ledger.count(choice=Choice(doubt="unsure")) == 1


def test_a_ledger_of_the_first_format_is_brought_up(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path)
    ledger.record([NETWORK, UNSURE])
    ledger.withdraw(NETWORK.id)
    with ledger.database.writing() as connection:
        for column in ("unsure", "repairs", "leftovers", "blanks", "change"):
            connection.execute(text(f"ALTER TABLE current DROP COLUMN {column}"))
        connection.execute(text("DROP TABLE imports"))
        connection.execute(text("UPDATE about SET value = '1'"))
    ledger.close()
    again = Ledger.at(tmp_path)
    assert [(one.id, one.unsure, one.leftovers) for one in again.listed(Choice())] == [(UNSURE.id, 1, 1)]
    assert again.record([NETWORK]).recorded == (NETWORK.id,)
    assert again.imports.count() == 1


# Withdrawing and restoring


def test_what_is_restored_keeps_its_version(ledger: Ledger) -> None:
    ledger.withdraw(NETWORK.id, "甲")
    [gone] = ledger.log(withdrawn=True)
    assert (gone.action, gone.actor, gone.declaration) == ("withdraw", "甲", NETWORK)
    ledger.restore(NETWORK.id, actor="乙")
    assert ledger.get(NETWORK.id) == NETWORK
    assert ledger.log(withdrawn=True) == []
    assert ledger.count_log(withdrawn=True) == 0
    assert [line.action for line in ledger.log(2)] == ["restore", "withdraw"]
    assert ledger.count_log() == len(ledger.log()) == 6
    last = ledger.history(NETWORK.id)[-1]
    assert (last["action"], last["version"], last["actor"]) == ("restore", 1, "乙")


def test_an_earlier_version_is_put_back_as_a_new_one(ledger: Ledger) -> None:
    corrected = replace(NETWORK, objective="保障网络畅通")
    ledger.record([corrected])
    ledger.restore(NETWORK.id, 1)
    assert ledger.get(NETWORK.id) == NETWORK
    assert [one["version"] for one in ledger.history(NETWORK.id)] == [1, 2, 3]
    before = ledger.last_change()
    assert ledger.restore(NETWORK.id, 1) == before, "the same content is no change"


@pytest.mark.parametrize("version", [None, 7])
def test_what_never_was_cannot_be_restored(ledger: Ledger, version: int | None) -> None:
    with pytest.raises(UnknownId, match="没有过这份申报表"):
        ledger.restore("0" * 16 if version is None else NETWORK.id, version)


def test_restoring_reaches_every_projection(library: Library) -> None:
    library.import_declarations([NETWORK])
    full = len(library.graph)
    for _ in range(2):
        library.withdraw(NETWORK.id)
        assert library.words.count == 0
        assert len(library.graph) < full
        library.restore(NETWORK.id)
        assert (library.words.count, len(library.graph)) == (1, full)
        assert library.graph.change == library.ledger.last_change()


# Imports


def imported(library: Library, *declarations: Declaration, refused: tuple[str, ...] = ()) -> int:
    refusals = [(name, InvalidFile("不是申报表", name, "请换一个文件")) for name in refused]
    number = library.import_declarations(declarations, refusals, "甲").receipt.number
    assert number is not None
    return number


def test_an_import_is_noted_with_what_became_of_each_file(library: Library) -> None:
    number = imported(library, NETWORK, UNSURE, refused=("坏.pdf",))
    again = imported(library, replace(NETWORK, objective="新"), UNSURE)
    noted = library.ledger.imports.get(number)
    assert [(one.file, one.action) for one in noted.outcomes] == [
        ("a.txt", "record"),
        ("村.docx", "record"),
        ("坏.pdf", "refused"),
    ]
    assert "请换一个文件" in (noted.outcomes[2].reason or "")
    assert noted.counts["files"] == 3
    assert (noted.counts["unsure"], noted.counts["leftovers"]) == (1, 1)
    assert [one.action for one in library.ledger.imports.get(again).outcomes] == ["revise", "unchanged"]
    assert [one.number for one in library.ledger.imports.recent()] == [again, number]
    assert library.ledger.imports.count() == 2


def test_an_import_is_undone_and_redone_as_a_whole(library: Library) -> None:
    imported(library, NETWORK)
    corrected = replace(NETWORK, objective="保障网络畅通")
    number = imported(library, corrected, ROADS, UNSURE)
    assert library.ledger.imports.standing(number) == 3
    assert len(library.undo_import(number, "乙").changed) == 3
    assert library.ledger.get(NETWORK.id) == NETWORK
    assert library.ledger.totals()["declarations"] == library.words.count == 1
    assert library.ledger.imports.standing(number) == 0
    assert library.undo_import(number).changed == (), "once is enough"
    assert len(library.redo_import(number).changed) == 3
    assert library.ledger.get(NETWORK.id) == corrected
    assert library.words.count == 3
    assert len(library.undo_import(number).changed) == 3
    assert len(library.redo_import(number).changed) == 3


def test_what_was_changed_since_is_left(library: Library) -> None:
    number = imported(library, NETWORK, ROADS)
    later = replace(NETWORK, objective="后来改的")
    library.import_declarations([later])
    done = library.undo_import(number)
    assert (done.changed, done.left) == ((ROADS.id,), (NETWORK.id,))
    assert library.ledger.get(NETWORK.id) == later
    assert library.redo_import(number).changed == (ROADS.id,)


def test_one_form_twice_in_an_import_is_undone_once(library: Library) -> None:
    number = imported(library, NETWORK, replace(NETWORK, objective="同一批里的另一份"))
    assert library.undo_import(number).changed == (NETWORK.id,)
    assert library.ledger.totals()["declarations"] == 0


def test_an_import_that_never_was(library: Library) -> None:
    with pytest.raises(UnknownId, match="没有这次导入"):
        library.undo_import(9)
    assert library.import_declarations([]).receipt.number is None


def test_an_import_beside_a_running_server_is_noted_too(tmp_path: Path) -> None:
    with Library(tmp_path, WORDS_ALONE), Library(tmp_path, WORDS_ALONE) as second:
        number = imported(second, NETWORK)
        assert second.ledger.imports.get(number).outcomes[0].id == NETWORK.id


# Copies


def test_a_copy_is_a_ledger_of_its_own(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    ledger.copy(tmp_path / "copy" / "ledger.db")
    ledger.record([make_declaration("后来的")])
    assert [file.name for file in (tmp_path / "copy").iterdir()] == ["ledger.db"]
    with Library(tmp_path / "copy", WORDS_ALONE) as library:
        library.catch_up()
        assert library.ledger.totals()["declarations"] == library.words.count == 4


def test_a_copy_is_whole_while_others_write(ledger: Ledger, tmp_path: Path) -> None:
    """Each import records two: a copy never holds one of them alone."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            ledger.record([make_declaration(f"甲{number}"), make_declaration(f"乙{number}")])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            (tmp_path / str(number)).mkdir()
            ledger.copy(tmp_path / str(number) / "ledger.db")
            copied = Ledger.at(tmp_path / str(number))
            assert copied.totals()["declarations"] % 2 == 0
            copied.close()
    finally:
        stop.set()
        writer.join()


def test_a_copy_that_cannot_be_written_is_said(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InvalidLibrary, match="备份写不进去"):
        ledger.copy(tmp_path / "nowhere" / "ledger.db")


def test_content_comes_in_the_order_asked_for(ledger: Ledger) -> None:
    assert [one.project for one in ledger.declarations(Choice())] == projects(ledger)
