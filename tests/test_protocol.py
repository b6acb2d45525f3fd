"""What concerns queries in the W3C's tests of the SPARQL 1.1 protocol, one by one, on a small library."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, parse, serialize

from api.app import create
from perfkg.errors import InvalidQuestion
from perfkg.graph import BASE
from perfkg.library import Library
from perfkg.sparql import FORMATS, Pool

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
SCHEME, UNIT = "https://perfkg.example/scheme", "https://perfkg.example/unit"
CONCEPT, DIMENSION = "?s a skos:Concept", "?s a perfkg:Counter"
ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "数量指标", "网络线路", "12条"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("protocol") / "library"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERFKG_ENCODER", "none")
        with Library(folder, WORDS_ALONE) as library:
            library.import_declarations([make_declaration(rows=ROWS), make_declaration("校舍维修", rows=ROWS[:1])])
        with TestClient(create(folder), base_url="http://127.0.0.1") as opened:
            yield opened


def _ask(client: TestClient, pattern: str, **graphs: str | list[str]) -> bool:
    answer = client.get("/sparql", params={"query": f"ASK {{ {pattern} }}", **graphs})
    assert answer.status_code == 200, answer.text
    told: bool = answer.json()["boolean"]
    return told


# query_get, query_post_form, query_post_direct


def test_a_query_comes_by_get_by_form_and_directly(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": "ASK {}"}),
        client.post("/sparql", data={"query": "ASK {}"}),
        client.post("/sparql", content="query=ASK%20%7B%7D", headers={"Content-Type": FORM}),
        client.post("/sparql", content="ASK {}", headers={"Content-Type": DIRECT}),
        client.post("/sparql", content="ASK {}", headers={"Content-Type": f"{DIRECT}; charset=utf-8"}),
    ]
    assert [answer.json()["boolean"] for answer in answers] == [True] * 5


# query_dataset_*


def test_the_default_graph_is_the_union_unless_one_is_named(client: TestClient) -> None:
    both = f"{CONCEPT} . ?u a perfkg:Counter"
    assert _ask(client, both)
    assert _ask(client, CONCEPT, **{"default-graph-uri": SCHEME})
    assert not _ask(client, DIMENSION, **{"default-graph-uri": SCHEME})
    assert _ask(client, both, **{"default-graph-uri": [SCHEME, UNIT]})


def test_named_graphs_are_those_named(client: TestClient) -> None:
    assert _ask(client, f"GRAPH ?g {{ {CONCEPT} }}", **{"named-graph-uri": SCHEME})
    assert not _ask(client, f"GRAPH <{UNIT}> {{ {DIMENSION} }}", **{"named-graph-uri": SCHEME})
    assert _ask(client, f"GRAPH <{SCHEME}> {{ {CONCEPT} }} GRAPH <{UNIT}> {{ ?u a perfkg:Counter }}",
                **{"named-graph-uri": [SCHEME, UNIT]})  # fmt: skip
    assert not _ask(client, CONCEPT, **{"named-graph-uri": SCHEME})
    full = {"default-graph-uri": SCHEME, "named-graph-uri": UNIT}
    assert _ask(client, f"{CONCEPT} GRAPH <{UNIT}> {{ ?u a perfkg:Counter }}", **full)


def test_graphs_come_with_every_way_of_asking(client: TestClient) -> None:
    query, graphs = f"ASK {{ {DIMENSION} }}", {"default-graph-uri": SCHEME}
    answers = [
        client.post("/sparql", data={"query": query, **graphs}),
        client.post("/sparql", params=graphs, content=query, headers={"Content-Type": DIRECT}),
    ]
    assert [answer.json()["boolean"] for answer in answers] == [False, False]
    form = client.post("/sparql", params=graphs, data={"query": query})
    assert form.json()["boolean"] is False


def test_named_graphs_are_posted_too(client: TestClient) -> None:
    both = f"GRAPH <{SCHEME}> {{ {CONCEPT} }} GRAPH <{UNIT}> {{ ?u a perfkg:Counter }}"
    full = f"{CONCEPT} GRAPH <{UNIT}> {{ ?u a perfkg:Counter }}"
    for pattern, graphs in [
        (both, {"named-graph-uri": [SCHEME, UNIT]}),
        (full, {"default-graph-uri": [SCHEME], "named-graph-uri": [UNIT]}),
    ]:
        query = f"ASK {{ {pattern} }}"
        direct = client.post("/sparql", params=graphs, content=query, headers={"Content-Type": DIRECT})
        answers = [client.post("/sparql", data={"query": query, **graphs}), direct]
        assert [answer.json()["boolean"] for answer in answers] == [True, True]


def test_a_graph_of_the_web_is_empty_and_one_of_ours_must_be_there(client: TestClient) -> None:
    web = "http://kasei.us/2009/09/sparql/data/data0.rdf"
    assert _ask(client, "", **{"default-graph-uri": web})
    assert not _ask(client, "?s ?p ?o", **{"default-graph-uri": web, "named-graph-uri": SCHEME})
    asked = {"query": f"ASK FROM <{web}> {{ GRAPH ?g {{ {CONCEPT} }} }}"}
    assert client.get("/sparql", params={**asked, "named-graph-uri": SCHEME}).json()["boolean"] is True
    assert client.get("/sparql", params=asked).status_code == 400
    for other in (f"{BASE}declaration/none", f"{SCHEME}/none", "file:///etc/passwd", "urn:none", "none"):
        assert client.get("/sparql", params={"query": "ASK {}", "default-graph-uri": other}).status_code == 400


def test_relative_iris_are_of_the_base(client: TestClient) -> None:
    id = make_declaration(rows=ROWS).id
    assert _ask(client, f"<declaration/{id}> perfkg:year 2021")
    assert _ask(client, f"GRAPH <declaration/{id}> {{ ?d perfkg:year 2021 }}")
    assert client.get("/sparql", params={"query": f"ASK FROM <declaration/{id}> {{ ?d perfkg:year 2021 }}"}).json()[
        "boolean"
    ]
    made = client.get("/sparql", params={"query": "CONSTRUCT { <s> <p> 1 } WHERE {}", "format": "nt"}).text
    assert made.startswith(f"<{BASE}s> <{BASE}p> ")


def test_a_stroke_at_the_end_of_the_address_changes_nothing(client: TestClient) -> None:
    assert client.get("/sparql/", params={"query": "ASK {}"}, follow_redirects=False).json()["boolean"] is True
    answer = client.post("/sparql/", content="ASK {}", headers={"Content-Type": DIRECT}, follow_redirects=False)
    assert answer.json()["boolean"] is True


def test_the_graphs_of_the_protocol_go_before_those_of_the_query(client: TestClient) -> None:
    query = f"ASK FROM <{UNIT}> {{ {CONCEPT} }}"
    assert client.get("/sparql", params={"query": query}).json()["boolean"] is False
    assert client.get("/sparql", params={"query": query, "default-graph-uri": SCHEME}).json()["boolean"] is True


# query_content_type_*: what each form of query gives, by every media type it can be asked in


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("SELECT (1 AS ?n) {}", ["json", "xml", "csv", "tsv"]),
        ("ASK {}", ["json", "xml"]),
        ("DESCRIBE <https://perfkg.example/scheme/2015/cost>", ["ttl", "nt", "jsonld", "rdf"]),
        ("CONSTRUCT { <urn:s> <urn:p> 1 } {}", ["ttl", "nt", "jsonld", "rdf"]),
    ],
)
def test_each_form_of_query_in_each_of_its_types(client: TestClient, query: str, types: list[str]) -> None:
    for name in types:
        wanted = FORMATS[name].partition(";")[0]
        answer = client.get("/sparql", params={"query": query}, headers={"Accept": wanted})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, wanted)
    assert client.get("/sparql", params={"query": query}).headers["content-type"] == FORMATS[types[0]]


@pytest.mark.parametrize(
    ("query", "chosen", "kind"),
    [
        ("CONSTRUCT WHERE { ?s a skos:ConceptScheme }", "xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s a skos:ConceptScheme }", "json", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s a skos:ConceptScheme }", "turtle", "text/turtle"),
        ("ASK {}", "xml", "application/sparql-results+xml"),
        ("SELECT (1 AS ?n) {}", "text/csv", "text/csv"),
    ],
)
def test_a_format_is_chosen_as_clients_call_it(client: TestClient, query: str, chosen: str, kind: str) -> None:
    answer = client.get("/sparql", params={"query": query, "format": chosen, "output": chosen, "results": chosen})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert client.get("/sparql", params={"query": query, "format": "docx"}).status_code == 400


def test_what_cannot_be_given_is_refused(client: TestClient) -> None:
    for query, kind, status in [("ASK {}", "image/png", 406), ("ASK {}", "text/turtle", 400), ("ASK {}", "*/*", 200)]:
        assert client.get("/sparql", params={"query": query}, headers={"Accept": kind}).status_code == status


def test_a_browser_is_led_to_the_page(client: TestClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = client.get("/sparql", headers=browser, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/query")
    asked = client.get("/sparql", params={"query": "ASK {}"}, headers=browser, follow_redirects=False)
    assert asked.headers["location"] == "/query?query=ASK+%7B%7D"
    file = client.get("/sparql", params={"query": "ASK {}", "format": "json"}, headers=browser)
    assert file.json()["boolean"] is True


# bad_query_*


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    # Without a token nobody learns whether there is such a way of writing.
    assert client.request(method, "/sparql", params={"query": "ASK {}"}).status_code in (401, 405)


def test_more_than_one_query_is_refused(client: TestClient) -> None:
    twice = {"query": ["ASK {}", "SELECT * {}"]}
    body = "query=ASK%20%7B%7D&query=SELECT%20%2A%20%7B%7D"
    direct = {"Content-Type": DIRECT}
    assert client.get("/sparql", params=twice).status_code == 400
    assert client.post("/sparql", content=body, headers={"Content-Type": FORM}).status_code == 400
    assert client.post("/sparql", params={"query": "ASK {}"}, content="ASK {}", headers=direct).status_code == 400


@pytest.mark.parametrize("kind", [None, "text/plain", "application/json", "application/sparql-update", "text/turtle"])
def test_other_media_types_are_refused(client: TestClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for body in ("ASK {}", "query=ASK%20%7B%7D"):
        assert client.post("/sparql", content=body, headers=headers).status_code == 415


@pytest.mark.parametrize("body", [b"", b"foo=bar", b"query=", b"update=DROP%20ALL"])
def test_a_form_without_a_query_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/sparql", content=body, headers={"Content-Type": FORM}).status_code == 400


@pytest.mark.parametrize(
    "query", ["", "ASK", "CREATE GRAPH <urn:g>", "INSERT DATA { <urn:s> <urn:p> 1 }", "ASK {} ASK {}", "ASK {} x"]
)
def test_what_is_no_query_is_refused(client: TestClient, query: str) -> None:
    answer = client.post("/sparql", content=query.encode(), headers={"Content-Type": DIRECT})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_query_that_is_not_utf8_is_refused(client: TestClient) -> None:
    body = "ASK { ?s ?p '网络' }".encode("utf-16")
    assert client.post("/sparql", content=body, headers={"Content-Type": DIRECT}).status_code == 400
    assert client.post("/sparql", content=b"query=" + body, headers={"Content-Type": FORM}).status_code == 400
    assert client.post("/sparql", content="query=ASK%7B%7D%FF", headers={"Content-Type": FORM}).status_code == 400
    assert client.get("/sparql?query=ASK%7B%7D%20%23%D7%D6").status_code == 400


# Service description, VoID


@pytest.mark.parametrize("kind", ["text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"])
def test_the_service_describes_itself_in_the_types_asked(client: TestClient, kind: str) -> None:
    from rdflib import RDF, Graph, Literal, Namespace, URIRef

    answer = client.get("/sparql", headers={"Accept": kind})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    format = RdfFormat.from_media_type(kind)
    assert format
    triples = {quad.triple for quad in parse(answer.content, format=format)}
    told = Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    sd, void = Namespace("http://www.w3.org/ns/sparql-service-description#"), Namespace("http://rdfs.org/ns/void#")
    me = URIRef("http://127.0.0.1/sparql")
    assert (me, RDF.type, sd.Service) in told
    assert (me, sd.endpoint, me) in told
    assert (me, sd.supportedLanguage, sd.SPARQL11Query) in told
    assert len(list(told.objects(me, sd.resultFormat))) == len(FORMATS)
    data = told.value(me, sd.defaultDataset)
    assert {sd.Dataset, void.Dataset} < set(told.objects(data, RDF.type))
    assert (told.value(data, sd.defaultGraph), RDF.type, sd.Graph) in told
    named = {told.value(node, sd.name) for node in told.objects(data, sd.namedGraph)}
    assert {URIRef(SCHEME), URIRef(UNIT)} < named
    assert Literal(4) in set(told.objects(None, void.entities))


TERMS = {
    "Service", "Dataset", "Graph", "NamedGraph", "endpoint", "feature", "propertyFeature", "defaultDataset", "defaultGraph",
    "namedGraph", "name", "graph", "resultFormat", "inputFormat", "supportedLanguage", "languageExtension",
    "extensionFunction", "availableGraphs", "SPARQL11Query", "UnionDefaultGraph", "BasicFederatedQuery", "GraphCollection",
}  # fmt: skip
"""Of the W3C's vocabulary of service descriptions."""


