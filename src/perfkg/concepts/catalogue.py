"""The catalogue of indicator concepts of a library (指标库): what `catalogue(library)` gives.

Computed from the wordings in use, without their order: the same declarations give the same concepts with the same ids.
What people decided is applied last, so that it wins, and costs little.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from perfkg import schemes
from perfkg.concepts.decided import Decided, decided
from perfkg.concepts.gathering import Cores, Tie, joined, proposed
from perfkg.concepts.measures import measures
from perfkg.concepts.phrases import Core, Phrase, cores, phrases
from perfkg.concepts.summary import Key, Use, Wording, summed
from perfkg.concepts.uses import categories, uses
from perfkg.concepts.wording import bare, plain
from perfkg.encoder import passage
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.ledger import Decision
from perfkg.library import Library
from perfkg.records import Hit

if TYPE_CHECKING:
    from perfkg.encoder import Rows

_SMALL = 20_000
"""Indicators: the catalogue of so many is made while somebody waits for a search."""

_QUICK = 1.0
"""Seconds: a catalogue that took no longer is made anew while a page waits for it."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A wording of a concept: how many indicators and projects use it, and why it is a member (None: it says the same).

    `phrases` are the ids by which it can be split off; `decided`: a person put it here.
    """

    name: str
    indicators: int
    projects: int
    phrases: tuple[str, ...]
    tie: Tie | None = None
    decided: bool = False


@dataclass(frozen=True)
class Concept:
    """Indicators that mean the same. `category` is a scheme's concept, `dimension` what they are counted in (%, h, CNY,
    {人}, {个} for things, date; None: no number), `measure` what they measure, where it is known.

    `indicators`, `projects` and `organizations` are how many use it, in `years` (the latest first). `state` is
    computed, decided (a person had a hand in it) or rejected. The aliases are the most used first.
    """

    id: str
    name: str
    category: str | None
    dimension: str | None
    measure: str | None
    direction: str | None
    indicators: int
    projects: int
    organizations: int
    years: tuple[int, ...]
    state: str
    proposals: int
    phrases: frozenset[Phrase]
    uses: tuple[Use, ...]
    ties: Mapping[Phrase, Tie]
    moved: frozenset[Phrase]

    @property
    def label(self) -> str:
        """The category in words."""
        known = schemes.get(self.category) if self.category else None
        return known.label if known else "未分类"

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """Every wording, as written."""
        by_name: dict[str, list[Use]] = defaultdict(list)
        for use in self.uses:
            by_name[use.name].append(use)
        texts: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.phrases:
            texts[phrase.text].append(phrase)
        made = []
        for name, those in by_name.items():
            own = sorted(texts.get(plain(name), ()), key=lambda phrase: phrase.id)
            tie = next((self.ties[phrase] for phrase in own if phrase in self.ties), None)
            counted = len(those), len({one.owner for one in those})
            by_hand = any(phrase in self.moved for phrase in own)
            made.append(Alias(name, *counted, tuple(phrase.id for phrase in own), tie, by_hand))
        return tuple(sorted(made, key=lambda one: (-one.projects, -one.indicators, one.name)))

    @cached_property
    def spread(self) -> Wording:
        """All its uses summed up: values, the typical number, the latest uses."""
        return summed(self.uses)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`other` may belong in `concept` (ids); `tie` is the evidence."""

    concept: str
    other: str
    tie: Tie


@dataclass(frozen=True)
class _Computed:
    """What the wordings alone give, at `change`."""

    change: int
    encoder: str | None
    uses: Mapping[Phrase, Sequence[Use]]
    cores: Mapping[str, Core]
    home: Mapping[str, str]
    ties: Mapping[str, Tie]
    proposed: Sequence[Tie]
    seconds: float


