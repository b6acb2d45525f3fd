"""The rows of a comparison: what stands beside what, and the records an answer is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from perfkg import targets
from perfkg.concepts.measures import Measure, measure
from perfkg.concepts.summary import Project
from perfkg.concepts.uses import category_of
from perfkg.concepts.wording import undated
from perfkg.records import Hit, Occurrence, Target
from perfkg.targets.units import conversion
from perfkg.targets.wording import named


@dataclass(frozen=True, slots=True)
class Point:
    """Another number of a row's project that is in the same group: of another year, or of another indicator."""

    id: str
    year: int | None
    name: str | None
    value: str | None
    text: str
    number: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One target of one project: as written (`value`, `text`) and in the group's unit (`number`, or `low`, `high`).

    `others` are the project's further numbers in the group. `copies` other projects have the very same name and value.
    `concept` is the id of the indicator's concept, where that is known.
    """

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
    unit: str | None = None
    others: tuple[Point, ...] = ()
    copies: int = 0
    given: bool = False
    concept: str | None = None


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
    declaration: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A target ready to be compared: in the `unit` of its group, with what it measures."""

    target: Target
    unit: str
    measure: Measure | None
    row: Row

    @property
    def owner(self) -> Project:
        """The project it is of, whatever the year."""
        return self.row.organization, undated(self.row.project)

    @property
    def name(self) -> str:
        """What the number is called: its label in the value, and the indicator's name."""
        return " ".join(part for part in (self.target.label, self.row.name) if part)

    @property
    def about(self) -> str:
        """Its name and its project's."""
        return f"{self.name} {self.row.project or ''}"

    @property
    def canonical_unit(self) -> str:
        """The unit all of its dimension are compared in."""
        return conversion(self.target.unit or "")[1]

    @property
    def point(self) -> Point:
        """The row as another number of its project."""
        row = self.row
        return Point(row.id, row.year, row.name, row.value, row.text, row.number, row.low, row.high)


def placed(hit: Hit) -> Iterator[Placed]:
    """The targets of a hit that have a number and no doubt, for each place the hit stands at."""
    for target in hit.targets:
        found = None if target.doubt else _placed(hit, target)
        if found is None:
            continue
        yield found
        yield from (replace(found, row=_elsewhere(found.row, place)) for place in hit.places if place.id != hit.id)


def _elsewhere(row: Row, place: Occurrence) -> Row:
    return replace(
        row,
        id=place.id,
        declaration=place.declaration,
        project=place.project,
        organization=place.organization,
        year=place.year,
    )


def left_out(hit: Hit, reason: str | None = None) -> LeftOut:
    """The hit as one that is not compared; the reason is told from its value where none is given."""
    if reason is None:
        doubt = next((target.doubt for target in hit.targets if target.doubt), None)
        reason = f"读法存疑：{doubt}" if doubt else "指标值里没有可以比较的数" if hit.value else "没有填写指标值"
    return LeftOut(
        hit.id, hit.project, hit.organization, hit.year, hit.name, hit.value, reason, declaration=hit.declaration
    )


def left_out_alone(one: Placed) -> LeftOut:
    """A target that nothing else can be compared with."""
    row = one.row
    if one.measure:
        reason = f"相近的指标里只有这个项目有{one.measure.label}的数（单位{named(one.unit)}），没有可比的"
    else:
        reason = f"没有名称相近、单位同是{named(one.unit)}的其他项目可比"
    return LeftOut(row.id, row.project, row.organization, row.year, row.name, row.value, reason, row.declaration)


def _placed(hit: Hit, target: Target) -> Placed | None:
    # A form is of one year: 全年70万元 and 70万元 are the same money.
    target = replace(target, unit="CNY") if target.unit == "CNY/a" else target
    canonical = targets.canonical(target)
    if canonical is None:
        return None
    category = (category_of(hit.category.concept) or "").rpartition("/")[2] or None
    measured = measure(canonical.unit, category, (target.label, hit.name, hit.value, hit.category.level2))
    unit = measured.unit if measured and measured.unit else canonical.unit
    low, high = _numbers(target, unit)
    interval = target.comparator == "[]"
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
        number=None if interval else low,
        low=low if interval else None,
        high=high if interval else None,
        score=hit.score,
        unit=target.unit,
        concept=hit.concept,
    )
    return Placed(target, unit, measured, row)


def _numbers(target: Target, unit: str) -> tuple[float | None, float | None]:
    """The number, or both ends of an interval, in `unit`: exact to twelve digits."""
    factor = conversion(target.unit or "")[0] / conversion(unit)[0]
    first = target.low if target.comparator == "[]" else target.value
    low, high = (None if one is None else float(f"{one * factor:.12g}") for one in (first, target.high))
    return low, high