def test_the_description_uses_no_term_that_the_vocabulary_lacks(client: TestClient) -> None:
    told = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    used = set(re.findall(r"<http://www\.w3\.org/ns/sparql-service-description#(\w*)>", told))
    assert used <= TERMS, used - TERMS
    named = re.findall(r"(\S+) <[^>]*#name> ", told)
    assert named
    for node in named:
        assert (
            f"{node} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/sparql-service-description#NamedGraph>"
            in told
        )


def test_the_description_counts_what_there_is(client: TestClient) -> None:
    counting = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}
    for _ in range(100):  # the catalogue of concepts comes some time after the server
        told = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
        counted = client.get("/sparql", params=counting).text.split()[1]
        if f'#triples> "{counted}"^^' in told:
            return
        time.sleep(0.1)
    raise AssertionError((counted, told))


def test_catalogues_find_the_description(client: TestClient) -> None:
    assert client.get("/.well-known/void").text == client.get("/sparql").text
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


# What an answer is made from


def test_an_answer_is_marked_and_is_not_sent_twice(client: TestClient) -> None:
    library: Library = client.app.state.keeper.library  # type: ignore[attr-defined]
    for _ in range(600):
        if library.graph.catalogued:
            break
        time.sleep(0.1)
    for path, params in [("/sparql", {"query": "ASK {}"}), ("/api/queries/categories", {})]:
        tag = client.get(path, params=params).headers["etag"]
        again = client.get(path, params=params, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.headers["etag"], again.content) == (304, tag, b"")
    tags = {tag}
    for state in ("another", "a third"):
        library.graph.catalogue([], state)
        tags.add(client.get("/sparql", params={"query": "ASK {}"}).headers["etag"])
    assert len(tags) == 3


