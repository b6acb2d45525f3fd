from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, Quad
from test_copy import warmed

from perfkg import sparql
from perfkg.errors import InvalidLibrary, InvalidQuestion, UnavailableService
from perfkg.graph import GraphStore, term
from perfkg.ledger import Change
from perfkg.records import Declaration
from perfkg.sparql import copy

CASES = Path(__file__).parent / "cases"
HOSTILE = json.loads((CASES / "hostile_queries.json").read_text("utf-8"))
COUNT = "SELECT (COUNT(*) AS ?n) { ?i a perfkg:Indicator }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library") / "graph"
    one = Declaration.from_json(json.loads((CASES / "declaration.json").read_text("utf-8")))
    store = GraphStore(folder)
    store.apply([Change(number, "record", f"d{number}", 1, _copy(one, number)) for number in range(1, 21)])
    store.close()
    return folder


@pytest.fixture(scope="module", params=["on disk", "in memory"])
def pool(folder: Path, request: pytest.FixtureRequest) -> Iterator[sparql.Pool]:
    with sparql.Pool(folder, workers=2, memory=600 << 20, ledger="sqlite:///unread") as pool:
        if request.param == "in memory":
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(copy.SETTING, "100")
                warmed(pool)
        yield pool


def _copy(declaration: Declaration, number: int) -> Declaration:
    rows = tuple(replace(row, id=f"d{number}.{n}") for n, row in enumerate(declaration.indicators, start=1))
    return replace(declaration, id=f"d{number}", project=f"项目{number}", indicators=rows)


def _values(result: sparql.Result) -> list[list[str]]:
    return [line.split(",") for line in result.body.decode().splitlines()[1:]]


def test_a_query_is_answered_over_all_declarations_from_a_known_change(pool: sparql.Pool) -> None:
    result = pool.query(COUNT, formats="csv")
    assert _values(result) == [["40"]]
    assert (result.kind, result.media_type, result.change) == ("solutions", "text/csv; charset=utf-8", 20)


@pytest.mark.parametrize(
    ("query", "formats", "chosen", "begins"),
    [
        ("ASK {}", (), "json", b'{"head":{},"boolean":true}'),
        ("SELECT (1 AS ?n) {}", "xml", "xml", b"<?xml"),
        ("SELECT (1 AS ?n) {}", "tsv", "tsv", b"?n\n1"),
        ("SELECT (1 AS ?n) {}", ("ttl", "csv"), "csv", b"n\r\n1"),
        ("CONSTRUCT { <urn:a> schema:name 'b' } {}", (), "ttl", b"@prefix"),
        ("CONSTRUCT { <urn:a> <urn:b> 'c' } {}", "nt", "nt", b'<urn:a> <urn:b> "c"'),
        ("DESCRIBE <https://perfkg.example/scheme/2015/cost>", "jsonld", "jsonld", b"[{"),
    ],
)
def test_formats(pool: sparql.Pool, query: str, formats: Any, chosen: str, begins: bytes) -> None:
    result = pool.query(query, formats=formats)
    assert result.format == chosen
    assert result.body.startswith(begins)


def test_a_format_that_cannot_hold_the_result_is_refused(pool: sparql.Pool) -> None:
    with pytest.raises(sparql.InvalidQuery, match="请用 ttl、nt、jsonld"):
        pool.query("CONSTRUCT WHERE { ?s a perfkg:Indicator }", formats="csv")


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT ?x {\n  ?x foo:bar ?y }", 2, 13),
        ("SELECT * { ?s ?p ", 1, 18),
        ("SELECT * {\n?s ?p '中文' ?o }", 2, 16),
        ("SELECT * {\n\n  SERVICE ?x { ?s ?p ?o } }", 3, 3),
        ("", 1, 1),
    ],
)
def test_errors_name_their_place(pool: sparql.Pool, query: str, line: int, column: int) -> None:
    with pytest.raises(sparql.InvalidQuery) as caught:
        pool.query(query)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert f"第{line}行第{column}列" in str(caught.value)
    assert isinstance(caught.value, InvalidQuestion)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ('SERVICE <x> {((((' AS ?x) {}",
        'SELECT ("""LOAD " SERVICE""" AS ?x) {}',
        "SELECT ?service ?from { BIND(1 AS ?service) BIND(2 AS ?from) }  # SERVICE FROM <file:x>",
        "ASK { <http://a/SERVICE> ?p 'x'@en }",
        "SELECT (1 < 2 && 3 > 2 AS ?x) {}",
        "PREFIX fromage: <urn:f#> ASK { ?s fromage:x ?o }",
    ],
)
def test_words_in_strings_names_and_comments_are_no_keywords(pool: sparql.Pool, query: str) -> None:
    assert pool.query(query).body


