"""Candidates: the places worth ranking, with what words and meaning say of each.

Everything costly happens inside the indexes; here are at most a few thousand numbers, whatever the library's size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from perfkg.index.meaning import Meaning
from perfkg.index.words import FIELDS, Filters, Spot, Words
from perfkg.search.question import Chip, Question

T = TypeVar("T")

CONTEXT_MEANING = 0.4
"""What closeness to the context counts beside closeness to the text."""

CONTEXT_WORDS = 0.5
"""What words of the context count beside words of the text."""

_TEXTS = 200
_PLACES = 300
_ALONE = 100
_SURE = 20
_CONTEXTS = 50
_SELECTIVE = 10_000
"""A filter that leaves fewer places is applied before the search, which then misses none of them."""

_WIDE = 1000
"""How many texts are looked at when the filter comes after the search."""

_KNOWN = 0.35
"""The share of the words asked for that the best text must hold, to count as a full match of words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place with its shares of words and meaning (0 to 1; None without an encoder) and the chips it fits."""

    spot: Spot
    words: float
    meaning: float | None
    fits: frozenset[Chip]


def candidates(words: Words, meaning: Meaning | None, question: Question, filters: Filters) -> list[Candidate]:
    """The places worth ranking, in no order: those of the best texts and contexts, by either channel."""
    dense = _Dense(meaning, question.text) if meaning is not None else None
    near = dense.near() if dense else {}
    keys = _texts(words, dense, question, filters)
    soft = {chip: both(filters, one) for chip, one in question.soft.items() if chip.kind != "category"}
    for narrow in soft.values():
        if words.passing(narrow) <= _SELECTIVE:
            keys |= _texts(words, dense, question, narrow)
    spots = {spot.order: spot for spot in words.places(None, filters, _TEXTS, question.around, near)}
    keys |= {spot.key for spot in spots.values()}
    spots |= {spot.order: spot for spot in words.places(keys, filters, _PLACES, question.around, near)}
    said = _Said(words, dense, question, keys)
    fits: dict[int, set[Chip]] = {}
    for chip, narrow in soft.items():
        for spot in words.places(keys, narrow, _PLACES):
            # What the context's words gave a place that was found before is kept.
            spots.setdefault(spot.order, spot)
            fits.setdefault(spot.order, set()).add(chip)
    # A good text is found at its other places too, whatever their context: no indicator is lost to an equal one.
    best = said.best(keys)[:_ALONE]
    found = words.places(best, filters, _PLACES) if best else []
    there = {spot.key for spot in (*spots.values(), *found)}
    for key in best[:_SURE]:
        if key not in there:
            found += words.places([key], filters, 1)
    for spot in found:
        spots.setdefault(spot.order, spot)
    return said.judged(list(spots.values()), fits)


def both(one: Filters, other: Filters) -> Filters:
    """What passes both."""
    return Filters(
        _common(one.organizations, other.organizations),
        _common(one.concepts, other.concepts),
        _common(one.years, other.years),
        _common(one.projects, other.projects),
    )


def _common(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


class _Dense:
    """One question's closeness to texts and contexts."""

    def __init__(self, meaning: Meaning, text: str) -> None:
        self._meaning = meaning
        self.row = meaning.encoder.query(text)
        # A place whose context is not known stands as an average context would.
        self.usual = float(self.row @ meaning.contexts.centre)
        self.average = float(self.row @ meaning.texts.centre) + CONTEXT_MEANING * self.usual

    def texts(self, limit: int, among: Collection[int] | None) -> dict[int, float]:
        return self._meaning.texts.search(self.row, limit, among)

    def near(self) -> dict[int, float]:
        return self._meaning.contexts.search(self.row, _CONTEXTS)

    def closeness(self, keys: set[int]) -> dict[int, float]:
        return self._meaning.texts.closeness(self.row, keys)

    def around(self, contexts: set[int]) -> dict[int, float]:
        return self._meaning.contexts.closeness(self.row, contexts)


def _texts(words: Words, dense: _Dense | None, question: Question, filters: Filters) -> set[int]:
    """The best texts by words and by meaning that stand at a place that passes."""
    among, limit = None, _TEXTS
    if not filters.empty:
        passing = words.passing(filters)
        if passing <= _SELECTIVE:
            among = words.keys(filters)
        else:
            limit = _WIDE
    channels = [words.search(question.terms, limit, among)]
    if dense is not None:
        channels.append(dense.texts(limit, among))
    if limit == _TEXTS:
        return {key for found in channels for key in found}
    there = words.standing({key for found in channels for key in found}, filters)
    ranked = (sorted(found, key=lambda key: -found[key]) for found in channels)
    return {key for keys in ranked for key in [key for key in keys if key in there][:_TEXTS]}


class _Said:
    """What words and meaning say of the texts `keys`, and then of the places they stand at."""

    def __init__(self, words: Words, dense: _Dense | None, question: Question, keys: set[int]) -> None:
        self._dense = dense
        self._words = words.search(question.terms, len(keys), keys)
        self._meaning = dense.closeness(keys) if dense else {}
        self._asked = sum(
            share * words.rarity(field, token)
            for field, share in FIELDS.items()
            for token, weight in question.terms[field].items()
            if weight == 1.0
        )

    def best(self, keys: Iterable[int]) -> list[int]:
        """Best first, by each channel in turn: a text that one of them puts high is not lost."""
        left = list(keys)
        channels = [self._words, self._meaning] if self._dense else [self._words]
        ranked = [sorted(left, key=lambda key: (-found.get(key, 0.0), key)) for found in channels]
        return list(dict.fromkeys(key for turn in zip(*ranked, strict=True) for key in turn))

    def judged(self, spots: list[Spot], fits: dict[int, set[Chip]]) -> list[Candidate]:
        """The places with their shares of both."""
        scores = [self._words.get(spot.key, 0.0) + CONTEXT_WORDS * spot.score for spot in spots]
        full = max([_KNOWN * self._asked, *scores]) or 1.0
        shares = self._shares(spots)
        return [
            Candidate(spot, score / full, share, frozenset(fits.get(spot.order, ())))
            for spot, score, share in zip(spots, scores, shares, strict=True)
        ]

    def _shares(self, spots: list[Spot]) -> list[float] | list[None]:
        if self._dense is None:
            return [None] * len(spots)
        context = self._dense.around({spot.context for spot in spots})
        close = [
            self._meaning.get(spot.key, 0.0) + CONTEXT_MEANING * context.get(spot.context, self._dense.usual)
            for spot in spots
        ]
        best = max(close, default=0.0)
        span = max(best - self._dense.average, 1e-6)
        return [min(1.0, max(0.0, 1.0 - (best - one) / span)) for one in close]
