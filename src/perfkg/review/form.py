"""What a rule sees: the form, its settings, and a way to say what it found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from perfkg import targets
from perfkg.errors import InvalidLibrary
from perfkg.records import Declaration, Finding, Indicator, Place, Target
from perfkg.text import fold

FAIL, PASS, DEFERRED, NOT_APPLICABLE = "fail", "pass", "deferred", "not-applicable"
SATISFACTION = ("satisfaction", "recipient-satisfaction")
COST = ("cost", "economic-cost", "social-cost", "ecological-cost")
BENEFIT = ("benefit", "economic-benefit", "social-benefit", "ecological-benefit", "sustainable-impact")

_DOUBTFUL = 4
"""One row in so many."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The settings of one rule in `graph/rules.toml`; `passed` is what it says of a form without fault.

    `options` are its own thresholds and words.
    """

    id: str
    title: str
    severity: str
    advice: str
    passed: str
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
        severity: str | None = None,
    ) -> Finding:
        """A finding of this rule, about one `row` or the whole form."""
        said = quote if quote is not None or row is None else quoted(row)
        return Finding(
            rule=self.id,
            verdict=verdict,
            severity=severity or self.severity,
            message=message,
            quote=said,
            place=row.place if row else Place(),
            indicator=row.id if row else None,
            figures=figures or {},
            basis=self.basis,
            advice=self.advice if verdict in {FAIL, DEFERRED} else None,
        )


@cache
def rules() -> Mapping[str, Rule]:
    """The settings of all rules, in order. Raises InvalidLibrary if the file is wrong."""
    text = resources.files("graph").joinpath("rules.toml").read_text("utf-8")
    known = {"title", "severity", "advice", "passed", "basis", "enabled"}
    made = {}
    try:
        for id, table in tomllib.loads(text).items():
            options = {key: value for key, value in table.items() if key not in known}
            made[id] = Rule(id, **{key: table[key] for key in known & table.keys()}, options=options)
    except (TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLibrary(f"审核规则有误：{error}", "graph/rules.toml", "请对照文件开头的说明改正") from error
    return made


@dataclass(frozen=True)
class Form:
    """A declaration with its rows sorted by category."""

    declaration: Declaration

    @property
    def rows(self) -> tuple[Indicator, ...]:
        """All indicators."""
        return self.declaration.indicators

    @property
    def doubtful(self) -> bool:
        """Whether so many rows were read doubtfully that the others may be misread too."""
        return _DOUBTFUL * sum(row.unsure for row in self.rows) > len(self.rows)

    def of(self, *categories: str) -> list[Indicator]:
        """The rows of these categories, whatever the scheme (`cost`, `quantity`)."""
        return [row for row in self.rows if category(row) in categories]

    @cached_property
    def costs(self) -> list[Indicator]:
        """The rows under 成本指标 that may carry what the project spends, in any scheme."""
        return self.of("cost", "economic-cost")

    @cached_property
    def stated(self) -> list[tuple[Indicator | None, Target]]:
        """Every number with a unit that the objective (row None) and the indicators state, in canonical units."""
        year = self.declaration.year
        found: list[tuple[Indicator | None, Target]] = []
        for sentence in re.split("[。；;，,、]", self.declaration.objective or ""):
            found += [(None, one) for one in canonical(targets.read(sentence, None, year))]
        for row in self.rows:
            found += [(row, one) for one in quantities(row)]
        return found


def quoted(row: Indicator) -> str:
    """A row in one line, as written."""
    return "：".join(part for part in ((row.name or "").rstrip("。．.;；"), row.value) if part)


def category(row: Indicator) -> str | None:
    """The category of a row without its scheme, e.g. `quality`."""
    return row.category.concept.rsplit("/", 1)[-1] if row.category.concept else None


def amounts(row: Indicator) -> list[Target]:
    """The sums of money a row states, in yuan, also by the year; other rates (元/人) are none."""
    return [one for one in quantities(row) if one.unit in {"CNY", "CNY/a"} and one.value is not None]


def quantities(row: Indicator) -> Iterator[Target]:
    """The row's targets that have a number, in the canonical unit of their dimension."""
    return canonical(row.targets)


def canonical(found: tuple[Target, ...]) -> Iterator[Target]:
    """Those of the targets that have one number and no doubt, in the canonical unit of their dimension."""
    for one in found:
        number = targets.canonical(one)
        if number is not None and one.comparator != "[]" and one.doubt is None:
            yield replace(one, value=number.number, unit=number.unit)


def bare(text: str | None) -> str:
    """Text without spaces and punctuation: how wordings are compared."""
    return re.sub(r"[\s,.;:!?()\"'\[\]<>《》-]+", "", fold(text or ""))


def wan(yuan: float) -> str:
    """Yuan as a form writes them, in 万元."""
    return f"{plain(yuan / 10_000)}万元"


def plain(number: float) -> str:
    """A number with thousands separators, up to six decimals, no exponent."""
    return f"{number:,.6f}".rstrip("0").rstrip(".")