def test_the_graphs_of_a_query_are_those_it_names(pool: sparql.Pool) -> None:
    count, scheme, everything = "(COUNT(*) AS ?n)", "https://perfkg.example/scheme", "{ ?s ?p ?o }"
    of_scheme = _values(pool.query(f"SELECT {count} FROM <{scheme}> {everything}", formats="csv"))
    assert of_scheme == _values(pool.query(f"SELECT {count} {everything}", formats="csv", default_graphs=[scheme]))
    assert of_scheme == _values(
        pool.query(f"SELECT {count} {{ GRAPH ?g {everything} }}", formats="csv", named_graphs=[scheme])
    )
    assert int(of_scheme[0][0]) < int(_values(pool.query(f"SELECT {count} {everything}", formats="csv"))[0][0])
    with pytest.raises(sparql.InvalidQuery, match="没有这个命名图"):
        pool.query(f"ASK {everything}", named_graphs=["urn:nowhere"])


def test_a_result_is_whole_or_refused(pool: sparql.Pool) -> None:
    query = "SELECT * { ?s ?p ?o }"
    size = len(pool.query(query, formats="csv").body)
    assert len(pool.query(query, formats="csv", limit=size).body) == size
    with pytest.raises(sparql.ResultTooLarge) as caught:
        pool.query(query, formats="csv", limit=size - 1)
    assert caught.value.status == 413


def test_a_large_result_is_held_in_no_memory_of_the_server(pool: sparql.Pool) -> None:
    query = "SELECT ?a ?c ?p { ?a ?b ?c . ?p skos:inScheme ?q }"
    pool.query(COUNT)
    before = _resident()
    result = pool.query(query, formats="csv")
    pieces = [len(piece) for piece in result.content]
    assert sum(pieces) == len(result.content) > 15_000_000
    assert max(pieces) < 100_000
    assert _resident() - before < 10e6


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["kind"])
def test_hostile_queries_end_while_others_are_answered(pool: sparql.Pool, case: dict[str, str]) -> None:
    before = _resident()
    caught: list[BaseException] = []
    attack = threading.Thread(target=_attack, args=(pool, case["query"], caught))
    attack.start()
    answers = 0
    while attack.is_alive() or not answers:
        assert _values(pool.query(COUNT, formats="csv", timeout=5)) == [["40"]]
        answers += 1
        time.sleep(0.05)
    attack.join()
    assert isinstance(caught[0], InvalidQuestion | UnavailableService), caught
    assert _resident() - before < 30e6


def _attack(pool: sparql.Pool, pattern: str, caught: list[BaseException]) -> None:
    query = re.sub(r"«(.+?)»\*(\d+)", lambda found: found[1] * int(found[2]), pattern)
    query = query.replace("«", "").replace("»", "")
    begun = time.monotonic()
    try:
        pool.query(query, timeout=1, limit=50_000_000)
    except Exception as error:
        caught.append(error)
    else:
        caught.append(AssertionError("it was answered"))
    if time.monotonic() - begun > 2:
        caught.insert(0, AssertionError("it was stopped too late"))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 if sys.platform == "linux" else 0


def test_a_stopped_query_says_when_to_come_back(pool: sparql.Pool) -> None:
    with pytest.raises(sparql.QueryStopped, match="查询超过") as caught:
        pool.query(HOSTILE[0]["query"], timeout=0.5)
    assert caught.value.retry_after > 0
    assert caught.value.status == 503


