"""A strip of dots: where the numbers of a group stand, drawn here so that the page needs no script for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from perfkg.compare import Group, Row
from perfkg.targets.wording import amount

WIDTH, MARGIN, STEP = 880, 60, 11
"""Of the drawing, in its own units: its width, the free space at either side, and the distance of stacked dots."""

_HIGHEST = 120
"""Of a stack; the dots of a taller one lie partly upon one another."""

_WIDE = 50
"""Numbers that span more than this many times the smallest are drawn by their logarithms."""

_NEAR = 90
"""Two labels closer than this would touch."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A number of one project; an interval reaches from `x` to `end`."""

    x: float
    end: float
    y: float
    label: str
    own: bool
    link: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the strip."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What is drawn: dots over a line at `base`, the quartiles' box (x, width) and median, the asked number `own`."""

    height: int
    base: int
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    box: tuple[float, float] | None
    median: float | None
    own: float | None
    logarithmic: bool


def strip(group: Group) -> Strip | None:
    """The drawing of a group; None where fewer than two different numbers leave nothing to see."""
    ends = {number for row in group.rows for number in (row.number, row.low, row.high) if number is not None}
    asked = group.standing.number if group.standing else None
    ends |= {asked} if asked is not None else set()
    if len(ends) < 2:
        return None
    place, logarithmic = _scale(min(ends), max(ends))
    tallest = max(Counter(round(place(start(row)) / STEP) for row in group.rows).values())
    step = min(STEP, _HIGHEST / tallest)
    base = round(24 + step * tallest)
    quartiles = [place(one) for one in group.quartiles or ()]
    return Strip(
        height=base + 34,
        base=base,
        dots=tuple(_dots(group, place, base, step)),
        ticks=tuple(_ticks(group, place, min(ends), max(ends))),
        box=(quartiles[0], max(2.0, round(quartiles[2] - quartiles[0], 1))) if quartiles else None,
        median=quartiles[1] if quartiles else None,
        own=None if asked is None else place(asked),
        logarithmic=logarithmic,
    )


def _scale(low: float, high: float) -> tuple[Callable[[float], float], bool]:
    logarithmic = low > 0 and high / low > _WIDE
    level: Callable[[float], float] = math.log if logarithmic else float
    first, width = level(low), level(high) - level(low)
    return lambda number: round(MARGIN + (level(number) - first) / width * (WIDTH - 2 * MARGIN), 1), logarithmic


def start(row: Row) -> float:
    """Where a row stands among the others: its number, or the beginning of its interval."""
    return next((one for one in (row.number, row.low, row.high) if one is not None), 0.0)


def _dots(group: Group, place: Callable[[float], float], base: int, step: float) -> Iterable[Dot]:
    """Dots that would cover each other are stacked."""
    stacked: Counter[int] = Counter()
    for row in sorted(group.rows, key=start):
        x = place(start(row))
        column = round(x / STEP)
        y = round(base - 10 - step * stacked[column], 1)
        stacked[column] += 1
        said = amount(start(row), group.unit, row.high if row.number is None else None)
        label = "，".join(part for part in (said, row.project, row.organization, row.year and f"{row.year}年") if part)
        end = place(row.high) if row.number is None and row.high is not None else x
        yield Dot(x, end, y, label, row.given, f"/declarations/{row.declaration}?hit={row.id}#hit")


def _ticks(group: Group, place: Callable[[float], float], low: float, high: float) -> Iterable[Tick]:
    """The ends, and the median between them where there is room for it."""
    ends = [Tick(place(one), amount(one, group.unit)) for one in (low, high)]
    yield from ends
    if group.quartiles:
        middle = Tick(place(group.quartiles[1]), amount(group.quartiles[1], group.unit))
        if all(abs(middle.x - one.x) > _NEAR for one in ends):
            yield middle
