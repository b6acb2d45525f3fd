"""What everybody meets every day, in a browser: light and dark, what comes later, much at once, long names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Sheet, serving
from conftest import WORDS_ALONE, make_declaration
from playwright.sync_api import expect
from test_pages import NETWORK, TABLE, with_targets

from perfkg.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DARK = "rgb(21, 26, 30)"
LIGHT = "rgb(245, 244, 240)"
EARLY = """
new MutationObserver(() => {
  if (document.body && window.early === undefined) window.early = getComputedStyle(document.documentElement).colorScheme;
}).observe(document, { childList: true, subtree: true });
"""
"""What the page looked like when its body began."""


def background(page: Any) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_light_or_dark_is_chosen_and_kept(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/")
    assert background(page) == LIGHT
    page.get_by_label("外观").select_option("dark")
    assert background(page) == DARK
    sheet.go("/library")
    assert background(page) == DARK
    expect(page.get_by_label("外观")).to_have_value("dark")
    sheet.look("chosen-dark")
    # Before the rest of the page is read, so that no light page flashes up.
    page.route("**/static/app.js", lambda route: route.abort())
    page.add_init_script(EARLY)
    sheet.go("/review")
    assert page.evaluate("window.early") == "dark"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()") == "#1d2730"
    page.emulate_media(media="screen", color_scheme="dark")
    page.get_by_label("外观").select_option("light")
    assert background(page) == LIGHT
    page.get_by_label("外观").select_option("auto")
    assert background(page) == DARK
    page.emulate_media(color_scheme="light")
    assert background(page) == LIGHT
    sheet.end()


@pytest.mark.parametrize(("scheme", "expected"), [("dark", DARK), ("light", LIGHT)])
def test_without_scripts_the_system_is_followed_and_an_import_is_checked(
    browser: Any, served: tuple[str, str], scheme: str, expected: str
) -> None:
    page = browser.new_context(color_scheme=scheme, java_script_enabled=False).new_page()
    page.goto(served[0] + "/library/imports/1")
    assert background(page) == expected
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    expect(page.locator(".shapes")).to_contain_text("指标没有名称", timeout=20_000)


def test_an_answer_comes_above_the_hits_when_it_is_there(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    late = '<p class="answer asking" data-above="/ask/above?q=资金最多的项目是哪个" role="status">正在算</p>'

    def without_answer(route: Any) -> None:
        given = route.fetch()
        body, count = re.subn(r'<section class="answer".*?</section>', late, given.text(), flags=re.S)
        assert count == 1
        route.fulfill(response=given, body=body)

    page.route(re.compile(r"/\?q="), without_answer)
    page.route("**/ask/above?**", lambda route: (page.wait_for_timeout(300), route.continue_()))
    sheet.go("/?q=资金最多的项目是哪个")
    expect(page.locator(".answer .sentence")).to_contain_text("万元")
    expect(page.locator(".asking")).to_have_count(0)
    sheet.look("answer-above")
    sheet.end()


def files(count: int) -> list[dict[str, Any]]:
    """Forms as files, and a few that are none."""
    forms = [
        {"name": f"{number:02d}_申报表.txt", "mimeType": "text/plain", "buffer": TABLE.encode()}
        for number in range(count - 3)
    ]
    others = (("照片.jpg", b"\xff\xd8\xff"), ("空.docx", b""), ("<b>名.txt", "不是申报表".encode()))
    return [*forms, *({"name": name, "mimeType": "", "buffer": content} for name, content in others)]


@pytest.mark.parametrize("size", SIZES)
def test_50_files_at_once(browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]) -> None:
    sheet = Sheet(browser, served[0], size, tmp_path)
    page = sheet.page
    sheet.go("/read")
    page.set_input_files(".drop-zone input", files(50))
    expect(page.locator(".drop-zone span")).to_contain_text("等 50 个文件")
    assert page.locator("button:text-is('看看读成什么样')").bounding_box()["y"] < size[1] - 60
    page.click("button:text-is('看看读成什么样')")
    expect(page.locator("#previews .notice").first).to_contain_text("3 个文件没有读成", timeout=60_000)
    assert page.locator("#previews .notice").first.bounding_box()["y"] < size[1] / 2
    expect(page.locator(".progress-line")).to_be_hidden()
    sheet.look("read-50")
    sheet.go("/review")
    page.set_input_files("[data-choosing] .drop-zone input", files(50))
    page.wait_for_selector("[data-watch]", state="detached", timeout=90_000)
    expect(page.locator(".unread summary")).to_have_text("3 个文件没有读成")
    expect(page.locator(".unread")).to_contain_text("<b>名.txt")
    assert page.locator(".unread").bounding_box()["height"] < 200
    sheet.look("review-50")
    sheet.end()


def test_everything_is_made_anew_from_the_page(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    address, token = served
    sheet = Sheet(browser, address, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/login?next=/library/state")
    page.fill("[name=token]", token)
    page.click("text=确定")
    page.click("button:text-is('从台账重建图谱和索引')")
    expect(page.locator(".notice.good")).to_contain_text("重建完成")
    sheet.look("rebuilt")
    sheet.go("/?q=网络故障多久修好")
    expect(page.locator(".hit").first).to_contain_text("网络故障")
    sheet.end()


def test_an_import_is_checked_against_the_shapes(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    sheet.go("/library/imports/1")
    checked = sheet.page.locator(".shapes")
    expect(checked).to_contain_text("图谱检查（SHACL）")
    expect(checked).to_contain_text("指标没有名称")
    checked.locator("summary").click()
    sheet.look("shapes")
    checked.get_by_role("link", name="指标没有名称").first.click()
    expect(sheet.page.locator("#hit")).to_be_visible()
    sheet.end()


def test_a_finding_about_the_whole_form_leads_to_its_top(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    sheet.go(f"/declarations/{NETWORK.id}/review")
    sheet.page.get_by_role("link", name="全表").first.click()
    expect(sheet.page.locator("caption#form-top")).to_be_in_viewport()
    sheet.look("whole-form")
    sheet.end()


def test_a_very_long_name_pushes_nothing_away(browser: Any, tmp_path: Path) -> None:
    name = "云岭县农村公路安全生命防护工程及危桥改造工程建设管理养护运营一体化示范项目（含跨年结转部分）" * 4
    long = with_targets(
        make_declaration(name, rows=(("产出指标", "数量指标", "护栏长度", "3公里"),), file=f"{name}.docx")
    )
    with Library(tmp_path / "long", WORDS_ALONE) as library:
        library.import_declarations([long])
    for served in serving(tmp_path / "long"):
        sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
        for path in ("", "/review", "/changes"):
            sheet.go(f"/declarations/{long.id}{path}")
            sheet.look(f"long{path.replace('/', '-')}")
        sheet.go(f"/declarations/{long.id}/review")
        assert sheet.page.locator("h1").bounding_box()["height"] < 80
        assert sheet.page.locator("h1").get_attribute("title") == name
        for path in ("/?q=护栏长度", "/library", f"/network?around=declaration/{long.id}", "/compare?text=护栏长度"):
            sheet.go(path)
            sheet.look("long-elsewhere")
        sheet.end()


def test_no_place_is_wider_than_a_narrow_window(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], (400, 800), tmp_path)
    places = {
        "home": "/",
        "search": "/?q=网络故障处理时间",
        "compare": "/compare?text=网络故障处理时间",
        "concepts": "/concepts",
        "draft": "/draft",
        "review": "/review",
        "network": "/network",
        "query": "/query?name=response-times",
        "library": "/library",
        "state": "/library/state",
    }
    for name, path in places.items():
        sheet.go(path)
        sheet.look(f"narrow-{name}")
    sheet.go(places["search"])
    first, rail = (sheet.page.locator(one).bounding_box() for one in (".hit >> nth=0", ".rail"))
    assert first
    assert rail
    assert first["y"] < rail["y"]
    sheet.go(places["network"])
    drawn = sheet.page.locator(".map").bounding_box()
    assert drawn
    assert drawn["width"] > 300
    sheet.end()