def test_slow_and_stopped_queries_are_noted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sparql.Pool(folder, workers=1, slow=0.0) as pool:
        pool.query("ASK {\n} # 慢")
    with sparql.Pool(folder, workers=1) as pool:
        pool.query("ASK {}")
        with pytest.raises(sparql.QueryStopped):
            pool.query(HOSTILE[0]["query"], timeout=0.3)
    noted = [json.loads(record.message) for record in caplog.records if record.name == "perfkg.sparql.slow"]
    assert [(one["outcome"], one["query"]) for one in noted] == [
        ("answered", "ASK {\n} # 慢"),
        ("QueryStopped", HOSTILE[0]["query"]),
    ]
    assert noted[1]["seconds"] >= 0.3


def test_waiting_for_a_worker_has_an_end(folder: Path) -> None:
    with sparql.Pool(folder, workers=1) as pool:
        attack = threading.Thread(target=_attack, args=(pool, HOSTILE[0]["query"], []))
        attack.start()
        time.sleep(0.2)
        with pytest.raises(sparql.QueryStopped, match="没有轮到"):
            pool.query(COUNT, timeout=0.2)
        attack.join()
        assert _values(pool.query(COUNT, formats="csv")) == [["40"]]


def test_new_changes_are_seen_by_the_next_query(tmp_path: Path) -> None:
    declaration = Declaration.from_json(json.loads((CASES / "declaration.json").read_text("utf-8")))
    store = GraphStore(tmp_path / "graph")
    with sparql.Pool(tmp_path / "graph", workers=1) as pool:
        for number in (1, 2, 3):
            store.apply([Change(number, "record", f"d{number}", 1, _copy(declaration, number))])
            result = pool.query(COUNT, formats="csv")
            assert (_values(result), result.change) == ([[str(2 * number)]], number)
        store.apply([Change(4, "withdraw", "d1", 1, None)])
        assert _values(pool.query(COUNT, formats="csv")) == [["4"]]


def test_a_missing_store_is_the_librarys_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidLibrary):
        sparql.query(tmp_path / "nowhere", COUNT)


def test_one_question_needs_no_pool(folder: Path) -> None:
    assert _values(sparql.query(folder, COUNT, format="csv")) == [["40"]]


def test_workers_end_with_their_pool(folder: Path) -> None:
    pool = sparql.Pool(folder, workers=1)
    pool.query("ASK {}")
    worker = pool._idle.queue[-1]
    assert worker
    assert worker.alive
    pool.close()
    assert not worker.alive


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are of Linux")
def test_workers_have_no_network() -> None:
    allowed = subprocess.run(["unshare", "-Un", "true"], capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("this system does not let processes make a network namespace")
    code = (
        "import socket; from perfkg.sparql import worker; worker._confine(1 << 30);"
        "print(socket.socket().connect_ex(('127.0.0.1', 9)), socket.socket().connect_ex(('192.0.2.1', 9)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["101", "101"]  # network is unreachable


def test_a_bulk_load_going_on_shows_nobody_half_of_it(tmp_path: Path) -> None:
    declaration = Declaration.from_json(json.loads((CASES / "declaration.json").read_text("utf-8")))
    store = GraphStore(tmp_path / "graph")
    store.apply([Change(1, "record", "d1", 1, declaration)])
    state, unfinished = term("perfkg:state"), term("perfkg:unfinished")
    going_on = Quad(state, unfinished, Literal(True), state)
    with sparql.Pool(tmp_path / "graph", workers=1) as pool:
        assert _values(pool.query(COUNT, formats="csv")) == [["2"]]
        store.store.extend([going_on, Quad(state, term("rdf:type"), term("perfkg:Indicator"), state)])
        assert _values(pool.query(COUNT, formats="csv")) == [["2"]]
        with pytest.raises(sparql.QueryStopped, match="正在大批写入"):
            sparql.query(tmp_path / "graph", COUNT)
        store.store.remove(going_on)
        assert _values(pool.query(COUNT, formats="csv")) == [["3"]]
