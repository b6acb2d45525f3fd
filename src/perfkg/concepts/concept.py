"""One concept of the catalogue, its wordings, and what may belong in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from perfkg import schemes
from perfkg.concepts.gathering import Tie
from perfkg.concepts.measures import measures
from perfkg.concepts.phrases import Core, Phrase
from perfkg.concepts.summary import Use, Wording, summed
from perfkg.concepts.wording import plain


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


def concept(
    id: str,
    renamed: str | None,
    first: Core,
    members: Mapping[Phrase, Sequence[Use]],
    ties: Mapping[Phrase, Tie],
    moved: frozenset[Phrase],
    state: str,
    proposals: int,
) -> Concept:
    """The concept of `members`, of which `first` is the core that says most."""
    uses = tuple(use for phrase in sorted(members, key=str) for use in members[phrase])
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
        phrases=frozenset(members),
        uses=uses,
        ties={phrase: ties[phrase] for phrase in members if phrase in ties},
        moved=moved,
    )
