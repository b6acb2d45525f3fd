"""Which recorded projects are of one kind with a project, by the words and the meaning of their names."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from weakref import WeakKeyDictionary

from perfkg.concepts.summary import Project
from perfkg.concepts.uses import Uses
from perfkg.concepts.wording import pairs
from perfkg.library import Library

MEANING = 0.5
"""The share of meaning in closeness, where there is an encoder; the rest is words."""

_NEAREST = 60
_KEPT = 500


def nearest(library: Library, uses: Uses, project: str) -> dict[Project, float]:
    """The projects closest to one of this name, best first, with their closeness (0 to 1)."""
    change, kept = _cache.get(library, (-1, {}))
    if change != uses.change or len(kept) > _KEPT:
        change, kept = _cache[library] = (uses.change, {})
    if project not in kept:
        kept[project] = _nearest(library, uses, project)
    return kept[project]


def _nearest(library: Library, uses: Uses, project: str) -> dict[Project, float]:
    words, meaning = _by_words(uses, project), _by_meaning(library, uses, project)
    share = MEANING if meaning else 0.0
    both = {
        one: share * meaning.get(one, 0.0) + (1 - share) * words.get(one, 0.0) for one in words.keys() | meaning.keys()
    }
    ranked = sorted(both, key=lambda one: (-both[one], str(one)))
    return {one: both[one] for one in ranked[:_NEAREST]}


def _by_words(uses: Uses, project: str) -> dict[Project, float]:
    """The cosine of character pairs weighted by their rarity; the best few hundred alone."""
    asked = pairs(project)
    holders: dict[str, list[Project]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    known = {one: pairs(one[1]) for one in uses.projects}
    for one, held in known.items():
        sizes.update(held)
        for pair in held & asked:
            holders[pair].append(one)
    weight = {pair: math.log(1 + len(known) / (1 + sizes[pair])) for pair in asked | sizes.keys()}
    scores: dict[Project, float] = defaultdict(float)
    for pair, those in holders.items():
        for one in those:
            scores[one] += weight[pair] ** 2
    whole = math.sqrt(sum(weight[pair] ** 2 for pair in asked)) or 1.0
    length = {one: math.sqrt(sum(weight[pair] ** 2 for pair in known[one])) or 1.0 for one in scores}
    return {one: score / whole / length[one] for one, score in scores.items()}


def _by_meaning(library: Library, uses: Uses, project: str) -> dict[Project, float]:
    """Closeness of the contexts nearest in meaning: 1 for the same, 0 for what an average context has."""
    meaning = library.meaning
    if meaning is None or not len(meaning.contexts):
        return {}
    row = meaning.encoder.query(project)
    usual, found = float(row @ meaning.contexts.centre), meaning.contexts.search(row, _NEAREST)
    best = max(found.values(), default=usual)
    return {
        uses.contexts[key]: min(1.0, max(0.0, (cosine - usual) / max(best - usual, 1e-6)))
        for key, cosine in found.items()
        if uses.contexts.get(key) in uses.projects
    }


_cache: WeakKeyDictionary[Library, tuple[int, dict[str, dict[Project, float]]]] = WeakKeyDictionary()
