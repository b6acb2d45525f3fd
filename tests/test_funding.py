"""Money as the real forms show it, read by hand: total, fiscal and other funding in yuan."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED

from perfkg.reading import read
from perfkg.records import Declaration

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "funding.json").read_text("utf-8"))
FORMS = SHARED / "data" / "forms"


@cache
def declarations(file: str) -> tuple[Declaration, ...]:
    return tuple(read(FORMS / file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_the_money_of_a_real_form(case: dict[str, Any]) -> None:
    if not FORMS.exists():
        pytest.skip("the real forms are not beside this checkout")
    # A name that a scanner garbled is not compared.
    read_so = [one for one in declarations(case["file"]) if case["project"] in (None, one.project)]
    assert len(read_so) == 1, [one.project for one in declarations(case["file"])]
    for part in ("total", "fiscal", "other"):
        if part in case:
            assert getattr(read_so[0].funding, part) == case[part], part
