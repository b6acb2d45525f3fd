"""Candidates: the places worth ranking, with what words and meaning say of each.

All is arithmetic on whole columns; here are at most some hundred places at the end, whatever the library's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np

from perfkg.index.filters import Filters
from perfkg.index.meaning import Meaning
from perfkg.index.tables import Array
from perfkg.index.view import FIELDS, Passing, View, best, highest
from perfkg.search.question import Chip, Question
from perfkg.search.relevance import HELD, unrelated

CONTEXT_MEANING = 0.4
"""What closeness to the context counts beside closeness to the text."""

CONTEXT_WORDS = 0.5
"""What words of the context count beside words of the text."""

_TEXTS = 200
"""So many texts from each channel."""

_PLACES = 300
"""So many places, whatever their texts; the best place of each text comes to these."""

_CONTEXTS = 50
_SELECTIVE = 10_000
"""What fits a chip is searched for its own best texts too if it is no more places than these."""

_NEAR = 1000.0
"""Lifts forms of contexts that are near in meaning over all that words can give."""

_KNOWN = 0.35
"""The share of the words asked for that the best text must hold, to count as a full match of words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place with its shares of words and meaning (0 to 1; None without an encoder) and the chips it fits.

    `text` is the row of its text, `key` that text's key; `context` is the key of its project and organization, 0 for
    none; `order` puts equals in the same order every time.
    """

    place: int
    text: int
    key: int
    context: int
    order: int
    words: float
    meaning: float | None
    fits: frozenset[Chip]


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates, in no order; `unrelated` where none of them is likely to be about what is asked."""

    candidates: list[Candidate]
    unrelated: bool


def candidates(
    view: View, meaning: Meaning | None, question: Question, filters: Filters, share: float, soft: float
) -> Pool:
    """The places worth ranking: the best places of the best texts and contexts, by either channel.

    `share` is that of meaning in the score, `soft` what fitting a chip adds to it.
    """
    passing = view.passing(filters)
    chips = {chip: view.passing(filters & one) for chip, one in question.soft.items() if chip.kind != "category"}
    said = _Said(view, meaning, question)
    texts = said.texts(passing)
    for narrow in chips.values():
        if narrow.count <= _SELECTIVE:
            texts = np.union1d(texts, said.texts(narrow))
    texts = np.union1d(texts, said.texts_of_contexts(passing))
    if not len(texts):
        return Pool([], False)
    by_text, by_form = said.values(texts, share)
    for narrow in chips.values():
        by_form = by_form + np.float32(soft) * narrow.forms
    places = _chosen(view, texts, by_text, by_form, None if passing.everything else passing.places)
    return Pool(said.judged(places, chips), question.open and said.unrelated(places, len(passing.keys)))