class Catalogue:
    """All concepts at ledger change `change` and decision `decided`; `encoder` names what told meaning, None: words."""

    def __init__(self, computed: _Computed, decisions: Sequence[Decision]) -> None:
        """Applies `decisions` to what was computed."""
        self.change, self.encoder = computed.change, computed.encoder
        self.decisions = tuple(decisions)
        self.decided = decisions[-1].number if decisions else 0
        own = {id: core.phrases for id, core in computed.cores.items()}
        self._state: Decided = decided(computed.home, own, decisions)
        self.idle = frozenset(self._state.idle)
        self.proposals = self._open(computed.proposed)
        self._concepts = self._made(computed)
        self.of_indicator = {use.id: one.id for one in self._concepts.values() for use in one.uses}
        self.of_phrase = {phrase: one.id for one in self._concepts.values() for phrase in one.phrases}
        self.of_key = self._by_key(computed)

    def __len__(self) -> int:
        return len(self._concepts)

    def get(self, id: str) -> Concept:
        """The concept `id`, or the one it was merged into. Raises UnknownId."""
        now = self._state.now(id)
        if now is None:
            raise UnknownId("指标库里没有这个概念", id, "编号可能有误，或用它的申报表都已撤回；请在指标库页面重新查找")
        return self._concepts[now]

    def all(self, rejected: bool = False) -> list[Concept]:
        """Every concept, the most used first; those that were rejected only if asked for."""
        chosen = (one for one in self._concepts.values() if rejected or one.state != "rejected")
        return sorted(chosen, key=lambda one: (-one.projects, -one.indicators, one.name, one.id))

    def find(
        self, text: str = "", category: str | None = None, state: str | None = None, doubtful: bool = False
    ) -> list[Concept]:
        """The concepts that have `text` in a name, those whose own name begins with it first; of a category (质量指标),
        of a state (computed, decided, rejected), or with something to decide. Raises InvalidQuestion.
        """
        wanted = categories(category)
        if wanted is not None and not wanted:
            known = "、".join(dict.fromkeys(one.label for one in schemes.concepts()))
            raise InvalidQuestion("没有这个指标类别", category, f"可用的类别有：{known}")
        found = [
            one
            for one in self.all(rejected=state == "rejected")
            if (wanted is None or one.category in wanted)
            and (state is None or one.state == state)
            and (not doubtful or one.proposals)
        ]
        asked, like = bare(text), plain(text)
        if not asked:
            return found
        places = ((_place(one, asked, like), one) for one in found)
        return [one for place, one in sorted((p for p in places if p[0] is not None), key=lambda pair: pair[0] or 0)]

    def proposals_of(self, id: str) -> list[Proposal]:
        """What may belong in the concept `id`, or it in others, the likeliest first."""
        return [one for one in self.proposals if id in (one.concept, one.other)]

    def history(self, id: str) -> list[Decision]:
        """The decisions about a concept and about what was merged into it, the latest first."""
        mine = self._state.now(id) or id
        about = (
            one for one in self.decisions if any((self._state.now(other) or other) == mine for other in one.concepts)
        )
        return list(about)[::-1]

    def _by_key(self, computed: _Computed) -> dict[Key, str]:
        """The concept of each wording in a category, whatever its dimension: that of most of its uses."""
        ordered = sorted(self.of_phrase, key=lambda phrase: (len(computed.uses[phrase]), str(phrase.dimension)))
        return {(phrase.category, phrase.text): self.of_phrase[phrase] for phrase in ordered}

    def _open(self, ties: Iterable[Tie]) -> tuple[Proposal, ...]:
        found: dict[frozenset[str], Proposal] = {}
        for tie in ties:
            other, concept = self._state.now(tie.core), self._state.now(tie.other)
            if concept is None or other is None or concept == other or {concept, other} & self._state.rejected:
                continue
            if not self._state.refuses(concept, other):
                found.setdefault(frozenset((concept, other)), Proposal(concept, other, tie))
        return tuple(found.values())

    def _made(self, computed: _Computed) -> dict[str, Concept]:
        counts = Counter(id for one in self.proposals for id in (one.concept, one.other))
        ties = {phrase: tie for id, tie in computed.ties.items() for phrase in computed.cores[id].phrases}
        core_of = {phrase: core for core in computed.cores.values() for phrase in core.phrases}
        state = self._state
        touched = {state.now(id) for one in self.decisions if one.undone is None for id in one.concepts}
        made = {}
        for id, members in state.members.items():
            if members:
                inside = (core_of[phrase] for phrase in members)
                first = max(inside, key=lambda core: (core.sense.id == id, len(core.owners), core.name))
                uses = tuple(use for phrase in sorted(members, key=str) for use in computed.uses[phrase])
                kind = "rejected" if id in state.rejected else "decided" if id in touched else "computed"
                one = _concept(id, state.renamed.get(id), first, uses, kind, counts[id])
                own = {phrase: ties[phrase] for phrase in members if phrase in ties}
                made[id] = replace(one, phrases=frozenset(members), ties=own, moved=frozenset(members & state.moved))
        return made


def catalogue(library: Library, waiting: bool = True) -> Catalogue:
    """The concepts of `library` as its searches see it, with every decision of the ledger.

    Not `waiting`, what was known before is given while a new one would take longer than a moment; somebody who waits
    (the server's own thread) makes it meanwhile.
    """
    with _guard:
        shelf = _shelves.setdefault(library, _Shelf())
    return shelf.catalogue(library, waiting)