def test_from_memory_it_is_another_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"query": "SELECT ?name { ?i schema:name ?name }"}
    from_disk = client.get("/sparql", params=query).headers["etag"]
    asked = Pool.query
    monkeypatch.setattr(Pool, "query", lambda *given, **more: replace(asked(*given, **more), in_memory=True))
    from_memory = client.get("/sparql", params=query).headers["etag"]
    assert from_memory != from_disk
    for tag in (from_disk, from_memory):
        assert client.get("/sparql", params=query, headers={"If-None-Match": tag}).status_code == 304


def test_another_encoder_makes_another_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"query": "SELECT ?i { ?i perfkg:matches '网络' }"}
    before = client.get("/sparql", params=query).headers["etag"]
    snapshot = {"change": 2, "encoder": "another", "lexicon": "x"}
    monkeypatch.setattr(Library, "snapshot", property(lambda _: snapshot))
    after = client.get("/sparql", params=query, headers={"If-None-Match": before})
    assert (after.status_code, after.headers["etag"] != before) == (200, True)


def test_a_large_result_is_sent_whole_in_pieces(client: TestClient) -> None:
    query = "SELECT ?a ?c ?p { ?a ?b ?c . ?p skos:inScheme ?q } LIMIT 40000"
    with client.stream("POST", "/sparql", data={"query": query}, headers={"Accept": "text/csv"}) as answer:
        pieces = list(answer.iter_raw())
    assert len(b"".join(pieces)) == int(answer.headers["content-length"]) > 1_000_000
    assert b"".join(pieces).count(b"\r\n") == 40001


