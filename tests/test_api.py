"""Every route over HTTP: what it answers, what it refuses, and who may do what."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient

from api import access
from api.app import _listen, create
from api.metrics import Metrics
from api.negotiation import GRAPHS, SOLUTIONS, accepted
from perfkg.concepts.catalogue import catalogued
from perfkg.library import Library
from perfkg.records import Declaration, as_json

FORM = """部门预算项目支出绩效目标申报表

（2022年度）

项目名称\t\t政务外网运维费
预算单位\t\t云岭县大数据中心
项目资金(万元)\t\t年度资金总额：\t\t12.5
\t\t其中:财政拨款\t\t12.5
\t\t其他资金
总体目标\t年度目标
\t保障政务外网畅通
绩效指标\t一级指标\t二级指标\t三级指标\t指标值（包含数字及文字描述）
\t项目完成\t质量指标\t网络故障处理时间\t4小时
\t\t时效指标\t巡检时间\t每月巡检
"""

NETWORK = make_declaration(
    rows=(
        ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
        ("项目完成", "成本指标", "<b>互联网</b>", "4.8万元"),
        ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
    )
)
SCHOOL = make_declaration("校舍维修", "云岭县第一中学", 2022, (("产出指标", "数量指标", "维修教室", "12间"),))

GET = [
    "/api/search?q=",
    "/api/search?q=网络&category=",
    "/api/search?q=网络&organization=",
    "/api/search?q=网络&year=",
    "/api/search?q=网络&limit=",
    "/api/search?q=网络&offset=",
    "/api/search?q=网络&ignore=",
    "/api/search?q=网络&format=",
    "/api/indicators/x/similar?limit=",
    "/api/queries/",
    "/api/queries/drift?word=",
    "/api/queries/drift?format=",
    "/api/ask?q=",
    "/api/indicators/",
    "/api/declarations/",
    "/api/declarations?q=",
    "/api/declarations?organization=",
    "/api/declarations?offset=",
    "/api/declarations/x/history?a=",
    "/api/compare?text=",
    "/api/compare?indicator=",
    "/api/suggest?project=",
    "/api/suggest?project=网络&text=",
    "/api/jobs/",
    "/api/jobs/x/events?a=",
    "/sparql?query=",
    "/sparql?query=ASK{}&timeout=",
    "/sparql?query=ASK{}&format=",
    "/sparql?query=ASK{}&default-graph-uri=",
    "/id/declaration/",
    "/id/",
    "/?q=",
    "/?q=网络&year=",
    "/?q=网络&category=",
    "/?q=网络&page=",
    "/?q=网络&ignore=",
    "/?like=",
    "/ask?q=",
    "/compare?text=",
    "/compare?indicator=",
    "/query?query=",
    "/query?name=",
    "/query?name=drift&word=",
    "/library?q=",
    "/library?year=",
    "/library?page=",
    "/declarations/",
    "/declarations/x?version=",
    "/imports/",
    "/static/",
    "/scheme/",
    "/unit/",
    "/dimension/",
    "/guide/",
    "/pictures/",
    "/api/concepts/",
    "/api/concepts?q=",
    "/concepts?text=",
    "/api/network?around=",
    "/network?find=",
    "/network?at=",
    "/api/export?year=",
    "/api/imports/",
    "/api/declarations/x/changes?before=",
    "/library/imports/",
    "/reviews/x/",
]
HOSTILE = [
    "",
    "😀",
    "%00",
    "a%00b",
    "%ED%A0%80",
    "字" * 7_000,
    "%F0%28",
    "(" * 300,
    "-1",
    "9" * 30,
    "nan",
    "..%2F..",
    "{{7*7}}",
    "a%20b",
    "%3Cx%3E",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, SCHOOL])
    return tmp_path / "library"


@pytest.fixture
def token(folder: Path) -> str:
    made = access.policy(folder, "127.0.0.1")[1]
    assert made
    return made


@pytest.fixture
def client(folder: Path, token: str) -> Iterator[TestClient]:
    yield from serving(folder)


def serving(folder: Path, policy: access.Policy | None = None, base: str = "http://127.0.0.1") -> Iterator[TestClient]:
    with TestClient(create(Library(folder, WORDS_ALONE), policy), base_url=base, follow_redirects=False) as client:
        client.app.state.keeper.warm.wait(20)  # type: ignore[attr-defined]
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert any("一" <= character <= "鿿" for character in body["detail"])
    return body


def finished(client: TestClient, id: str) -> dict[str, Any]:
    for _ in range(200):
        job: dict[str, Any] = client.get(f"/api/jobs/{id}").json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


# What is asked


def test_search_gives_hits_with_reasons_and_the_snapshot(client: TestClient) -> None:
    body = client.get("/api/search", params={"q": "网络故障", "limit": 2}).json()
    first = body["hits"][0]
    assert (first["name"], first["value"], first["project"]) == ("网络故障处理时间", "24小时", "网络运行维护费")
    assert "网络故障" in first["reasons"]["matched"]
    assert body["snapshot"]["change"] == 2


def test_search_filters(client: TestClient) -> None:
    def projects(**filters: Any) -> set[str]:
        hits = client.get("/api/search", params={"q": "网络教室", **filters}).json()["hits"]
        return {hit["project"] for hit in hits}

    assert projects() == {"网络运行维护费", "校舍维修"}
    assert projects(year=2022) == projects(organization="中学") == projects(category="数量指标") == {"校舍维修"}


def test_indicator_declaration_and_history(client: TestClient) -> None:
    indicator = NETWORK.indicators[0]
    assert client.get(f"/api/indicators/{indicator.id}").json()["name"] == indicator.name
    assert Declaration.from_json(client.get(f"/api/declarations/{NETWORK.id}").json()) == NETWORK
    assert client.get(f"/api/declarations/{NETWORK.id}?version=1").json() == as_json(NETWORK)
    history = client.get(f"/api/declarations/{NETWORK.id}/history").json()["history"]
    assert [(change["action"], change["actor"]) for change in history] == [("record", "local")]


def test_declarations_are_paged_and_filtered(client: TestClient) -> None:
    page = client.get("/api/declarations", params={"limit": 1, "offset": 1}).json()
    assert (page["total"], len(page["declarations"])) == (2, 1)
    found = client.get("/api/declarations", params={"q": "校舍"}).json()["declarations"]
    assert [(one["project"], one["year"], one["total"]) for one in found] == [("校舍维修", 2022, 100000.0)]
    assert client.get("/api/declarations", params={"organization": "云岭县", "q": "%"}).json()["total"] == 0


def test_organizations_and_schemes(client: TestClient) -> None:
    names = [one["name"] for one in client.get("/api/organizations").json()["organizations"]]
    assert names == ["云岭县大数据中心", "云岭县第一中学"]
    known = {scheme["id"]: scheme["concepts"] for scheme in client.get("/api/schemes").json()["schemes"]}
    assert {"2015", "sichuan", "2021"} <= known.keys()
    assert "质量指标" in {concept["label"] for concept in known["2015"]}


def test_compare_and_suggest(client: TestClient) -> None:
    compared = client.get("/api/compare", params={"text": "群众满意度"}).json()
    assert {"groups", "left_out", "snapshot"} <= compared.keys()
    suggested = client.get("/api/suggest", params={"project": "网络运行", "text": "网络"}).json()["suggestions"]
    assert suggested[0]["name"] == "网络故障处理时间"
    assert suggested[0]["evidence"][0]["project"] == "网络运行维护费"


def test_search_is_paged_and_given_as_a_table(client: TestClient) -> None:
    everything = client.get("/api/search?q=网络故障满意度教室").json()
    assert everything["total"] == len(everything["hits"]) == 4
    names = [hit["name"] for hit in everything["hits"]]
    pages = [client.get(f"/api/search?q=网络故障满意度教室&limit=1&offset={at}").json()["hits"] for at in range(5)]
    assert [hit["name"] for page in pages for hit in page] == names
    table = client.get("/api/search?q=网络故障满意度教室&format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"].startswith("attachment")
    assert len(table.content.decode("utf-8-sig").splitlines()) >= 5
    assert client.get("/api/search?q=网络&format=xlsx").content.startswith(b"PK")


def test_what_the_question_names_can_be_taken_back(client: TestClient) -> None:
    named = client.get("/api/search?q=2022年维修教室").json()["chips"]
    assert [chip["kind"] for chip in named] == ["year"]
    ignored = client.get("/api/search", params={"q": "2022年维修教室", "ignore": named[0]["text"]}).json()
    assert ignored["chips"] == []


def test_indicators_like_one(client: TestClient) -> None:
    id = NETWORK.indicators[0].id
    found = client.get(f"/api/indicators/{id}/similar").json()
    assert id not in [hit["id"] for hit in found["hits"]]
    problem(client.get("/api/indicators/unknown/similar"), 404)


def test_a_question_is_answered(client: TestClient) -> None:
    answer = client.get("/api/ask?q=资金合计多少？").json()
    assert answer["number"] == 200000.0
    assert {row["declaration"] for row in answer["rows"]} == {NETWORK.id, SCHOOL.id}
    assert client.get("/api/ask?q=今天天气怎么样？").json()["refused"]
    problem(client.get("/api/ask"), 400)


# What is reviewed


def test_files_are_reviewed_and_nothing_is_recorded(client: TestClient) -> None:
    files = [("files", ("表.txt", FORM.replace("4小时", "12.5万元"))), ("files", ("乱.txt", "随便写的"))]
    answer = client.post("/api/review", files=files)
    body = answer.json()
    assert [one["declaration"]["project"] for one in body["reports"]] == ["政务外网运维费"]
    assert {one["verdict"] for one in body["reports"][0]["findings"]} <= {"fail", "pass", "deferred", "not-applicable"}
    assert sum(body["reports"][0]["counts"].values()) == len(body["reports"][0]["findings"])
    assert [one["file"] for one in body["refused"]] == ["乱.txt"]
    assert answer.headers["perfkg-refused"] == "1"
    assert client.get("/api/declarations").json()["total"] == 2


@pytest.mark.parametrize(("format", "begins"), [("docx", b"PK"), ("xlsx", b"PK"), ("html", b"<!doctype html>")])
def test_the_opinion_is_a_file(client: TestClient, format: str, begins: bytes) -> None:
    answer = client.post(f"/api/review?format={format}", files={"files": ("表.txt", FORM)})
    assert answer.content.startswith(begins)
    assert f".{format}" in answer.headers["content-disposition"]


def test_what_cannot_be_reviewed_says_why(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    problem(client.post("/api/review"), 422)
    problem(client.post("/api/review?format=docx", files={"files": ("乱.txt", "随便写的")}), 422)
    problem(client.post("/api/review?format=pdf", files={"files": ("表.txt", FORM)}), 400)
    monkeypatch.setattr("api.judging.MOST", 1)
    problem(client.post("/api/review", files=[("files", ("甲.txt", FORM)), ("files", ("乙.txt", FORM))]), 413)


def test_a_form_is_reviewed_while_it_is_written(client: TestClient) -> None:
    row = {"category": "成本指标", "name": "线路租赁费", "value": "30万元"}
    form = {"project": "线路租赁费", "year": 2022, "total": 125000, "fiscal": 125000, "indicators": [{}, row]}
    report = client.post("/api/review/draft", json=form).json()["report"]
    [cost] = [one for one in report["findings"] if one["rule"] == "cost-funding"]
    assert cost["verdict"] == "fail"
    [indicator] = report["declaration"]["indicators"]
    assert indicator["place"] == {"row": 2}
    assert indicator["category"]["level1"]
    assert client.get("/api/declarations").json()["total"] == 2
    wrong: dict[str, Any]
    for wrong in ({"total": -1}, {"year": "x"}, {"indicators": [{}] * 301}, {"project": "字" * 3000}):
        problem(client.post("/api/review/draft", json=wrong), 400)
    problem(client.post("/api/review/draft", content=b"{", headers={"content-type": "application/json"}), 400)


# Named queries


def test_named_queries_run_by_name(client: TestClient) -> None:
    queries = {one["name"]: one for one in client.get("/api/queries").json()["queries"]}
    assert len(queries) >= 15
    assert all(one["question"] for one in queries.values())
    for least, projects in ((100_000, {"网络运行维护费", "校舍维修"}), (100_001, set())):
        rows = client.get(f"/api/queries/largest-projects?least={least}").json()["results"]["bindings"]
        assert {row["projectName"]["value"] for row in rows} == projects
    table = client.get("/api/queries/network-maintenance", params={"word": '" } #', "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 1
    problem(client.get("/api/queries/nothing"), 404)
    problem(client.get("/api/queries/largest-projects?least=abc"), 400)
    problem(client.get("/api/queries/drift?wrong=1"), 400)


def test_the_snapshot_is_an_etag_that_changes_with_the_library(client: TestClient, token: str) -> None:
    tag = client.get("/api/organizations").headers["etag"]
    again = client.get("/api/organizations", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    client.delete(f"/api/declarations/{SCHOOL.id}", headers=bearer(token))
    assert client.get("/api/organizations", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", [f"/api/declarations/{NETWORK.id}", "/sparql?query=ASK{}"])
def test_an_etag_is_of_one_form_of_an_answer_and_of_one_program(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    held = client.app.state.keeper.library  # type: ignore[attr-defined]
    while not (catalogued(held) and held.graph.catalogued):  # the server's own thread makes the catalogue
        time.sleep(0.05)
    known = {"If-None-Match": client.get(path).headers["etag"]}
    assert client.get(path, headers=known).status_code == 304
    other = {"Accept": "application/ld+json, application/sparql-results+xml"}
    assert client.get(path, headers=known | other).status_code == 200
    monkeypatch.setattr("api.answers.__version__", "999")
    assert client.get(path, headers=known).status_code == 200


def test_scripts_are_asked_after_each_time(client: TestClient) -> None:
    answer = client.get("/static/app.js")
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get("/static/app.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


# What is refused


@pytest.mark.parametrize("hostile", HOSTILE)
def test_bad_input_is_never_a_fault_of_ours(client: TestClient, hostile: str) -> None:
    for path in GET:
        answer = client.get(path + hostile)
        assert answer.status_code < 500, (path, answer.text)
        if answer.status_code >= 400 and not path.startswith("/query?query="):  # the page shows the fault in its place
            problem(answer, answer.status_code)


def test_problems_say_what_is_wrong_in_chinese(client: TestClient) -> None:
    assert "没有要检索的文字" in problem(client.get("/api/search?q="), 400)["detail"]
    assert "year 应当是整数" in problem(client.get("/api/search?q=a&year=x"), 400)["detail"]
    assert "limit 不能大于 1000" in problem(client.get("/api/search?q=a&limit=1001"), 400)["detail"]
    assert problem(client.get("/api/declarations/unknown"), 404)["where"] == "unknown"
    problem(client.get("/nowhere"), 404)
    problem(client.put("/api/search", headers=bearer("x")), 401)


def test_a_fault_of_ours_shows_nothing_of_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Metrics, "text", broken)
    body = client.get("/metrics")
    problem(body, 500)
    assert "secret" not in body.text


def test_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/read", headers={"Content-Length": str(10**9)}, content=b"")
    assert "64 MB" in problem(answer, 413)["detail"]


def test_every_answer_has_safe_headers(client: TestClient) -> None:
    for path in ("/", "/api/organizations", "/nowhere", "/static/app.css", "/health"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


# Who may do what


def test_writing_needs_the_token_and_reading_does_not(client: TestClient, token: str) -> None:
    assert client.get("/api/organizations").status_code == 200
    for headers in ({}, bearer("wrong"), {"Authorization": "Bearer "}, {"Cookie": "perfkg_token=wrong"}):
        problem(client.delete(f"/api/declarations/{SCHOOL.id}", headers=headers), 401)
        problem(client.post("/api/declarations", files={"f": ("a.txt", FORM)}, headers=headers), 401)
    assert client.delete(f"/api/declarations/{SCHOOL.id}", headers=bearer(token)).json() == {
        "withdrawn": SCHOOL.id,
        "change": 3,
    }
    problem(client.get(f"/api/declarations/{SCHOOL.id}"), 404)
    last = client.get(f"/api/declarations/{SCHOOL.id}/history").json()["history"][-1]
    assert (last["action"], last["actor"].split("@")[0]) == ("withdraw", "web")


def test_the_token_is_kept_as_a_hash_alone(folder: Path, token: str) -> None:
    kept = (folder / "token.sha256").read_text()
    assert token not in kept
    assert (folder / "token.sha256").stat().st_mode & 0o077 == 0
    policy, second = access.policy(folder, "127.0.0.1")
    assert second is None
    assert policy.knows(token)
    assert not policy.knows("")


def test_on_another_address_reading_needs_the_token_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, token = access.policy(folder, "0.0.0.0")
    assert token
    for client in serving(folder, policy, "http://budget.example"):
        problem(client.get("/api/organizations"), 401)
        assert client.get("/", headers={"Accept": "text/html"}).status_code == 401
        assert client.get("/health").status_code == client.get("/login").status_code == 200
        assert client.get("/api/organizations", headers=bearer(token)).status_code == 200
    monkeypatch.setenv("PERFKG_OPEN", "1")
    for client in serving(folder, access.policy(folder, "0.0.0.0")[0], "http://budget.example"):
        assert client.get("/api/organizations").status_code == 200


@pytest.mark.parametrize(
    "host", ["budget.example/static/", "budget.example/login?", "a@b/health", "budget.example#/static"]
)
def test_no_host_name_makes_another_path_of_the_one_asked_for(folder: Path, host: str) -> None:
    for client in serving(folder, access.policy(folder, "0.0.0.0")[0], "http://budget.example"):
        problem(client.get("/api/organizations", headers={"Host": host}), 401)


def test_the_scheme_of_a_token_is_written_in_any_way(client: TestClient, token: str) -> None:
    own = {"Cookie": f"perfkg_token={token}", "Origin": "http://127.0.0.1"}
    for headers in ({"Authorization": f"bearer {token}"}, own | {"Authorization": "Basic eDp5"}):
        assert client.post("/api/rebuild", headers=headers).status_code == 202, headers
    problem(client.post("/api/rebuild", headers={"Authorization": f"Basic {token}"}), 401)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::", "", "a b"])
def test_a_foreign_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    problem(client.get("/api/organizations", headers={"Host": host}), 403)


def test_a_cookie_works_from_our_own_pages_alone(client: TestClient, token: str) -> None:
    own = {"Cookie": f"perfkg_token={token}", "Origin": "http://127.0.0.1"}
    problem(client.delete(f"/api/declarations/{SCHOOL.id}", headers=own | {"Origin": "http://evil.example"}), 403)
    problem(client.delete(f"/api/declarations/{SCHOOL.id}", headers={"Cookie": own["Cookie"]}), 403)
    assert client.delete(f"/api/declarations/{SCHOOL.id}", headers=own).status_code == 200


def test_a_page_of_another_site_can_post_nothing(client: TestClient) -> None:
    browser = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    form = {"f": ("a.txt", FORM)}
    for path in ("/api/review", "/api/read", "/review", "/read"):
        problem(client.post(path, files=form, headers=browser), 403)
    assert client.post("/api/read", files=form).status_code == 200
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/read", files=form, headers=own).status_code == 200


# What is recorded


def test_files_are_imported_as_a_job(client: TestClient, token: str) -> None:
    files = [("files", ("../../新表.txt", FORM)), ("more", ("坏的.txt", "这不是申报表"))]
    answer = client.post("/api/declarations", files=files, headers=bearer(token))
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/jobs/{answer.json()['id']}"
    job = finished(client, answer.json()["id"])
    assert job["files"] == ["新表.txt", "坏的.txt"]
    assert (job["state"], job["report"]["indicators"], len(job["report"]["recorded"])) == ("done", 2, 1)
    assert [refused["file"] for refused in job["report"]["refused"]] == ["坏的.txt"]
    hits = client.get("/api/search", params={"q": "网络故障", "year": 2022}).json()["hits"]
    assert hits[0]["project"] == "政务外网运维费"
    [recorded] = job["report"]["recorded"]
    assert client.get(f"/api/declarations/{recorded}").json()["source"]["file"] == "新表.txt"


def test_no_two_files_of_a_folder_become_one(client: TestClient, token: str) -> None:
    """Names are shortened, and a name may be that of a folder elsewhere: every file is read all the same."""
    begins = f"报送/{'关于' * 40}"
    given = [f"{begins}一.txt", f"{begins}二.txt", "报送/甲", "报送/甲/乙.txt", "报送/甲/乙.txt"]
    forms = [FORM.replace("政务外网", f"第{number}项") for number in range(len(given))]
    files = [("f", (name, form)) for name, form in zip(given, forms, strict=True)]
    job = finished(client, client.post("/api/declarations", files=files, headers=bearer(token)).json()["id"])
    assert (job["state"], job["problem"]) == ("done", None)
    assert (job["report"]["declarations"], len(job["report"]["recorded"])) == (len(given), len(given))


def test_a_job_tells_its_progress_as_events(client: TestClient, token: str) -> None:
    id = client.post("/api/declarations", files={"f": ("a.txt", FORM)}, headers=bearer(token)).json()["id"]
    lines = client.get(f"/api/jobs/{id}/events").text.split("\n\n")
    kinds = [line.partition("\n")[0] for line in lines if line]
    assert kinds[-1] == "event: end"
    assert json.loads(lines[-2].partition("data: ")[2])["report"]["declarations"] == 1
    problem(client.get("/api/jobs/unknown/events"), 404)


def test_an_upload_without_files_is_refused(client: TestClient, token: str) -> None:
    problem(client.post("/api/declarations", data={"a": "b"}, headers=bearer(token)), 422)
    broken = bearer(token) | {"Content-Type": "multipart/form-data; boundary=x"}
    problem(client.post("/api/declarations", content=b"\xff\xfe", headers=broken), 400)


def test_what_another_process_imports_is_found_within_a_second(client: TestClient, folder: Path) -> None:
    with Library(folder, WORDS_ALONE) as other:
        assert not other.holding
        other.import_declarations(
            [make_declaration("道路养护费", rows=(("产出指标", "数量指标", "养护里程", "30公里"),))]
        )
    began = time.monotonic()
    while not client.get("/api/search", params={"q": "养护里程"}).json()["hits"]:
        assert time.monotonic() - began < 1.5
        time.sleep(0.05)


def test_the_server_takes_over_a_library_that_another_process_held(folder: Path) -> None:
    with Library(folder, WORDS_ALONE):
        clients = serving(folder)
        client = next(clients)
        assert client.get("/health").json()["holding"] is False
    for _ in range(40):
        if client.get("/health").json()["holding"]:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("never held")
    assert client.get("/api/search", params={"q": "网络故障"}).json()["hits"][0]["name"] == "网络故障处理时间"
    assert next(clients, None) is None


# SPARQL and linked data

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?i a perfkg:Indicator }"
SOME = "CONSTRUCT { ?i a perfkg:Indicator } WHERE { ?i a perfkg:Indicator } LIMIT 1"


def test_sparql_by_get_form_and_body(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": COUNT}),
        client.post("/sparql", data={"query": COUNT}),
        client.post("/sparql", content=COUNT, headers={"Content-Type": "application/sparql-query"}),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/sparql-results+json"
        assert answer.json()["results"]["bindings"][0]["n"]["value"] == "4"
        assert answer.headers["perfkg-change"] == "2"


@pytest.mark.parametrize(
    ("query", "accept", "type"),
    [
        (COUNT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (COUNT, "text/csv", "text/csv"),
        (COUNT, "text/tab-separated-values;q=1, text/csv;q=.1", "text/tab-separated-values"),
        (COUNT, "text/turtle, */*;q=0.1", "application/sparql-results+json"),
        ("ASK {}", "application/json", "application/sparql-results+json"),
        (SOME, "*/*", "text/turtle"),
        (SOME, "application/n-triples", "application/n-triples"),
        (SOME, "application/ld+json", "application/ld+json"),
    ],
)
def test_sparql_negotiates_the_format(client: TestClient, query: str, accept: str, type: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == type


def test_sparql_refuses_in_words(client: TestClient) -> None:
    said = problem(client.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"}), 400)
    assert said["line"] == 2
    assert said["column"] > 1
    problem(client.get("/sparql", params={"query": "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }"}), 400)
    problem(client.post("/sparql", data={"query": "DROP ALL"}), 400)
    problem(client.post("/sparql", data={"update": "DROP ALL"}), 400)
    problem(client.post("/sparql", content="x", headers={"Content-Type": "text/plain"}), 415)
    problem(client.post("/sparql", content=b"\xff", headers={"Content-Type": "application/sparql-query"}), 400)
    problem(client.get("/sparql", params={"query": COUNT}, headers={"Accept": "image/png"}), 406)
    problem(client.get("/sparql", params=[("query", COUNT), ("query", COUNT)]), 400)
    problem(client.get("/sparql", params={"query": "ASK {}", "default-graph-uri": "file:///etc/passwd"}), 400)


def test_an_endless_query_is_stopped_and_others_are_answered(client: TestClient) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    began = time.monotonic()
    answer = client.get("/sparql", params={"query": endless, "timeout": "0.5"})
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert time.monotonic() - began < 5
    assert client.get("/sparql", params={"query": COUNT}).status_code == 200


def test_sparql_describes_itself(client: TestClient) -> None:
    from rdflib import Graph

    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    described = Graph().parse(data=answer.text, format="turtle")
    found = described.query(
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>"
        "SELECT ?e { ?s a sd:Service ; sd:endpoint ?e ; sd:supportedLanguage sd:SPARQL11Query ; sd:resultFormat ?f }"
    )
    assert {str(row[0]) for row in found} == {"http://127.0.0.1/sparql"}  # type: ignore[index]


def test_identifiers_answer_people_and_programs(client: TestClient) -> None:
    path = f"/id/declaration/{NETWORK.id}"
    page = client.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/declarations/{NETWORK.id}")
    turtle = client.get(path, headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "网络故障处理时间" in turtle.text
    assert isinstance(client.get(path, headers={"Accept": "application/ld+json"}).json(), list)
    indicator = NETWORK.indicators[0].id
    shown = client.get(f"/id/indicator/{indicator}", headers={"Accept": "text/html"}).headers["location"]
    assert shown == f"/declarations/{NETWORK.id}?hit={indicator}#hit"
    assert "群众满意度" not in client.get(f"/id/indicator/{indicator}").text
    assert client.get("/id/organization/云岭县第一中学", headers={"Accept": "text/html"}).status_code == 303
    problem(client.get("/id/declaration/unknown"), 404)
    problem(client.get(path, headers={"Accept": "image/png"}), 406)


# Those who run it


def test_health_and_metrics(client: TestClient) -> None:
    state = client.get("/health").json()
    assert (state["status"], state["holding"], state["snapshot"]["change"]) == ("ok", True, 2)
    client.get("/api/organizations")
    text = client.get("/metrics").text
    assert 'perfkg_requests_total{method="GET",route="/api/organizations",status="200"} 1' in text
    assert "\nperfkg_indicators 4\n" in text


def test_answers_wait_for_no_fuller_packet() -> None:
    with _listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # by which asyncio knows where to turn Nagle's delay off


def test_a_failing_library_is_said_at_health(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(Library, "catch_up", broken)
    for _ in range(60):
        if client.get("/health").status_code == 503:
            break
        time.sleep(0.05)
    assert client.get("/health").json()["status"] == "trouble"
    monkeypatch.undo()
    for _ in range(60):
        if client.get("/health").status_code == 200:
            break
        time.sleep(0.05)
    assert client.get("/health").json()["trouble"] is None


def test_the_description_of_the_api_names_every_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/search", "/api/declarations", "/sparql", "/id/{kind}/{id}", "/health"} <= paths.keys()
    assert "/" not in paths


def test_accept_headers_are_read_by_their_quality() -> None:
    assert accepted("", SOLUTIONS) == ["json", "xml", "csv", "tsv"]
    assert accepted("text/csv;q=0.5, application/json", SOLUTIONS) == ["json", "csv"]
    assert accepted("text/*, text/csv;q=0", SOLUTIONS) == ["xml", "tsv"]
    assert accepted("nonsense;q=x,,;", GRAPHS) == []
