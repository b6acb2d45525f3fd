"""Is what a reviewer compares and a drafter picks among the first three? The hand-made cases, with the encoder.

    python benchmarks/advice.py
    PERFKG_ENCODER=none python benchmarks/advice.py     by words alone

The cases are tests/cases/compare_cases.json and suggest_cases.json, 40 each, over the seed and the examples as files.
What stands in the first group of a comparison was judged by hand as well (compare_members.json: `comparable` with what was
asked, or about an `other` matter): how many of the judged rows are comparable, and how many of those that are were found.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
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
    members: Counter[str] = Counter(right=0, judged=0, kept=0, wanted=0)
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
            for case in (case for case in _cases("compare_members.json") if case["library"] == name):
                members += _members(library, case)
    for kind, count in found.items():
        print(f"{kind}: {count} of {asked[kind]}")
    print("members: {right} of {judged} comparable; {kept} of {wanted} comparable ones found".format(**members))


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / name).read_text("utf-8"))
    return cases


def _members(library: Library, case: dict[str, Any]) -> Counter[str]:
    """What is right in the first group, and which of the comparable names stand in any; of names that the library has."""
    groups = compare(library, case["text"]).groups
    first = {row.name for row in groups[0].rows} if groups else set()
    right, wrong = first & set(case["comparable"]), first & set(case["other"])
    found = {name for one in groups for row in one.rows for name in (row.name, *(other.name for other in row.others))}
    lost = set(case["comparable"]) - found
    if wrong or lost:
        print(f"members of {name_of(case)}: 多出 {'、'.join(map(str, wrong)) or '无'}；缺少 {'、'.join(lost) or '无'}")
    wanted = len(case["comparable"])
    return Counter(right=len(right), judged=len(right | wrong), kept=wanted - len(lost), wanted=wanted)


def name_of(case: dict[str, Any]) -> str:
    """The question of a case, with its library."""
    return f"{case['text']}（{case['library']}）"


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
