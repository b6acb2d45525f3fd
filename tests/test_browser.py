"""The pages in a browser: the stories of those who work there, at the sizes of their screens, and axe on every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Sheet, upload
from playwright.sync_api import expect
from test_pages import NETWORK, TABLE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("size", SIZES)
def test_a_reviewer_finds_and_compares(
    browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]
) -> None:
    sheet = Sheet(browser, served[0], size, tmp_path)
    page = sheet.page
    sheet.go("/")
    sheet.look("home")
    page.keyboard.press("/")
    page.keyboard.type("网络故障多久修好")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit mark")
    sheet.look("search")
    page.click("text=全部年度、类别、单位")
    page.select_option("select[name=year]", "2021")
    page.wait_for_url("**year=2021**")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#hit")
    assert page.locator("#hit").is_visible()
    sheet.look("declaration")
    page.go_back()
    assert page.input_value("select[name=year]") == "2021"
    page.click("text=比一比 >> nth=0")
    page.wait_for_selector(".strip circle")
    sheet.look("compare")
    sheet.end()


def test_an_analyst_asks_and_downloads(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/?q=资金最多的项目是哪个？")
    page.click(".answer a[href^='/ask']")
    sheet.look("ask")
    page.click("text=看并运行它的查询")
    page.wait_for_selector(".solutions")
    sheet.look("query")
    with page.expect_download() as saved:
        page.click("text=CSV")
    assert "网络运行维护费" in Path(saved.value.path()).read_text("utf-8")
    editor = page.locator(".cm-content")
    editor.fill("SELECT * {\n  ?a ?b\n}")
    editor.press("Control+Enter")
    page.wait_for_selector("#problem")
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    sheet.look("query-wrong")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?v { ?i perfkg:val")
    page.wait_for_selector(".cm-tooltip-autocomplete >> text=指标值")
    sheet.look("query-proposed")
    page.wait_for_timeout(100)  # Enter is taken for a choice only some time after the list has come
    page.keyboard.press("Enter")
    page.keyboard.type(" ?v ; 名称")
    page.wait_for_selector(".cm-tooltip-autocomplete >> text=schema:name")
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    page.keyboard.type(" ?n ")
    page.fill("[data-saving] input", "值和名称")
    page.click("[data-saving] button")
    editor.press("Control+Enter")
    page.wait_for_selector(".solutions")
    assert "schema:name ?n" in page.input_value("[name=query]")
    sheet.go("/query")
    page.click("[data-saved] a")
    page.wait_for_selector(".solutions")
    page.click("[data-saved] button")
    assert page.locator("[data-saved]").is_hidden()
    sheet.go("/query?name=quantified-share&across=x")
    page.wait_for_selector(".chart rect")
    sheet.look("query-drawn")
    for place in ("ontology", "scheme", "unit"):
        sheet.go(f"/{place}")
        sheet.look(place)
    sheet.go("/query?name=response-times")
    page.wait_for_selector(".solutions")
    sheet.end()


@pytest.mark.parametrize("size", SIZES)
def test_a_clerk_imports_and_undoes(
    browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]
) -> None:
    address, token = served
    sheet = Sheet(browser, address, size, tmp_path)
    page = sheet.page
    sheet.go("/login?next=/read")
    sheet.look("login")
    page.fill("input[name=token]", token)
    page.click("text=确定")
    page.wait_for_url("**/read")
    upload(sheet, TABLE)
    page.click("text=看看读成什么样")
    page.wait_for_selector(".preview")
    sheet.look("read")
    page.click("text=导入资料库")
    page.wait_for_selector("text=导入完成")
    sheet.look("imported")
    sheet.go("/library?q=政务外网")
    assert page.locator("[data-hit]").all_inner_texts() == ["政务外网运维费"]
    sheet.look("library")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("[data-hit]")
    page.click("text=撤回这份申报表")
    page.wait_for_selector("text=恢复这份申报表")
    sheet.look("withdrawn")
    page.click("text=恢复这份申报表")
    page.wait_for_selector(".form")
    sheet.go("/docs")
    page.wait_for_selector("#swagger .opblock")
    sheet.end()


def test_a_reviewer_merges_concepts_and_undoes_it(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    from playwright.sync_api import expect

    address, token = served
    sheet = Sheet(browser, address, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/concepts")
    sheet.look("concepts")
    page.fill("[name=text]", "群众满意")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=**")
    expect(page.locator("[data-hit]")).to_have_text(["群众满意度"])
    sheet.go("/login?next=/concepts?text=网络故障")
    page.fill("input[name=token]", token)
    page.click("text=确定")
    page.click("[data-hit] >> nth=0")
    here = page.url
    page.fill("[name=merge]", "满意度")
    page.click("text=找一找")
    page.wait_for_selector(".candidates")
    sheet.look("concept-merging")
    other = browser.contexts[0].new_page()
    other.goto(here)
    page.click("text=并入这里 >> nth=0")
    expect(page.locator(".history b")).to_contain_text("并入")
    expect(page.locator("main")).to_contain_text("群众满意度")
    sheet.look("concept-merged")
    other.fill("[name=name]", "另一个名称")
    other.click("button:text-is('改名')")
    expect(other.locator("main")).to_contain_text("别人刚刚对这个指标作了决定")
    page.click("text=撤销 >> nth=0")
    expect(page.locator(".history del")).to_contain_text("并入")
    expect(page.locator(".concept")).not_to_contain_text("群众满意度")
    page.fill("[name=name]", "<b>网络故障恢复时间")
    page.click("button:text-is('改名')")
    expect(page.locator("h1")).to_have_text("<b>网络故障恢复时间")
    sheet.end()


def test_in_the_dark_everything_can_be_read(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path, "dark")
    for name, path in {
        "home": "/",
        "search": "/?q=2021年网络故障多久修好",
        "compare": "/compare?text=网络故障处理时间3小时",
        "query": "/query?name=network-maintenance",
        "draft": "/draft",
        "review": "/review",
        "opinion": f"/declarations/{NETWORK.id}/review",
        "declaration": f"/declarations/{NETWORK.id}?hit={NETWORK.indicators[0].id}",
        "concepts": "/concepts",
        "lost": "/declarations/unknown",
    }.items():
        sheet.go(path)
        sheet.page.wait_for_load_state("networkidle")
        sheet.look(f"dark-{name}")
    sheet.end()


def test_at_125_percent_nothing_is_cut_off(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], (1093, 614), tmp_path)
    for name, path in {
        "search": "/?q=网络故障多久修好",
        "compare": "/compare?text=网络故障处理时间3小时",
        "draft": "/draft",
        "opinion": f"/declarations/{NETWORK.id}/review",
        "library": "/library",
    }.items():
        sheet.go(path)
        sheet.page.wait_for_load_state("networkidle")
        sheet.look(f"large-{name}")
    sheet.page.locator("body").press("?")
    assert sheet.page.locator("#keys").is_visible()
    sheet.look("large-keys")
    sheet.page.keyboard.press("Escape")
    assert not sheet.page.locator("#keys").is_visible()
    sheet.end()


def test_what_is_printed_is_the_form_alone(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    page.emulate_media(media="print")
    sheet.go(f"/declarations/{NETWORK.id}")
    assert page.locator(".form").is_visible()
    for hidden in (".bar", ".foot", ".side"):
        assert not page.locator(hidden).is_visible()
    sheet.go(f"/declarations/{NETWORK.id}/review")
    assert page.locator(".findings").first.is_visible()
    assert not page.locator(".taking").is_visible()
    sheet.look("printed-opinion")
    sheet.end()
