"""How soon can each page be seen and used? Over a library made for it, or one that is there.

    python benchmarks/pages.py --indicators 100000          with a stand-in for the encoder (see stand_ins.py)
    python benchmarks/pages.py --indicators 100000 --keep FOLDER     leaves the library there; where one is, takes it
    python benchmarks/pages.py --library FOLDER             a library as it stands, with its own encoder

Serves the library in a process of its own and opens every place in Chromium at 1366 × 768, each time in a fresh profile:
once as soon as the server is ready, while it gathers the catalogue of concepts beside (`just started`), then again when
nothing goes on any more: the median and the longest of `--times`. Printed are milliseconds
until something is seen (first contentful paint) and until the page can be used (its scripts have run), the milliseconds of
processor that the server took for it, what it weighs, and, where a page says that something is still being made, the
seconds until that is there.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from libraries import declarations
from serving import Server, serving
from stand_ins import opened

from perfkg import targets
from perfkg.records import Declaration

PLACES = {
    "检索": "/",
    "检索结果": "/?q=断网多久修好",
    "缩小的结果": "/?q=网络维护&kind=measured&sort=organization",
    "结果上有回答": "/?q=资金最多的项目是哪个",
    "提问": "/ask?q=平均满意度是多少",
    "可比": "/compare?text=网络故障处理时间2小时",
    "指标库": "/concepts",
    "指标库里查找": "/concepts?text=满意度",
    "填报助手": "/draft",
    "审核": "/review",
    "图谱": "/network",
    "SPARQL": "/query",
    "资料库": "/library",
    "资料库里查找": "/library?q=水利&order=doubts",
    "导入记录": "/library/imports",
    "变更记录": "/library/log",
    "状态": "/library/state",
}
"""The places, and searches in them; a declaration, its review and its concept are added."""

FLAGS = ["--headless", "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
SEEN = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
USED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WEIGHS = "performance.getEntriesByType('navigation')[0].decodedBodySize"
LATER = "[data-wait], [data-above]"
_BATCH = 2000
_LATEST = 600_000


@dataclass(frozen=True)
class Opening:
    """Milliseconds until seen and until used, of the server's processor, kilobytes, seconds until what follows."""

    seen: float
    used: float
    processor: float
    weighs: float
    later: float | None


def main() -> None:
    """Prints a table of the pages at the start, and one of them after it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--indicators", type=int, default=10_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with _library(given) as (folder, options), serving(folder, options) as server, _chromium() as browser:
        address = f"http://127.0.0.1:{server.port}"
        _table("just started", server, browser, address, _places(address), 1)
        _wait_until_idle(server, address)
        _table("warm", server, browser, address, _places(address), given.times)
        print(f"the server had {server.memory():.1f} GB memory at most")


@contextmanager
def _library(given: argparse.Namespace) -> Iterator[tuple[Path, list[str]]]:
    """The library to be measured, and what its server is to be told."""
    if given.library:
        yield given.library, []
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.keep or Path(scratch)) / "library"
        if not folder.exists():
            with opened(folder, True, False) as library:
                rest = map(_with_targets, declarations(given.indicators))
                while part := list(islice(rest, _BATCH)):
                    library.import_declarations(part)
        yield folder, ["--stand-in"]


def _with_targets(one: Declaration) -> Declaration:
    rows = (replace(row, targets=tuple(targets.read(row.value, row.name, one.year))) for row in one.indicators)
    return replace(one, indicators=tuple(rows))


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def _places(address: str) -> dict[str, str]:
    """The places, with a declaration, its review and, once the catalogue is gathered, a concept."""
    id = httpx.get(f"{address}/api/declarations?limit=1", timeout=60).json()["declarations"][0]["id"]
    return PLACES | {"申报表": f"/declarations/{id}", "申报表的审核": f"/declarations/{id}/review"}


def _wait_until_idle(server: Server, address: str) -> None:
    """Until the server has loaded all and uses no processor any more."""
    while not httpx.get(f"{address}/health", timeout=60).json()["warm"]:
        time.sleep(0.5)
    idle = 0
    while idle < 3:
        before = server.processor()
        time.sleep(1)
        idle = idle + 1 if server.processor() - before < 0.1 else 0


def _table(title: str, server: Server, browser: Any, address: str, places: dict[str, str], times: int) -> None:
    print(f"\n{title:14} {'seen':>6} {'usable':>7} {'longest':>8} {'server':>7} {'KB':>5} {'then, s':>8}")
    for name, path in places.items():
        runs = [_opening(server, browser, address + path) for _ in range(times)]
        seen, used, processor, weighs = (
            statistics.median(getattr(one, part) for one in runs) for part in ("seen", "used", "processor", "weighs")
        )
        longest, later = max(one.used for one in runs), [one.later for one in runs if one.later is not None]
        then = f"{max(later):8.1f}" if later else ""
        print(
            f"{name:{14 - len(name)}} {seen:6.0f} {used:7.0f} {longest:8.0f} {processor:7.0f} {weighs:5.0f} {then}",
            flush=True,
        )


def _opening(server: Server, browser: Any, address: str) -> Opening:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page, before = context.new_page(), server.processor()
    page.set_default_timeout(_LATEST)
    began = time.perf_counter()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(100)
    figures = page.evaluate(SEEN), page.evaluate(USED), (server.processor() - before) * 1000
    weighs, later = page.evaluate(WEIGHS) / 1024, None
    if page.locator(LATER).count():
        page.locator(LATER).first.wait_for(state="detached")
        later = time.perf_counter() - began
    context.close()
    return Opening(*figures, weighs, later)


if __name__ == "__main__":
    main()
