"""The pages: what they show, what they say when there is nothing to show, and how they are used in a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient

from api import access
from api.app import create
from api.wording import marked, ten_thousands, underlined, understood
from api.pages import forms
from perfkg.library import Library
from perfkg.records import Repair, Target

EXAMPLES = Path(__file__).parents[1] / "examples"
PAGE = {"Accept": "text/html"}
HOSTILE = "<script>alert(1)</script>"

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "质量指标", HOSTILE, "<img src=x onerror=alert(1)>"),
    ("项目完成", "成本指标", None, "4.8万元"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
)
NETWORK = make_declaration(rows=ROWS, file="<b>表.txt")
FIRST = NETWORK.indicators[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK])
    return tmp_path / "library"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    yield from serving(folder)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TestClient]:
    yield from serving(tmp_path / "empty")


def serving(folder: Path) -> Iterator[TestClient]:
    with TestClient(create(Library(folder, WORDS_ALONE)), base_url="http://127.0.0.1", headers=PAGE) as client:
        yield client


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text: str = answer.text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not re.search(r'\s(?:style|on\w+)="', text), "would need unsafe-inline"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text), "leaves this server"
    return text


def rows_of(text: str) -> list[str]:
    return re.findall(r"<tr[^>]*>.*?</tr>", text, re.DOTALL)


# What is shown


def test_first_page(client: TestClient) -> None:
    text = shown(client.get("/"))
    assert 'name="q"' in text
    assert "<dd>4</dd>" in text


def test_hits_show_where_they_come_from_and_what_matched(client: TestClient) -> None:
    text = shown(client.get("/", params={"q": "网络故障"}))
    assert "<mark>网络故障</mark>处理时间" in text
    assert f"/declarations/{NETWORK.id}?hit={FIRST.id}#hit" in text
    for part in ("网络运行维护费", "云岭县大数据中心", "2021 年", "质量指标", "24小时", "<meter"):
        assert part in text


def test_an_indicator_that_several_projects_have_leads_to_each(folder: Path) -> None:
    same = make_declaration("视频会议系统维护", rows=ROWS[:1])
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([same])
    for client in serving(folder):
        text = shown(client.get("/", params={"q": "网络故障处理时间"}))
        for one in (NETWORK, same):
            assert f"/declarations/{one.id}?hit={one.indicators[0].id}#hit" in text


def test_filters_keep_their_state(client: TestClient) -> None:
    text = shown(
        client.get("/", params={"q": "网络", "year": "2021", "category": "质量指标", "organization": "云岭县"})
    )
    assert '<option value="2021" selected>' in text
    assert '<option value="质量指标" selected>' in text
    assert 'name="organization" value="云岭县"' in text
    assert 'value="网络"' in text


def test_declaration_is_laid_out_like_its_form(client: TestClient) -> None:
    text = shown(client.get(f"/declarations/{NETWORK.id}?hit={FIRST.id}"))
    assert "（2021 年度）" in text
    assert "10.00" in text
    assert '<th scope="rowgroup" rowspan="3">项目完成</th>' in text
    assert '<th scope="rowgroup" rowspan="2" class="sub">质量指标</th>' in text
    [hit] = [row for row in rows_of(text) if 'id="hit"' in row]
    assert "网络故障处理时间" in hit
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;表.txt" in text


def test_repairs_doubts_and_leftovers_are_visible(folder: Path) -> None:
    from dataclasses import replace

    from perfkg.records import Leftover, Place

    doubtful = replace(FIRST, repairs=(Repair("moved", "单元格左移，已归位"),), unsure=True)
    changed = replace(
        NETWORK, indicators=(doubtful,), leftovers=(Leftover("填报人：王某", Place(line=3)),), notes=("缺一级指标",)
    )
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([changed])
    for client in serving(folder):
        text = shown(client.get(f"/declarations/{NETWORK.id}"))
        for part in ("单元格左移，已归位", "两种读法", "填报人：王某", "第3行", "缺一级指标", "第 2 版"):
            assert part in text
        assert "不是最新的" in shown(client.get(f"/declarations/{NETWORK.id}?version=1"))


def test_library_is_listed_filtered_and_paged(tmp_path: Path) -> None:
    many = [make_declaration(f"第{number:03}号项目", year=2020 + number % 2) for number in range(120)]
    with Library(tmp_path / "many", WORDS_ALONE) as library:
        library.import_declarations(many)
    for client in serving(tmp_path / "many"):
        first = shown(client.get("/library"))
        assert "第 1 / 3 页" in first
        assert len(re.findall(r'<a href="/declarations/', first)) == 50
        assert 'rel="next" href="/library?page=2"' in first
        assert len(re.findall(r'<a href="/declarations/', shown(client.get("/library?page=3")))) == 20
        found = shown(client.get("/library?q=第007号&year=2021"))
        assert re.findall(r"data-hit>(.*?)</a>", found) == ["第007号项目"]
        assert "没有符合条件的" in shown(client.get("/library?q=没有这个"))
        assert "只有 3 页" in shown(client.get("/library?page=9"))


# When there is nothing to show


def test_an_empty_library_says_what_to_do(empty: TestClient) -> None:
    for path in ("/", "/library", "/?q=网络"):
        text = shown(empty.get(path))
        assert "资料库还是空的" in text
        assert 'href="/read"' in text


def test_no_results_say_what_to_do(client: TestClient) -> None:
    assert "换个说法" in shown(client.get("/?q=zzz"))
    assert "去掉筛选" in shown(client.get("/?q=zzz&year=2021"))


@pytest.mark.parametrize("path", ["/declarations/unknown", "/imports/unknown", "/nowhere"])
def test_unknown_addresses_are_pages(client: TestClient, path: str) -> None:
    text = shown(client.get(path), 404)
    assert "没有找到" in text
    assert 'href="/library"' in text


def test_questions_that_cannot_be_asked_are_pages(client: TestClient) -> None:
    assert "year 应当是整数" in shown(client.get("/?q=网络&year=abc"), 400)
    assert "没有这个指标类别" in shown(client.get("/?q=网络&category=<script>alert(1)</script>"), 400)
    for hostile in ("😀", "a\0b", '"><script>alert(1)</script>'):
        shown(client.get("/", params={"q": hostile}))
    assert 'value="{{7*7}}"' in shown(client.get("/", params={"q": "{{7*7}}"}))


# Reading and importing


def form(rows: str) -> str:
    return f"项目支出绩效目标申报表\n（2022年度）\n项目名称\t政务外网运维费\n预算单位\t云岭县大数据中心\n{rows}"


TABLE = form("一级指标\t二级指标\t三级指标\t指标值\n产出指标\t质量指标\t网络故障处理时间\t4小时\n")


def test_a_file_is_shown_as_it_was_read(client: TestClient) -> None:
    text = shown(client.post("/read", files={"files": ("表.txt", TABLE)}))
    assert re.search(r"<span>4小时</span><small>指标值 1</small>", text)
    assert re.search(r"<span>政务外网运维费</span><small>项目名称</small>", text)
    assert "<td>网络故障处理时间</td>" in text
    assert client.get("/api/declarations").json()["total"] == 1


def test_a_file_that_is_no_form_says_so(client: TestClient) -> None:
    assert "notice bad" in shown(client.post("/read", files={"files": (f"{HOSTILE}.txt", "随便写的")}))
    shown(client.post("/read"), 422)


def test_importing_on_the_page(folder: Path) -> None:
    token = access.policy(folder, "127.0.0.1")[1]
    own = {"Origin": "http://127.0.0.1"}
    for client in serving(folder):
        assert "需要口令" in shown(client.post("/library/import", files={"files": ("表.txt", TABLE)}, headers=own), 401)
        assert "口令不对" in shown(client.post("/login", data={"token": "wrong"}), 401)
        client.post("/login", data={"token": token, "next": "/read"})
        cookie = next(cookie for cookie in client.cookies.jar if cookie.name == "perfkg_token")
        assert cookie.has_nonstandard_attr("HttpOnly")
        page = client.post("/library/import", files={"files": ("表.txt", TABLE)}, headers=own)
        assert re.search(r"/imports/\w+$", str(page.url))
        client.app.state.jobs.close()  # type: ignore[attr-defined]
        done = shown(client.get(str(page.url)))
        assert "导入完成" in done
        assert "新增 1 份" in done


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_logging_in_leads_nowhere_else(folder: Path, target: str) -> None:
    token = access.policy(folder, "127.0.0.1")[1]
    for client in serving(folder):
        answer = client.post("/login", data={"token": token, "next": target}, follow_redirects=False)
        assert answer.headers["location"] == "/"


# Small words


def test_amounts_as_forms_write_them() -> None:
    cases = {None: "", 0.0: "0.00", 147600.0: "14.76", 1234567.0: "123.4567", 12345678900.0: "1,234,567.89"}
    assert {yuan: ten_thousands(yuan) for yuan in cases} == cases


@pytest.mark.parametrize(
    ("value", "target", "said"),
    [
        ("流畅，丢包率5%以下", Target("quantity", "", "<=", 5, unit="%", label="丢包率"), ["丢包率 ≤ 5 %"]),
        ("24小时", Target("quantity", "24小时", "=", 24, unit="h"), []),
        ("每月巡检两次", Target("frequency", "", "=", 2, unit="/mo", label="巡检"), ["巡检 2 次/月"]),
        ("4.8万", Target("quantity", "", "=", 48000, unit="CNY"), ["4.8 万元"]),
        ("3-5天", Target("quantity", "", "[]", low=3, high=5, unit="d"), ["3～5 天"]),
        ("100兆", Target("quantity", "", ">=", 100, unit="Mbit/s"), ["≥ 100 Mbit/s"]),
        ("每人每年1200元", Target("quantity", "", "=", 1200, unit="CNY/{人}/a"), ["1,200 元/人/年"]),
        ("年底前", Target("period", "", "<=", end="2021-12-31"), ["2021-12-31 前"]),
        ("有所提高", Target("trend", "有所提高"), ["趋势"]),
    ],
)
def test_targets_in_words(value: str, target: Target, said: list[str]) -> None:
    assert understood(value, [target]) == said


def test_marking_escapes_and_finds_across_width() -> None:
    assert str(marked("<b>Ａ网络", ["a网"])) == "&lt;b&gt;<mark>Ａ网</mark>络"
    assert str(marked("网络网络", ["网络"])) == "<mark>网络网络</mark>"
    assert str(marked(None, ["a"])) == ""


def test_every_category_is_offered_once() -> None:
    labels = [label for _, below in forms.categories() for label in below]
    assert {"质量指标", "数量指标", "时效指标", "社会效益指标", "服务对象满意度指标"} <= set(labels)
    assert len(labels) == len(set(labels))


# In a browser


FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server in a process of its own over a small library: its address and token."""
    with Library(tmp_path / "served", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, make_declaration("视频会议系统维护")])
    command = [sys.executable, "-m", "perfkg.cli", "serve", "--port", "0", "--library", str(tmp_path / "served")]
    environment = os.environ | {"PERFKG_ENCODER": "none"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr
        address = token = ""
        while not (address and token):
            line = server.stderr.readline()
            assert line, "the server ended"
            address = address or next(iter(re.findall(r"at (http://\S+)", line)), "")
            token = token or next(iter(re.findall(r"once: (\S+)", line)), "")
        try:
            yield address, token
        finally:
            server.terminate()
            assert server.wait(10) in (0, -15)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_a_reviewer_searches_and_a_clerk_imports(
    served: tuple[str, str], tmp_path: Path, width: int, height: int
) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    address, token = served
    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)

        def look(name: str) -> None:
            page.screenshot(path=tmp_path / f"{name}-{width}.png")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is wider than the screen"

        page.goto(address)
        look("home")
        page.keyboard.press("/")
        page.keyboard.type("网络故障多久修好")
        page.keyboard.press("Enter")
        page.wait_for_selector(".hit mark")
        look("search")
        page.select_option("select[name=year]", "2021")
        page.wait_for_url("**year=2021**")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("#hit")
        assert page.locator("#hit").is_visible()
        look("declaration")
        page.go_back()
        assert page.input_value("select[name=year]") == "2021"

        page.goto(f"{address}/login?next=/read")
        page.fill("input[name=token]", token)
        page.click("text=确定")
        page.wait_for_url("**/read")
        page.set_input_files("input[type=file]", {"name": "表.txt", "mimeType": "text/plain", "buffer": TABLE.encode()})
        page.click("text=看看读成什么样")
        page.wait_for_selector(".preview")
        look("read")
        page.click("text=导入资料库")
        page.wait_for_selector("text=导入完成")
        look("imported")
        page.goto(f"{address}/library?q=政务外网")
        assert page.locator("[data-hit]").all_inner_texts() == ["政务外网运维费"]
        look("library")
        page.goto(f"{address}/docs")
        page.wait_for_selector("#swagger .opblock")
        browser.close()
    assert not faults
    assert {re.sub(r"^(\w+://[^/]*).*", r"\1", url) for url in asked if not url.startswith("data:")} == {address}
