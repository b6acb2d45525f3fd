"""What the door adds to the engine takes nothing from it: a query gives what the engine by itself gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import make_declaration
from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, parse

from perfkg import sparql
from perfkg.graph import BASE, PREFIXES, GraphStore
from perfkg.graph.folder import read_only
from perfkg.ledger import Change
from perfkg.records import Declaration

CASES = Path(__file__).parent / "cases"
QUERIES: list[str] = json.loads((CASES / "evaluated_queries.json").read_text("utf-8"))
ESCAPED = [
    "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { SERV\\u0049CE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { \\U00000053ERVICE ?x { ?s ?p ?o } }",
    "L\\u004FAD <file:///etc/passwd>",
    "\\u0049NSERT DATA { <urn:a> <urn:b> 1 }",
    "SELECT * \\u0046ROM <file:///etc/passwd> { ?s ?p ?o }",
    'SELECT * { ?s ?p "\\u0022 SERVICE <urn:x> {} # " } }',
    "SELECT * { <urn:x\\u003E SERVICE <urn:x> {} #> ?p ?o }",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluation") / "graph"
    one = Declaration.from_json(json.loads((CASES / "declaration.json").read_text("utf-8")))
    store = GraphStore(folder)
    store.apply([Change(n, "record", each.id, 1, each) for n, each in enumerate((one, make_declaration()), 1)])
    store.close()
    return folder


@pytest.fixture(scope="module")
def pool(folder: Path) -> Iterator[sparql.Pool]:
    with sparql.Pool(folder, workers=1, find=lambda text, limit: []) as pool:
        yield pool


def _directly(store: Store, query: str) -> Any:
    union = not re.search(r"^(?:[^#'\"\n]*\s)?FROM\b", query, re.IGNORECASE)
    results = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=union)
    if isinstance(results, QueryTriples):
        return set(results)
    return _rows(results.serialize(format=QueryResultsFormat.JSON) or b"")


def _rows(body: bytes) -> Any:
    """Solutions in their order; an answer without one as a bag."""
    told = json.loads(body)
    rows = [json.dumps(row, sort_keys=True) for row in told.get("results", {}).get("bindings", [])]
    return told["head"].get("vars"), told.get("boolean"), Counter(rows)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: re.sub(r"\W+", " ", query)[:50])
def test_an_answer_is_that_of_the_engine(pool: sparql.Pool, folder: Path, query: str) -> None:
    result = pool.query(query, formats=("json", "nt"))
    told: Any = (
        {quad.triple for quad in parse(result.body, format=RdfFormat.N_TRIPLES)}
        if result.kind == "graph"
        else _rows(result.body)
    )
    expected = _directly(read_only(folder), query)
    assert told == expected


def test_the_queries_have_something_to_say(folder: Path) -> None:
    store = read_only(folder)
    said = 0
    for query in QUERIES:
        results = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        said += bool(list(results)) if isinstance(results, QuerySolutions | QueryTriples) else bool(results)
    assert len(QUERIES) >= 60
    assert said == len(QUERIES)


@pytest.mark.parametrize("query", ESCAPED)
def test_an_escaped_keyword_is_none(pool: sparql.Pool, query: str) -> None:
    with pytest.raises(sparql.InvalidQuery):
        pool.query(query)


def test_a_graph_outside_the_store_is_named_however_it_is_written(pool: sparql.Pool) -> None:
    for prologue, graph in [("BASE <file:///etc/>", "<passwd>"), ("PREFIX f: <file:///etc/>", "f:passwd")]:
        with pytest.raises(sparql.InvalidQuery, match="file:///etc/passwd"):
            pool.query(f"{prologue} ASK FROM {graph} {{ ?s ?p ?o }}")
    with pytest.raises(sparql.InvalidQuery, match=f"{BASE}relative"):
        pool.query("ASK FROM <relative> { ?s ?p ?o }")
