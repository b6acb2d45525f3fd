"""Meaning inside SPARQL: the searches of a query, answered before the engine sees it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration

from perfkg import sparql, targets
from perfkg.graph import iri
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.search import search
from perfkg.search.matching import finder
from perfkg.sparql.matching import SEARCHES, resolve
from perfkg.sparql.searches import DEFAULT

CASES = json.loads((Path(__file__).parent / "cases" / "sparql_matches.json").read_text("utf-8"))
DOCS = (Path(__file__).parents[1] / "docs" / "sparql.md").read_text("utf-8")
ROWS = (
    ("项目完成", "数量指标", "网络线路数量", "12条"),
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "时效指标", "网络巡检", "每月巡检"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
)
ROAD = (
    ("项目完成", "数量指标", "养护县道里程", "120公里"),
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
)


def _understood(one: Declaration) -> Declaration:
    rows = (replace(row, targets=targets.read(row.value, row.name, one.year)) for row in one.indicators)
    return replace(one, indicators=tuple(rows))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("matching") / "library", WORDS_ALONE) as opened:
        road = make_declaration("县道日常养护", "云岭县交通运输局", 2022, rows=ROAD)
        opened.import_declarations([_understood(one) for one in (make_declaration(rows=ROWS), road)])
        opened.catch_up()
        yield opened


@pytest.fixture(scope="module")
def pool(library: Library) -> Iterator[sparql.Pool]:
    with sparql.Pool(library.graph_folder, workers=1, find=finder(library)) as pool:
        yield pool


@pytest.fixture(scope="module")
def plain(library: Library) -> Iterator[sparql.Pool]:
    """A pool of one worker whose searches each test answers itself."""
    with sparql.Pool(library.graph_folder, workers=1) as pool:
        yield pool


def _rows(pool: sparql.Pool, query: str) -> list[dict[str, str]]:
    body = json.loads(pool.query(query).body)
    return [{name: cell["value"] for name, cell in row.items()} for row in body["results"]["bindings"]]


def _found(text: str, limit: int) -> Sequence[tuple[str, float]]:
    return [(iri("indicator", f"{text}-{number}").value, 1 - number / 4) for number in range(min(limit, 2))]


@pytest.mark.parametrize("text", ["网络", "网络故障处理时间", "24小时", "2022年网络", "没有\"这样'的\\话"])
def test_a_query_finds_what_search_finds_best_first(pool: sparql.Pool, library: Library, text: str) -> None:
    written = json.dumps(text, ensure_ascii=False)
    query = f"SELECT ?id ?score {{ ?i perfkg:matches {written} ; perfkg:score ?score ; dcterms:identifier ?id }}"
    hits = search(library, text, limit=DEFAULT, grouped=False).hits
    assert [(row["id"], float(row["score"])) for row in _rows(pool, query)] == [(hit.id, hit.score) for hit in hits]


def test_a_limit_is_that_of_the_search(pool: sparql.Pool, library: Library) -> None:
    query = 'SELECT ?name { ?i perfkg:matches "网络" ; perfkg:limit 2 ; schema:name ?name }'
    names = [hit.name for hit in search(library, "网络", limit=2, grouped=False).hits]
    assert [row["name"] for row in _rows(pool, query)] == names
    assert len(names) == 2


def test_hits_join_any_other_pattern(pool: sparql.Pool, library: Library) -> None:
    query = """
        SELECT ?project (COUNT(?i) AS ?n) (MAX(?s) AS ?best) {
            ?d perfkg:indicator ?i ; schema:about/schema:name ?project ; perfkg:year ?year .
            FILTER(?year > 2021) ?i perfkg:matches "网络" ; perfkg:score ?s .
            MINUS { ?i perfkg:matches "巡检" ; perfkg:limit 1 }
        } GROUP BY ?project"""
    out = search(library, "巡检", limit=1, grouped=False).hits[0].id
    hits = search(library, "网络", limit=DEFAULT, grouped=False).hits
    scores = [hit.score for hit in hits if hit.year == 2022 and hit.id != out]
    assert _rows(pool, query) == [{"project": "县道日常养护", "n": str(len(scores)), "best": str(max(scores))}]


def test_a_search_keeps_to_the_graphs_asked(pool: sparql.Pool, library: Library) -> None:
    query = 'SELECT DISTINCT ?year { GRAPH ?d { ?i perfkg:matches "网络" . ?d perfkg:year ?year } }'
    assert {row["year"] for row in _rows(pool, query)} == {"2021", "2022"}
    nowhere = 'SELECT ?i FROM <https://perfkg.example/scheme> { ?i perfkg:matches "网络" }'
    assert _rows(pool, nowhere) == []


@pytest.mark.parametrize("case", CASES["read"], ids=lambda case: case["query"][:40])
def test_searches_are_read_wherever_they_stand(plain: sparql.Pool, case: dict[str, Any]) -> None:
    asked: list[list[Any]] = []

    def find(text: str, limit: int) -> Sequence[tuple[str, float]]:
        asked.append([text, limit])
        return _found(text, limit)

    plain.find = find
    plain.query(case["query"])
    assert asked == [[text, limit or DEFAULT] for text, limit in case["asked"]]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["query"][:40])
def test_what_is_no_search_is_refused_at_its_place(plain: sparql.Pool, case: dict[str, Any]) -> None:
    plain.find = _found
    with pytest.raises(sparql.InvalidQuery, match=case["says"]) as caught:
        plain.query(case["query"])
    assert [caught.value.line, caught.value.column] == case["at"]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * {\n ?i perfkg:matches "网络" ; perfkg:score ?s .\n ?i schema:name }',
        'SELECT * { ?i perfkg:matches "网络" ; perfkg:limit 1 . ?i ?p }',
        'SELECT ?i { ?i perfkg:matches "网络" } LIMIT 1 }',
        'SELECT ?i { ?j a ?t ; perfkg:matches "网络" . ?i foo:bar 1 }',
    ],
)
def test_a_syntax_error_is_placed_in_the_query_as_written(plain: sparql.Pool, query: str) -> None:
    places = []
    for plain.find in (None, _found):
        with pytest.raises(sparql.InvalidQuery) as caught:
            plain.query(query)
        places.append((caught.value.line, caught.value.column))
    assert places[0] == places[1]


@pytest.mark.parametrize("id", ["a> } SERVICE <urn:x> { ?s ?p ?o", "b\n}", 'c" .', "编号"])
def test_an_id_cannot_become_a_part_of_the_query(plain: sparql.Pool, id: str) -> None:
    query = 'SELECT ?i { VALUES ?i { <urn:x> } MINUS { ?i perfkg:matches "x" } }'
    plain.find = lambda text, limit: [(iri("indicator", id).value, 1.0)]
    assert _rows(plain, query) == [{"i": "urn:x"}]


def test_a_query_without_a_search_stays_as_it_is() -> None:
    query = "SELECT ('?i perfkg:matches \"x\"' AS ?x) { }  # ?i perfkg:matches 'y'"
    assert resolve(query, _found).text == query


def test_searches_have_a_limit_and_cost_little_when_there_are_many() -> None:
    many = "SELECT ?i { " + "?i a ?t ; perfkg:matches 'x' . " * 3000 + "}"
    began = time.perf_counter()
    with pytest.raises(sparql.InvalidQuery, match=f"最多 {SEARCHES} 次"):
        resolve(many, _found)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("query", re.findall("```sparql\n(.*?)```", DOCS, re.DOTALL))
def test_the_queries_of_the_documentation_are_answered(pool: sparql.Pool, library: Library, query: str) -> None:
    assert _rows(pool, query)


def test_the_documentation_lists_all_kept_queries() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", DOCS, re.MULTILINE) == [one.name for one in sparql.named_queries()]
