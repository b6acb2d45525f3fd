"""Projects and organizations as a network: who is joined, who belongs together, where it is drawn, what is told."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx
import pytest
from conftest import WORDS_ALONE, make_declaration
from counties import recorded, understood
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from test_pages import HOSTILE, PAGE, serving, shown

from perfkg.concepts.catalogue import catalogued
from perfkg.concepts.matter import matter, telling
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.library import Library
from perfkg.network import Choice, around, layout, of_indicator, resolve, web, whole, within
from perfkg.network.files import export
from perfkg.network.links import closeness
from perfkg.records import Declaration


def form(project: str, owner: str, *rows: tuple[str, str], year: int = 2021) -> Declaration:
    """A declaration with its values understood; rows are (name, value), satisfaction in its own category."""
    full = [
        ("满意度指标", "服务对象满意度指标", *row) if "满意" in row[0] else ("产出指标", "质量指标", *row)
        for row in rows
    ]
    return understood(make_declaration(project, owner, year, tuple(full)))


FIBRE = form("光纤租赁费", "甲局", ("网络故障处理时间", "24小时"), ("服务对象满意度", "≥95%"))
LINE = form("政务外网线路费", "乙局", ("网络故障处理时间", "12小时"), ("服务对象满意度", "≥95%"))
PORTAL = form("门户网站运维费", "丙局", ("网络故障修复时间", "1天"), ("网站可用率", "99%"))
ROAD = form("县乡道路养护", "丁局", ("养护里程", "10公里"), ("服务对象满意度", "≥95%"))
LANE = form("村道养护", "戊局", ("养护里程", "20公里"), ("服务对象满意度", "≥90%"))
ALONE = form("食堂补助", "己局", ("就餐人数", "200人"), ("服务对象满意度", "≥95%"))
ALL = [FIBRE, LINE, PORTAL, ROAD, LANE, ALONE]


@pytest.fixture
def projects(library: Library) -> Library:
    """Three that mend networks, two that mend roads, one that is like none."""
    library.import_declarations(ALL)
    return library


@pytest.fixture
def county(library: Library) -> Library:
    """The examples."""
    library.import_declarations(recorded("examples"))
    return library


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with Library(tmp_path / "library", WORDS_ALONE) as opened:
        opened.import_declarations(ALL)
    yield from serving(tmp_path / "library")


def id_of(one: Declaration) -> str:
    return f"project/{one.organization}~{one.project}"


def test_projects_are_joined_where_their_numbers_measure_the_same_about_the_same(projects: Library) -> None:
    found = web(projects)
    pairs = {
        ends: [(pair.one.value, pair.other.value, pair.close) for pair in link.pairs]
        for ends, link in found.links.items()
    }
    joined = {tuple(sorted(map(id_of, ends))) for ends in (*combinations((FIBRE, LINE, PORTAL), 2), (ROAD, LANE))}
    assert set(pairs) == joined
    roads = pairs[min(id_of(ROAD), id_of(LANE)), max(id_of(ROAD), id_of(LANE))]
    assert ("10公里", "20公里", 0.75) in roads
    of_fibre = {end for ends in pairs for end in ends if id_of(FIBRE) in ends}
    assert of_fibre == {id_of(FIBRE), id_of(LINE), id_of(PORTAL)}


def test_satisfaction_alone_joins_nobody(library: Library) -> None:
    owners = [form(name, f"{name}局", ("服务对象满意度", "≥95%"), ("群众满意度", "≥90%")) for name in
              ("校舍维修", "水库除险", "老人津贴", "病虫防治", "路灯安装", "档案整理")]  # fmt: skip
    library.import_declarations(owners)
    found = web(library)
    assert (len(found.nodes), len(found.links), found.communities) == (6, 0, ())
    assert [node.label for node in found.alone] == sorted(one.project for one in owners if one.project)


def test_what_tells_of_a_matter() -> None:
    assert matter("网络故障修复时间") == {"网络", "网络故障"}
    assert matter("断网处理时间") == {"网络"}
    assert matter("服务对象满意度") == matter("项目完成率") == matter(None) == frozenset()
    assert (telling("网络"), telling("采购"), telling("满意度"), telling("盐边县")) == (1.0, 0.5, 0.0, 0.0)


def test_a_word_that_many_use_tells_less(library: Library) -> None:
    like = [form(f"{n}号学校网络费", f"{n}局", ("网络故障处理时间", f"{n}小时")) for n in range(10, 40)]
    library.import_declarations(like[:2])
    few = next(iter(web(library).links.values())).pairs[0].alike
    library.import_declarations(like[2:])
    many = web(library)
    assert max((link.pairs[0].alike for link in many.links.values()), default=0.0) < few


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_closeness_is_between_a_half_and_one(one: float, other: float) -> None:
    assert 0.5 <= closeness(one, other) == closeness(other, one) <= 1
    assert closeness(one, one) == 1


def test_the_latest_year_stands_and_a_year_can_be_chosen(library: Library) -> None:
    later = form("2022年光纤租赁费", "甲局", ("网络故障处理时间", "6小时"), year=2022)
    library.import_declarations([FIBRE, LINE, later])
    ((_, link),) = web(library).links.items()
    assert {pair.one.value for pair in link.pairs} | {pair.other.value for pair in link.pairs} >= {"6小时", "12小时"}
    node = web(library).nodes["project/甲局~2022年光纤租赁费"]
    assert (node.years, node.declaration) == ((2022, 2021), later.id)
    assert resolve(web(library), f"declaration/{FIBRE.id}") == node.id
    values = {one.value for one in web(library, Choice(year=2021)).measured}
    assert "24小时" in values
    assert "6小时" not in values


def test_communities_are_named_by_what_they_share(projects: Library) -> None:
    found = web(projects)
    assert [(len(one.nodes), one.name) for one in found.communities] == [(3, "网络"), (2, "养护")]
    assert found.communities[0].topics[0] == "响应和处理时间"
    assert [node.label for node in found.alone] == ["食堂补助"]


def test_the_same_library_gives_the_same_network(tmp_path: Path) -> None:
    views = []
    for name, order in (("one", recorded("examples")), ("other", recorded("examples")[::-1])):
        with Library(tmp_path / name, WORDS_ALONE) as library:
            library.import_declarations(order)
            found = web(library)
            view = whole(found)
            places = {one.node.id: (one.x, one.y) for one in view.nodes}
            views.append((places, [(one.name, one.nodes) for one in found.communities]))
    assert views[0] == views[1]
    assert views[0][0]


def test_a_network_is_kept_until_the_library_changes(projects: Library) -> None:
    first = web(projects)
    assert web(projects) is first
    projects.withdraw(LANE.id)
    second = web(projects)
    assert second.change > first.change
    assert id_of(ROAD) not in second.of


def test_choices(projects: Library) -> None:
    assert len(web(projects, Choice(organization="甲")).nodes) == 1
    assert {one.name for one in web(projects, Choice(category="满意度")).measured} == {"服务对象满意度"}
    assert len(web(projects, Choice(least=100)).links) == 0
    with pytest.raises(InvalidQuestion, match="没有这一类指标"):
        web(projects, Choice(category="没有这一类"))


def test_organizations_are_joined_by_all_their_projects(library: Library) -> None:
    second = form("视频会议专线费", "甲局", ("网络故障响应时间", "2小时"))
    library.import_declarations([*ALL, second])
    found = web(library, Choice("organizations"))
    assert {node.label for node in found.nodes.values()} == {"甲局", "乙局", "丙局", "丁局", "戊局", "己局"}
    assert found.nodes["organization/甲局"].projects == 2
    assert ("organization/乙局", "organization/甲局") in found.links or (
        "organization/甲局", "organization/乙局") in found.links  # fmt: skip
    assert "organization/己局" not in found.of


def test_large_networks_are_shown_by_their_communities(county: Library) -> None:
    found = web(county)
    view = whole(found, limit=3)
    assert view.kind == "communities"
    assert [one.community for one in view.bubbles] == list(found.communities)
    for one, other in combinations(view.bubbles, 2):
        assert ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5 > one.radius + other.radius
    first = found.communities[0]
    for member in (first.id, first.nodes[-1]):
        inner = within(found, member)
        assert inner.inside == (first,)
        assert {one.node.id for one in inner.nodes} == set(first.nodes)
    with pytest.raises(UnknownId):
        within(found, "project/无")
    part = within(found, first.id, limit=2)
    assert part.more > 0 or len(part.bubbles) > 1


def test_what_stands_around(projects: Library) -> None:
    found = web(projects)
    view = around(found, id_of(FIBRE))
    assert {one.node.id: one.step for one in view.nodes} == {id_of(FIBRE): 0, id_of(LINE): 1, id_of(PORTAL): 1}
    assert (around(found, id_of(FIBRE), limit=1).more, len(around(found, id_of(FIBRE), limit=1).nodes)) == (1, 2)
    assert {one.node.id for one in around(found, id_of(ALONE)).nodes} == {id_of(ALONE)}
    assert around(found, id_of(ROAD), depth=2).kind == "around"
    with pytest.raises(UnknownId):
        around(found, "project/无")
    of_one = of_indicator(projects, found, FIBRE.indicators[0].id)
    assert of_one.given
    assert {pair.other.value for pair in of_one.pairs} == {"12小时", "1天"}
    assert [found.owner(pair.other) for pair in of_one.pairs] == [one.node.id for one in of_one.nodes]
    assert of_indicator(projects, found, ALONE.indicators[0].id).pairs == ()


@pytest.mark.parametrize("count", [1, 2, 3, 12, 60])
def test_places_are_inside_and_apart(count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    links = {(names[(at - 1) // 3], names[at]): 1.0 for at in range(1, count)}
    half = [part for part in (names[: count // 2], names[count // 2 :]) if part]
    at = layout.groups(half, links)
    assert set(at) == set(names)
    assert all(0 <= x <= layout.WIDTH and 0 <= y <= layout.HEIGHT for x, y in at.values())
    assert all(abs(x - a) + abs(y - b) > 12 for (x, y), (a, b) in combinations(at.values(), 2))
    sides = layout.sides(count)
    assert len(set(sides)) == count
    assert all(0 <= y <= layout.HEIGHT for _, y in sides)


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
def test_the_whole_library_as_a_file(projects: Library, tmp_path: Path, ending: str) -> None:
    odd = replace(form("\x01怪\x00名", "庚局", ("巡检", "2次")), notes=("\x01",))
    projects.import_declarations([odd])
    export(projects, tmp_path / f"all.{ending}")
    graph = getattr(networkx, f"read_{ending}")(tmp_path / f"all.{ending}")
    base = projects.graph.base
    about = graph.edges[tuple(base + end for end in sorted((id_of(FIBRE), id_of(LINE))))]
    assert (about["kind"], about["shared"]) == ("comparable", len(web(projects).links[tuple(sorted((id_of(FIBRE), id_of(LINE))))].pairs))  # type: ignore[index]  # fmt: skip
    assert graph.nodes[base + id_of(FIBRE)]["community"] == "网络"
    assert {kind for _, kind in graph.nodes(data="kind")} == {"organization", "project", "declaration", "indicator"}


def test_api(client: TestClient) -> None:
    answer = client.get("/api/network", headers={"Accept": "*/*"})
    body = answer.json()
    assert (body["kind"], body["total"]) == ("nodes", {"nodes": 6, "linked": 5, "links": 4, "communities": 2})
    assert {node["id"] for node in body["nodes"]} == {id_of(one) for one in ALL if one is not ALONE}
    edge = next(edge for edge in body["edges"] if id_of(ROAD) in (edge["source"], edge["target"]))
    assert edge["shared"] == len(edge["evidence"])
    ends = {side["value"] for pair in edge["evidence"] for side in (pair["one"], pair["other"])}
    assert {"10公里", "20公里"} <= ends
    assert body["snapshot"]["change"]
    while not catalogued(client.app.state.keeper.library):  # type: ignore[attr-defined]
        time.sleep(0.05)  # the server's own thread makes the catalogue, which is a part of the mark
    known = {"If-None-Match": client.get("/api/network").headers["etag"]}
    assert client.get("/api/network", headers=known).status_code == 304
    clusters = client.get("/api/network?limit=2").json()
    assert [row["size"] for row in clusters["communities"]] == [3, 2]
    assert all(row["radius"] > 0 for row in clusters["communities"])
    inner = client.get("/api/network", params={"community": id_of(LINE)}).json()
    assert [row["name"] for row in inner["inside"]] == ["网络"]
    near = client.get("/api/network", params={"around": f"declaration/{FIBRE.id}"}).json()
    assert near["centre"] == id_of(FIBRE)
    iri = client.get("/api/network", params={"around": f"https://perfkg.example/id/{id_of(FIBRE)}"}).json()
    assert iri["nodes"] == near["nodes"]
    one = client.get("/api/network", params={"around": f"indicator/{FIBRE.indicators[0].id}"}).json()
    assert {pair["other"]["value"] for pair in one["pairs"]} == {"12小时", "1天"}
    owner = client.get("/api/network", params={"around": "organization/甲局"}).json()
    assert (owner["view"], owner["centre"]) == ("organizations", "organization/甲局")


@pytest.mark.parametrize("format", ["graphml", "gexf"])
def test_what_is_shown_as_a_file(client: TestClient, format: str) -> None:
    read = getattr(networkx, f"read_{format}")
    answer = client.get(f"/api/network?format={format}")
    assert f"network.{format}" in answer.headers["content-disposition"]
    graph = read(io.BytesIO(answer.content))
    assert (len(graph), graph.number_of_edges()) == (5, 4)
    clusters = read(io.BytesIO(client.get(f"/api/network?format={format}&limit=2").content))
    assert sorted(size for _, size in clusters.nodes(data="size")) == [2, 3]
    one = client.get("/api/network", params={"format": format, "around": f"indicator/{FIBRE.indicators[0].id}"})
    assert len(read(io.BytesIO(one.content))) == 3


HOSTILE_IDS = ["x", "project/", "project/无", "indicator/无", "indicator/", "declaration/无", "organization/无", "/", "%00/\x00",
               "project/" + "长" * 3000, "project/<script>alert(1)</script>", "../../etc/passwd", "project/a}b{c", "\ud800/x"]  # fmt: skip


@pytest.mark.parametrize("id", HOSTILE_IDS)
@pytest.mark.parametrize("name", ["around", "community"])
def test_hostile_ids(client: TestClient, name: str, id: str) -> None:
    from urllib.parse import quote

    query = f"{name}={quote(id, errors='surrogatepass')}"
    answer = client.get(f"/api/network?{query}", headers={"Accept": "*/*"})
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"
    shown(client.get(f"/network?{query}"), answer.status_code)


@pytest.mark.parametrize(
    "query", ["least=x", "least=-1", "depth=3", "level=0", "limit=0", "limit=10000", "view=x", "category=x"]
)
def test_wrong_questions(client: TestClient, query: str) -> None:
    assert client.get(f"/api/network?{query}", headers={"Accept": "*/*"}).status_code == 400


def test_the_page_draws_and_lists_the_same(client: TestClient) -> None:
    text = shown(client.get("/network"))
    assert re.findall(r'data-node="([^"]+)"', text)
    assert set(re.findall(r'data-node="([^"]+)"', text)) == {id_of(one) for one in ALL if one is not ALONE}
    listed = text[text.index('class="as-list"') :]
    assert "10公里" in listed
    assert "20公里" in listed
    assert "另有 1 个项目没有可比的" in text
    assert 'aria-current="page">图谱' in text
    empty = shown(client.get("/network?year=&category=&organization=&least=&find="))
    assert "data-web" in empty


def test_the_page_tells_of_one(client: TestClient) -> None:
    text = shown(client.get("/network", params={"around": id_of(FIBRE)}))
    panel = text[text.index("data-panel") :]
    assert all(
        part in panel for part in ("甲局", "10.00 万元", "24小时", "12小时", "比一比", f"/declarations/{FIBRE.id}")
    )
    card = shown(client.get("/network/card", params={"at": id_of(LINE)}))
    assert "<html" not in card
    assert "12小时" in card
    assert client.get("/network/card", params={"at": "project/无"}).status_code == 404
    lonely = shown(client.get("/network", params={"around": id_of(ALONE)}))
    assert "没有与它可比的项目" in lonely
    owner = shown(client.get("/network", params={"around": "organization/甲局"}))
    assert "光纤租赁费" in owner
    one = shown(client.get("/network", params={"around": f"indicator/{FIBRE.indicators[0].id}"}))
    assert "政务外网线路费" in one


def test_looking_for_a_project(client: TestClient) -> None:
    answer = client.get("/network?find=光纤", follow_redirects=False)
    assert answer.status_code == 303
    assert client.get(answer.headers["location"]).status_code == 200
    several = shown(client.get("/network?find=养护"))
    assert several.count(" found") == 2
    assert "没有名称里有这几个字的项目" in shown(client.get("/network?find=没有的"))


def test_nothing_to_draw(tmp_path: Path) -> None:
    for client in serving(tmp_path / "empty"):
        assert "资料库还是空的" in shown(client.get("/network"))
        assert client.get("/api/network").json()["nodes"] == []
        client.app.state.keeper.library.import_declarations([ALONE])  # type: ignore[attr-defined]
        assert "没有联系可画" in shown(client.get("/network"))


def test_html_in_names_is_shown_never_run(tmp_path: Path) -> None:
    names = [f"{HOSTILE}{number}网络费\"'&" for number in (1, 2)]
    with Library(tmp_path / "hostile", WORDS_ALONE) as opened:
        rows: tuple[Any, ...] = ((f"网络故障处理时间{HOSTILE}", "2小时<img src=x onerror=alert(1)>"),)
        opened.import_declarations([form(name, f"<b>{name}", *rows) for name in names])
        (ends,) = web(opened).links
    for client in serving(tmp_path / "hostile"):
        for path in ("/network", "/network?limit=1", "/network?view=organizations"):
            shown(client.get(path))
        shown(client.get("/network", params={"around": ends[0]}))
        shown(client.get("/network/card", params={"at": ends[0]}))
        assert json.loads(client.get("/api/network").text)["edges"]


def test_a_network_that_takes_long_is_waited_for(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.network.PATIENCE", 0.0)
    text = shown(client.get("/network"))
    assert "data-wait" in text
    assert "6 份申报表" in text
    monkeypatch.undo()
    assert "data-web" in shown(client.get("/network", headers=PAGE))


def test_every_declaration_leads_to_its_place(client: TestClient) -> None:
    text = shown(client.get(f"/declarations/{FIBRE.id}"))
    link = next(iter(re.findall(r'href="(/network\?[^"]+)"', text)))
    assert "光纤租赁费" in shown(client.get(link.replace("&amp;", "&")))