def known(library: Library) -> Catalogue | None:
    """The catalogue where it costs no time: one already made, or one of a small library; None where it is still to be."""
    with _guard:
        shelf = _shelves.setdefault(library, _Shelf())
    ready = shelf.is_made or library.words.count <= _SMALL
    return shelf.catalogue(library, waiting=False) if ready else None


def catalogued(library: Library) -> int:
    """The ledger change that the catalogue at hand stands at, 0 where there is none."""
    with _guard:
        shelf = _shelves.get(library)
    return shelf.change if shelf else 0


def with_concepts(library: Library, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits, each with the id of its concept where that is known."""
    made = known(library)
    return tuple(replace(hit, concept=made.of_indicator.get(hit.id)) if made else hit for hit in hits)


class _Shelf:
    """The last catalogue of one library."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._computed: _Computed | None = None
        self._made: Catalogue | None = None

    @property
    def change(self) -> int:
        """The ledger change it stands at, 0 for none."""
        return self._made.change if self._made else 0

    @property
    def is_made(self) -> bool:
        """Whether there is one, be it of an earlier change."""
        return self._made is not None

    def catalogue(self, library: Library, waiting: bool) -> Catalogue:
        """The one at hand, or a new one if `waiting` or where there is none, or where it is made in a moment."""
        computed = self._computed
        if computed is None or waiting or computed.seconds < _QUICK:
            computed = self._current(library)
        decisions = library.ledger.decisions
        made = self._made
        if made is None or (made.change, made.decided) != (computed.change, decisions.last()):
            made = self._made = Catalogue(computed, decisions.all())
        return made

    def _current(self, library: Library) -> _Computed:
        computed = self._computed
        if computed is not None and computed.change == library.words.change:
            return computed
        with self._lock:
            if self._computed is None or self._computed.change != library.words.change:
                self._computed = _compute(library)
            return self._computed


def _compute(library: Library) -> _Computed:
    began = time.perf_counter()
    with uses(library) as known:
        change = known.change
        wordings = {key: tuple(those.values()) for key, those in known.wordings.items()}
    found = phrases(wordings)
    told = cores(found)
    side = Cores(told, _rows(library, told))
    ties = joined(side)
    home = {id: _head(id, ties) for id in told}
    near = proposed(side, home)
    name = library.meaning.encoder.name if side.by_meaning and library.meaning else None
    return _Computed(change, name, found, told, home, ties, near, time.perf_counter() - began)


def _rows(library: Library, told: Mapping[str, Core]) -> tuple[Sequence[str], Rows] | None:
    """The vectors of the names, each under its category; None without an encoder."""
    meaning = library.meaning
    if meaning is None or not told:
        return None
    ids = sorted(told)
    template = library.settings.passage
    texts = [passage(told[id].most.category.level2, told[id].name, None, template) for id in ids]
    return ids, meaning.encoder.passages(texts)


def _head(id: str, ties: Mapping[str, Tie]) -> str:
    while id in ties:
        id = ties[id].other
    return id


def _concept(id: str, renamed: str | None, first: Core, uses: tuple[Use, ...], state: str, proposals: int) -> Concept:
    names, own = Counter(use.name for use in uses), {use.name for use in first.uses}
    # Of wordings used as often, one that says more: the others left that out as understood.
    usual = min(names, key=lambda name: (-names[name], name not in own, len(name), name))
    known = next((one for one in measures() if one.id == first.sense.measure), None)
    return Concept(
        id=id,
        name=renamed or usual,
        category=first.sense.category,
        dimension=first.sense.dimension,
        measure=known.label if known else None,
        direction=known.direction if known else None,
        indicators=len(uses),
        projects=len({use.owner for use in uses}),
        organizations=len({use.organization for use in uses}),
        years=tuple(sorted({use.year for use in uses if use.year is not None}, reverse=True)),
        state=state,
        proposals=proposals,
        phrases=frozenset(),
        uses=uses,
        ties={},
        moved=frozenset(),
    )


def _place(one: Concept, asked: str, like: str) -> int | None:
    """0: its name begins with what is asked; 1: its name has it; 2: another of its wordings; None: none of them."""
    own = bare(one.name)
    if asked in own or like in plain(one.name):
        return 0 if own.startswith(asked) else 1
    if any(like in phrase.text or asked in phrase.text for phrase in one.phrases):
        return 2
    return None


_shelves: WeakKeyDictionary[Library, _Shelf] = WeakKeyDictionary()
_guard = threading.Lock()
