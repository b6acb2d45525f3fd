"""Which cores are one indicator, and which may be: joined where one of two says no more than the other, else proposed.

A core joins one that says the same and more (故障响应时限, 网络故障处理时间) if
- what it does not say (网络) is in the names of its projects: it was left out as understood; or
- what it does not say changes little (培训合格率, 培训考核合格率): their meaning is all but the same, and no other's is.
Two that each say something of their own (县道优良路率, 乡道优良路率) are never joined here, however near: vectors of
sentences cannot tell two objects apart. They are proposed to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from perfkg.concepts.phrases import Core
from perfkg.concepts.sense import words
from perfkg.concepts.wording import ALIKE, alike

if TYPE_CHECKING:
    from perfkg.encoder import Rows

SAME = 0.8
"""Closeness of meaning (1: the same, 0: that of an average pair of this library) from which more words change nothing.
Chosen on the first half of tests/cases/concepts.json; `python benchmarks/concepts.py --choose` shows others."""

NEAR = 0.7
"""Closeness from which two concepts are proposed to a person as one, where one says no more than the other."""

BOTH = 0.8
"""The same where each says something of its own."""

_UNDERSTOOD = 0.8
"""What this share of the projects have in their names goes without saying."""

_MOST_WORDS = 3
_PROPOSED = 5
_CHUNK = 1000
_RARE = 100
"""Words that more cores have say too little to compare by, where there are no vectors."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Why two cores belong together, or may. `why` is one Chinese sentence for a person.

    `meaning` is their closeness (None without an encoder), `words` the share of character pairs, `here` and `there`
    the words that only the one and only the other has, `place` the share of the projects of the one that name what only
    the other says.
    """

    core: str
    other: str
    kind: str
    meaning: float | None
    words: float
    here: tuple[str, ...]
    there: tuple[str, ...]
    place: float
    why: str


class Cores:
    """The cores of a library side by side: by what they can be told in, with their vectors where there are any."""

    def __init__(self, cores: Mapping[str, Core], rows: tuple[Sequence[str], Rows] | None = None) -> None:
        """`rows` are ids of cores and unit vectors of their names, shape (ids, dimension)."""
        self.cores = cores
        self._rows, self._at, self._usual = None, {}, 0.0
        if rows is not None and len(rows[0]) > 1:
            ids, self._rows = rows
            self._at = {id: at for at, id in enumerate(ids)}
            # The mean over all pairs of different rows, without making them.
            total = self._rows.sum(axis=0, dtype="float64")
            self._usual = float((total @ total - len(ids)) / (len(ids) * (len(ids) - 1)))
        self.blocks: dict[object, list[str]] = defaultdict(list)
        for id in sorted(cores):
            self.blocks[_block(cores[id])].append(id)

    @property
    def by_meaning(self) -> bool:
        """Whether there are vectors."""
        return self._rows is not None

    def closeness(self, one: str, other: str) -> float | None:
        """1 for the same meaning, 0 for that of an average pair; None without vectors."""
        if self._rows is None or one not in self._at or other not in self._at:
            return None
        cosine = float(self._rows[self._at[one]] @ self._rows[self._at[other]])
        return self._relative(cosine)

    def near(self, least: float) -> Iterator[tuple[str, str, float]]:
        """Each core with the few closest of its block, from `least` on."""
        import numpy as np

        if self._rows is None:
            return
        for ids in self.blocks.values():
            at = np.array([self._at[id] for id in ids])
            for start in range(0, len(ids), _CHUNK):
                close = self._rows[at[start : start + _CHUNK]] @ self._rows[at].T
                kept = min(len(ids), _PROPOSED + 1)
                best = np.argpartition(-close, kept - 1, axis=1)[:, :kept]
                for row, columns in enumerate(best):
                    for column in columns:
                        score = self._relative(float(close[row, column]))
                        if column != start + row and score >= least:
                            yield ids[start + row], ids[column], score

    def tie(self, one: str, other: str, kind: str, meaning: float | None = None) -> Tie:
        """What speaks for two cores being one."""
        first, second = self.cores[one], self.cores[other]
        here, there = first.more_than(second), second.more_than(first)
        close = self.closeness(one, other) if meaning is None else meaning
        return Tie(
            core=one,
            other=other,
            kind=kind,
            meaning=None if close is None else round(close, 3),
            words=round(alike(first.name, second.name), 3),
            here=here,
            there=there,
            place=round(min((first.places.get(word, 0.0) for word in there), default=0.0), 3),
            why=_why(kind, first, second),
        )

    def _relative(self, cosine: float) -> float:
        return (cosine - self._usual) / max(1 - self._usual, 1e-6)


def joined(cores: Cores, same: float | None = None) -> dict[str, Tie]:
    """The cores that join another, each with why; the other says more and may itself join a third."""
    found = {}
    for ids in cores.blocks.values():
        holding: dict[str, set[str]] = defaultdict(set)
        for id in ids:
            for word in cores.cores[id].sense.words:
                holding[word].add(id)
        for id in ids:
            if tie := _join(cores, id, holding, SAME if same is None else same):
                found[id] = tie
    return found


def _join(cores: Cores, id: str, holding: Mapping[str, set[str]], same: float) -> Tie | None:
    me = cores.cores[id]
    mine = me.sense.words
    if not mine or me.sense.dimension is None:
        return None
    wider = set.intersection(*(holding[word] for word in mine)) - {id}
    more = {other: cores.cores[other].sense.words - mine for other in wider}
    apart = words().apart
    fit = {
        other: extra
        for other, extra in more.items()
        if len(extra) <= _MOST_WORDS and not extra & apart and not me.forms & cores.cores[other].forms
    }
    understood = [other for other, extra in fit.items() if all(me.places.get(word, 0) >= _UNDERSTOOD for word in extra)]
    if understood:
        best = min(understood, key=lambda other: (-len(fit[other]), -len(cores.cores[other].owners), other))
        return cores.tie(id, best, "place")
    if len(mine) > 1 and cores.by_meaning:
        close = [other for other in fit if (cores.closeness(id, other) or 0.0) >= same]
        if len(close) == 1:
            return cores.tie(id, close[0], "meaning")
    return None


class _Pair(NamedTuple):
    """Two cores that may be one, the less used first; `weight` orders them, the least first."""

    weight: float
    core: str
    other: str
    kind: str
    meaning: float | None


def proposed(cores: Cores, home: Mapping[str, str], near: float = NEAR) -> list[Tie]:
    """Pairs of cores of different homes that a person should look at, the likeliest first."""
    pairs = {(pair.core, pair.other): pair for pair in _near(cores, home, near)}
    pairs |= {(pair.core, pair.other): pair for pair in _misfiled(cores, home)}
    return [cores.tie(pair.core, pair.other, pair.kind, pair.meaning) for pair in _few(sorted(pairs.values()))]


def _few(ranked: Iterable[_Pair]) -> Iterator[_Pair]:
    """No more for a core than a person looks at."""
    counts: dict[str, int] = defaultdict(int)
    for pair in ranked:
        if counts[pair.core] < _PROPOSED and counts[pair.other] < 4 * _PROPOSED:
            counts[pair.core] += 1
            counts[pair.other] += 1
            yield pair


def _near(cores: Cores, home: Mapping[str, str], near: float) -> Iterator[_Pair]:
    for one, other, meaning, closeness in _candidates(cores, near):
        first, second = sorted((one, other), key=lambda id: (len(cores.cores[id].owners), id))
        mine, its = cores.cores[first], cores.cores[second]
        if home.get(one, one) != home.get(other, other) and _is_doubtful(mine, its, meaning):
            yield _Pair(-closeness - _narrower(mine, its), first, second, "near", meaning)


def _candidates(cores: Cores, near: float) -> Iterator[tuple[str, str, float | None, float]]:
    """Pairs of a block with their closeness of meaning, if known, and their closeness by that or by words."""
    if cores.by_meaning:
        yield from ((one, other, meaning, meaning) for one, other, meaning in cores.near(near))
        return
    for ids in cores.blocks.values():
        holding: dict[str, list[str]] = defaultdict(list)
        for id in ids:
            for word in cores.cores[id].sense.words:
                holding[word].append(id)
        for id in ids:
            mine = cores.cores[id].sense.words
            rare = (word for word in mine if len(holding[word]) <= _RARE)
            for other in sorted({other for word in rare for other in holding[word]} - {id}):
                if (words_alike := alike(cores.cores[id].name, cores.cores[other].name)) >= ALIKE:
                    yield id, other, None, words_alike


def _misfiled(cores: Cores, home: Mapping[str, str]) -> Iterator[_Pair]:
    """The same words in the same dimension under another category."""
    said: dict[object, list[str]] = defaultdict(list)
    for id, core in cores.cores.items():
        if len(core.sense.words) > 1:
            said[core.sense.dimension, core.sense.words].append(id)
    for ids in said.values():
        ranked = sorted(ids, key=lambda id: (-len(cores.cores[id].owners), id))
        for id in ranked[1:]:
            if home.get(id, id) != home.get(ranked[0], ranked[0]):
                yield _Pair(-1.0, id, ranked[0], "category", None)


def _is_doubtful(one: Core, other: Core, meaning: float | None) -> bool:
    """Whether nothing shows that they are two: a word that tells apart, a form that has both, each its own words."""
    differing = one.sense.words ^ other.sense.words
    if differing & words().apart or one.forms & other.forms:
        return False
    wider = one.sense.words <= other.sense.words or other.sense.words <= one.sense.words
    return wider or (meaning is not None and meaning >= BOTH)


def _narrower(one: Core, other: Core) -> float:
    """What it counts that one of them says no more than the other."""
    return 0.1 if one.sense.words <= other.sense.words or other.sense.words <= one.sense.words else 0.0


def _block(core: Core) -> tuple[str | None, str | None, str | None]:
    return core.sense.category, core.sense.dimension, core.sense.measure


def _why(kind: str, first: Core, second: Core) -> str:
    here, there = (f"“{'、'.join(words)}”" for words in (first.more_than(second), second.more_than(first)))
    if kind == "place":
        return f"没有写{there}，但用它的项目名称里都有"
    if kind == "category":
        return f"说法相同，填在不同的类别里：“{first.name}”与“{second.name}”"
    said = [f"“{one.name}”里写了{more}" for one, more in ((first, here), (second, there)) if more != "“”"]
    return f"{'意思几乎相同' if kind == 'meaning' else '意思相近'}，{'，'.join(said) or '用词相同'}"
