"""Is what a reviewer compares and a drafter picks among the first three? The hand-made cases, with the encoder.

    python benchmarks/advice.py
    PERFKG_ENCODER=none python benchmarks/advice.py     by words alone

The cases are tests/cases/compare_cases.json and suggest_cases.json, 40 each, over the seed and the examples as files.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perfkg.compare import compare
from perfkg.library import Library
from perfkg.suggest import suggest

ROOT = Path(__file__).parents[1]
SOURCES = {"seed": ROOT.parent / "shared" / "seed", "examples": ROOT / "examples"}


def main() -> None:
    """Prints what was missed, and the share found."""
    compared, suggested = _cases("compare_cases.json"), _cases("suggest_cases.json")
    found = dict.fromkeys(("compare", "suggest"), 0)
    asked = dict.fromkeys(("compare", "suggest"), 0)
    for name, source in SOURCES.items():
        if not source.exists():
            print(f"{name}: not beside this checkout")
            continue
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
            library.import_paths([source])
            for kind, cases, answer in (("compare", compared, _compared), ("suggest", suggested, _suggested)):
                for case in (case for case in cases if case["library"] == name):
                    first = answer(library, case)
                    asked[kind] += 1
                    found[kind] += bool(first & set(case["expect"]))
                    if not first & set(case["expect"]):
                        print(f"missed: {json.dumps(case, ensure_ascii=False)}: {'、'.join(map(str, first))}")
    for kind, count in found.items():
        print(f"{kind}: {count} of {asked[kind]}")


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / name).read_text("utf-8"))
    return cases


def _compared(library: Library, case: dict[str, Any]) -> set[str | None]:
    """Names and values of the first three rows of the first group."""
    answer = compare(library, case["text"]) if "text" in case else compare(library, indicator=_id(library, case))
    rows = answer.groups[0].rows[:3] if answer.groups else ()
    return {text for row in rows for text in (row.name, row.value)}


def _id(library: Library, case: dict[str, Any]) -> str:
    wanted = case["indicator"]

    def rows() -> Iterator[tuple[str, str | None]]:
        for entry in library.ledger.entries(year=wanted["year"], text=wanted["project"]):
            yield from ((row.id, row.name) for row in library.ledger.get(entry.id).indicators)

    return next(id for id, name in rows() if name == wanted["name"])


def _suggested(library: Library, case: dict[str, Any]) -> set[str | None]:
    found = suggest(library, case["project"], case["category"], case["text"]).suggestions[:3]
    return {one.name for one in found}


if __name__ == "__main__":
    main()
