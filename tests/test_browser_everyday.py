"""What everybody meets every day, in a browser: light and dark, answers that come later."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Sheet
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DARK = "rgb(21, 26, 30)"
LIGHT = "rgb(245, 244, 240)"
EARLY = """
new MutationObserver(() => {
  if (document.body && window.early === undefined) window.early = document.documentElement.dataset.theme ?? "none";
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
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert background(page) == LIGHT
    sheet.end()


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
