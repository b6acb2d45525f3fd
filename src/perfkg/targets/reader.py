"""From a 指标值 as written to its Targets."""

from __future__ import annotations

import re

from perfkg.records import Target
from perfkg.targets.context import context
from perfkg.targets.facts import Fact, facts
from perfkg.targets.folding import Folded, fold
from perfkg.targets.scanning import clauses

# No 指标值 is as long as this; what is longer is a whole table in one cell.
LONGEST = 4000
_YEAR = re.compile(r"(?:19|20)\d\d")
_SAYS = re.compile(r"[\w%√×✓✔*]")
_UNFILLED = re.compile(r"[<>=≥≤]*(?:\*{2,}|[xX]{2,}|_{2,})\D*$")
# Two cells run into one, or a slip of the scanner: 82%2%, 290$290%, 880%^80%, 95%%, 万亩2810810.
_GARBLED = re.compile(
    r"%[\^$]?\d|\d[$^]|%%|%‰|‰%|[<>=≥≤][百千万亿个人元]|\d \d(?!\d\d(?!\d))|(?<![\d.])\d{1,3}，\d{3}(?!\d)"
    r"|^[百千]?[万亿]?(?:亩|元|公顷|公里|平方米|立方米|吨|人|个|户)\d+(?:\.\d+)?$"
)


def read(
    value: str | None,
    name: str | None = None,
    year: int | None = None,
    *,
    sign: str | None = None,
    unit: str | None = None,
) -> tuple[Target, ...]:
    """What a 指标值 says: quantities, periods, frequencies, and the words between them as states, trends and the like.

    `name` is the 三级指标 and gives context (unit, sign, bandwidth, money) but no fact; `year` is the fiscal year that
    12月底 and 全年 are in; `sign` and `unit` are the columns 指标性质 and 度量单位 where a form has them. Each Target's
    `span` is its place in `value`. What contradicts itself or cannot be is no quantity but a state with a `doubt`.
    Never raises on bad input. The conventions are those of tests/cases/TARGETS.md.
    """
    if not value:
        return ()
    folded = fold(value)
    if not _SAYS.search(folded.text):
        return ()
    if doubt := _unreadable(folded.text):
        return (_target(value, folded, Fact("state", 0, len(folded.text), doubt=doubt)),)
    beside = context(name, sign, unit)
    year = beside.year or year
    if beside.dated and _YEAR.fullmatch(folded.text):
        year = int(folded.text)
        found = [Fact("period", 0, 4, "=", first=f"{year}-01-01", last=f"{year}-12-31")]
    else:
        found = facts(folded.text, clauses(folded.text, beside, year), beside)
    return tuple(_target(value, folded, fact) for fact in found)


def _unreadable(text: str) -> str | None:
    if len(text) > LONGEST:
        return "文字过长，不像一个指标值"
    if _UNFILLED.match(text):
        return "模板里的空还没有填"
    return "数字或符号粘连，读不准" if _GARBLED.search(text) else None


def _target(value: str, folded: Folded, fact: Fact) -> Target:
    start, end = folded.span(fact.start, fact.end)
    interval = fact.low is not None
    return Target(
        kind=fact.kind,
        text=value[start:end],
        comparator=fact.comparator,
        value=None if interval else fact.value,
        low=fact.low,
        high=fact.value if interval else None,
        unit=fact.unit,
        label=value[slice(*folded.span(*fact.label))] if fact.label else None,
        start=fact.first,
        end=fact.last,
        span=(start, end),
        doubt=fact.doubt,
    )
