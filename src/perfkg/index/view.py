"""One state of the word index, which never changes: what a search looks at from its beginning to its end.

BM25 runs over the distinct texts, so that a wording used forty thousand times neither fills the answer nor is scored
forty thousand times. A place is one indicator: whose it is, of which year and category.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from perfkg import schemes
from perfkg.encoder import text_key
from perfkg.index.filters import EVERYTHING, Filters
from perfkg.index.postings import Postings, Terms
from perfkg.index.tables import KINDS, MEASURED, Array, Forms, Names, Places, Texts

FIELDS = {"grams": 1.0, "words": 0.5}
"""The fields of a text and their weights: characters with their pairs, and words."""

_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes a filter, as masks over places, texts and forms (these by organization, year and project alone).

    `keys` are those of the texts; `everything` says that nothing is left out.
    """

    places: Array
    texts: Array
    forms: Array
    keys: Array
    count: int
    everything: bool


@dataclass(frozen=True)
class View:
    """Texts with their postings by field, forms with those of the words `around`, places; as of ledger `change`."""

    change: int
    names: Names
    texts: Texts
    fields: Mapping[str, Postings]
    forms: Forms
    around: Postings
    places: Places
    _passed: dict[Filters, Passing] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> View:
        """Before the first change."""
        fields = {name: Postings.empty() for name in FIELDS}
        return cls(0, Names(), Texts.of([]), fields, Forms.of([]), Postings.empty(), Places.of([]))

    def scores(self, terms: Mapping[str, Terms]) -> Array:
        """BM25 of every text, float32; `terms` by field."""
        found = np.zeros(len(self.texts), np.float32)
        for name, share in FIELDS.items():
            found += np.float32(share) * self.fields[name].scores(terms.get(name, {}))
        return found

    def search(self, terms: Mapping[str, Terms], limit: int) -> dict[int, float]:
        """The best texts by BM25, by key."""
        scores = self.scores(terms)
        rows = best(scores, None, limit)
        return dict(zip(self.texts.key[rows].tolist(), scores[rows].tolist(), strict=True))

    def has_project(self, folded: str) -> bool:
        """Whether some form has this project, as `schemes.fold` has its name."""
        return any((self.forms.folded == number).any() for number in self.names.numbers([folded]))

    def has_context(self, key: int) -> bool:
        """Whether some form has the context of this key."""
        keys, _ = self.contexts
        at = np.searchsorted(keys, key)
        return bool(at < len(keys) and keys[at] == key)

    def rows(self, keys: Iterable[int]) -> Array:
        """The rows of those texts of these keys that are there, rising."""
        return self._find(np.fromiter(keys, np.int64))

    def passing(self, filters: Filters) -> Passing:
        """What passes; the last few filters are remembered."""
        # Threads share this: what is known to be remembered may be forgotten a moment later.
        known = self._passed.get(filters)
        if known is None:
            if len(self._passed) >= _REMEMBERED:
                self._passed.clear()
            known = self._passed[filters] = self._pass(filters)
        return known

    def places_of(self, texts: Array) -> tuple[Array, Array, Array]:
        """The places of texts (rows), text by text, their forms, and of how many places each text is."""
        offsets, places, forms = self._stands
        bounds = list(zip(offsets[texts].tolist(), offsets[texts + 1].tolist(), strict=True))
        # Pieces as they lie, put together: a third of the time of picking them one by one.
        found = (np.concatenate([column[a:b] for a, b in bounds] or [column[:0]]) for column in (places, forms))
        return (*found, offsets[texts + 1] - offsets[texts])

    def places_of_forms(self, forms: Array) -> Array:
        """The places of forms (rows), in their order."""
        first, last = self._holds[forms].tolist(), self._holds[forms + 1].tolist()
        return np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)] or [np.arange(0)])

    def copies(self, text: int, filters: Filters = EVERYTHING) -> int:
        """How many places have a text (row) and pass."""
        offsets, places, _ = self._stands
        here = slice(offsets[text], offsets[text + 1])
        return int(here.stop - here.start) if filters.empty else int(self.passing(filters).places[places[here]].sum())

    def totals(self, texts: Array, filters: Filters, most: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """Of `organization`, `concept`, `year`, `kind` or `measured` the most frequent values over the places of texts
        (rows).
        """
        places, forms, _ = self.places_of(texts)
        if not filters.empty:
            passes = self.passing(filters).places[places]
            places, forms = places[passes], forms[passes]
        return {name: self._total(name, places, forms, limit) for name, limit in most.items()}

    def holding(self, column: str, keys: Collection[int]) -> set[int]:
        """Those of `keys` that some place has as its text's (`key`) or its form's `context`."""
        there = self.texts.key if column == "key" else self.forms.context
        wanted = np.fromiter(keys, np.int64, len(keys))
        return set(wanted[np.isin(wanted, there)].tolist())

    def place(self, id: str) -> int | None:
        """The place of the indicator with this id."""
        found = np.flatnonzero(self.places.order == text_key(id))
        return int(found[0]) if len(found) else None

    def of_declaration(self, id: str) -> Array:
        """The places of a declaration, in their order; none for an unknown id."""
        return self.places_of_forms(np.flatnonzero(self.forms.key == text_key(id)))

    @cached_property
    def contexts(self) -> tuple[Array, Array]:
        """The keys of the contexts, rising, and the number of each form's among them."""
        keys, numbers = np.unique(self.forms.context, return_inverse=True)
        return keys, numbers

    @cached_property
    def _stands(self) -> tuple[Array, Array, Array]:
        """Places by text with their forms, those of one text by their `order`; text n has them from offset n to n + 1."""
        order = np.argsort((self.places.text.astype(np.int64) << 32) | (self.places.order >> 31)).astype(np.int32)
        sizes = np.bincount(self.places.text, minlength=len(self.texts))
        return np.concatenate([[0], np.cumsum(sizes)]), order, self.places.form[order]

    @cached_property
    def _holds(self) -> Array:
        """Where the places of each form begin; those of form n end where those of n + 1 begin."""
        return np.searchsorted(self.places.form, np.arange(len(self.forms) + 1))

    @cached_property
    def _sorted(self) -> tuple[Array, Array]:
        order = np.argsort(self.texts.key)
        return self.texts.key[order], order

    def _find(self, keys: Array) -> Array:
        known, order = self._sorted
        at = np.searchsorted(known, keys)
        at = at[known[np.minimum(at, len(known) - 1)] == keys] if len(known) else at[:0]
        return np.sort(order[at])

    def _pass(self, filters: Filters) -> Passing:
        forms = np.ones(len(self.forms), bool)
        for column, wanted in (
            (self.forms.organization, self._numbers(filters.organizations)),
            (self.forms.folded, self._numbers(filters.projects)),
            (self.forms.year, filters.years),
        ):
            if wanted is not None:
                forms &= np.isin(column, list(wanted))
        places = forms[self.places.form]
        if filters.concepts is not None:
            places &= np.isin(self.places.concept, self.names.numbers(_below(filters.concepts)))
        if filters.kinds is not None:
            places &= (self.places.kinds & _bits(filters.kinds)) > 0
        if filters.measured is not None:
            places &= ((self.places.kinds & _bits(MEASURED)) > 0) == filters.measured
        texts = np.zeros(len(self.texts), bool)
        texts[self.places.text[places]] = True
        return Passing(places, texts, forms, self.texts.key[texts], int(places.sum()), filters.empty)

    def _numbers(self, names: Iterable[str] | None) -> list[int] | None:
        return None if names is None else self.names.numbers(names)

    def _total(self, name: str, places: Array, forms: Array, limit: int) -> dict[str, int]:
        if name == "measured":
            stated = int(((self.places.kinds[places] & _bits(MEASURED)) > 0).sum())
            counts = {"measured": stated, "unmeasured": len(places) - stated}
        elif name == "kind":
            counts = {kind: int((self.places.kinds[places] >> bit & 1).sum()) for bit, kind in enumerate(KINDS)}
        else:
            column = self.places.concept[places] if name == "concept" else getattr(self.forms, name)[forms]
            counted = np.bincount(column[column >= 0])
            values = np.flatnonzero(counted)
            # Year 0 is of forms without one.
            labels = (str(one or "") if name == "year" else self.names.known[one] for one in values.tolist())
            counts = dict(zip(labels, counted[values].tolist(), strict=True))
        ranked = sorted(((label, count) for label, count in counts.items() if label and count), key=_most_first)
        return dict(ranked[:limit])


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _bits(kinds: Iterable[str]) -> int:
    return sum(1 << KINDS.index(kind) for kind in kinds)


def _below(concepts: Iterable[str]) -> set[str]:
    """The concepts with all that stand below one of them."""
    wanted = set(concepts)
    return wanted | {one.id for one in schemes.concepts() if one.parent in wanted}


def best(scores: Array, among: Array | None, limit: int) -> Array:
    """The rows of the highest scores over 0 (so many), rising."""
    held = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    return held[highest(scores[held], limit)]


def highest(scores: Array, limit: int) -> Array:
    """The rows of the highest scores (so many), rising; of equals at the edge those of lower rows."""
    if len(scores) <= limit:
        return np.arange(len(scores))
    edge = np.partition(scores, -limit)[-limit]
    over = np.flatnonzero(scores > edge)
    return np.sort(np.concatenate([over, np.flatnonzero(scores == edge)[: limit - len(over)]]))
