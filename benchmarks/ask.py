"""Are questions answered as a person would have answered them? Exact, refused or wrong, a file of questions at a time.

    python benchmarks/ask.py                                  all of tests/cases/ask_*.jsonl, with the encoder
    python benchmarks/ask.py tests/cases/ask_fourth.jsonl     one file
    PERFKG_ENCODER=none python benchmarks/ask.py              by words alone, as the tests ask

A case is `{"library": "seed" | "examples", "q": …, "expect": {"kind": …, "number" | "names" | "groups" | "size": …}}`. An
answer that was to be refused and is, is exact; one that was not and is, is refused; every other difference is wrong.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from perfkg.ask import Answer, ask
from perfkg.ask.names import plain, project_name
from perfkg.library import Library

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
SOURCES = {"seed": ROOT.parent / "shared" / "seed", "examples": ROOT / "examples"}

Case = dict[str, Any]


def cases(file: Path) -> list[Case]:
    """The questions of a file, each with the library it is put to."""
    library = file.stem.removeprefix("ask_")
    return [{"library": library, **json.loads(line)} for line in file.read_text("utf-8").splitlines()]


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
    labels = [_label(kind, row) for row in answer.rows]
    if kind != "indicators":
        labels = list(dict.fromkeys(labels))
    return _unlike(labels, expect["names"], bool(expect.get("ordered")))


def _label(kind: str, row: Case) -> str:
    """What a row of an answer is known by, as the cases name it."""
    if kind == "projects":
        return project_name(row.get("project") or "")
    if kind == "indicators":
        return plain(f"{row.get('name') or ''}：{row.get('value') or ''}")
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


def main(files: list[Path]) -> None:
    """Prints every question not answered exactly, and the three counts of each file."""
    asked = {file: cases(file) for file in files}
    scores: dict[Path, Counter[str]] = {file: Counter() for file in files}
    for name, source in SOURCES.items():
        if not source.exists():
            print(f"{name}: not beside this checkout")
            continue
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
            library.import_paths([source] if name == "seed" else [source / str(year) for year in (2021, 2022, 2023)])
            for file, case in ((file, case) for file, found in asked.items() for case in found):
                if case["library"] == name:
                    scores[file][_judged(library, case)] += 1
    for file, score in scores.items():
        told = "  ".join(f"{verdict} {score[verdict]}" for verdict in ("exact", "refused", "wrong"))
        print(f"{file.name}: {told}  of {score.total()}")


def _judged(library: Library, case: Case) -> str:
    answer = ask(library, case["q"])
    difference = wrong(answer, case["expect"])
    if difference is None:
        return "exact"
    verdict = "refused" if answer.refused else "wrong"
    chips = "  ".join(f"{chip.kind}={chip.value}" for chip in answer.understood)
    print(f"{verdict}: {case['q']}\n    {difference[:200]}\n    {answer.answer[:160]}\n    [{chips}]")
    return verdict


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]] or sorted(CASES.glob("ask_*.jsonl")))
