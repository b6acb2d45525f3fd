"""The catalogue of concepts over HTTP and on its pages: read by anybody, decided about with the token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE
from fastapi.testclient import TestClient
from test_catalogue import NETWORK, form
from test_pages import HOSTILE, PAGE, shown

from api import access
from api.app import create
from perfkg.library import Library

OWN = {"Origin": "http://127.0.0.1"}
ROWS = (*NETWORK, ("电梯故障处理时间", "2小时", "电梯维保"), ("网络故障处理时间", "8小时", "专网维护", "时效指标"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([form(*row) for row in ROWS])
    return tmp_path / "library"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """One who has given the token."""
    token = access.policy(folder, "127.0.0.1")[1]
    assert token
    with TestClient(create(Library(folder, WORDS_ALONE)), base_url="http://127.0.0.1") as client:
        client.cookies.set("perfkg_token", token)
        yield client


def named(client: TestClient, name: str) -> str:
    found = client.get("/api/concepts", params={"q": name}).json()["concepts"]
    return str(next(one["id"] for one in found))


def decide(client: TestClient, id: str, **given: Any) -> Any:
    return client.post(f"/api/concepts/{id}/decisions", json=given, headers=OWN)


def test_the_catalogue_is_listed_searched_and_paged(client: TestClient) -> None:
    body = client.get("/api/concepts").json()
    assert (body["total"], body["decided"], body["encoder"]) == (3, 0, None)
    assert body["concepts"][0]["projects"] == 3
    assert body["concepts"][0]["category"] == {"concept": "2015/quality", "label": "质量指标"}
    assert client.get("/api/concepts?q=断网&category=质量指标").json()["total"] == 1
    assert client.get("/api/concepts?doubtful=true").json()["total"] == 2
    assert len(client.get("/api/concepts?limit=1&offset=1").json()["concepts"]) == 1
    assert client.get("/api/concepts?category=没有").status_code == 400


def test_what_is_only_near_is_said_to_be(client: TestClient) -> None:
    said = "没有哪个概念的名称或说法里有"
    near = client.get("/concepts?text=网络坏了几小时处理", headers=PAGE).text
    assert said in near
    assert "断网修复时间" in near or "网络故障处理时间" in near
    for text in ("断网", ""):
        assert said not in client.get(f"/concepts?text={text}", headers=PAGE).text


def test_a_concept_shows_all_it_stands_on(client: TestClient) -> None:
    body = client.get(f"/api/concepts/{named(client, '断网修复时间')}").json()
    assert [alias["name"] for alias in body["aliases"]] == ["故障响应时限", "断网修复时间", "网络故障处理时间"]
    assert body["typical"] == {"unit": "h", "count": 3, "low": 1.0, "median": 4.0, "high": 24.0}
    assert {member["project"] for member in body["members"]} == {row[2] for row in NETWORK}
    assert body["proposals"][0]["evidence"]["kind"] == "category"
    assert client.get("/api/concepts/unknown").status_code == 404
    rows = client.get("/api/compare", params={"concept": body["id"]}).json()["groups"][0]["rows"]
    assert {row["concept"] for row in rows} == {body["id"]}
    hits = client.get("/api/search?q=断网修复时间").json()["hits"]
    assert hits[0]["concept"] == body["id"]


def test_deciding_needs_the_token(client: TestClient) -> None:
    id = named(client, "断网修复时间")
    client.cookies.clear()
    assert decide(client, id, action="reject").status_code == 401
    assert client.post("/api/decisions/1/undo", headers=OWN).status_code == 401
    assert client.post(f"/concepts/{id}", data={"action": "reject"}, headers=OWN).status_code == 401
    assert client.get("/api/decisions").json()["total"] == 0


def test_a_merge_over_http_and_its_undoing(client: TestClient) -> None:
    one, other = named(client, "断网修复时间"), named(client, "电梯故障处理时间")
    tag = client.get(f"/api/concepts/{one}").headers["etag"]
    made = decide(client, one, action="merge", other=other, seen=0)
    assert (made.status_code, made.json()["told"]) == (201, "把“电梯故障处理时间”并入“断网修复时间”")
    assert made.json()["actor"].startswith("web@")
    assert client.get(f"/api/concepts/{one}", headers={"If-None-Match": tag}).status_code == 200
    assert client.get(f"/api/concepts/{other}").json()["id"] == one
    assert client.get("/api/decisions").json()["decisions"][0]["action"] == "merge"
    assert client.post("/api/decisions/1/undo", json={"seen": 1}, headers=OWN).status_code == 201
    assert client.get(f"/api/concepts/{other}").json()["id"] == other
    assert client.post("/api/decisions/1/undo", headers=OWN).status_code == 409


def test_the_second_of_two_tabs_is_told(client: TestClient) -> None:
    one, other = named(client, "断网修复时间"), named(client, "电梯故障处理时间")
    assert decide(client, one, action="rename", name="网络恢复时间", seen=0).status_code == 201
    late = decide(client, one, action="merge", other=other, seen=0)
    assert (late.status_code, late.json()["title"]) == (409, "已有变化")
    assert "请刷新页面" in late.json()["detail"]
    page = client.post(f"/concepts/{one}", data={"action": "reject", "seen": "0"}, headers={**OWN, **PAGE})
    assert "别人刚刚" in shown(page, 409)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"action": "merge", "other": "gone"}, 404),
        ({"action": "merge"}, 400),
        ({"action": "confirm", "other": "gone"}, 404),
        ({"action": "split", "phrases": ["gone"]}, 400),
        ({"action": "split"}, 400),
        ({"action": "rename", "name": "\u0000 "}, 400),
        ({"action": "rename", "name": "字" * 61}, 400),
        ({"action": "rename", "name": "字" * 5000}, 400),
        ({"action": "drop"}, 400),
        ({"action": "reject", "seen": -1}, 400),
        ({"action": "reject", "seen": 10**30}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_decided_is_said(client: TestClient, given: dict[str, Any], status: int) -> None:
    answer = decide(client, named(client, "断网修复时间"), **given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/api/decisions").json()["total"] == 0


def test_merging_with_itself_and_unknown_ids_are_refused(client: TestClient) -> None:
    id = named(client, "断网修复时间")
    assert "不能与自己合并" in decide(client, id, action="merge", other=id).json()["detail"]
    for gone in ("unknown", "%00", "字" * 300, "-1"):
        assert decide(client, gone, action="reject").status_code in (400, 404)
    for number in ("0", "-1", "9" * 30, "x", "99"):
        assert client.post(f"/api/decisions/{number}/undo", headers=OWN).status_code in (400, 404)


def test_the_pages_show_and_decide(client: TestClient) -> None:
    client.headers.update({**OWN, **PAGE})
    text = shown(client.get("/concepts"))
    assert re.search(r'<a href="/concepts/\w{16}" data-hit>断网修复时间</a>', text)
    assert "待确认 1" in text
    assert "没有装载编码器" in text
    id = re.findall(r'/concepts/(\w{16})" data-hit>断网修复时间', text)[0]
    text = shown(client.get(f"/concepts/{id}"))
    for part in (
        "故障响应时限",
        "没有写“网络”，但用它的项目名称里都有",
        "网络运行维护费",
        "24小时",
        'class="strip"',
        "类别不同",
    ):
        assert part in text
    renamed = client.post(f"/concepts/{id}", data={"action": "rename", "name": HOSTILE, "seen": "0"})
    assert "&lt;script&gt;" in shown(renamed)
    assert "把“断网修复时间”改名为“&lt;script&gt;" in renamed.text
    shown(client.get("/concepts"))
    shown(client.get("/compare?text=断网修复时间"))
    back = shown(client.post("/decisions/1/undo", data={"seen": "1", "concept": id}))
    assert "<h1>断网修复时间</h1>" in back
    assert "（已撤销）" in back


def test_proposals_are_decided_on_the_page(client: TestClient) -> None:
    client.headers.update({**OWN, **PAGE})
    id = named(client, "断网修复时间")
    other = re.findall(r'name="other" value="(\w{16})"', shown(client.get(f"/concepts/{id}")))[0]
    done = client.post(f"/concepts/{id}", data={"action": "refuse", "other": other, "seen": "0"})
    assert "待确认" not in shown(done)
    assert "否定" in done.text
    assert "建议已经不在" in shown(client.post(f"/concepts/{id}", data={"action": "confirm", "other": other}), 409)


def test_a_concept_to_merge_with_is_looked_up(client: TestClient) -> None:
    client.headers.update({**OWN, **PAGE})
    id, other = named(client, "断网修复时间"), named(client, "电梯故障处理时间")
    text = shown(client.get(f"/concepts/{id}?merge=电梯"))
    assert f'name="other" value="{other}"' in text
    assert "没有找到" in shown(client.get(f"/concepts/{id}?merge=xyz"))
    merged = client.post(f"/concepts/{other}", data={"action": "merge", "other": id, "seen": "0"})
    assert str(merged.url).endswith(f"/concepts/{other}")
    assert str(client.get(f"/concepts/{id}").url).endswith(f"/concepts/{other}")


def test_declarations_hits_and_comparisons_lead_to_the_concept(client: TestClient) -> None:
    client.headers.update(PAGE)
    id = named(client, "断网修复时间")
    for path in (f"/declarations/{form(*NETWORK[1]).id}", "/?q=断网修复时间", "/compare?text=断网修复时间"):
        assert f"/concepts/{id}" in shown(client.get(path)), path
    assert "断网修复时间" in shown(client.get(f"/compare?concept={id}"))
    shown(client.get("/compare?concept=unknown"), 404)


@pytest.mark.parametrize("query", ["state=x", "page=0", "page=x", "category=没有", "text=" + "字" * 3000])
def test_bad_questions_to_the_page_are_answered(client: TestClient, query: str) -> None:
    assert client.get(f"/concepts?{query}", headers=PAGE).status_code in (200, 400)


def test_an_identifier_leads_to_the_page_or_to_triples(client: TestClient) -> None:
    from perfkg.concepts.projection import keep

    id = named(client, "断网修复时间")
    keep(client.app.state.keeper.library)  # type: ignore[attr-defined]
    assert str(client.get(f"/id/concept/{id}", headers=PAGE).url).endswith(f"/concepts/{id}")
    turtle = client.get(f"/id/concept/{id}", headers={"Accept": "text/turtle"}).text
    assert "故障响应时限" in turtle
    assert "perfkg:IndicatorConcept" in turtle
    query = f"SELECT (COUNT(?i) AS ?n) {{ ?i perfkg:concept ?c . ?c dcterms:identifier '{id}' }}"
    assert client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text.split() == ["n", "3"]
