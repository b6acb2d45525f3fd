"""A declaration as its paper form lays it out: headings stand once and span the rows below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from perfkg import schemes
from perfkg.library import Library
from perfkg.records import Declaration, Indicator

_OFFERED = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form; a heading's span is 0 where the one above covers it. `hit`: the row that was looked for."""

    indicator: Indicator
    span1: int
    span2: int
    hit: bool

    @property
    def notes(self) -> bool:
        """Whether the reading has something to say about this row."""
        return bool(self.indicator.repairs or self.indicator.unsure or any(one.doubt for one in self.indicator.targets))


def rows(declaration: Declaration, hit: str = "") -> list[Row]:
    """The rows with their merged headings; `hit` is the id of the indicator to mark."""
    found = []
    for _, group in groupby(declaration.indicators, key=lambda one: one.category.level1):
        under = list(group)
        spans = _spans([one.category.level2 for one in under])
        for number, (one, span) in enumerate(zip(under, spans, strict=True)):
            found.append(Row(one, 0 if number else len(under), span, one.id == hit))
    return found


def organizations(library: Library) -> list[tuple[str, int]]:
    """The organizations that a field offers, with their number of forms: of a large library those with the most."""
    known = library.ledger.organizations()
    if len(known) <= _OFFERED:
        return known
    return sorted(sorted(known, key=lambda one: -one[1])[:_OFFERED])


def categories() -> list[tuple[str, list[str]]]:
    """First levels with their second levels, each meaning once, for a filter that covers every scheme."""
    seen: set[str] = set()
    found = []
    for top in (one for one in schemes.concepts() if one.level == 1):
        below = [one for one in schemes.concepts() if one.parent == top.id and one.id not in seen]
        if below:
            found.append((top.label, [one.label for one in below]))
        for one in below:
            seen |= schemes.same(one.id)
    return found


def _spans(headings: Sequence[str | None]) -> list[int]:
    spans: list[int] = []
    for _, group in groupby(headings):
        size = len(list(group))
        spans += [size] + [0] * (size - 1)
    return spans
