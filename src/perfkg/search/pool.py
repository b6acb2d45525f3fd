"""Candidates: the places worth ranking, with what words and meaning say of each.

Everything costly happens inside the indexes; here are at most a few thousand numbers, whatever the library's size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
_PLACES = 1000
_CONTEXTS = 50
_SELECTIVE = 20_000
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
    for soft in question.soft.values():
        keys |= _texts(words, dense, question, both(filters, soft))
    spots = {spot.order: spot for spot in words.places(None, filters, _TEXTS, question.around, near)}
    keys |= {spot.key for spot in spots.values()}
    fits: dict[int, set[Chip]] = {}
    for chip, soft in question.soft.items():
        found = words.places(keys, both(filters, soft), _PLACES, question.around, near)
        spots |= {spot.order: spot for spot in found}
        for spot in found:
            fits.setdefault(spot.order, set()).add(chip)
    spots |= {spot.order: spot for spot in words.places(keys, filters, _PLACES, question.around, near)}
    for key in keys - {spot.key for spot in spots.values()}:
        spots |= {spot.order: spot for spot in words.places([key], filters, 1)}
    return _judged(words, dense, question, list(spots.values()), fits)


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

    def texts(self, limit: int, among: set[int] | None) -> dict[int, float]:
        return self._meaning.texts.search(self.row, limit, among)

    def near(self) -> dict[int, float]:
        return self._meaning.contexts.search(self.row, _CONTEXTS)

    def closeness(self, spots: Iterable[Spot]) -> dict[int, float]:
        """By the place's `order`: its text's cosine and its context's share."""
        known = list(spots)
        texts = self._meaning.texts.closeness(self.row, {spot.key for spot in known})
        contexts = self._meaning.contexts.closeness(self.row, {spot.context for spot in known})
        return {
            spot.order: texts.get(spot.key, 0.0) + CONTEXT_MEANING * contexts.get(spot.context, self.usual)
            for spot in known
        }


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


def _judged(
    words: Words, dense: _Dense | None, question: Question, spots: list[Spot], fits: dict[int, set[Chip]]
) -> list[Candidate]:
    by_text = words.search(question.terms, len(spots), {spot.key for spot in spots})
    scores = {spot.order: by_text.get(spot.key, 0.0) + CONTEXT_WORDS * spot.score for spot in spots}
    asked = sum(
        share * weight * words.rarity(field, token)
        for field, share in FIELDS.items()
        for token, weight in question.terms[field].items()
        if weight == 1.0
    )
    full = max([_KNOWN * asked, *scores.values()]) or 1.0
    found = [Candidate(spot, scores[spot.order] / full, None, frozenset(fits.get(spot.order, ()))) for spot in spots]
    if dense is None:
        return found
    closeness = dense.closeness(spots)
    best = max(closeness.values(), default=0.0)
    span = max(best - dense.average, 1e-6)
    return [replace(one, meaning=min(1.0, max(0.0, (closeness[one.spot.order] - best) / span + 1.0))) for one in found]
