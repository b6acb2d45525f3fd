"""Concepts as people have decided: what was computed, with every decision that still stands applied in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from perfkg.concepts.phrases import Phrase
from perfkg.ledger import Decision

Pair = frozenset[str]


@dataclass
class Decided:
    """`members` of each concept by its id; `alias` leads from the ids of what was joined or merged to where it is now.

    `renamed`, `rejected` and `refused` (pairs that are two) are by the same ids; `moved` are phrases that a person put
    where they are; `idle` the numbers of decisions about what is no longer there.
    """

    members: dict[str, set[Phrase]]
    alias: dict[str, str]
    renamed: dict[str, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    refused: set[Pair] = field(default_factory=set)
    moved: set[Phrase] = field(default_factory=set)
    idle: set[int] = field(default_factory=set)

    def now(self, id: str) -> str | None:
        """The concept that `id` leads to; None where nothing is left of it."""
        seen = set()
        while id in self.alias and id not in seen:
            seen.add(id)
            id = self.alias[id]
        return id if self.members.get(id) else None

    def apply(self, one: Decision) -> None:
        """One decision that was not taken back."""
        ids = [self.now(id) for id in one.concepts[:2]]
        if None in ids:
            self.idle.add(one.number)
            return
        first, *others = (id for id in ids if id)
        if one.action in {"merge", "confirm"}:
            self._merge(first, others[0])
        elif one.action == "refuse":
            self.refused.add(frozenset((one.concepts[0], one.concepts[1])))
        elif one.action == "split":
            self._split(first, one)
        elif one.action == "rename":
            self.renamed[first] = str(one.detail["name"])
        elif one.action == "reject":
            self.rejected.add(first)

    def two(self) -> set[Pair]:
        """The pairs of concepts that a person said are not one, as they are now."""
        return {frozenset(now for id in pair if (now := self.now(id))) for pair in self.refused}

    def _merge(self, into: str, other: str) -> None:
        if into != other:
            moved = self.members.pop(other)
            self.members[into] |= moved
            self.moved |= moved
            self.alias[other] = into

    def _split(self, from_: str, one: Decision) -> None:
        chosen = {Phrase(*phrase) for phrase in one.detail["phrases"]} & self.members[from_]
        new = str(one.detail["id"])
        if not chosen or chosen == self.members[from_] or new in self.members:
            self.idle.add(one.number)
            return
        self.members[from_] -= chosen
        self.members[new] = chosen
        self.moved |= chosen


def decided(home: Mapping[str, str], phrases: Mapping[str, Iterable[Phrase]], decisions: Iterable[Decision]) -> Decided:
    """The concepts of cores: `home` says which core each joins (itself where absent), `phrases` what each consists of."""
    members: dict[str, set[Phrase]] = {}
    alias = {}
    for id, own in phrases.items():
        head = home.get(id, id)
        members.setdefault(head, set()).update(own)
        if head != id:
            alias[id] = head
    made = Decided(members, alias)
    for one in decisions:
        if one.action != "undo" and one.undone is None:
            made.apply(one)
    return made
