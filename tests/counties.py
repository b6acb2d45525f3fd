"""The seed's and the examples' declarations from the cases of their readings, so that no file has to be read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from conftest import make_declaration

from perfkg import targets
from perfkg.records import Declaration

CASES = Path(__file__).parent / "cases"
_FILES = {"seed": "seed_forms.jsonl", "examples": "examples.jsonl"}


def recorded(name: str) -> list[Declaration]:
    """All declarations of `seed` or `examples`, their values understood."""
    lines = (CASES / _FILES[name]).read_text("utf-8").splitlines()
    return [_declaration(json.loads(line), line) for line in lines]


def understood(declaration: Declaration) -> Declaration:
    """The declaration with the targets its values state."""
    rows = (
        dataclasses.replace(row, targets=targets.read(row.value, row.name, declaration.year))
        for row in declaration.indicators
    )
    return dataclasses.replace(declaration, indicators=tuple(rows))


def _declaration(case: dict[str, Any], line: str) -> Declaration:
    rows = tuple((row["level1"], row["level2"], row["name"], row["value"]) for row in case["indicators"])
    made = make_declaration(case["project"], case["organization"], case["year"], rows, file=line)
    kind = case.get("kind", "declaration")
    if kind != "declaration":
        made = dataclasses.replace(made, id=f"{made.id}-{kind}", kind=kind)
        own = (dataclasses.replace(row, id=f"{made.id}-{at}") for at, row in enumerate(made.indicators))
        made = dataclasses.replace(made, indicators=tuple(own))
    return understood(made)
