"""What a large library takes long for is waited for beside the page, which comes at once and says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE
from fastapi.testclient import TestClient
from test_pages import NETWORK, PAGE, serving, shown

from api.waiting import Waiting
from perfkg.ask import ask
from perfkg.errors import InvalidQuestion
from perfkg.library import Library

RICHEST = "资金最多的项目是哪个？"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK])
    yield from serving(tmp_path / "library")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every answer to a question is held back until this is set."""
    free = threading.Event()

    def late(*given: Any) -> Any:
        free.wait(20)
        return ask(*given)

    monkeypatch.setattr("api.pages.ask.ask", late)
    for module in ("ask", "search"):
        monkeypatch.setattr(f"api.pages.{module}.PATIENCE", 0.01)
    yield free
    free.set()


def test_the_hits_do_not_wait_for_the_answer(client: TestClient, held: threading.Event) -> None:
    text = shown(client.get("/", params={"q": RICHEST}))
    assert "data-above" in text
    assert "正在算这个问题的回答" in text
    held.set()
    assert "10 万元" in shown(client.get("/ask/above", params={"q": RICHEST}))
    known = shown(client.get("/", params={"q": RICHEST}))
    assert "data-above" not in known
    assert "10 万元" in known


def test_what_is_only_searched_for_is_not_asked(client: TestClient, held: threading.Event) -> None:
    for text in ("网络故障", "断网多久修好", "？", "<b>", "长" * 600):
        assert "data-above" not in shown(client.get("/", params={"q": text})), text
    assert shown(client.get("/ask/above", params={"q": "网络故障"})).strip() == ""


def test_a_question_that_takes_long_says_so(client: TestClient, held: threading.Event) -> None:
    text = shown(client.get("/ask", params={"q": RICHEST}))
    assert "data-wait" in text
    assert "正在查 1 份申报表" in text
    held.set()
    assert "10 万元" in shown(client.get("/ask/above", params={"q": RICHEST}))
    assert "10 万元" in shown(client.get("/ask", params={"q": RICHEST}))


def test_an_answer_is_of_the_library_as_it_is(client: TestClient) -> None:
    assert "10 万元" in shown(client.get("/ask", params={"q": RICHEST}))
    held: Any = client.app
    held.state.keeper.library.withdraw(NETWORK.id)
    assert "10 万元" not in shown(client.get("/ask", params={"q": RICHEST}))


def test_the_catalogue_of_a_large_library_is_waited_for(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr("api.concepts.PATIENCE", 0.01)
    monkeypatch.setattr("api.concepts.known_catalogue", lambda library: None)
    monkeypatch.setattr("api.concepts.catalogue", lambda *given, **named: free.wait(20))
    for path in ("/concepts", "/concepts/unknown", "/compare?concept=unknown"):
        text = shown(client.get(path))
        assert "data-wait" in text
        assert "正在把 4 条指标归成概念" in text
    for path in ("/api/concepts", "/api/concepts/unknown", "/api/decisions", "/api/compare?concept=unknown"):
        refused = client.get(path)
        assert refused.status_code == 503, path
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
        assert "正在把 4 条指标归成概念" in refused.json()["detail"]
    assert client.get("/api/compare?text=网络故障").json()["groups"]
    free.set()
    monkeypatch.undo()
    assert client.get("/api/concepts").json()["total"] > 0
    text = shown(client.get("/concepts", headers=PAGE))
    assert "网络故障处理时间" in text
    assert 'href="/network"' in text
    assert "/network?category=" in shown(client.get("/concepts?category=质量指标"))


def test_a_piece_of_work_is_done_once_and_not_kept_if_it_fails() -> None:
    waiting, done = Waiting(), list[int]()

    def make() -> int:
        done.append(1)
        if len(done) == 1:
            raise InvalidQuestion("不行", None, "再来")
        return len(done)

    with pytest.raises(InvalidQuestion):
        waiting.begin("one", make, None).result()
    assert [waiting.begin("one", make, None).result() for _ in range(3)] == [2, 2, 2]
    for number in range(200):
        waiting.begin(number, make, None)
    assert waiting.begin("one", make, None).result() > 2
    waiting.close()
