"""Are questions answered as a person would have answered them? Exact, refused or wrong, a file of questions at a time.

    python benchmarks/ask.py                                  all of tests/cases/ask_*.jsonl, with the encoder
    python benchmarks/ask.py tests/cases/ask_fourth.jsonl     one file
    PERFKG_ENCODER=none python benchmarks/ask.py              by words alone, as the tests ask

A case is `{"library": "seed" | "examples" | "forms", "q": …, "expect": {"kind": …, "number" | "names" | "groups" | "size": …}}`. An
answer that was to be refused and is, is exact; one that was not and is, is refused; every other difference is wrong.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from perfkg.ask import ask
from perfkg.library import Library

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared"
SOURCES = {"seed": SHARED / "seed", "examples": ROOT / "examples", "forms": SHARED / "data" / "forms"}

Case = dict[str, Any]


def cases(file: Path) -> list[Case]:
    """The questions of a file, each with the library it is put to."""
    library = file.stem.removeprefix("ask_")
    return [{"library": library, **json.loads(line)} for line in file.read_text("utf-8").splitlines()]


def main(files: list[Path]) -> None:
    """Prints every question not answered exactly, and the three counts of each file."""
    asked = {file: cases(file) for file in files}
    scores: dict[Path, Counter[str]] = {file: Counter() for file in files}
    for name, source in SOURCES.items():
        if not source.exists():
            print(f"{name}: not beside this checkout")
            continue
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
            library.import_paths(_files(name, source))
            for file, case in ((file, case) for file, found in asked.items() for case in found):
                if case["library"] == name:
                    scores[file][_judged(library, case)] += 1
    for file, score in scores.items():
        told = "  ".join(f"{verdict} {score[verdict]}" for verdict in ("exact", "refused", "wrong"))
        print(f"{file.name}: {told}  of {score.total()}")


def _files(name: str, source: Path) -> list[Path]:
    """The county of the examples over three years; the forms of other places with the seed."""
    if name == "examples":
        return [source / str(year) for year in (2021, 2022, 2023)]
    return [source] if name == "seed" else [SOURCES["seed"], source]


def _judged(library: Library, case: Case) -> str:
    from asking import wrong

    answer = ask(library, case["q"])
    difference = wrong(answer, case["expect"])
    if difference is None:
        return "exact"
    verdict = "refused" if answer.refused else "wrong"
    chips = "  ".join(f"{chip.kind}={chip.value}" for chip in answer.understood)
    print(f"{verdict}: {case['q']}\n    {difference[:200]}\n    {answer.answer[:160]}\n    [{chips}]")
    return verdict


if __name__ == "__main__":
    sys.path.append(str(ROOT / "tests"))
    main([Path(one) for one in sys.argv[1:]] or sorted(CASES.glob("ask_*.jsonl")))
