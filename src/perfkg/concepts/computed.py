"""What the wordings of a library alone give: cores, which of them are joined, and which are proposed to be."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from perfkg.concepts.gathering import Cores, Tie, joined, proposed
from perfkg.concepts.phrases import Core, Phrase, cores, phrases
from perfkg.concepts.summary import Use
from perfkg.concepts.uses import uses
from perfkg.encoder import passage
from perfkg.library import Library

if TYPE_CHECKING:
    from perfkg.encoder import Rows


@dataclass(frozen=True)
class Computed:
    """What the wordings give at `change`; `home` leads from a core to the one it is joined to in the end."""

    change: int
    encoder: str | None
    uses: Mapping[Phrase, Sequence[Use]]
    cores: Mapping[str, Core]
    home: Mapping[str, str]
    ties: Mapping[str, Tie]
    proposed: Sequence[Tie]
    seconds: float

    @cached_property
    def core_of(self) -> dict[Phrase, Core]:
        """The core of each phrase."""
        return {phrase: core for core in self.cores.values() for phrase in core.phrases}

    @cached_property
    def ties_of(self) -> dict[Phrase, Tie]:
        """Why a phrase is in the concept of another core."""
        return {phrase: tie for id, tie in self.ties.items() for phrase in self.cores[id].phrases}


def compute(library: Library) -> Computed:
    """All that follows from the wordings that the library's searches see, whoever holds it meanwhile."""
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
    return Computed(change, name, found, told, home, ties, near, time.perf_counter() - began)


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
