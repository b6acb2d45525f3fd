"""Chromium for the stories of the pages: a server over a small library, and a page that notices what goes wrong in it.

With PERFKG_PICTURES=FOLDER every picture that a story takes is kept there; the documents show some of them.
"""

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
from test_pages import NETWORK, REPAIRS

from perfkg.library import Library

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
    yield from serving(tmp_path / "served")


def serving(folder: Path, encoder: str = "none") -> Iterator[tuple[str, str]]:
    """A server in a process of its own over the library in `folder`: its address and token. By default words alone."""
    command = [sys.executable, "-m", "perfkg.cli", "serve", "--port", "0", "--library", str(folder)]
    environment = os.environ | {"PERFKG_ENCODER": encoder}
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
        self.address, self.width = address, size[0]
        self.folder = Path(os.environ.get("PERFKG_PICTURES") or folder)
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
    """Chooses a file of this text in the page's field for files."""
    sheet.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": text.encode()})
