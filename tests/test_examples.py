"""The examples are read as their content says, and the content is as examples/README.md describes it."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from perfkg.reading import read
from perfkg.records import Declaration, as_json

ROOT = Path(__file__).parents[1]
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests/cases/examples.jsonl").read_text(encoding="utf-8").splitlines()
]
FILES = list(dict.fromkeys(case["file"] for case in CASES))


def like(declaration: Declaration, case: dict[str, Any]) -> dict[str, Any]:
    """The declaration with the keys of the case alone."""
    data = as_json(declaration) | {"file": case["file"]}
    data["funding"] = {name: data["funding"][name] for name in case["funding"]}
    rows = [row | row["category"] for row in data["indicators"]]
    data["indicators"] = [{key: row[key] for key in case["indicators"][0]} for row in rows]
    return {key: data[key] for key in case}


@pytest.mark.parametrize("file", FILES)
def test_file_is_read_as_written(file: str) -> None:
    cases = [case for case in CASES if case["file"] == file]
    declarations = read(ROOT / "examples" / file)
    assert [declaration.project for declaration in declarations] == [case["project"] for case in cases]
    for declaration, case in zip(declarations, cases, strict=True):
        assert like(declaration, case) == case


def test_cases_are_what_the_content_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    assert importlib.import_module("make").cases() == CASES


def test_twelve_projects_a_year_in_seven_files() -> None:
    kinds = [(case["year"], case["kind"]) for case in CASES]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        (2021, "declaration"): 12,
        (2022, "declaration"): 12,
        (2022, "self-evaluation"): 2,
        (2023, "declaration"): 12,
    }
    assert [Path(file).suffix for file in FILES] == [".txt", ".xlsx", ".xlsx", ".docx", ".docx", ".html", ".pdf"]


def test_costs_add_up_but_for_one_form() -> None:
    short = [case["organization"] for case in CASES if costs(case) != pytest.approx(case["funding"]["total"])]
    assert short == ["芦汀县公路养护中心"]


def costs(case: dict[str, Any]) -> float:
    """The cost rows of a declaration in yuan: the last amount in 万元 of each."""
    rows = [row for row in case["indicators"] if row["level2"] in {"成本指标", "经济成本指标"}]
    amounts = [re.findall(r"([\d.]+)万元", f"{row['name']}{row['value']}") for row in rows]
    return sum(float(found[-1]) * 10000 for found in amounts)
