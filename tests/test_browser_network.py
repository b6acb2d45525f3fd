"""The network in a browser: looked at, walked in by mouse and by keys, found back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browsing import SIZES, Sheet, serving
from conftest import WORDS_ALONE
from counties import recorded

from perfkg.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINE = "电子政务外网线路租赁及运行维护费"


@pytest.fixture
def county(tmp_path: Path) -> Iterator[str]:
    """A server over the examples: its address."""
    with Library(tmp_path / "county", WORDS_ALONE) as library:
        library.import_declarations(recorded("examples"))
    for address, _ in serving(tmp_path / "county"):
        yield address


def where(page: Any) -> str:
    return unquote(page.url)


@pytest.mark.parametrize("size", SIZES)
def test_a_reviewer_walks_from_a_project_to_a_neighbours_form_and_back(
    browser: Any, county: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    sheet = Sheet(browser, county, size, tmp_path)
    page = sheet.page
    sheet.go("/network")
    page.wait_for_selector("[data-web]")
    sheet.look("network")
    page.fill("[data-find]", "外网线路")
    page.press("[data-find]", "Enter")
    page.wait_for_url("**around=**")
    assert LINE in where(page)
    page.wait_for_selector(".dot.centre")
    sheet.look("network-around")
    name = page.locator(".dot:not(.centre)").first.get_attribute("data-node")
    page.locator(".dot:not(.centre) circle").first.click()
    page.wait_for_function("id => new URL(location).searchParams.get('at') === id", arg=name)
    page.click(".card .button >> text=打开申报表")
    page.wait_for_selector(".form")
    page.go_back()
    page.wait_for_selector(".dot.is-at")
    assert page.locator(".dot.is-at").get_attribute("data-node") == name
    page.click(".card [data-centre]")
    page.wait_for_selector(".dot.centre")
    assert page.locator(".dot.centre").get_attribute("data-node") == name
    page.go_back()
    page.wait_for_function("name => document.title.startsWith(name)", arg=LINE)
    page.click(".crumbs >> text=全图")
    page.wait_for_url(re.compile(r"/network$"))
    sheet.end()


def test_keys_walk_the_network(browser: Any, county: str, tmp_path: Path) -> None:
    sheet = Sheet(browser, county, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/network")
    page.wait_for_selector("[data-node][tabindex='0']")
    assert page.locator("[data-node][tabindex='0']").count() == 1
    page.locator("[data-node][tabindex='0']").focus()
    first = page.evaluate("document.activeElement.dataset.node")
    seen = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.dataset.node"))
    assert len(seen) > 1
    here = page.evaluate("document.activeElement.dataset.node")
    page.wait_for_function("id => new URL(location).searchParams.get('at') === id", arg=here)
    assert page.locator(".card h2").inner_text() in page.locator(".web .is-at title").text_content()
    page.keyboard.press("Escape")
    page.wait_for_function("!new URL(location).searchParams.has('at')")
    assert "组" in page.locator(".card h2").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**around=**")
    page.wait_for_selector(".dot.centre")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/network$"))
    sheet.end()


def test_looking_closer_keeps_letters_and_finds_names(browser: Any, county: str, tmp_path: Path) -> None:
    sheet = Sheet(browser, county, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/network")
    page.wait_for_selector(".zoom")
    letter = "document.querySelector('.dot text').getBoundingClientRect().height"
    before, hidden = page.evaluate(letter), page.locator(".dot text.spare").count()
    page.click("[aria-label=放大]")
    page.click("[aria-label=放大]")
    assert abs(page.evaluate(letter) - before) < 2
    assert page.locator(".dot text.spare").count() <= hidden
    page.click("[aria-label=看全图]")
    assert page.locator("[data-web]").get_attribute("viewBox") == "0 0 1000 530"
    sheet.end()


def test_in_the_dark_by_communities_and_on_paper(browser: Any, county: str, tmp_path: Path) -> None:
    sheet = Sheet(browser, county, SIZES[0], tmp_path, "dark")
    page = sheet.page
    sheet.go("/network?limit=2")
    page.wait_for_selector(".disc")
    sheet.look("dark-network-communities")
    page.locator(".disc").first.click()
    page.wait_for_url("**community=**")
    page.wait_for_selector("[data-web]")
    sheet.go("/network?view=organizations")
    page.wait_for_selector(".dot")
    sheet.look("dark-network-organizations")
    sheet.go("/network?find=没有这个名字")
    sheet.look("dark-network-not-found")
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator(".as-list").is_visible()
    assert not page.locator(".network-filters").is_visible()
    sheet.end()
