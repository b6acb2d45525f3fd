"""How soon each page can be seen and used: `python benchmarks/pages.py --library DIR`.

Serves the library in a process of its own, waits until it is warm, and opens every place in Chromium at 1366 × 768, each
time in a fresh profile. Printed are medians in milliseconds: until something is seen (first contentful paint), until the
page can be used (its scripts have run), and what the page weighs.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PLACES = {
    "检索": "/",
    "检索结果": "/?q=断网多久修好",
    "缩小的结果": "/?q=网络维护&kind=measured&sort=organization",
    "可比": "/compare?text=网络故障处理时间2小时",
    "填报助手": "/draft",
    "审核": "/review",
    "SPARQL": "/query",
    "资料库": "/library",
}
FLAGS = ["--headless", "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
SEEN = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
USED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WEIGHS = "performance.getEntriesByType('navigation')[0].decodedBodySize"


@contextmanager
def served(library: Path) -> Iterator[str]:
    """The address of a server over `library` that has loaded all it needs."""
    command = [sys.executable, "-m", "perfkg.cli", "serve", "--port", "0", "--library", str(library)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        try:
            address = next(found[1] for line in server.stderr if (found := re.search(r"at (http://\S+)", line)))
            while not httpx.get(f"{address}/health").json()["warm"]:
                time.sleep(0.5)
            yield address
        finally:
            server.terminate()


def measured(browser: Any, address: str) -> tuple[float, float, float]:
    """Milliseconds until seen and until used, and kilobytes, of one opening."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(100)
    figures = page.evaluate(SEEN), page.evaluate(USED), page.evaluate(WEIGHS) / 1024
    context.close()
    return figures


def main() -> None:
    """Prints a line a place."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with served(given.library) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        print(f"{'place':12} {'seen ms':>8} {'usable ms':>10} {'KB':>6}")
        for name, path in PLACES.items():
            runs = [measured(browser, address + path) for _ in range(given.times)]
            seen, used, weighs = (statistics.median(one) for one in zip(*runs, strict=True))
            print(f"{name:12} {seen:8.0f} {used:10.0f} {weighs:6.0f}")
        browser.close()


if __name__ == "__main__":
    main()
