"""What people send by mistake or in malice, by every door, to a library that holds one form of three indicators.

Whatever comes: a helpful answer in Chinese, no fault of the server, nothing of the input run or lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from test_pages import with_targets

from api.app import create
from perfkg.cli import main
from perfkg.library import Library

THREE = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "数量指标", "线路数量", "12条"),
    ("满意度指标", "服务对象满意度", "群众满意度", "≥95%"),
)
TEXTS = {
    "long": "网络" * 2500,
    "english": "how fast is the network repaired?",
    "empty": "",
    "blank": " \n",
    "sparql": "SELECT * { ?s ?p ?o } ; DROP ALL",
    "html": "<script>alert(1)</script><b>网络</b>",
    "quotes": "\"}'; {\\",
    "nul": "网\0络",
    "surrogate": "\udce5",
    "emoji": "😀😀",
}
GONE = ("0123456789abcdef", "0123456789abcdef-01")
QUESTIONS = (
    "/api/ask?q={}",
    "/api/compare?text={}",
    "/api/compare?indicator={}",
    "/api/compare?concept={}",
    "/api/suggest?project={}&category=质量指标",
    "/api/suggest?project=网络&category={}",
    "/api/suggest?project=网络&category=质量指标&text={}",
    "/api/draft?project={}",
    "/api/draft?project=网络&objective={}",
    "/api/concepts?q={}",
    "/api/concepts/{}",
    "/api/network?around={}",
    "/api/network?organization={}",
    "/ask?q={}",
    "/compare?text={}",
    "/compare?indicator={}",
    "/concepts?q={}",
    "/concepts/{}",
    "/network?around={}",
    "/draft?project={}",
)
COMMANDS = (
    ["ask", "{}"],
    ["compare", "{}"],
    ["suggest", "--project", "{}", "--category", "质量指标"],
    ["suggest", "--project", "网络", "--category", "{}"],
    ["suggest", "--project", "网络", "--text", "{}"],
    ["suggest", "--project", "{}", "--draft"],
    ["concepts", "{}"],
)
NO_ROWS = """<table><tr><td>项目名称</td><td colspan=3>网络运行维护费</td></tr>
<tr><td>预算单位</td><td colspan=3>云岭县大数据中心</td></tr><tr><td>总体目标</td><td colspan=3>保障网络运行</td></tr>
<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr></table>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("three") / "library"
    with Library(path, WORDS_ALONE) as library:
        library.import_declarations([with_targets(make_declaration(rows=THREE))])
    return path


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create(Library(folder, WORDS_ALONE)), base_url="http://127.0.0.1") as client:
        yield client


def is_helpful(answer: Any) -> None:
    assert answer.status_code in (200, 400, 404, 422), answer.text
    text = answer.text
    assert "Traceback" not in text
    # A list or a network of nothing needs no words.
    assert re.search("[一-鿿]", text) or not (answer.json().get("concepts") or answer.json().get("nodes"))
    if answer.headers["content-type"].startswith("text/html"):
        assert "<script>alert" not in text
    elif answer.status_code != 200:
        problem = answer.json()
        assert problem["detail"] != problem["title"]
        assert len(problem["detail"]) < 400


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("address", QUESTIONS)
def test_over_http(client: TestClient, address: str, text: str) -> None:
    accept = "application/json" if address.startswith("/api") else "text/html"
    is_helpful(client.get(address.format(quote(text, errors="surrogatepass")), headers={"accept": accept}))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_on_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], text: str) -> None:
    told = run(folder, monkeypatch, *(part.format(text) for part in command))
    assert told.exit_code in (0, 1)
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert re.search("[一-鿿]", told.stdout + told.stderr)
    assert len(told.stderr) < 2000


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    return CliRunner().invoke(main, [*arguments, "--library", str(folder)])


@pytest.mark.parametrize("id", GONE)
def test_what_is_gone_is_said_to_be(client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    for address in ("/api/compare?indicator={}", "/api/compare?concept={}", "/api/concepts/{}", "/api/indicators/{}"):
        gone = client.get(address.format(id))
        assert (gone.status_code, "没有这个" in gone.json()["detail"]) == (404, True)
    for page in ("/compare?indicator={}", "/concepts/{}"):
        shown = client.get(page.format(id), headers={"accept": "text/html"})
        assert (shown.status_code, "没有这个" in shown.text) == (404, True)
    told = run(folder, monkeypatch, "compare" if "-" in id else "concepts", id)
    assert told.exit_code == 1
    assert "没有这个" in told.stderr


def test_a_long_question_is_not_repeated_whole(client: TestClient) -> None:
    detail = client.get("/api/compare", params={"indicator": "网络" * 2500}).json()["detail"]
    assert "共5000字" in detail
    assert len(detail) < 200
    assert "500" in client.get("/api/draft", params={"project": "网" * 501}).json()["detail"]


@pytest.mark.parametrize("format", ["json", "docx", "xlsx", "html"])
def test_a_form_without_indicators_is_refused_with_advice(client: TestClient, format: str) -> None:
    answer = client.post(f"/api/review?format={format}", files={"files": ("空表.html", NO_ROWS)})
    if format == "json":
        [refused] = answer.json()["refused"]
        assert "没有填写任何指标" in refused["reason"]
        return
    assert answer.status_code == 422
    assert "没有填写任何指标" in answer.text
    assert "请" in answer.json()["advice"]


def test_a_form_without_indicators_at_the_other_doors(
    client: TestClient, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "空表.html"
    file.write_text(NO_ROWS, "utf-8")
    for command in ("review", "read", "import"):
        told = run(folder, monkeypatch, command, str(file)) if command != "read" else None
        told = told or CliRunner().invoke(main, ["read", str(file)])
        assert told.exit_code == 1
        assert "没有填写任何指标" in told.stderr
    report = client.post("/api/review/draft", json={"project": "网络运行维护费", "indicators": []}).json()["report"]
    failed = {one["rule"] for one in report["findings"] if one["verdict"] == "fail"}
    assert failed
    assert all(re.search("[一-鿿]", one["message"]) for one in report["findings"])


def test_three_indicators_are_enough_to_be_asked(client: TestClient) -> None:
    assert client.get("/api/compare?text=网络故障处理时间").json()["groups"][0]["rows"][0]["number"] == 24
    suggested = client.get("/api/suggest?project=网络维护&category=质量指标").json()["suggestions"]
    assert [one["name"] for one in suggested] == ["网络故障处理时间"]
    assert client.get("/api/ask?q=群众满意度是多少").json()["rows"][0]["number"] == 95
    assert len(client.get("/api/concepts").json()["concepts"]) == 3
    assert client.get("/api/network").json()["total"]["nodes"] == 1
    assert client.get("/api/draft?project=网络运行维护费").json()["sections"]
