"""The copy of the graph in memory: what it answers, how it follows, and what becomes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import WORDS_ALONE, make_declaration

import perfkg.sparql.copy as copy
from perfkg.graph.concepts import ConceptFacts, concept_quads
from perfkg.library import Library
from perfkg.sparql import Pool
from perfkg.sparql.copy import Born

NAMES = "SELECT ?name { ?i a perfkg:Indicator ; schema:name ?name } ORDER BY ?name"
CONCEPTS = "SELECT ?name { ?c a perfkg:IndicatorConcept ; skos:prefLabel ?name }"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([make_declaration()])
        yield library


@pytest.fixture
def pool(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    monkeypatch.setenv(copy.SETTING, "100")
    with Pool(library.graph_folder, workers=2, base=library.base, ledger=library.ledger.database.url) as pool:
        warmed(pool)
        yield pool


def warmed(pool: Pool) -> None:
    """The pool, once its workers are born with a copy."""
    pool.warm()
    wait_for(lambda: pool.in_memory)
    pool.query("ASK {}")  # the worker that answers is the last on disk
    assert isinstance(child(pool), Born)


def wait_for(state: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not state():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def child(pool: Pool) -> object:
    """The process that answers the next query."""
    worker = pool._idle.queue[-1]
    assert worker
    return worker.child


def names(pool: Pool) -> list[str]:
    return pool.query(NAMES, formats="csv").body.decode().split()[1:]


def test_a_worker_born_with_the_copy_answers_as_one_on_disk(library: Library, pool: Pool) -> None:
    everything = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
    with Pool(library.graph_folder, workers=1) as plain:
        expected = plain.query(everything, formats="csv")
    answer = pool.query(everything, formats="csv")
    assert (answer.body, answer.change) == (expected.body, expected.change)
    assert (answer.in_memory, expected.in_memory) == (True, False)


def test_a_change_is_seen_at_once_and_soon_in_memory(library: Library, pool: Pool) -> None:
    first = names(pool)
    library.import_declarations([make_declaration("道路养护", rows=(("产出", "数量指标", "养护里程", "5公里"),))])
    assert names(pool) == sorted([*first, "养护里程"])
    [*_, found] = library.ledger.entries()
    revised = replace(library.ledger.get(found.id), objective="改过的目标")
    library.import_declarations([revised])
    objectives = "SELECT ?o { ?d perfkg:objective ?o }"
    assert "改过的目标" in pool.query(objectives, formats="csv").body.decode()
    library.withdraw(found.id)
    assert len(names(pool)) == 1
    wait_for(lambda: follows(pool))
    assert len(names(pool)) == 1


def follows(pool: Pool) -> bool:
    """Whether a query leaves its worker, which had all of the graph in memory."""
    before = child(pool)
    pool.query("ASK {}")
    return isinstance(before, Born) and child(pool) is before


def test_the_copy_ends_as_the_graph_on_disk_is(library: Library, pool: Pool) -> None:
    everything = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
    many = [make_declaration(f"项目{n}", year=2000 + n) for n in range(60)]
    library.import_declarations(many)
    library.import_declarations([make_declaration("项目7", year=2007, total=7.0)])
    for name in ("故障", "故障处理"):
        facts = ConceptFacts("c1", name, (), None, None, None, 2, 2, None, None, None, ())
        library.graph.catalogue(concept_quads([facts]), name)
        pool.query("ASK {}")
    library.withdraw(library.ledger.entries()[3].id)
    wait_for(lambda: follows(pool))
    with Pool(library.graph_folder, workers=1) as plain:
        assert pool.query(everything, formats="csv").body == plain.query(everything, formats="csv").body
    assert "故障处理" in pool.query(CONCEPTS, formats="csv").body.decode()


def test_a_graph_made_anew_is_copied_anew(library: Library, pool: Pool) -> None:
    holder = holder_of(pool)
    library.renew()
    assert len(names(pool)) == 1
    wait_for(lambda: pool.in_memory and holder_of(pool) != holder)
    wait_for(lambda: follows(pool))
    assert len(names(pool)) == 1


def holder_of(pool: Pool) -> int:
    assert pool._copy
    return pool._copy._holder.pid


def test_a_holder_that_dies_is_replaced_and_its_workers_go_on(pool: Pool) -> None:
    worker, holder = child(pool), holder_of(pool)
    assert isinstance(worker, Born)
    assert worker.born()
    os.kill(holder, signal.SIGKILL)
    assert len(names(pool)) == 1
    assert child(pool) is worker
    wait_for(lambda: pool.in_memory and holder_of(pool) != holder)
    assert len(names(pool)) == 1


def test_a_worker_that_dies_is_noticed_with_and_without_its_holder(pool: Pool) -> None:
    worker = child(pool)
    assert isinstance(worker, Born)
    assert worker.born()
    worker.kill()
    assert worker.wait() == worker.poll() == -signal.SIGKILL
    assert len(names(pool)) == 1
    orphan = child(pool)
    assert isinstance(orphan, Born)
    assert orphan.born()
    os.kill(holder_of(pool), signal.SIGKILL)
    orphan.kill()
    assert orphan.wait() == -signal.SIGKILL
    assert len(names(pool)) == 1


def test_a_graph_that_cannot_be_read_just_now_is_said_to_be_so(tmp_path: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from perfkg.sparql import holder\n"
        "try:\n with holder._read(Path(sys.argv[1]), holder._states) as given: json.load(given)\n"
        "except EOFError: print('later')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "nowhere")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "later\n"


def test_a_holder_that_makes_no_workers_is_replaced(pool: Pool) -> None:
    holder = holder_of(pool)
    os.kill(holder, signal.SIGSTOP)
    for _ in range(2):
        worker = pool._idle.queue[-1]
        assert worker
        worker.stop()
        begun = time.monotonic()
        assert len(names(pool)) == 1
        assert time.monotonic() - begun < 20  # well within what a query is given
    wait_for(lambda: pool.in_memory and holder_of(pool) != holder)
    assert len(names(pool)) == 1


@pytest.mark.parametrize(("setting", "expected"), [("0", 0), ("250", 250_000_000)])
def test_the_setting_says_how_much_a_copy_may_take(
    setting: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(copy.SETTING, setting)
    assert copy.allowed() == expected
    monkeypatch.delenv(copy.SETTING)
    assert copy.allowed() > 10_000_000


def test_what_is_too_large_is_asked_on_disk(library: Library) -> None:
    held = copy.Held(str(library.graph_folder), library.base, library.ledger.database.url, 1000, 1 << 30)
    one = copy.Copy(held)
    assert one._holder.wait(20) == 0
    assert not one.ready
    assert not one.ready  # nor tried again
    one.close()


def test_nothing_runs_on_after_its_pool(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(copy.SETTING, "100")
    with Pool(library.graph_folder, workers=1, ledger=library.ledger.database.url) as pool:
        warmed(pool)
        worker, holder = child(pool), holder_of(pool)
        assert isinstance(worker, Born)
        assert worker.born()
    assert worker.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(holder, 0)
