"""The query page over the copy of the graph in memory, as a server has it; other tests turn it off."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from browsing import SIZES, Sheet, serving
from conftest import WORDS_ALONE
from test_pages import NETWORK, REPAIRS

from perfkg.library import Library

COUNT = "/sparql?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%20%3Fi%20a%20perfkg%3AIndicator%20%7D"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A server with its copy, once that is there: its address and token."""
    monkeypatch.setenv("PERFKG_GRAPH_COPY", "100")
    with Library(tmp_path / "copied", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, *REPAIRS])
    for address, token in serving(tmp_path / "copied"):
        end = time.monotonic() + 60
        while "perfkg_graph_in_memory 1" not in got(f"{address}/metrics"):
            assert time.monotonic() < end, "the copy never came"
            time.sleep(0.05)
        yield address, token


def got(address: str, token: str | None = None, method: str = "GET") -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urlopen(Request(address, headers=headers, method=method), timeout=20) as answer:
        read: str = answer.read().decode()
    return read


def counted(address: str) -> int:
    return int(json.loads(got(f"{address}{COUNT}"))["results"]["bindings"][0]["n"]["value"])


def test_queries_follow_the_ledger_with_the_copy_on(copied: tuple[str, str]) -> None:
    address, token = copied
    before = counted(address)
    assert before == sum(len(one.indicators) for one in (NETWORK, *REPAIRS))
    got(f"{address}/api/declarations/{NETWORK.id}", token, "DELETE")
    assert counted(address) == before - len(NETWORK.indicators)


def test_the_query_page_answers_from_memory_and_leads_to_the_form(
    browser: Any, copied: tuple[str, str], tmp_path: Path
) -> None:
    address, _ = copied
    sheet = Sheet(browser, address, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/query?name=network-maintenance&word=故障")
    page.wait_for_selector(".solutions td")
    sheet.look("query-in-memory")
    indicator = NETWORK.indicators[0]
    page.click(f".solutions a[href$='{indicator.id}'] >> text={indicator.name}")
    page.wait_for_selector("#hit")
    assert page.url == f"{address}/declarations/{NETWORK.id}?hit={indicator.id}#hit"
    sheet.go("/query?query=SELECT * {\n ?a ?b\n}")
    page.wait_for_selector("#problem")
    assert "perfkg_graph_in_memory 1" in got(f"{address}/metrics")
    sheet.end()
