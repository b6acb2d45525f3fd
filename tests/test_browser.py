"""The pages in a browser: the stories of those who work there, at the sizes of their screens, and axe on every page."""

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
from conftest import WORDS_ALONE
from test_pages import COSTLY, NETWORK, REPAIRS, TABLE

from perfkg.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
SIZES = [(1366, 768), (1920, 1080)]
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
        library.import_declarations([NETWORK, *REPAIRS])
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


class Sheet:
    """A page of the browser that notices what it asks for, what goes wrong in it, and what axe says of it."""

    def __init__(self, browser: Any, address: str, size: tuple[int, int], folder: Path, scheme: str = "light") -> None:
        self.address, self.folder, self.width = address, folder, size[0]
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", color_scheme=scheme, accept_downloads=True
        )
        self.page = context.new_page()
        self.asked: set[str] = set()
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.asked.add(re.sub(r"^(\w+:(//[^/]*)?).*", r"\1", request.url)))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, said: Any) -> None:
        if "Content Security Policy" in said.text:
            self.faults.append(said.text)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def look(self, name: str) -> None:
        """Keeps a picture; nothing is wider than the screen, and axe finds nothing serious."""
        self.page.screenshot(path=self.folder / f"{name}-{self.width}.png")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is wider than the screen"
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert not serious, [(one["id"], one["nodes"][0]["html"]) for one in serious]

    def end(self) -> None:
        """Nothing failed, and nothing was asked of anybody else."""
        assert not self.faults
        assert self.asked <= {self.address, "data:", "blob:"}


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


def upload(sheet: Sheet, text: str, name: str = "表.txt") -> None:
    sheet.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": text.encode()})


@pytest.mark.parametrize("size", SIZES)
def test_a_reviewer_finds_compares_and_gives_an_opinion(
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
    sheet.go("/review")
    upload(sheet, COSTLY)
    page.click("button.primary")
    page.wait_for_selector(".opinion .s-serious")
    sheet.look("review")
    with page.expect_download() as saved:
        page.click("text=下载审核意见表")
    assert saved.value.suggested_filename == "审核意见表.docx"
    sheet.end()


def test_a_drafter_fills_a_form_and_it_reads_back(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/draft")
    for name, text in {
        "project": "政务外网维护费",
        "organization": "云岭县水利局",
        "year": "2022",
        "total": "3",
    }.items():
        page.fill(f"[name={name}]", text)
    page.select_option("#rows [name=category] >> nth=0", "时效指标")
    page.fill("#rows [name=name] >> nth=0", "网络故障")
    page.wait_for_selector(".use")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#rows [name=name] >> nth=0") == "网络故障处理时间"
    page.select_option("#rows [name=category] >> nth=1", "成本指标")
    page.fill("#rows [name=name] >> nth=1", "线路租赁费")
    page.fill("#rows [name=value] >> nth=1", "99万元")
    page.wait_for_selector("#found .s-serious")
    sheet.look("draft")
    page.reload()
    assert page.input_value("[name=project]") == "政务外网维护费"
    assert page.input_value("#rows [name=value] >> nth=1") == "99万元"
    with page.expect_download() as saved:
        page.click("#save")
    sheet.go("/read")
    page.set_input_files("input[type=file]", saved.value.path())
    page.click("text=看看读成什么样")
    page.wait_for_selector(".preview")
    read = page.locator(".preview .form").inner_text()
    assert all(
        part in read
        for part in ("政务外网维护费", "云岭县水利局", "3.00", "网络故障处理时间", "99万元", "（2022 年度）")
    )
    sheet.end()


def test_last_years_form_is_a_start(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    from playwright.sync_api import expect

    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    sheet.go(f"/declarations/{NETWORK.id}")
    sheet.page.click("text=以此为底稿填新表")
    expect(sheet.page.locator("[name=year]")).to_have_value("2022")
    assert sheet.page.input_value("#rows [name=name] >> nth=0") == "网络故障处理时间"
    sheet.page.wait_for_selector("#found .finding")
    sheet.end()


def test_a_stopped_server_loses_no_draft(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/draft")
    page.route("**/api/**", lambda route: route.abort())
    page.fill("#rows [name=name] >> nth=0", "网络故障")
    page.wait_for_selector("#told:not([hidden])")
    assert "没有回应" in page.locator("#told").inner_text()
    page.unroute("**/api/**")
    page.reload()
    assert page.input_value("#rows [name=name] >> nth=0") == "网络故障"


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
    page.fill("[name=query]", "SELECT * {\n  ?a ?b\n}")
    page.locator("[name=query]").press("Control+Enter")
    page.wait_for_selector("#problem")
    sheet.look("query-wrong")
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


def test_in_the_dark_everything_can_be_read(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path, "dark")
    for name, path in {
        "home": "/",
        "search": "/?q=2021年网络故障多久修好",
        "compare": "/compare?text=网络故障处理时间3小时",
        "query": "/query?name=network-maintenance",
        "draft": "/draft",
        "declaration": f"/declarations/{NETWORK.id}?hit={NETWORK.indicators[0].id}",
        "lost": "/declarations/unknown",
    }.items():
        sheet.go(path)
        sheet.page.wait_for_load_state("networkidle")
        sheet.look(f"dark-{name}")
    sheet.end()
