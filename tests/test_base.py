"""The base IRI: one setting, kept by the library, in everything that shows an identifier."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import networkx
import pytest
from click.testing import CliRunner
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, RdfFormat, parse

from api.app import create
from perfkg import targets
from perfkg.cli import main
from perfkg.concepts.projection import keep
from perfkg.errors import InvalidLibrary
from perfkg.graph import BASE, iri, term
from perfkg.library import Library
from perfkg.records import Declaration

PROVINCE = "https://jixiao.example.gov.cn/id/"
ROWS = (
    ("产出指标", "质量指标", "网络故障处理时间", "24小时"),
    ("产出指标", "成本指标", "光纤租赁费", "4.8万元"),
)


def _understood(one: Declaration) -> Declaration:
    rows = (replace(row, targets=targets.read(row.value, row.name, one.year)) for row in one.indicators)
    return replace(one, indicators=tuple(rows))


NETWORK = _understood(make_declaration(rows=ROWS))
OTHER = _understood(make_declaration("政务外网运维", "云岭县公安局", rows=ROWS))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library made under the base of a province."""
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    monkeypatch.setenv("PERFKG_BASE", PROVINCE)
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, OTHER])
        keep(library)
    return tmp_path / "library"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create(folder), base_url="http://127.0.0.1") as opened:
        yield opened


def bases(library: Library) -> set[str]:
    """The beginnings of all IRIs in the graph that name something of the library."""
    nodes = {node.value for quad in library.graph.store for node in quad if isinstance(node, NamedNode)}
    return {node.partition("/id/")[0] + "/id/" for node in nodes if "/id/" in node}


def test_a_library_keeps_the_base_it_was_made_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFKG_BASE")
    with Library(folder, WORDS_ALONE) as library:
        assert (library.base, bases(library), library.notices) == (PROVINCE, {PROVINCE}, [])
        library.import_declarations([make_declaration("校舍维修")])
        keep(library)
        assert bases(library) == {PROVINCE}
    with Library(folder, WORDS_ALONE, reading=True) as reader:
        assert (reader.base, reader.graph.base) == (PROVINCE, PROVINCE)


def test_another_base_is_said_and_comes_with_a_rebuild(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_BASE", "http://budget.test/id/")
    with Library(folder, WORDS_ALONE) as library:
        assert "perfkg rebuild" in library.notices[0]
        library.import_declarations([make_declaration("校舍维修")])
        keep(library)
        assert bases(library) == {PROVINCE}
        library.rebuild()
        keep(library)
        assert (library.base, bases(library), library.notices) == (
            "http://budget.test/id/",
            {"http://budget.test/id/"},
            [],
        )


def test_a_graph_that_is_lost_comes_back_under_the_same_base(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFKG_BASE")
    (folder / "graph" / "CURRENT").unlink()
    with Library(folder, WORDS_ALONE) as library:
        library.catch_up()
        assert bases(library) == {PROVINCE}


def test_a_backup_keeps_the_base(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFKG_BASE")
    (tmp_path / "restored").mkdir()
    with Library(folder, WORDS_ALONE) as library:
        library.ledger.copy(tmp_path / "restored" / "ledger.db")
    with Library(tmp_path / "restored", WORDS_ALONE) as library:
        library.catch_up()
        assert bases(library) == {PROVINCE}


def test_a_library_made_before_there_was_a_choice_keeps_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(tmp_path, WORDS_ALONE) as library:
        library.import_declarations([NETWORK])
        with library.ledger.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM about WHERE key = 'base'")
    monkeypatch.setenv("PERFKG_BASE", PROVINCE)
    with Library(tmp_path, WORDS_ALONE) as library:
        assert (library.base, bases(library)) == (BASE, {BASE})
        assert PROVINCE in library.notices[0]


@pytest.mark.parametrize(
    "wanted",
    ["jixiao/id/", "https://jixiao.example.gov.cn/id", "https://a b/", "ftp://a/", "https://a/?q=/", "https://a/#", "https:///id/",
     "https://perfkg.example/", "https://perfkg.example/scheme/"],
)  # fmt: skip
def test_what_can_be_no_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("PERFKG_BASE", wanted)
    with pytest.raises(InvalidLibrary, match="PERFKG_BASE"):
        Library(tmp_path / "library", WORDS_ALONE)


def test_the_base_is_said_at_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_BASE", "http://budget.test/id/")
    told = CliRunner().invoke(main, ["info", "--json", "--library", str(folder)])
    assert json.loads(told.stdout)["base"] == PROVINCE
    told = CliRunner().invoke(main, ["info", "--library", str(folder)])
    assert f"标识符以 {PROVINCE} 开头" in told.stdout
    assert "要换，请停止服务后运行 perfkg rebuild" in told.stderr
    assert CliRunner().invoke(main, ["rebuild", "--library", str(folder)]).exit_code == 0
    told = CliRunner().invoke(main, ["info", "--json", "--library", str(folder)])
    assert json.loads(told.stdout)["base"] == "http://budget.test/id/"


def test_queries_and_searches_in_them_give_it(client: TestClient) -> None:
    asked = {"query": 'SELECT ?i { ?i perfkg:matches "网络故障" ; perfkg:limit 5 }', "format": "json"}
    rows = client.get("/sparql", params=asked).json()["results"]["bindings"]
    wanted = {f"{PROVINCE}indicator/{one.indicators[0].id}" for one in (NETWORK, OTHER)}
    assert wanted <= {row["i"]["value"] for row in rows}
    page = client.get("/query", params=asked, headers={"Accept": "text/html"}).text
    assert f'href="/id/indicator/{NETWORK.indicators[0].id}"' in page
    kept = client.get("/api/queries/alike", params={"text": "网络故障", "format": "json"})
    assert kept.status_code == 200
    assert BASE not in kept.text


def test_linked_pages_the_description_and_the_network_give_it(client: TestClient) -> None:
    node = iri("declaration", NETWORK.id or "", PROVINCE)
    told = client.get(f"/id/declaration/{NETWORK.id}", headers={"Accept": "application/n-triples"}).text
    assert f"{node} " in told
    assert BASE not in told
    assert f'uriSpace> "{PROVINCE}"' in client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    around = client.get("/api/network", params={"around": node.value}).json()
    assert around["centre"].startswith("project/")
    file = networkx.read_graphml(io.BytesIO(client.get("/api/network?format=graphml").content))
    assert file.nodes
    assert all(name.startswith(PROVINCE) for name in file.nodes)


def test_json_ld_of_a_declaration_gives_it(client: TestClient) -> None:
    told = client.get(f"/api/declarations/{NETWORK.id}", headers={"Accept": "application/ld+json"})
    assert told.headers["content-type"] == "application/ld+json"
    triples = {quad.triple for quad in parse(told.content, format=RdfFormat.JSON_LD)}
    me = iri("declaration", NETWORK.id or "", PROVINCE)
    rows = {one.object for one in triples if (one.subject, one.predicate) == (me, term("perfkg:indicator"))}
    assert rows == {iri("indicator", one.id, PROVINCE) for one in NETWORK.indicators}
    plain = client.get(f"/api/declarations/{NETWORK.id}")
    assert (plain.headers["content-type"], "@context" in plain.json()) == ("application/json", False)
    assert client.get("/context.jsonld").json()["@context"]["@base"] == f"{PROVINCE}declaration/"
