"""Which projects (or organizations) have comparable indicators, how many and how close.

Two numbers are comparable here if they measure the same in one unit, as on the page of comparisons, and their names
are about the same: have words in common, the more telling the rarer they are in the library. 服务对象满意度 has no such
word, so it joins only projects that are of one kind by their names.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfkg.compare.groups import ALIKE
from perfkg.concepts.matter import telling
from perfkg.concepts.wording import alike
from perfkg.network.measured import Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH = 0.35
"""Two indicators are about the same from this much in common on; 1 is a word that these two projects alone have."""

KEPT = 16
"""The strongest links of each node; a link stands if either end keeps it."""

_TELLS = 0.25
"""Words common enough to tell less than this join nobody."""

_CROWD = 300
"""Numbers that share measure, unit and word; the rarer words of a larger crowd join what belongs together in it."""

_OF_PROJECT = 0.5
"""What a word of the project's name tells about an indicator, beside 1 for a word of its own name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two comparable indicators: how `alike` what they are about is (0 to 1), by which `words`, and how `close` their
    numbers are, from .5 (as far apart as can be) to 1 (the same).
    """

    one: Measured
    other: Measured
    alike: float
    close: float
    words: tuple[str, ...]

    @property
    def weight(self) -> float:
        """How much it joins."""
        return self.alike * self.close


@dataclass(frozen=True, slots=True)
class Link:
    """Two nodes (ids in order) with their comparable indicators, the best first; each indicator stands in one pair."""

    source: str
    target: str
    pairs: tuple[Pair, ...]

    @property
    def weight(self) -> float:
        """The sum of its pairs'."""
        return round(sum(pair.weight for pair in self.pairs), 4)


class Telling:
    """What the words of a library tell: from 0 for one that all nodes have to 1 for one that only two have."""

    def __init__(self, measured: Iterable[Measured], owner: Callable[[Measured], str]) -> None:
        """Counts the nodes that have each word."""
        holders: dict[str, set[str]] = defaultdict(set)
        nodes = set()
        for one in measured:
            nodes.add(owner(one))
            for word in one.matter | one.about:
                holders[word].add(owner(one))
        # Four more than there are: of three projects that all have a word, each still says something to the others.
        most, half = len(nodes) + 4, math.log((len(nodes) + 4) / 2)
        self._told = {
            word: telling(word) * max(0.0, math.log(most / max(2, len(held))) / half) for word, held in holders.items()
        }

    def __getitem__(self, word: str) -> float:
        return self._told.get(word, 1.0)

    def alike(self, one: Measured, other: Measured) -> float:
        """How much what two indicators are about is the same, 0 to 1: each word in common tells independently."""
        shared = (one.matter | one.about) & (other.matter | other.about)
        return 1 - math.prod(1 - self[word] * _role(one, word) * _role(other, word) for word in shared)

    def words(self, one: Measured, other: Measured) -> tuple[str, ...]:
        """The words in common that tell most, without those within longer ones."""
        shared = (one.matter | one.about) & (other.matter | other.about)
        return outermost(sorted(shared, key=lambda word: (-self[word], -len(word), word)))[:3]


def outermost(words: Sequence[str]) -> tuple[str, ...]:
    """The words that are no part of another one among them, in their order."""
    return tuple(one for one in words if not any(one != other and one in other for other in words))


def links(measured: Sequence[Measured], owner: Callable[[Measured], str], told: Telling) -> dict[tuple[str, str], Link]:
    """The strongest links between the owners of what is `measured`, by their two ends in order."""
    between: dict[tuple[str, str], list[tuple[float, int, int]]] = defaultdict(list)
    owners = [owner(one) for one in measured]
    for first, second, weight in _similar(measured, owners, told):
        if owners[first] > owners[second]:
            first, second = second, first
        between[owners[first], owners[second]].append((weight, first, second))
    chosen = {ends: _matched(found) for ends, found in between.items()}
    kept = _strongest({ends: sum(weight for weight, _, _ in found) for ends, found in chosen.items()})
    return {ends: Link(*ends, tuple(_pair(measured, *one, told) for one in chosen[ends])) for ends in sorted(kept)}


