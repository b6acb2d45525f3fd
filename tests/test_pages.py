"""The pages: what they show, what they say when there is nothing to show, and how they are used in a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient

from api import access
from api.app import create
from api.pages import forms
from api.pages.strip import WIDTH, strip
from api.wording import marked, ten_thousands, underlined, understood
from perfkg import __version__, targets
from perfkg.compare import Group, Row
from perfkg.ledger.stamps import who
from perfkg.library import Library
from perfkg.records import Declaration, Repair, Target
from perfkg.sparql import named_query
from perfkg.targets.wording import amount

PAGE = {"Accept": "text/html"}
HOSTILE = "<script>alert(1)</script>"

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "质量指标", HOSTILE, "<img src=x onerror=alert(1)>"),
    ("项目完成", "成本指标", None, "4.8万元"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
)


def with_targets(one: Declaration) -> Declaration:
    read = (replace(row, targets=tuple(targets.read(row.value, row.name, one.year))) for row in one.indicators)
    return replace(one, indicators=tuple(read))


NETWORK = with_targets(make_declaration(rows=ROWS, file="<b>表.txt"))
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


def test_facets_count_and_narrow(client: TestClient) -> None:
    text = shown(client.get("/", params={"q": "网络故障满意度元"}))
    assert re.search(r'<a href="/\?[^"]*category=[^"]*">质量指标</a> <span class="number">\d+</span>', text)
    narrowed = re.search(r'<a href="(/\?[^"]*category=[^"]*)">成本指标</a>', text)
    assert narrowed
    assert "4.8万元" in shown(client.get(html.unescape(narrowed[1])))


def test_what_is_chosen_can_be_taken_back(client: TestClient) -> None:
    text = shown(client.get("/?q=网络故障&year=2021&category=质量指标&kind=measured&sort=newest"))
    for chosen, others in {"2021 年": "kind=measured", "质量指标": "year=2021", "可量化": "year=2021"}.items():
        back = re.search(f'<span class="chip">{chosen} <a href="([^"]*)"', text)
        assert back
        assert others in back[1]
        assert "sort=newest" in back[1]
        shown(client.get(html.unescape(back[1])))
    assert "网络故障" not in re.findall(r'hit-name">(.*?)<', shown(client.get("/?q=网络故障&kind=unmeasured")))
    assert "没有这种排序" in shown(client.get("/?q=网络&sort=nothing"), 400)
    assert "没有这种指标值" in shown(client.get("/?q=网络&kind=nothing"), 400)


def test_what_the_question_names_can_be_taken_back(client: TestClient) -> None:
    text = shown(client.get("/", params={"q": "2021年网络故障"}))
    assert "“2021”是年度" in text
    back = re.search(r'<a href="(/\?[^"]*ignore=2021[^"]*)"', text)
    assert back
    assert "只当普通词" in shown(client.get(html.unescape(back[1])))


def test_hits_are_paged(tmp_path: Path) -> None:
    rows = tuple(("产出指标", "数量指标", f"网络设备第{number:02}种", f"{number}台") for number in range(1, 46))
    with Library(tmp_path / "paged", WORDS_ALONE) as library:
        library.import_declarations([make_declaration(rows=rows)])
    for client in serving(tmp_path / "paged"):
        seen = []
        for number in (1, 2, 3):
            text = shown(client.get(f"/?q=网络设备&page={number}"))
            assert f"第 {number} / 3 页" in text
            seen += re.findall(r'hit-link" href="([^"]*)"', text)
        assert len(seen) == len(set(seen)) == 45
        assert "后面没有了" in shown(client.get("/?q=网络设备&page=4"))


def test_more_like_one(client: TestClient) -> None:
    text = shown(client.get(f"/?like={FIRST.id}"))
    assert "相似于" in text
    assert f"hit={FIRST.id}#hit" not in re.findall(r'hit-link" href="[^"]*\?([^"]*)"', text)
    shown(client.get("/?like=unknown"), 404)


def test_a_question_is_answered_above_the_hits(client: TestClient) -> None:
    text = shown(client.get("/", params={"q": "资金最多的项目是哪个？"}))
    assert 'class="answer"' in text
    assert "10 万元" in text
    assert 'class="answer"' not in shown(client.get("/", params={"q": "网络故障"}))
    assert "/query?query=" in shown(client.get("/ask", params={"q": "资金最多的项目是哪个？"}))
    assert "可以这样问" in shown(client.get("/ask", params={"q": "今天天气怎么样？"}))


def test_each_part_of_a_question_is_a_chip_that_can_go_or_change(client: TestClient) -> None:
    asked = shown(client.get("/ask", params={"q": "2021年资金最多的项目是哪个？"}))
    (without,) = re.findall(r'href="([^"]*ignore=year[^"]*)" title="去掉这个条件"', asked)
    assert 'name="year"' in asked
    assert "年度：" not in re.sub("<details.*</details>", "", shown(client.get(html.unescape(without))), flags=re.S)
    changed = client.get("/ask", params={"q": "2021年资金最多的项目是哪个？", "year": "1999"})
    assert "1999" in shown(changed)
    assert "回到原来的问题" in changed.text
    numbered = shown(client.get("/ask", params={"q": "满意度不低于90%的项目"}))
    assert 'name="number" value="不低于90%"' in numbered
    assert 'name="topic" value="满意度"' in numbered
    told = client.get("/api/ask", params={"q": "2021年资金最多的项目是哪个？", "ignore": "year"}).json()
    assert "year" not in {chip["kind"] for chip in told["understood"]}


def test_every_page_says_by_which_program_and_of_when(client: TestClient) -> None:
    for path in ("/", "/draft", "/review", f"/declarations/{NETWORK.id}", "/docs"):
        assert f"perfkg {__version__}，台账到第 1 号变更" in shown(client.get(path))


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


# Comparing

HOURS = (1, 2, 2, 4, 8, 24)


REPAIRS = [
    with_targets(
        make_declaration(
            f"{place}网络维护费",
            f"云岭县{place}",
            rows=(
                ("产出指标", "时效指标", "网络故障处理时间", f"≤{hours}小时"),
                ("产出指标", "质量指标", "网络故障处理", "及时"),
            ),
        )
    )
    for place, hours in zip(("公安局", "教育局", "财政局", "水利局", "农业局", "民政局"), HOURS, strict=True)
]


@pytest.fixture
def comparing(tmp_path: Path) -> Iterator[TestClient]:
    with Library(tmp_path / "comparing", WORDS_ALONE) as library:
        library.import_declarations(REPAIRS)
    yield from serving(tmp_path / "comparing")


def test_a_comparison_is_drawn_and_listed(comparing: TestClient) -> None:
    text = shown(comparing.get("/compare", params={"text": "网络故障处理时间"}))
    assert text.count("<circle") == len(HOURS)
    assert "中位数 3 小时" in text
    assert 'class="quartiles"' in text
    assert "≤ 24 小时" in text
    assert "云岭县民政局" in text
    assert "没有比较的" in text
    assert "共6个项目，下四分位2 小时，中位数3 小时" in text


def test_a_comparison_is_put_in_other_orders(comparing: TestClient) -> None:
    asked = {"text": "网络故障处理时间3小时"}
    for sort, wanted in {"smallest": sorted(HOURS), "largest": sorted(HOURS, reverse=True)}.items():
        text = shown(comparing.get("/compare", params=asked | {"sort": sort}))
        assert [int(hours) for hours in re.findall(r'<td class="number">≤ (\d+) 小时', text)] == wanted
        assert f'<option value="{sort}" selected>' in text
    assert "所问的数" in text
    assert "中间一半 2 小时 至" in text
    shown(comparing.get("/compare", params=asked | {"sort": "<script>alert(1)"}))


def test_the_given_indicator_is_marked(comparing: TestClient) -> None:
    given = REPAIRS[3].indicators[0].id
    text = shown(comparing.get(f"/compare?indicator={given}"))
    assert text.count('<circle class="own"') == 1
    [own] = [row for row in rows_of(text) if 'class="own"' in row]
    assert "云岭县水利局" in own
    assert 'class="standing"' in text
    for format, begins in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        assert comparing.get(f"/api/compare?indicator={given}&format={format}").content.startswith(begins)


def row(number: float | None, low: float | None = None, high: float | None = None) -> Row:
    return Row("i", "d", None, None, None, None, None, "", None, number, low, high, 1.0)


def test_a_strip_stays_within_its_drawing() -> None:
    rows = (*[row(95.0)] * 60, row(90.0), row(1.0), row(1_000_000.0), row(None, 10.0, 500.0))
    drawn = strip(Group("{人}", None, None, rows))
    assert drawn is not None
    assert drawn.logarithmic
    assert len(drawn.dots) == len(rows)
    assert all(0 < dot.x <= dot.end < WIDTH and 0 < dot.y < drawn.base for dot in drawn.dots)
    assert [dot.end > dot.x for dot in drawn.dots].count(True) == 1
    assert strip(Group("{人}", None, None, rows[:3])) is None


# Reviewing and drafting


def test_the_draft_offers_every_category(client: TestClient) -> None:
    text = shown(client.get("/draft"))
    assert '<option value="质量指标">' in text
    assert '<option value="云岭县大数据中心">' in text


# Queries


def test_named_queries_are_offered_and_answered(client: TestClient) -> None:
    text = shown(client.get("/query"))
    assert len(re.findall(r'href="/query\?name=', text)) >= 15
    answered = shown(client.get("/query?name=network-maintenance&word=故障"))
    assert '<td class="number">24</td>' in answered
    assert "1 行" in answered
    assert '<th scope="col" title="?organizationName">单位</th>' in answered
    assert "没有符合条件的" in shown(client.get("/query?name=network-maintenance&word=没有这个"))


def test_the_rows_of_a_named_query_lead_to_what_they_speak_of(client: TestClient) -> None:
    answered = shown(client.get("/query?name=network-maintenance&word=故障"))
    assert f'<a href="/id/indicator/{FIRST.id}">网络故障处理时间</a>' in answered
    assert '<a href="/library?organization=%E4%BA%91' in answered
    assert "?indicator" not in re.findall(r'title="(\?\w+)"', answered)
    page = client.get(f"/id/indicator/{FIRST.id}", headers={"accept": "text/html"})
    assert 'id="hit"' in shown(page)
    largest = shown(client.get("/query?name=largest-projects&least=1"))
    assert f'<a href="/id/declaration/{NETWORK.id}">' in largest


def test_a_named_query_that_is_pasted_is_the_named_one(client: TestClient) -> None:
    text = named_query("largest-projects").bound({"least": "5"})
    pasted = shown(client.get("/query", params={"query": text.replace("\n", "\r\n") + "\n"}))
    assert '<th scope="col" title="?organizationName">单位</th>' in pasted
    assert 'name="least" value="5"' in pasted
    changed = shown(client.get("/query", params={"query": text.replace("DESC(?total)", "?total")}))
    assert '<th scope="col">organizationName</th>' in changed
    assert '<th scope="col">declaration</th>' in changed


def test_a_query_of_ones_own(client: TestClient) -> None:
    query = "SELECT ?i ?n { ?i a perfkg:Indicator ; schema:name ?n } ORDER BY ?i"
    text = shown(client.get("/query", params={"query": query}))
    assert "3 行" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert f'href="/id/indicator/{FIRST.id}"' in text
    assert "是" in shown(client.get("/query", params={"query": "ASK { ?i a perfkg:Indicator }"}))
    assert "graph-text" in shown(client.get("/query", params={"query": "CONSTRUCT WHERE { ?i perfkg:value ?v }"}))
    wrong = shown(client.get("/query", params={"query": "SELECT * {\n ?a ?b\n}"}), 400)
    assert 'data-line="' in wrong
    assert "语法错误" in wrong
    shown(client.get("/query?name=nothing"), 404)


def test_a_long_result_is_shown_page_by_page(client: TestClient) -> None:
    query = "SELECT ?a ?b { ?a skos:notation ?b } ORDER BY ?b"
    first = shown(client.get("/query", params={"query": query}))
    pages = int(re.findall(r"第 1 / (\d+) 页", first)[0])
    assert pages > 2
    assert first.count("<tr>") == 101
    last = shown(client.get("/query", params={"query": query, "page": pages}))
    assert 'rel="next"' not in last
    beginning = re.findall(r"<td>.*</td>", first)[0]
    assert beginning not in last
    assert "回到第一页" in shown(client.get("/query", params={"query": query, "page": pages + 1}))
    named = shown(client.get("/query?name=categories"))
    assert 'rel="next"' not in named


def test_numbers_of_a_result_are_drawn(client: TestClient) -> None:
    query = "SELECT ?c (COUNT(?i) AS ?n) (MAX(?p) AS ?最后) { ?i dcterms:subject ?c ; schema:position ?p } GROUP BY ?c"
    text = shown(client.get("/query", params={"query": query}))
    assert text.count("<rect") == text.count("<g><title>") == 3
    assert "across=n&amp;up=%E6%9C%80%E5%90%8E" in text
    both = shown(client.get("/query", params={"query": query, "across": "n", "up": "最后"}))
    assert both.count("<circle") == 3
    assert "<rect" in shown(client.get("/query", params={"query": query, "across": "没有"}))
    assert 'class="chart"' not in shown(client.get("/query", params={"query": "SELECT ?i { ?i a perfkg:Indicator }"}))
    odd = 'SELECT ?x { VALUES ?x { "abc"^^xsd:integer "INF"^^xsd:double 1 } }'
    assert 'class="chart"' not in shown(client.get("/query", params={"query": odd}))


def test_what_the_library_explains_is_linked(client: TestClient) -> None:
    query = "SELECT ?a ?b ?c { BIND(perfkg:value AS ?a) BIND(unit:hour AS ?b) BIND(<https://perfkg.example/scheme/2015/cost> AS ?c) }"
    text = shown(client.get("/query", params={"query": query}))
    for link in ("/ontology#value", "/unit/hour", "/scheme/2015/cost"):
        assert f'href="{link}"' in text


# Taking out and putting back


def test_a_declaration_is_withdrawn_and_restored(folder: Path) -> None:
    token = access.policy(folder, "127.0.0.1")[1]
    own = {"Origin": "http://127.0.0.1"}
    page = f"/declarations/{NETWORK.id}"
    for client in serving(folder):
        assert "撤回需要口令" in shown(client.get(page))
        shown(client.post(f"{page}/withdraw", headers=own), 401)
        client.post("/login", data={"token": token, "next": "/"})
        assert f'action="{page}/withdraw"' in shown(client.get(page))
        text = shown(client.post(f"{page}/withdraw", headers=own), 404)
        assert "这份申报表已撤回" in text
        assert f'action="{page}/restore"' in text
        assert client.get("/api/declarations").json()["total"] == 0
        assert "网络故障处理时间" in shown(client.get(f"{page}?version=1"))
        assert "网络故障处理时间" in shown(client.post(f"{page}/restore", headers=own))
        assert client.get("/api/search?q=网络故障").json()["hits"][0]["id"] == FIRST.id
        shown(client.post(f"{page}/restore", headers=own), 404)


# When there is nothing to show


def test_an_empty_library_says_what_to_do(empty: TestClient) -> None:
    for path in ("/", "/library", "/?q=网络"):
        text = shown(empty.get(path))
        assert "资料库还是空的" in text
        assert 'href="/read"' in text


def test_a_field_offers_no_more_organizations_than_can_be_looked_through(folder: Path) -> None:
    many = [make_declaration("维护", f"云岭县第{number:03}局") for number in range(400)]
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([*many, make_declaration("又一个", "云岭县第399局")])
    for client in serving(folder):
        for path in ("/?q=维护", "/draft", "/review"):
            text = shown(client.get(path))
            assert 250 < text.count('<option value="云岭县第') < 310
            assert '<option value="云岭县第399局">2 份' in text


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
    assert "对照 /docs" not in client.get("/?q=网络&year=abc", headers=PAGE).text
    assert "没有这个指标类别" in shown(client.get("/?q=网络&category=<script>alert(1)</script>"), 400)
    for hostile in ("😀", "a\0b", '"><script>alert(1)</script>'):
        shown(client.get("/", params={"q": hostile}))
    assert 'value="{{7*7}}"' in shown(client.get("/", params={"q": "{{7*7}}"}))


# Reading and importing


def form(rows: str) -> str:
    return f"项目支出绩效目标申报表\n（2022年度）\n项目名称\t政务外网运维费\n预算单位\t云岭县大数据中心\n{rows}"


HEADS = "一级指标\t二级指标\t三级指标\t指标值\n"
COSTLY = form(f"项目资金(万元)\t年度资金总额\t10\n{HEADS}产出指标\t成本指标\t线路租赁费\t99万元\n")
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
        client.get(f"/api/jobs/{page.url.path.rpartition('/')[2]}/events")
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


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (9_999, "CNY", "9,999 元"),
        (10_000, "CNY", "1 万元"),
        (12_000, "CNY/{人}/a", "1.2 万元/人/年"),
        (2_900_000, "kg", "2,900 吨"),
        (900, "kg", "900 公斤"),
        (3, "CNY/{个}", "3 元/个"),
        (5, "CNY/mo", "5 元/月"),
        (6, "mo", "6 个月"),
        (12, "/a", "12 次/年"),
        (7, None, "7"),
    ],
)
def test_amounts_in_words(number: float, unit: str | None, said: str) -> None:
    assert amount(number, unit) == said


def test_who_changed_something_is_told_in_chinese() -> None:
    assert [who(actor) for actor in ("local", "web@10.0.0.7", "张三")] == ["本机命令行", "网页 10.0.0.7", "张三"]


def test_a_page_that_is_not_there_sends_nobody_to_the_interface(client: TestClient) -> None:
    assert "/docs 检查" not in client.get("/nothing", headers=PAGE).text
    assert "/docs 检查" in client.get("/api/nothing").json()["detail"]


def test_targets_are_underlined_where_they_stand() -> None:
    value = "<b>30分钟内修复，丢包率5%"
    read = [
        Target("quantity", "30分钟内修复", "<=", 30, unit="min", label="修复", span=(3, 10)),
        Target("quantity", "丢包率5%", "=", 5, unit="%", label="丢包率", span=(11, 16)),
        Target("state", "没有位置"),
    ]
    marked_up = str(underlined(value, read, ["修复"]))
    assert marked_up == (
        '&lt;b&gt;<span class="target" title="读作：修复 ≤ 30 分钟；折合 ≤ 0.5 小时">30分钟内<mark>修复</mark></span>，'
        '<span class="target" title="读作：丢包率 5 %">丢包率5%</span>'
    )
    assert str(underlined(None, read)) == ""


def test_marking_escapes_and_finds_across_width() -> None:
    assert str(marked("<b>Ａ网络", ["a网"])) == "&lt;b&gt;<mark>Ａ网</mark>络"
    assert str(marked("网络网络", ["网络"])) == "<mark>网络网络</mark>"
    assert str(marked(None, ["a"])) == ""


def test_every_category_is_offered_once() -> None:
    labels = [label for _, below in forms.categories() for label in below]
    assert {"质量指标", "数量指标", "时效指标", "社会效益指标", "服务对象满意度指标"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_a_named_query_says_signs_and_units_in_words(client: TestClient) -> None:
    answered = shown(client.get("/query?name=network-maintenance&word=故障"))
    assert "<td>小时</td>" in answered
    assert "<td>＝</td>" in answered