class _Said:
    """What words and meaning say of texts, of the forms around them, and then of places."""

    def __init__(self, view: View, meaning: Meaning | None, question: Question) -> None:
        self._view = view
        self._words = view.scores(question.terms)
        self._around = view.around.scores(question.around)
        self._asked = sum(
            share * view.fields[name].rarity(token)
            for name, share in FIELDS.items()
            for token, weight in question.terms[name].items()
            if weight == 1.0
        )
        self._meaning = meaning
        self._cosines: dict[int, float] = {}
        if meaning is not None:
            self._question = meaning.encoder.asked(question.text)
            self._row = self._question.row
            # A place whose context is not known stands as an average context would.
            self._usual = float(self._row @ meaning.contexts.centre)
            self._near = self._closeness_around(meaning.contexts.search(self._row, _CONTEXTS))
            self._average = float(self._row @ meaning.texts.centre) + CONTEXT_MEANING * self._usual

    def texts(self, passing: Passing) -> Array:
        """The best texts (rows) that stand at a place that passes, by words and by meaning."""
        found = best(self._words, None if passing.everything else passing.texts, _TEXTS)
        if self._meaning is None:
            return found
        close = self._meaning.texts.search(self._row, _TEXTS, None if passing.everything else passing.keys)
        self._cosines |= close
        return np.union1d(found, self._view.rows(close))

    def texts_of_contexts(self, passing: Passing) -> Array:
        """The texts (rows) at the places of the forms whose context fits best, by meaning before words."""
        fit = self._around
        if self._meaning is not None:
            fit = fit + _NEAR * (self._near != np.float32(self._usual))
        forms = best(fit, passing.forms, _CONTEXTS)
        forms = forms[np.argsort(-fit[forms], kind="stable")]
        places = self._view.places_of_forms(forms)
        return np.unique(self._view.places.text[places[passing.places[places]][:_TEXTS]])

    def values(self, texts: Array, share: float) -> tuple[Array, Array]:
        """About what the score of a place will be: the part of each of `texts`, and the part of every form."""
        words = self._words[texts]
        full = max(_KNOWN * self._asked, float(words.max())) or 1.0
        if self._meaning is None:
            return words / full, CONTEXT_WORDS / full * self._around
        closeness, around = self._closeness(texts), self._near
        closest = float(closeness.max()) + CONTEXT_MEANING * float(around.max(initial=self._usual))
        span = max(closest - self._average, 1e-6)
        by_text = (1 - share) * words / full + share * closeness / span
        by_form = (1 - share) * CONTEXT_WORDS / full * self._around
        return by_text, by_form + share * CONTEXT_MEANING / span * (around - self._usual)

    def judged(self, places: Array, chips: dict[Chip, Passing]) -> list[Candidate]:
        """The places with their shares of both."""
        view = self._view
        texts, forms = view.places.text[places], view.places.form[places]
        scores = self._worded(places)
        full = max(_KNOWN * self._asked, float(scores.max(initial=0.0))) or 1.0
        passes = zip(*(narrow.places[places].tolist() for narrow in chips.values()), strict=True)
        fits = [frozenset(compress(chips, row)) for row in passes] or [frozenset()] * len(places)
        about = (view.texts.key[texts], view.forms.context[forms], view.places.order[places])
        columns = (places, texts, *about, scores / full)
        rows = zip(*(column.tolist() for column in columns), self._shares(texts, forms), fits, strict=True)
        return [Candidate(*row) for row in rows]

    def unrelated(self, places: Array, among: int) -> bool:
        """Whether none of the places is likely to be about what is asked, `among` so many texts that they were found."""
        if self._meaning is None or float(self._worded(places).max(initial=0.0)) >= HELD * self._asked > 0:
            return False
        closest = float(self._closeness(self._view.places.text[places]).max(initial=0.0))
        return unrelated(self._meaning.encoder.phrasebook, self._question, closest, among)

    def _worded(self, places: Array) -> Array:
        """What words say of places: of the text, and of what is around it."""
        view = self._view
        words: Array = self._words[view.places.text[places]] + CONTEXT_WORDS * self._around[view.places.form[places]]
        return words

    def _shares(self, texts: Array, forms: Array) -> list[float] | list[None]:
        if self._meaning is None:
            return [None] * len(texts)
        contexts, at = np.unique(self._view.forms.context[forms], return_inverse=True)
        known = self._meaning.contexts.closeness(self._row, contexts.tolist())
        around = np.array([known.get(context, self._usual) for context in contexts.tolist()])[at]
        closeness = self._closeness(texts) + CONTEXT_MEANING * around
        closest = float(closeness.max(initial=0.0))
        span = max(closest - self._average, 1e-6)
        found: list[float] = np.clip(1 - (closest - closeness) / span, 0, 1).tolist()
        return found

    def _closeness(self, texts: Array) -> Array:
        """The cosine with each text; 0 for one whose row is not there yet."""
        assert self._meaning is not None
        keys = self._view.texts.key[texts].tolist()
        self._cosines |= self._meaning.texts.closeness(self._row, set(keys) - self._cosines.keys())
        return np.array([self._cosines.get(key, 0.0) for key in keys])

    def _closeness_around(self, near: dict[int, float]) -> Array:
        """The cosine with every form's context where it is one of those `near`; what is usual elsewhere."""
        keys, numbers = self._view.contexts
        cosines = np.full(len(keys), self._usual, np.float32)
        there = [key for key in near if self._view.has_context(key)]
        cosines[np.searchsorted(keys, there)] = [near[key] for key in there]
        found: Array = cosines[numbers]
        return found


def _chosen(view: View, texts: Array, by_text: Array, by_form: Array, passing: Array | None) -> Array:
    """The best places of `texts` whatever their text, and the best place of each text."""
    places, forms, sizes = view.places_of(texts)
    value = by_form.astype(np.float32)[forms] + np.repeat(by_text.astype(np.float32), sizes)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), sizes)
    if passing is not None:
        passes = passing[places]
        places, owner, value = places[passes], owner[passes], value[passes]
    if not len(places):
        return places
    begins = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    top = np.repeat(np.maximum.reduceat(value, begins), np.diff(np.append(begins, len(owner))))
    level = np.flatnonzero(value == top)
    of_each = level[np.append(True, owner[level][1:] != owner[level][:-1])]
    chosen: Array = places[np.union1d(of_each, highest(value, _PLACES))]
    return chosen