def compared(
    given: Measured, measured: Iterable[Measured], told: Telling, owner: Callable[[Measured], str]
) -> list[Pair]:
    """All that one indicator can be compared with, of other owners, the most alike first."""
    found = []
    for other in measured:
        if (other.measure, other.unit) == (given.measure, given.unit) and owner(other) != owner(given):
            alike_ = told.alike(given, other)
            if alike_ >= ENOUGH and _named(given, other):
                pair = Pair(
                    given, other, round(alike_, 4), closeness(given.number, other.number), told.words(given, other)
                )
                found.append(pair)
    return sorted(found, key=lambda pair: (-pair.alike, pair.other.id))


def closeness(one: float, other: float) -> float:
    """1 for the same, .5 and half the smaller number's share of the larger otherwise."""
    if one == other:
        return 1.0
    low, high = sorted((abs(one), abs(other)))
    return round(0.5 + (0.5 * low / high if one * other > 0 else 0.0), 4)


def _role(one: Measured, word: str) -> float:
    return 1.0 if word in one.matter else _OF_PROJECT


def _named(one: Measured, other: Measured) -> bool:
    """Where no measure is known the names themselves must be alike, as in comparisons."""
    return one.measure is not None or alike(one.name, other.name) >= ALIKE


def _similar(measured: Sequence[Measured], owners: Sequence[str], told: Telling) -> Iterator[tuple[int, int, float]]:
    """The pairs of numbers (by their places) that are alike enough, with their weights."""
    import numpy as np

    first, second, logs = _candidates(measured, owners, told)
    pairs, at = np.unique(first * len(measured) + second, return_inverse=True)
    alike_ = 1 - np.exp(np.bincount(at, weights=logs, minlength=len(pairs)))
    for both, much in zip(pairs[alike_ >= ENOUGH].tolist(), alike_[alike_ >= ENOUGH].tolist(), strict=True):
        one, other = divmod(both, len(measured))
        if _named(measured[one], measured[other]):
            yield one, other, much * closeness(measured[one].number, measured[other].number)


def _candidates(
    measured: Sequence[Measured], owners: Sequence[str], told: Telling
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Pairs that share measure, unit and a telling word: the places of both, and the log of what the word leaves open."""
    import numpy as np

    crowds: dict[tuple[str | None, str, str], list[int]] = defaultdict(list)
    for place, number in enumerate(measured):
        for word in number.matter | number.about:
            if told[word] >= _TELLS:
                crowds[number.measure, number.unit, word].append(place)
    order = {name: at for at, name in enumerate(dict.fromkeys(owners))}
    owned = np.array([order[name] for name in owners], dtype=np.int64)
    parts = []
    for (_, _, word), members in crowds.items():
        if 2 <= len(members) <= _CROWD:
            places = np.array(members, dtype=np.int64)
            role = np.array([_role(measured[at], word) for at in members])
            one, other = np.triu_indices(len(members), 1)
            apart = owned[places[one]] != owned[places[other]]
            one, other = one[apart], other[apart]
            open_ = np.log(np.maximum(1e-9, 1 - told[word] * role[one] * role[other]))
            parts.append((places[one], places[other], open_))
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    first, second, logs = (np.concatenate(column) for column in zip(*parts, strict=True))
    return first, second, logs


def _matched(found: Sequence[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Each number with one of the other side, the best pairs first."""
    taken: set[int] = set()
    matched = []
    for weight, one, other in sorted(found, key=lambda each: (-each[0], each[1], each[2])):
        if one not in taken and other not in taken:
            taken |= {one, other}
            matched.append((weight, one, other))
    return matched


def _strongest(weights: dict[tuple[str, str], float]) -> set[tuple[str, str]]:
    kept, counted = set(), Counter[str]()
    for ends in sorted(weights, key=lambda ends: (-weights[ends], ends)):
        if min(counted[end] for end in ends) < KEPT:
            kept.add(ends)
        counted.update(ends)
    return kept


def _pair(measured: Sequence[Measured], weight: float, first: int, second: int, told: Telling) -> Pair:
    one, other = measured[first], measured[second]
    close = closeness(one.number, other.number)
    return Pair(one, other, round(weight / close, 4), close, told.words(one, other))
