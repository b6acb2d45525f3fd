"""BM25 over arrays: every row has its score at once, so that any choice of rows is a mask and no second search.

What changes is made anew beside the old: who asks meanwhile sees one state.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

Terms = Mapping[str, float]
"""Tokens with their weights."""

_K1, _B = 1.2, 0.75
_MOST = 255
"""A token counts at most so often in a row; what a hundredth occurrence adds cannot be measured."""

_GROWTH = 4
"""A part of fewer than so many times the next one's postings is joined with it: a few parts, each joined seldom."""


@dataclass(frozen=True)
class Part:
    """The rows that hold token n, rising, and how often: from `offsets[n]` to `offsets[n + 1]`."""

    offsets: Array
    rows: Array
    counts: Array

    def of(self, token: int) -> tuple[Array, Array]:
        """Rows and counts of one token."""
        if token + 1 >= len(self.offsets):
            return self.rows[:0], self.counts[:0]
        here = slice(self.offsets[token], self.offsets[token + 1])
        return self.rows[here], self.counts[here]


@dataclass(frozen=True)
class Postings:
    """An inverted index. `lengths` has the number of tokens of each row; a row without any is a row all the same.

    The vocabulary is shared with what is made from this one; a token that came later is held by no row here.
    """

    vocabulary: dict[str, int]
    parts: tuple[Part, ...]
    lengths: Array

    @classmethod
    def empty(cls) -> Postings:
        """Without rows."""
        return cls({}, (), np.zeros(0, np.int32))

    def adding(self, rows: Sequence[Sequence[str]]) -> Postings:
        """With further rows, given as their tokens."""
        if not rows:
            return self
        parts = [*self.parts, self._part(rows)]
        while len(parts) > 1 and len(parts[-2].rows) < _GROWTH * len(parts[-1].rows):
            parts[-2:] = [_joined(*parts[-2:])]
        lengths = np.fromiter(map(len, rows), np.int32, len(rows))
        return replace(self, parts=tuple(parts), lengths=np.concatenate([self.lengths, lengths]))

    def keeping(self, kept: Array) -> Postings:
        """With the rows alone that the mask `kept` names; they close up."""
        rank = np.cumsum(kept, dtype=np.int32) - 1
        return replace(self, parts=tuple(_kept(part, kept, rank) for part in self.parts), lengths=self.lengths[kept])

    def scores(self, terms: Terms) -> Array:
        """BM25 of every row, float32; 0 where it holds none of `terms`."""
        found = np.zeros(len(self.lengths), np.float32)
        for token, weight in terms.items():
            number = self.vocabulary.get(token, -1)
            factor = np.float32(weight * self.rarity(token) * (_K1 + 1))
            for part in self.parts if number >= 0 else ():
                rows, counts = part.of(number)
                found[rows] += factor * counts / (counts + self._norms[rows])
        return found

    def holding(self, tokens: Iterable[str]) -> Array:
        """A mask of the rows that hold any of these tokens."""
        found = np.zeros(len(self.lengths), bool)
        numbers = [self.vocabulary[token] for token in tokens if token in self.vocabulary]
        for part in self.parts:
            for number in numbers:
                found[part.of(number)[0]] = True
        return found

    def rarity(self, token: str) -> float:
        """The inverse document frequency of a token."""
        number = self.vocabulary.get(token, -1)
        holding = sum(len(part.of(number)[0]) for part in self.parts) if number >= 0 else 0
        total = max(1, len(self.lengths))
        return math.log(1 + (total - holding + 0.5) / (holding + 0.5))

    def columns(self) -> dict[str, Array]:
        """All of it as arrays, to be saved."""
        parts = list(self.parts)
        while len(parts) > 1:
            parts[-2:] = [_joined(*parts[-2:])]
        whole = parts[0] if parts else Part(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
        tokens = np.frombuffer("\n".join(self.vocabulary).encode(), np.uint8)
        return {
            "tokens": tokens,
            "offsets": whole.offsets,
            "rows": whole.rows,
            "counts": whole.counts,
            "lengths": self.lengths,
        }

    @classmethod
    def of_columns(cls, columns: Mapping[str, Array]) -> Postings:
        """What `columns` gave."""
        text = columns["tokens"].tobytes().decode()
        vocabulary = {token: number for number, token in enumerate(text.split("\n") if text else ())}
        return cls(vocabulary, (Part(columns["offsets"], columns["rows"], columns["counts"]),), columns["lengths"])

    @cached_property
    def _norms(self) -> Array:
        average = max(1.0, float(self.lengths.mean())) if len(self.lengths) else 1.0
        return (_K1 * (1 - _B + _B * self.lengths / average)).astype(np.float32)

    def _part(self, rows: Sequence[Sequence[str]]) -> Part:
        numbers, places, counts = [], [], []
        for place, held in enumerate(rows, len(self.lengths)):
            for token, count in Counter(held).items():
                numbers.append(self.vocabulary.setdefault(token, len(self.vocabulary)))
                places.append(place)
                counts.append(min(count, _MOST))
        order = np.argsort(np.array(numbers, np.int32), kind="stable")
        sizes = np.bincount(np.array(numbers, np.int64), minlength=len(self.vocabulary))
        return Part(_offsets(sizes), np.array(places, np.int32)[order], np.array(counts, np.uint8)[order])


def _offsets(sizes: Array) -> Array:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _joined(one: Part, other: Part) -> Part:
    """Token by token the rows of `one`, then those of `other`, which are higher."""
    size = max(len(one.offsets), len(other.offsets))
    first, second = (_longer(part.offsets, size) for part in (one, other))
    offsets = first + second
    rows = np.empty(offsets[-1], np.int32)
    counts = np.empty(offsets[-1], np.uint8)
    for part, before, own in ((one, second[:-1], first), (other, first[1:], second)):
        to = np.arange(len(part.rows)) + np.repeat(before, np.diff(own))
        rows[to], counts[to] = part.rows, part.counts
    return Part(offsets, rows, counts)


def _longer(offsets: Array, size: int) -> Array:
    return np.concatenate([offsets, np.full(size - len(offsets), offsets[-1])])


def _kept(part: Part, kept: Array, rank: Array) -> Part:
    stays = kept[part.rows]
    offsets = np.concatenate([[0], np.cumsum(stays, dtype=np.int64)])[part.offsets]
    return Part(offsets, rank[part.rows[stays]], part.counts[stays])
