"""The records everything passes through: frozen, typed, with one JSON form each.

Field names and the JSON keys are the same words; `as_json` and `Declaration.from_json` are inverse.
Money is always yuan. Text is kept as written beside what was understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Self

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: sheet name, page, table, line and row and column as a person counts them (from 1)."""

    sheet: str | None = None
    page: int | None = None
    table: int | None = None
    line: int | None = None
    row: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        within = "" if self.sheet or self.table else "表内"
        parts = [
            f"工作表“{self.sheet}”" if self.sheet else "",
            f"第{self.page}页" if self.page else "",
            f"第{self.table}个表" if self.table else "",
            f"第{self.line}行" if self.line else "",
            f"{within}第{self.row}行" if self.row and not self.line else "",
            f"第{self.column}列" if self.column else "",
        ]
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something the reading mended: a stable English `rule` slug, the Chinese `reason`, before and after."""

    rule: str
    reason: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A non-empty cell of a form that became no part of the Declaration."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Target:
    """One fact a 指标值 states. Which fields are set depends on `kind` (DESIGN: quantity, period, frequency,
    trend, state, boolean, reference, scope). `span` is the half-open range of `text` in the value.
    Dates are ISO strings, units UCUM (`%`, `h`, `{人}`) or `CNY`. `doubt` is a Chinese sentence or None.
    """

    kind: str
    text: str
    comparator: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    label: str | None = None
    start: str | None = None
    end: str | None = None
    span: tuple[int, int] | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """First and second level as printed, and the concept of a scheme they stand for (`2015/quality`)."""

    level1: str | None = None
    level2: str | None = None
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of a form: a 三级指标 with its 指标值."""

    id: str
    category: Category
    name: str | None
    value: str | None
    targets: tuple[Target, ...] = ()
    actual: str | None = None
    weight: float | None = None
    score: float | None = None
    note: str | None = None
    place: Place = field(default_factory=Place)
    repairs: tuple[Repair, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Funding:
    """项目资金 in yuan. `text` keeps the amounts as written with their unit."""

    total: float | None = None
    fiscal: float | None = None
    other: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The file a Declaration was read from; `file` is a name relative to what was given, never a full path."""

    file: str
    sha256: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One form: who, how much money, to what end, measured how.

    `kind` is `declaration` or `self-evaluation`. `organization` is the budget unit (预算单位);
    `department` its 主管部门, `implementer` the 实施单位, where the form tells them apart.
    """

    id: str
    kind: str
    title: str | None
    year: int | None
    organization: str | None
    project: str | None
    funding: Funding
    objective: str | None
    indicators: tuple[Indicator, ...]
    source: Source
    leftovers: tuple[Leftover, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    department: str | None = None
    implementer: str | None = None
    organization_code: str | None = None
    project_code: str | None = None
    term_objective: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The record that `as_json` wrote as `data`."""
        known = {name: data[name] for name in (f.name for f in fields(cls)) if name in data}
        source = dict(known["source"])
        source["place"] = Place(**source["place"])
        return cls(
            **known
            | {
                "funding": Funding(**known["funding"]),
                "indicators": tuple(_indicator(row) for row in known["indicators"]),
                "source": Source(**source),
                "leftovers": tuple(Leftover(row["text"], Place(**row["place"])) for row in known["leftovers"]),
                "notes": tuple(known["notes"]),
                "repairs": tuple(Repair(**row) for row in known["repairs"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a hit was found: the share of words and of meaning (0 to 1), and the words both texts hold.

    `number` is how well its target satisfies a number asked for (0 to 1), None where none was.
    """

    words: float | None
    meaning: float | None
    matched: tuple[str, ...] = ()
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the indicators that share a hit's text: its id and whose it is."""

    id: str
    declaration: str
    project: str | None
    organization: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One indicator found, with enough of its project to be judged.

    `count` says how many indicators found have the same text, `places` which: the best first, at most twenty.
    `concept` is the id of its indicator concept, where that was looked up.
    """

    id: str
    declaration: str
    project: str | None
    organization: str | None
    year: int | None
    category: Category
    name: str | None
    value: str | None
    targets: tuple[Target, ...]
    score: float
    reasons: Reasons
    count: int = 1
    places: tuple[Occurrence, ...] = ()
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of a declaration: `verdict` is fail, pass, deferred or not-applicable.

    `message` is one Chinese sentence, `quote` the words it is about, `figures` the numbers it stands on (money in
    yuan), `basis` a document that asks for it, or None, `advice` what to do. `place` is empty for the whole form.
    """

    rule: str
    verdict: str
    severity: str
    message: str
    quote: str | None = None
    place: Place = field(default_factory=Place)
    indicator: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    basis: str | None = None
    advice: str | None = None


def _indicator(data: Mapping[str, Any]) -> Indicator:
    row = dict(data)
    row["category"] = Category(**row["category"])
    row["targets"] = tuple(target_from_json(target) for target in row["targets"])
    row["place"] = Place(**row["place"])
    row["repairs"] = tuple(Repair(**repair) for repair in row["repairs"])
    return Indicator(**row)


def target_from_json(data: Mapping[str, Any]) -> Target:
    """The Target that `as_json` wrote as `data`."""
    span = data.get("span")
    return Target(**{**data, "span": tuple(span) if span else None})


def as_json(record: Any) -> Any:
    """The plain JSON value of a record (or of tuples and mappings of records).

    A Target shows the keys of its kind alone, a Place only what is known; every other record all its fields.
    """
    if record is None or isinstance(record, (str, int, float)):
        return record
    if isinstance(record, Target):
        return _target_json(record)
    if isinstance(record, Place):
        return {name: value for name in _names(Place) if (value := getattr(record, name)) is not None}
    if is_dataclass(record):
        return {name: as_json(getattr(record, name)) for name in _names(record.__class__)}
    if isinstance(record, Mapping):
        return {key: as_json(value) for key, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [as_json(item) for item in record]
    return record


@cache
def _names(record: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(record))


def _target_json(target: Target) -> Json:
    shown = ["kind"]
    if target.kind in {"quantity", "frequency"}:
        shown += ["comparator", *(["low", "high"] if target.comparator == "[]" else ["value"]), "unit", "label"]
    elif target.kind == "period":
        shown += ["comparator", *(["end"] if target.comparator == "<=" else ["start", "end"])]
    shown += ["text"]
    shown += [name for name in ("label", "span", "doubt") if name not in shown and getattr(target, name) is not None]
    return {name: as_json(getattr(target, name)) for name in shown}
