"""What the word index leaves to the graph gives the very rows that the whole graph gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perfkg.ask import ask, candidates, facts
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.library import Library

ROOT = Path(__file__).parents[1]
QUESTIONS = [
    json.loads(line)["q"]
    for name in ("examples", "eighth", "ninth", "tenth", "seventh")
    for line in (ROOT / "tests" / "cases" / f"ask_{name}.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("candidates") / "library") as opened:
        opened.import_paths([ROOT / "examples" / str(year) for year in (2021, 2022, 2023)])
        yield opened


def test_the_same_rows_as_from_the_whole_graph(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, bool] = {}
    run = facts.run

    def both(library: Library, query: str) -> Iterator[facts.Fact]:
        found = list(run(library, query))
        if query not in asked:
            narrowed = isinstance(query, facts.Query) and query.run(library) != str(query)
            asked[str(query)] = narrowed
            assert not narrowed or found == list(run(library, str(query))), query
        return iter(found)

    monkeypatch.setattr(facts, "run", both)
    for question in QUESTIONS:
        ask(library, question)
    assert sum(asked.values()) > len(QUESTIONS) // 2


def _found(library: Library, topic: str, where: str = "row", **slots: Any) -> int | None:
    nodes = candidates.rows(library, Understanding(**slots), Topic(topic) if topic else None, where)
    return None if nodes is None else len(nodes.split())


def test_few_rows_are_left(library: Library) -> None:
    rows = list(facts.run(library, str(facts.indicators(Understanding(), Topic("送戏下乡")))))
    assert 0 < len({row.indicator for row in rows}) <= (_found(library, "送戏下乡") or 0) < 40
    assert _found(library, "宇宙飞船") == 0
    assert _found(library, "", organizations=["没有这个单位"]) == 0


def test_what_the_index_cannot_tell_is_left_to_the_graph(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _found(library, "") is None
    assert _found(library, "“2022”") is None
    monkeypatch.setattr(library.words, "current", False)
    assert _found(library, "送戏下乡") is None
