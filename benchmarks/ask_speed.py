"""How long does a question take in a large library? All questions of tests/cases and a few broad ones, by the processor.

    python benchmarks/ask_speed.py --indicators 100000 [--every 4]

The declarations are made up (declarations.py), so that most questions of the cases find nothing and the broad ones find
tens of thousands of rows. The first question reads the ledger, once for a process that holds the library.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it; before numpy is imported

from declarations import ROWS, declarations

from perfkg.ask import ask
from perfkg.encoder import Settings
from perfkg.library import Library

CASES = sorted((Path(__file__).parents[1] / "tests" / "cases").glob("ask_*.jsonl"))
BROAD = (
    "满意度低于95%的项目有哪些",
    "平均满意度是多少",
    "各单位的平均满意度",
    "各类别有多少指标",
    "维护成本一共多少钱",
    "资金超过1000万的项目的满意度",
    "没有质量指标的项目",
    "哪些项目涉及网络",
    "哪个项目的指标最多",
    "响应时间在4小时以内的",
)


def main() -> None:
    """Prints the first question's time, those of the others from the middle to the longest, and the slowest ten."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1, help="every so many of the questions of the cases")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library", Settings("none")) as library:
        library.import_declarations(list(declarations(chosen.indicators // ROWS, 1)))
        _measure(library, (*BROAD, *_of_cases()[:: chosen.every]))


def _of_cases() -> list[str]:
    lines = (line for file in CASES for line in file.read_text("utf-8").splitlines())
    return list(dict.fromkeys(json.loads(line)["q"] for line in lines))


def _measure(library: Library, questions: tuple[str, ...]) -> None:
    print(f"{library.words.count:,} indicators; the first question: {_seconds(library, BROAD[0]):.2f} s")
    taken = sorted((_seconds(library, question), question) for question in questions)
    for part in (0.5, 0.9, 0.99, 1.0):
        print(f"{part:.0%} of {len(taken)} within {taken[round(part * (len(taken) - 1))][0]:.3f} s")
    for seconds, question in taken[:-11:-1]:
        print(f"  {seconds:.2f} s  {question}")


def _seconds(library: Library, question: str) -> float:
    began = time.process_time()
    ask(library, question)
    return time.process_time() - began


if __name__ == "__main__":
    main()
