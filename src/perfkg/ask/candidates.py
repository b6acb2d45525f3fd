"""Which indicators can be among the rows of a question, by the word index: never too few, mostly few more.

What is found here is then put to the graph, which decides; so a large graph is asked of few rows, not of all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import TYPE_CHECKING

from perfkg import schemes, tokens
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.graph.names import iri
from perfkg.index.filters import Filters
from perfkg.library import Library
from perfkg.text import simplified

if TYPE_CHECKING:
    from perfkg.index.tables import Array
    from perfkg.index.view import View

MOST = 10_000
"""More than so many are as well found by the graph alone."""

_MAY_BE_CUT = 200
"""Tokens from which a text may be longer than what is indexed of it."""

_LATIN = re.compile("[a-z]+", re.IGNORECASE | re.ASCII)
_TRADITIONAL = "門"
"""A character that has the text around it simplified too."""


def rows(library: Library, slots: Understanding, topic: Topic | None, where: str) -> str | None:
    """The nodes of the indicators that may be rows, as SPARQL's VALUES has them; None where that narrows nothing.

    `where` is as in `facts.indicators`: with project, the name of the project may hold a part of the topic, with named
    all of it.
    """
    view = library.words.view
    whole = all(f"{{{field}}}" in library.settings.passage for field in ("level2", "name", "value"))
    if not (whole and library.words.current and view.change == library.graph.change):
        return None
    may = view.passing(_filters(slots)).places
    if topic and where != "named":
        may = may & _all(topic, lambda piece: _in_text(view, piece, where == "project"))
    if topic and where == "project":
        may = may & _all(topic.last, lambda piece: _in_text(view, piece, False))
    if topic and where == "named":
        may = may & _all(topic, lambda piece: _in_project(view, piece))
    places = may.nonzero()[0]
    if len(places) > min(MOST, len(may) // 2):
        return None
    return " ".join(str(iri("indicator", view.places.id[place].decode(), library.base)) for place in places)


def _filters(slots: Understanding) -> Filters:
    return Filters(
        frozenset(slots.organizations) or None,
        concepts(slots.category) if slots.category else None,
        frozenset(slots.years) or None,
        frozenset(map(schemes.fold, slots.projects)) or None,
    )


def concepts(category: str) -> frozenset[str]:
    """The ids of the concepts that a category is called by."""
    return frozenset(schemes.named(category) or schemes.find(category))


def _all(topic: Topic, holding: Callable[[str], Array]) -> Array:
    """The places that hold, for each term, all pieces of one way to say it."""
    terms = [_any([_every([holding(piece) for piece in way]) for way in ways]) for ways in topic.terms]
    return _every(terms)


def _in_text(view: View, piece: str, or_project: bool) -> Array:
    """The places whose text may hold `piece`, or the name of whose project does."""
    grams = view.fields["grams"]
    texts = _every([grams.lengths >= 0, *(grams.holding(one) for one in _looked_up(piece, grams.vocabulary))])
    found = (texts | (grams.lengths >= _MAY_BE_CUT))[view.places.text]
    return found | _in_project(view, piece) if or_project else found


def _looked_up(piece: str, vocabulary: Iterable[str]) -> list[list[str]]:
    """Tokens of the index, of each list one that a text with `piece` has; no list where that cannot be told.

    What is indexed is simplified and cut into runs of one script, Latin ones whole.
    """
    if _LATIN.fullmatch(piece):
        return [[token for token in vocabulary if piece.lower() in token]]
    if simplified(_TRADITIONAL + piece)[1:] != piece:
        return []
    return [[token] for token in tokens.grams(piece) if "一" <= token[0] <= "鿿"]


def _in_project(view: View, piece: str) -> Array:
    import numpy as np

    held = [number for number, name in enumerate(view.names.known) if piece.lower() in name.lower()]
    return np.isin(view.forms.project, held)[view.places.form]


def _every(masks: list[Array]) -> Array:
    return reduce(lambda one, other: one & other, masks)


def _any(masks: list[Array]) -> Array:
    return reduce(lambda one, other: one | other, masks)
