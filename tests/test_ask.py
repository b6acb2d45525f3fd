from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED, WORDS_ALONE

from perfkg.ask import Answer, ask
from perfkg.ask.names import plain, project_name
from perfkg.library import Library

CASES = Path(__file__).parent / "cases"
EXAMPLES = Path(__file__).parents[1] / "examples"

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    return [json.loads(line) for line in (CASES / f"ask_{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The real forms, searched by words alone."""
    file = SHARED / "seed" / "yanbian_2021.txt"
    if not file.exists():
        pytest.skip("the real forms are not beside this checkout")
    with Library(tmp_path_factory.mktemp("seed") / "library", WORDS_ALONE) as opened:
        opened.import_paths([file])
        yield opened


@pytest.fixture(scope="module")
def examples_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The invented county over three years, searched by words alone."""
    with Library(tmp_path_factory.mktemp("examples") / "library", WORDS_ALONE) as opened:
        opened.import_paths([EXAMPLES / str(year) for year in (2021, 2022, 2023)])
        yield opened


def wrong(answer: Answer, expect: Case) -> str | None:
    """What is wrong with an answer, None if it is exact."""
    kind = expect["kind"]
    if kind == "refused" or answer.refused:
        return None if answer.refused == (kind == "refused") else f"refused={answer.refused}"
    if "number" in expect and (answer.number is None or abs(answer.number - expect["number"]) > 1e-6):
        return f"number {answer.number}"
    if "size" in expect and len(answer.rows) != expect["size"]:
        return f"{len(answer.rows)} rows"
    if kind == "groups":
        found = {row.get("group"): row["number"] for row in answer.rows}
        return None if expect["groups"].items() <= found.items() else f"groups {found}"
    if "names" not in expect:
        return None
    labels = [label(kind, row) for row in answer.rows]
    if kind != "indicators":
        labels = list(dict.fromkeys(labels))
    return _unlike(labels, expect["names"], bool(expect.get("ordered")))


def label(kind: str, row: Case) -> str:
    """What a row of an answer is known by, as the cases name it."""
    if kind == "projects":
        return project_name(row.get("project") or "")
    if kind == "indicators":
        return f"{row.get('name') or ''}：{row.get('value') or ''}"
    return str(row.get("group") or row.get("organization"))


def _unlike(found: list[str], wanted: list[str], ordered: bool) -> str | None:
    """Each wanted name stands in just one found, and the other way round."""
    left = list(found)
    for name in wanted:
        match = next((one for one in left if project_name(name) in plain(one)), None)
        if match is None or (ordered and match != left[0]):
            return f"found {found}"
        left.remove(match)
    return f"too many: {left}" if left else None


def misread(answer: Answer, understood: dict[str, str]) -> str | None:
    """Which slot was not understood as expected."""
    chips = {chip.kind: chip.value.replace(" ", "") for chip in answer.understood}
    for kind, value in understood.items():
        if value.replace(" ", "") not in chips.get(kind, ""):
            return f"{kind}: {chips.get(kind)}"
    return None


@pytest.mark.parametrize("case", cases("seed"), ids=lambda case: case["q"])
def test_the_seed_answers(seed_library: Library, case: Case) -> None:
    answer = ask(seed_library, case["q"])
    assert wrong(answer, case["expect"]) is None, answer.answer
    assert misread(answer, case["understood"]) is None


@pytest.mark.parametrize("case", cases("examples"), ids=lambda case: case["q"])
def test_the_examples_answer(examples_library: Library, case: Case) -> None:
    answer = ask(examples_library, case["q"])
    assert wrong(answer, case["expect"]) is None, answer.answer
    assert misread(answer, case["understood"]) is None
