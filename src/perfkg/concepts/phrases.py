"""The phrases of a library: a wording in one category, counted in one dimension; and the cores of those that say the same.

A use without a number belongs to the dimension that most uses of its wording have.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from perfkg.concepts.sense import Sense, dimension, folded, sense
from perfkg.concepts.summary import Key, Project, Use
from perfkg.concepts.uses import category_of
from perfkg.concepts.wording import plain
from perfkg.records import Indicator


class Phrase(NamedTuple):
    """A wording (`text` is its plain form) in one category and dimension: what a concept is made of."""

    category: str | None
    text: str
    dimension: str | None

    @property
    def id(self) -> str:
        """Twelve characters that depend on nothing but the phrase."""
        said = "|".join((self.category or "", self.text, self.dimension or ""))
        return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Core:
    """Phrases of one sense, with their uses. `name` is the wording most used."""

    sense: Sense
    phrases: tuple[Phrase, ...]
    uses: tuple[Use, ...]

    @cached_property
    def owners(self) -> frozenset[Project]:
        """The projects it is used by, whatever the year."""
        return frozenset(one.owner for one in self.uses)

    @cached_property
    def forms(self) -> frozenset[str]:
        """The declarations it stands in."""
        return frozenset(one.declaration for one in self.uses)

    @cached_property
    def most(self) -> Use:
        """A use of the name most used; of those used as often, the shortest and first by its characters."""
        counts = Counter(one.name for one in self.uses)
        return min(self.uses, key=lambda one: (-counts[one.name], len(one.name), one.name, one.id))

    @cached_property
    def name(self) -> str:
        """The wording most used."""
        return self.most.name

    def more_than(self, other: Core) -> tuple[str, ...]:
        """The words that the other does not say, in their order."""
        extra = self.sense.words - other.sense.words
        return tuple(dict.fromkeys(word for word in folded(self.phrases[0].text) if word in extra))

    @cached_property
    def places(self) -> Mapping[str, float]:
        """The words of its projects' names, each with the share of the projects that have it."""
        counts = Counter(word for _, project in self.owners for word in {*folded(project)})
        return {word: count / len(self.owners) for word, count in counts.items()}


def said(row: Indicator) -> Sense:
    """What a row of a form says as an indicator."""
    return sense(category_of(row.category.concept), plain(row.name or ""), dimension(row.targets))


def phrases(wordings: Mapping[Key, Iterable[Use]]) -> dict[Phrase, list[Use]]:
    """Every phrase with its uses."""
    found: dict[Phrase, list[Use]] = defaultdict(list)
    for (category, text), uses in wordings.items():
        counts = Counter(one.dimension for one in uses if one.dimension)
        usual = min(counts, key=lambda unit: (-counts[unit], unit)) if counts else None
        for one in uses:
            found[Phrase(category, text, one.dimension or usual)].append(one)
    return found


def cores(found: Mapping[Phrase, list[Use]]) -> dict[str, Core]:
    """The phrases by what they say, by the id of their sense; the same whatever the order they came in."""
    said: dict[Sense, list[Phrase]] = defaultdict(list)
    for phrase in found:
        said[sense(*phrase)].append(phrase)
    made = {}
    for one, members in said.items():
        uses = [use for phrase in members for use in found[phrase]]
        ordered = sorted(members, key=lambda phrase: (-len(found[phrase]), phrase.text))
        made[one.id] = Core(one, tuple(ordered), tuple(sorted(uses, key=lambda use: use.id)))
    return made
