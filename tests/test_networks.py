"""Projects as a network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import networkx
import pytest
from conftest import make_declaration

from perfkg.errors import UnknownId
from perfkg.graph import GraphStore, iri, networks
from perfkg.ledger import Change
from perfkg.records import Category, Declaration, Indicator, Target


def _measuring(number: int, owner: str, *rows: tuple[str, str, float]) -> Declaration:
    """A declaration of a project of its own, each row a name, a unit and a number."""
    indicators = tuple(
        Indicator(
            f"d{number}-{n}",
            Category("产出指标", "质量指标", "2015/quality"),
            name,
            f"{value:g}{unit}",
            (Target("quantity", f"{value:g}{unit}", "=", value, unit=unit),),
        )
        for n, (name, unit, value) in enumerate(rows, 1)
    )
    return replace(make_declaration(f"项目{number}", owner), id=f"d{number}", indicators=indicators)


def _record(number: int, declaration: Declaration) -> Change:
    return Change(number, "record", declaration.id, 1, declaration)


@pytest.fixture
def projects() -> GraphStore:
    """Two projects that share two measures, a third that shares one of them, two of another matter, and one alone."""
    store = GraphStore()
    given = [
        _measuring(1, "甲局", ("故障处理时间", "h", 24), ("网络可用率", "%", 99)),
        _measuring(2, "乙局", ("故障处理时间", "min", 720), ("网络可用率", "%", 99)),
        _measuring(3, "丙局", ("网络可用率", "%", 99), ("巡检次数", "{次}", 4)),
        _measuring(4, "丁局", ("养护里程", "km", 10)),
        _measuring(5, "戊局", ("养护里程", "km", -10)),
        _measuring(6, "己局", ("养护里程", "{个}", 10)),
    ]
    store.apply([_record(number, one) for number, one in enumerate(given, 1)])
    return store


def test_projects_are_joined_by_how_many_and_how_close_their_comparable_indicators_are(projects: GraphStore) -> None:
    graph = networks.joined(projects.store)
    edges = {
        tuple(sorted(graph.nodes[end]["label"] for end in (one, other))): (about["shared"], about["weight"])
        for one, other, about in graph.edges(data=True)
    }
    assert edges == {
        ("项目1", "项目2"): (2, 1.3809),  # 24 h and 12 h, .75; the same, but three have it, 1 / log2(3)
        ("项目1", "项目3"): (1, 0.6309),
        ("项目2", "项目3"): (1, 0.6309),
        ("项目4", "项目5"): (1, 0.5),
    }
    assert [(one.name, len(one.projects)) for one in networks.communities(graph)] == [
        ("网络可用率、故障处理时间", 3), ("养护里程", 2),
    ]  # fmt: skip


def test_a_name_that_all_use_joins_nobody() -> None:
    store = GraphStore()
    given = [_measuring(n, f"单位{n}", ("群众满意度", "%", 95)) for n in range(1, networks.COMMON + 2)]
    store.apply([_record(number, one) for number, one in enumerate(given, 1)])
    assert networks.joined(store.store).number_of_edges() == 0
    store.apply([Change(99, "withdraw", "d1", 1, None)])
    assert networks.joined(store.store).degree(iri("project", "单位2~项目2").value) == networks.COMMON - 1


def test_what_stands_around_a_project_and_an_indicator(projects: GraphStore) -> None:
    project = iri("project", "甲局~项目1").value
    found = networks.neighbourhood(projects.store, project)
    assert json.loads(json.dumps(found)) == found
    assert (found["centre"], [node["label"] for node in found["nodes"]]) == (project, ["项目1", "项目2", "项目3"])
    assert {(edge["shared"], edge["weight"]) for edge in found["edges"]} == {(2, 1.3809), (1, 0.6309)}
    narrow = networks.neighbourhood(projects.store, project, limit=1)
    assert ([node["label"] for node in narrow["nodes"]], narrow["more"]) == (["项目1", "项目2"], 1)
    of_one = networks.neighbourhood(projects.store, iri("indicator", "d1-1").value)
    assert [node["label"] for node in of_one["nodes"]] == ["项目1", "项目2"]
    assert of_one["edges"][0]["topics"] == [{"name": "故障处理时间", "unit": "h", "close": 0.75}]
    with pytest.raises(UnknownId):
        networks.neighbourhood(projects.store, iri("project", "无").value)


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
def test_the_network_as_a_file_joins_projects(projects: GraphStore, tmp_path: Path, ending: str) -> None:
    projects.export(tmp_path / f"network.{ending}")
    graph = getattr(networkx, f"read_{ending}")(tmp_path / f"network.{ending}")
    kinds = [about for _, _, about in graph.edges(data=True) if about["kind"] == "comparable"]
    assert sorted((about["shared"], about["weight"]) for about in kinds) == [
        (1, 0.5),
        (1, 0.6309),
        (1, 0.6309),
        (2, 1.3809),
    ]
    named = {
        about["label"]: about.get("community") for _, about in graph.nodes(data=True) if about["kind"] == "project"
    }
    assert (named["项目3"], named["项目6"]) == ("网络可用率、故障处理时间", None)
