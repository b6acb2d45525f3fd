"""The catalogue of indicator concepts of a library (指标库): what `catalogue(library)` gives.

Computed from the wordings in use, without their order: the same declarations give the same concepts with the same ids.
What people decided is applied last, so that it wins, and costs little.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from perfkg import schemes
from perfkg.concepts.computed import Computed, compute
from perfkg.concepts.concept import Concept, Proposal, concept
from perfkg.concepts.decided import Decided, decided
from perfkg.concepts.gathering import Tie
from perfkg.concepts.summary import Key
from perfkg.concepts.uses import categories
from perfkg.concepts.wording import bare, plain
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.ledger import Decision
from perfkg.library import Library
from perfkg.records import Hit
from perfkg.search import search

_SMALL = 2_000
"""Indicators: the catalogue of so many is made while somebody waits for a search."""

_NEAR = 20
"""Indicators whose concepts are told where no wording has what was asked for."""

_QUICK = 1.0
"""Seconds: a catalogue that took no longer is made anew while a page waits for it."""


class Catalogue:
    """All concepts at ledger change `change` and decision `decided`; `encoder` names what told meaning, None: words."""

    def __init__(self, computed: Computed, decisions: Sequence[Decision], before: Catalogue | None = None) -> None:
        """Applies `decisions` to what was computed. `before` is an earlier one, whose concepts are kept if untouched."""
        self.change, self.encoder, self.computed = computed.change, computed.encoder, computed
        self.decisions = tuple(decisions)
        self.decided = decisions[-1].number if decisions else 0
        own = {id: core.phrases for id, core in computed.cores.items()}
        self._state: Decided = decided(computed.home, own, decisions)
        self.idle = frozenset(self._state.idle)
        self.proposals = self._open(computed.proposed)
        kept = before._concepts if before and before.computed is computed else {}
        self._concepts: dict[str, Concept] = self._made(computed, kept)
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

    def _by_key(self, computed: Computed) -> dict[Key, str]:
        """The concept of each wording in a category, whatever its dimension: that of most of its uses."""
        ordered = sorted(self.of_phrase, key=lambda phrase: (len(computed.uses[phrase]), str(phrase.dimension)))
        return {(phrase.category, phrase.text): self.of_phrase[phrase] for phrase in ordered}

    def _open(self, ties: Iterable[Tie]) -> tuple[Proposal, ...]:
        found: dict[frozenset[str], Proposal] = {}
        state, two = self._state, self._state.two()
        for tie in ties:
            other, concept = state.now(tie.core), state.now(tie.other)
            if concept is None or other is None or concept == other or {concept, other} & state.rejected:
                continue
            if frozenset((concept, other)) not in two:
                found.setdefault(frozenset((concept, other)), Proposal(concept, other, tie))
        return tuple(found.values())

    def _made(self, computed: Computed, kept: Mapping[str, Concept]) -> dict[str, Concept]:
        counts = Counter(id for one in self.proposals for id in (one.concept, one.other))
        state = self._state
        touched = {state.now(id) for one in self.decisions if one.undone is None for id in one.concepts}
        made = {}
        for id, members in state.members.items():
            if not members:
                continue
            kind = "rejected" if id in state.rejected else "decided" if id in touched else "computed"
            known = kept.get(id)
            if (
                known
                and known.phrases == members
                and known.state == kind == "computed"
                and known.proposals == counts[id]
            ):
                made[id] = known
                continue
            inside = {computed.core_of[phrase].sense.id: computed.core_of[phrase] for phrase in members}
            first = inside.get(id) or max(inside.values(), key=lambda core: (len(core.owners), core.name))
            uses = {phrase: computed.uses[phrase] for phrase in members}
            moved = frozenset(members & state.moved)
            made[id] = concept(id, state.renamed.get(id), first, uses, computed.ties_of, moved, kind, counts[id])
        return made


def catalogue(library: Library, waiting: bool = True) -> Catalogue:
    """The concepts of `library` as its searches see it, with every decision of the ledger.

    Not `waiting`, what was known before is given while a new one would take longer than a moment; somebody who waits
    (the server's own thread) makes it meanwhile.
    """
    with _guard:
        shelf = _shelves.setdefault(library, _Shelf())
    return shelf.catalogue(library, waiting)


def find(
    library: Library, text: str, category: str | None = None, state: str | None = None, doubtful: bool = False
) -> list[Concept]:
    """`Catalogue.find`; where no wording has `text`, the concepts of the indicators nearest to it in meaning."""
    made = catalogue(library, waiting=False)
    found = made.find(text, category, state, doubtful)
    if found or not bare(text):
        return found
    allowed = {one.id for one in made.find("", category, state, doubtful)}
    ids = (made.of_indicator.get(hit.id) for hit in search(library, text, limit=_NEAR).hits)
    return [made.get(id) for id in dict.fromkeys(ids) if id in allowed]


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
        self._computing, self._making = threading.Lock(), threading.Lock()
        self._computed: Computed | None = None
        self._of: tuple[int, str | None] | None = None
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
        made = self._made
        # Not what was computed last: who does not wait is given what is made, not made to make what is computed.
        computed = (
            self._current(library) if made is None or waiting or made.computed.seconds < _QUICK else made.computed
        )
        decisions = library.ledger.decisions
        decided = decisions.last()
        if made is not None and made.computed is computed and made.decided == decided:
            return made
        with self._making:
            made = self._made
            if made is not None and computed is not self._computed:
                computed = made.computed  # as new as that, or newer
            if made is None or made.computed is not computed or made.decided != decided:
                made = self._made = Catalogue(computed, decisions.all(), made)
            return made

    def _current(self, library: Library) -> Computed:
        computed = self._computed
        if computed is not None and self._of == _state(library):
            return computed
        with self._computing:
            if self._computed is None or self._of != _state(library):
                encoder = _state(library)[1]
                self._computed = compute(library)
                self._of = self._computed.change, encoder
            return self._computed


def _state(library: Library) -> tuple[int, str | None]:
    """What a catalogue depends on: the change it stands at, and the encoder."""
    meaning = library.meaning
    return library.words.change, meaning.encoder.name if meaning else None


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
