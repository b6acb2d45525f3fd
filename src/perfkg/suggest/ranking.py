"""The order of wordings: how they fit what is typed, then how close their projects are and how many stand behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from perfkg import schemes
from perfkg.concepts.catalogue import Catalogue
from perfkg.concepts.summary import Key, Project, Wording
from perfkg.concepts.uses import Uses
from perfkg.library import Library
from perfkg.suggest.kin import KINSHIP
from perfkg.suggest.near import near
from perfkg.suggest.suggestion import Instead, Suggestion
from perfkg.suggest.typed import Typed

_NEAR, _KIN = 2, 3
"""Places after BEGINS and HOLDS: near in meaning to what is typed; used by projects of the kind."""

_SUPPORT = 0.06
"""What a doubling of the projects behind a wording adds to its closeness."""

_SENTENCE = 40
"""Characters from which a wording is a sentence rather than a name: it comes after the names that fit as well."""

_ALIASES = 20


def ranked(
    library: Library,
    known: Uses,
    catalogue: Catalogue | None,
    kin: dict[Project, float],
    wanted: frozenset[str | None] | None,
    text: str,
    limit: int,
) -> tuple[Suggestion, ...]:
    """Measurable wordings by how they fit what is typed, then by closeness and support; vague ones after them.

    One wording a concept, none of what people have rejected.
    """
    close = _near_projects(known, kin, wanted)
    places = _typed(known, wanted, text) if text else dict.fromkeys(close, _KIN)
    if text and len(places) < limit and not Typed(text).is_latin:
        for key, score in near(library, known, text, wanted, KINSHIP).items():
            if places.setdefault(key, _NEAR) == _NEAR:
                close[key] = close.get(key, 0.0) + score
    if len(places) < limit:
        places |= {key: _KIN for key in close if key not in places}
    if not places:
        places = {key: _KIN for key, _ in known.names(wanted)}
    order = {
        key: (place, len(key[1]) > _SENTENCE, -_weight(known, close, key), key[1]) for key, place in places.items()
    }
    rough = sorted(places, key=order.__getitem__)[: 5 * limit + 20]
    made = {key: known.wording(key) for key in rough}
    ordered = _one_a_concept(sorted(rough, key=lambda key: made[key].vague), catalogue)[:limit]
    measurable = [Instead(one.name, one.value) for one in made.values() if not one.vague and one.typical][:3]
    shown = (_suggestion(key, made[key], places[key], close.get(key, 0.0), measurable) for key in ordered)
    return tuple(_by_concept(one, key, catalogue) for one, key in zip(shown, ordered, strict=True))


def _one_a_concept(keys: Sequence[Key], catalogue: Catalogue | None) -> list[Key]:
    if catalogue is None:
        return list(keys)
    kept: dict[object, Key] = {}
    for key in keys:
        id = catalogue.of_key.get(key)
        if id is None or catalogue.get(id).state != "rejected":
            kept.setdefault(id or key, key)
    return list(kept.values())


def _by_concept(one: Suggestion, key: Key, catalogue: Catalogue | None) -> Suggestion:
    """The suggestion with the support of its whole concept."""
    id = catalogue.of_key.get(key) if catalogue else None
    if catalogue is None or id is None:
        return one
    concept = catalogue.get(id)
    others = tuple(alias.name for alias in concept.aliases if alias.name != one.name)
    return replace(
        one,
        support=concept.projects,
        organizations=concept.organizations,
        years=concept.years,
        aliases=tuple(dict.fromkeys((*one.aliases, *others)))[:_ALIASES],
        concept=id,
    )


def _weight(known: Uses, close: dict[Key, float], key: Key) -> float:
    return close.get(key, 0.0) + _SUPPORT * math.log2(len(known.wordings[key]))


def _near_projects(known: Uses, kin: dict[Project, float], wanted: frozenset[str | None] | None) -> dict[Key, float]:
    """The wordings of the projects of the kind, each with the closeness of the closest."""
    found: dict[Key, float] = {}
    for one, score in kin.items():
        for key in known.projects[one]:
            if wanted is None or key[0] in wanted:
                found[key] = max(score, found.get(key, 0.0))
    return found


def _typed(known: Uses, wanted: frozenset[str | None] | None, text: str) -> dict[Key, int]:
    """The wordings that begin with or hold what is typed."""
    typed = Typed(text)
    places = ((key, typed.fits(name, key[1])) for key, name in known.names(wanted))
    return {key: place for key, place in places if place is not None}


def _suggestion(key: Key, one: Wording, place: int, score: float, measurable: Sequence[Instead]) -> Suggestion:
    return Suggestion(
        name=one.name,
        value=one.value,
        support=one.projects,
        spread=one.spread,
        evidence=tuple(used.hit(min(1.0, score)) for used in one.uses),
        typical=one.typical,
        aliases=one.aliases,
        organizations=one.organizations,
        years=one.years,
        category=label(key[0]),
        match={_NEAR: "meaning", _KIN: "project"}.get(place, "typed"),
        vague=one.vague,
        instead=tuple(measurable) if one.vague else (),
    )


def label(id: str | None) -> str:
    """What a category is called."""
    known = schemes.get(id) if id else None
    return known.label if known else "未分类"
