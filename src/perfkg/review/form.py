"""What a rule sees: the form, its settings, and a way to say what it found."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

from perfkg import targets
from perfkg.records import Declaration, Finding, Indicator, Place, Target

FAIL, PASS, DEFERRED, NOT_APPLICABLE = "fail", "pass", "deferred", "not-applicable"


@dataclass(frozen=True, slots=True)
class Rule:
    """The settings of one rule in `graph/rules.toml`; `options` are its own thresholds."""

    id: str
    title: str
    severity: str
    advice: str
    basis: str | None = None
    enabled: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def find(
        self,
        verdict: str,
        message: str,
        row: Indicator | None = None,
        quote: str | None = None,
        figures: Mapping[str, Any] | None = None,
    ) -> Finding:
        """A finding of this rule, about one `row` or the whole form."""
        said = quote if quote is not None or row is None else " ".join(part for part in (row.name, row.value) if part)
        return Finding(
            rule=self.id,
            verdict=verdict,
            severity=self.severity,
            message=message,
            quote=said,
            place=row.place if row else Place(),
            indicator=row.id if row else None,
            figures=figures or {},
            basis=self.basis,
            advice=self.advice if verdict == FAIL else None,
        )


def rules() -> dict[str, Rule]:
    """The settings of all rules, in order."""
    text = resources.files("graph").joinpath("rules.toml").read_text("utf-8")
    known = {"title", "severity", "advice", "basis", "enabled"}
    made = {}
    for id, table in tomllib.loads(text).items():
        options = {key: value for key, value in table.items() if key not in known}
        made[id] = Rule(id, **{key: table[key] for key in known & table.keys()}, options=options)
    return made


@dataclass(frozen=True)
class Form:
    """A declaration with its rows sorted by category."""

    declaration: Declaration

    @property
    def rows(self) -> tuple[Indicator, ...]:
        """All indicators."""
        return self.declaration.indicators

    def of(self, *categories: str) -> list[Indicator]:
        """The rows of these categories, whatever the scheme (`cost`, `quantity`)."""
        return [row for row in self.rows if category(row) in categories]

    @cached_property
    def costs(self) -> list[Indicator]:
        """The rows under 成本指标, in any scheme."""
        return self.of("cost", "economic-cost")


def category(row: Indicator) -> str | None:
    """The category of a row without its scheme, e.g. `quality`."""
    return row.category.concept.rsplit("/", 1)[-1] if row.category.concept else None


def amounts(row: Indicator) -> list[Target]:
    """The sums of money a row states, in yuan, also by the year; other rates (元/人) are none."""
    return [one for one in quantities(row) if one.unit in {"CNY", "CNY/a"} and one.value is not None]


def quantities(row: Indicator) -> Iterator[Target]:
    """The row's targets that have a number, in the canonical unit of their dimension."""
    from dataclasses import replace

    for one in row.targets:
        canonical = targets.canonical(one)
        if canonical is not None and one.comparator != "[]" and one.doubt is None:
            yield replace(one, value=canonical.number, unit=canonical.unit)
