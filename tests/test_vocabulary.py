"""The terms behind the graph: explained in the files, shown to people, given to programs and to the editor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from api.app import create
from perfkg.graph import PREFIXES, VOCABULARY, quads, term
from perfkg.graph.vocabulary import borrowed, categories, measures, ontology, short
from perfkg.library import Library
from perfkg.records import Declaration

CASES = Path(__file__).parent / "cases"
HTML, TURTLE = {"Accept": "text/html"}, {"Accept": "text/turtle"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("vocabulary") / "library"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERFKG_ENCODER", "none")
        with Library(folder, WORDS_ALONE) as library:
            library.import_declarations([make_declaration()])
        with TestClient(create(folder), base_url="http://127.0.0.1", follow_redirects=False) as opened:
            yield opened


def test_the_terms_of_others_that_the_code_writes_are_those_explained() -> None:
    sample: dict[str, Any] = json.loads((CASES / "declaration.json").read_text("utf-8"))
    written: set[str] = set()
    for source in (Declaration.from_json(sample), make_declaration()):
        for quad in quads(source):
            named = [quad.predicate, quad.object] if quad.predicate.value.endswith("#type") else [quad.predicate]
            written |= {short(node.value) for node in named if isinstance(node, NamedNode)}
    code = (Path(__file__).parents[1] / "src" / "perfkg" / "graph" / "statements.py").read_text("utf-8")
    prefixes = "|".join(set(PREFIXES) - {"perfkg", "xsd", "scheme", "unit"})
    written |= set(re.findall(rf'"((?:{prefixes}):\w+)"', code))
    explained = {one.name for one in borrowed()}
    assert {name for name in written if not name.startswith("perfkg:")} <= explained
    of_schemes = {
        quad.predicate.value for quad in parse((files("graph") / "schemes.ttl").read_bytes(), RdfFormat.TURTLE)
    }
    assert explained - written <= {short(iri) for iri in of_schemes} | {"skos:Concept", "skos:ConceptScheme"}


def test_every_term_of_others_is_explained_in_both_languages() -> None:
    for one in borrowed():
        assert set(one.label) == set(one.comment) == {"zh", "en"}, one.name


def test_what_the_ontology_stands_on() -> None:
    related = {one.name: {*one.parents, *one.aligned} for one in ontology()}
    assert "<http://w3id.org/kpionto/Indicator>" in related["perfkg:Indicator"]
    assert "prov:Entity" in related["perfkg:Declaration"]
    assert "prov:wasAttributedTo" in related["perfkg:organization"]
    assert "qudt:Quantity" in related["perfkg:QuantityTarget"]
    assert {one.range for one in ontology() if one.name == "perfkg:organization"} == {("org:FormalOrganization",)}


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://perfkg.example/ontology#value", "perfkg:value"),
        ("https://perfkg.example/unit/man-day", "unit:man-day"),
        ("https://perfkg.example/unit/人日", "unit:人日"),
        ("https://perfkg.example/scheme/2015/cost", "<https://perfkg.example/scheme/2015/cost>"),
        ("http://w3id.org/kpionto/Indicator", "<http://w3id.org/kpionto/Indicator>"),
    ],
)
def test_a_name_is_as_a_query_writes_it(iri: str, name: str) -> None:
    assert short(iri) == name
    solutions: Any = Store().query(f"SELECT ({name} AS ?x) {{ }}", prefixes=PREFIXES)
    assert next(solutions)["x"] == NamedNode(iri)


def test_the_ontology_is_served_at_its_iri(client: TestClient) -> None:
    page = client.get("/ontology", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    for one in ontology():
        assert f'id="{one.name.removeprefix("perfkg:")}"' in page.text
        assert one.comment["zh"] in page.text.replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<")
    told = client.get("/ontology", headers=TURTLE)
    triples = {quad.triple for quad in parse(told.content, RdfFormat.TURTLE)}
    assert triples == {quad.triple for quad in parse((files("graph") / "ontology.ttl").read_bytes(), RdfFormat.TURTLE)}
    assert isinstance(client.get("/ontology", headers={"Accept": "application/ld+json"}).json(), list)
    assert client.get("/ontology", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(("path", "file"), [("/scheme", "schemes.ttl"), ("/unit", "units.ttl")])
def test_schemes_and_units_are_pages_and_graphs(client: TestClient, path: str, file: str) -> None:
    page = client.get(path, headers=HTML)
    assert page.status_code == 200
    for one in (*categories(), *measures()):
        if one.iri.startswith(VOCABULARY[file].value + "/"):
            assert f'id="{one.iri.removeprefix(VOCABULARY[file].value + "/")}"' in page.text
    told = client.get(path, headers=TURTLE)
    expected = parse((files("graph") / file).read_bytes(), RdfFormat.TURTLE)
    # The engine writes numbers in its own way.
    assert len({quad.triple for quad in parse(told.content, RdfFormat.TURTLE)}) == len(
        {quad.triple for quad in expected}
    )


def test_each_category_unit_and_dimension_answers_at_its_iri(client: TestClient) -> None:
    for one in (*categories(), *measures()):
        answer = client.get(one.iri.removeprefix("https://perfkg.example"), headers=TURTLE)
        assert answer.status_code == 200, one.iri
        assert {quad.subject for quad in parse(answer.content, RdfFormat.TURTLE)} == {NamedNode(one.iri)}
    place = client.get("/scheme/2015/cost", headers=HTML)
    assert (place.status_code, place.headers["location"]) == (303, "/scheme#2015/cost")
    assert client.get("/scheme/2015/none", headers=TURTLE).status_code == 404


def test_the_editor_is_told_every_term(client: TestClient) -> None:
    told = client.get("/api/vocabulary").json()
    assert told["prefixes"] == PREFIXES
    known = {one["name"]: one for one in told["terms"]}
    assert known["perfkg:value"] == {
        "name": "perfkg:value", "kind": "property", "label": "指标值", "comment": "指标值的原文。",
    }  # fmt: skip
    assert known["unit:hour"]["label"]
    assert known["<https://perfkg.example/scheme/2015/cost>"]["label"] == "成本指标"
    assert known["schema:name"]["label"] == "名称"


def test_the_json_of_a_declaration_names_its_context(client: TestClient) -> None:
    id = make_declaration().id
    answer = client.get(f"/api/declarations/{id}")
    link = re.fullmatch(r'<(.+)>; rel="http://www.w3.org/ns/json-ld#context"; type="(.+)"', answer.headers["link"])
    assert link
    context = client.get(link[1])
    assert context.headers["content-type"] == link[2]
    told = parse(json.dumps(answer.json() | context.json()), RdfFormat.JSON_LD)
    own = parse(client.get(f"/id/declaration/{id}", headers=TURTLE).content, RdfFormat.TURTLE)
    about = {(quad.predicate, quad.object) for quad in own if quad.subject.value.endswith(f"/declaration/{id}")}
    named = {term("dcterms:title"), term("perfkg:year"), term("perfkg:objective"), term("perfkg:indicator")}
    assert {one for one in about if one[0] in named} == {
        (quad.predicate, quad.object) for quad in told if quad.predicate in named
    }
