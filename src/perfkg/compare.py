"""Comparable targets over projects: indicators of one meaning, grouped by what their values can be compared in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import quantiles

from perfkg import targets
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Hit, Json, Target
from perfkg.search import indicator as find_indicator
from perfkg.search import search

ENOUGH = 5
"""Fewer values than this give no quartiles: they would say more than the data does."""

_CANDIDATES = 60
_CLOSE = 0.45
"""Hits scored lower are about something else; the score is relative to the best hit of the question."""


@dataclass(frozen=True, slots=True)
class Row:
    """One target of one project: as written (`value`, `text`) and in the group's unit (`number`, or `low`, `high`)."""

    id: str
    declaration: str
    project: str | None
    organization: str | None
    year: int | None
    name: str | None
    value: str | None
    text: str
    comparator: str | None
    number: float | None
    low: float | None
    high: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Group:
    """Rows in one canonical `unit`. `direction`: `larger` or `smaller` is stricter, None when not known.

    `quartiles` are the first quartile, median and third of the numbers, None under five of them.
    """

    unit: str
    direction: str | None
    quartiles: tuple[float, float, float] | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An indicator of the same meaning that is in no group, and why (in Chinese)."""

    id: str
    project: str | None
    organization: str | None
    year: int | None
    name: str | None
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` gives."""

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()


def compare(library: Library, text: str | None = None, indicator: str | None = None) -> Comparison:
    """The comparable targets for a text, or for a recorded indicator by id.

    Raises InvalidQuestion when neither or both are given, UnknownId for an id the library does not hold.
    """
    if (text is None) == (indicator is None):
        raise InvalidQuestion("请给出要比较的文字，或一个指标的编号，二者选一", None, "例如：网络故障处理时间")
    if indicator is not None:
        given = find_indicator(library, indicator)
        text = "，".join(part for part in (given.category.level2, given.name, given.value) if part)
    answer = search(library, text or "", limit=_CANDIDATES, grouped=False)
    close = [hit for hit in answer.hits if hit.score >= _CLOSE]
    grouped: dict[str, list[Row]] = defaultdict(list)
    left_out = []
    for hit in close:
        found = [placed for target in hit.targets if (placed := _row(hit, target))]
        for unit, row in found:
            grouped[unit].append(row)
        if not found:
            left_out.append(_left_out(hit))
    groups = sorted((_group(unit, rows) for unit, rows in grouped.items()), key=lambda group: -len(group.rows))
    return Comparison(tuple(groups), tuple(left_out), answer.snapshot, answer.notices)


def _row(hit: Hit, target: Target) -> tuple[str, Row] | None:
    """The row of a target and the unit of its group; None for a target without a number."""
    canonical = targets.canonical(target)
    if canonical is None:
        return None
    interval = target.comparator == "[]"
    high = targets.canonical(replace(target, low=target.high)) if interval else None
    row = Row(
        id=hit.id,
        declaration=hit.declaration,
        project=hit.project,
        organization=hit.organization,
        year=hit.year,
        name=hit.name,
        value=hit.value,
        text=target.text,
        comparator=target.comparator,
        number=None if interval else canonical.number,
        low=canonical.number if interval else None,
        high=high.number if high else None,
        score=hit.score,
    )
    return canonical.unit, row


def _group(unit: str, rows: list[Row]) -> Group:
    numbers = [row.number for row in rows if row.number is not None]
    quartiles = None
    if len(numbers) >= ENOUGH:
        first, second, third = quantiles(numbers, n=4, method="inclusive")
        quartiles = (first, second, third)
    return Group(unit, _direction(rows), quartiles, tuple(rows))


def _direction(rows: list[Row]) -> str | None:
    """Known only from what the targets themselves say: all bounds from below, or all from above."""
    stricter = {">=": "larger", ">": "larger", "<=": "smaller", "<": "smaller"}
    said = {stricter[row.comparator] for row in rows if row.comparator in stricter}
    return said.pop() if len(said) == 1 else None


def _left_out(hit: Hit) -> LeftOut:
    reason = "指标值里没有可以比较的数" if hit.value else "没有填写指标值"
    return LeftOut(hit.id, hit.project, hit.organization, hit.year, hit.name, hit.value, reason)