# Pages of other sites


def test_other_sites_may_ask_only_where_a_setting_says_so(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = {"Origin": "https://data.example.org"}
    plain = client.get("/sparql", params={"query": "ASK {}"}, headers=origin)
    assert "access-control-allow-origin" not in plain.headers
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    monkeypatch.setenv("PERFKG_CORS", "https://data.example.org http://127.0.0.1:9000")
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with TestClient(create(tmp_path / "library"), base_url="http://127.0.0.1") as opened:
        before = opened.options("/sparql", headers=origin | preflight)
        assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, origin["Origin"])
        assert "POST" in before.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in before.headers
        asked = opened.get("/sparql", params={"query": "ASK {}"}, headers=origin)
        assert asked.headers["access-control-allow-origin"] == origin["Origin"]
        assert "ETag" in asked.headers["access-control-expose-headers"]
        browser = {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/sparql-query"}
        assert opened.post("/sparql", content="ASK {}", headers=origin | browser).status_code == 200
        assert opened.post("/sparql", content="ASK {}", headers=browser).status_code == 403
        wrong = opened.get("/sparql", params={"query": "ASK {"}, headers=origin)
        assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (400, origin["Origin"])
        other = opened.options("/sparql", headers=preflight | {"Origin": "https://elsewhere.example"})
        assert other.status_code == 400
        assert (
            "access-control-allow-origin" not in opened.get("/health", headers={"Origin": "https://x.example"}).headers
        )


@pytest.mark.parametrize(
    "setting", ["data.example.org", "https://a.example/path", "https://a.example,https://b.example"]
)
def test_a_setting_that_names_no_origin_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("PERFKG_CORS", setting)
    with Library(tmp_path / "library", WORDS_ALONE) as library, pytest.raises(InvalidQuestion, match="PERFKG_CORS"):
        create(library)


# Meaning, over HTTP


@pytest.mark.parametrize("text", ["网络", "24小时", "光纤 租赁"])
def test_a_query_by_meaning_finds_what_the_search_of_the_api_finds(client: TestClient, text: str) -> None:
    found: list[dict[str, Any]] = client.get("/api/search", params={"q": text, "grouped": False, "limit": 100}).json()[
        "hits"
    ]
    written = json.dumps(text, ensure_ascii=False)
    query = f"SELECT ?id ?s {{ ?i perfkg:matches {written} ; perfkg:score ?s . ?i dcterms:identifier ?id }}"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert found
    assert [(row["id"]["value"], float(row["s"]["value"])) for row in rows] == [
        (hit["id"], hit["score"]) for hit in found
    ]


def test_a_kept_query_by_meaning_is_answered_with_its_parameter(client: TestClient) -> None:
    answer = client.get("/api/queries/alike", params={"text": "光纤租赁", "format": "csv"})
    assert answer.status_code == 200, answer.text
    assert answer.text.splitlines()[1].split(",")[1:3] == ["光纤租赁费", "4.8万元"]


def test_the_service_description_names_the_search(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "application/n-triples"})
    feature = "<http://www.w3.org/ns/sparql-service-description#propertyFeature>"
    assert f"{feature} <https://perfkg.example/ontology#matches> ." in answer.text


def test_a_search_for_nothing_is_refused_in_words(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK { ?i perfkg:matches ' ' }"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    placed = client.get("/sparql", params={"query": "ASK {\n ?i perfkg:matches ?x }"})
    assert (placed.status_code, placed.json()["line"], placed.json()["column"]) == (400, 2, 20)
