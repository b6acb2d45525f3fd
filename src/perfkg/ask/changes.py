"""What changed between two years: 2023年的资金比2022年少了的项目, 三年里增长最多的, 没有变化的单位."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from perfkg.ask.facts import Fact
from perfkg.ask.understanding import Understanding
from perfkg.ask.wordlists import names, pattern
from perfkg.search.spans import Question

_THINGS = frozenset({"projects", "organizations", "indicators"})


@dataclass(frozen=True)
class Change:
    """One project's or organization's number in two years, `by` how much it changed, and the rows behind it.

    `steady`: the same in every year between as well.
    """

    label: str
    first: float
    last: float
    facts: tuple[Fact, ...]
    steady: bool

    @property
    def by(self) -> float:
        """The difference, in the unit of the numbers."""
        return round(self.last - self.first, 6)


def take_change(question: Question, slots: Understanding) -> None:
    """Fills `change`. 多了 and 少了 say a change only of projects or organizations in two years, one 比 the other."""
    for name in names("changes"):
        simple = name in {"more", "less"}
        if simple and not (len(slots.years) > 1 and "比" in question.rest and slots.subject in _THINGS):
            continue
        if words := question.take(pattern("changes", name)):
            slots.change, slots.words["change"], slots.words["intent"] = name, words, words
            slots.by = None
            if simple and _earlier_first(question.text, slots.years):
                slots.change = {"more": "less", "less": "more"}[name]
            question.take(re.compile(r"(?<=\0)比(?=\0)|比(?=[\0])"))
            return


def changes(facts: Iterable[Fact], key: Callable[[Fact], object], label: Callable[[Fact], str]) -> list[Change]:
    """The change of each thing that has a number in the first and in the last year there is."""
    found: dict[object, dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        if fact.year is not None and fact.number is not None:
            found[key(fact)][fact.year].append(fact)
    years = sorted({year for by_year in found.values() for year in by_year})
    if len(years) < 2:
        return []
    made = []
    for by_year in found.values():
        if {years[0], years[-1]} <= set(by_year):
            first, last = by_year[years[0]], by_year[years[-1]]
            steady = len({round(_number(facts), 6) for facts in by_year.values()}) == 1
            made.append(Change(label(last[0]), _number(first), _number(last), (*first, *last), steady))
    return made


def kept(found: Iterable[Change], change: str) -> list[Change]:
    """The changes that were asked for, the largest first."""
    if change == "same":
        return sorted((one for one in found if one.steady), key=lambda one: one.label)
    sign = 1 if change in {"more", "rise"} else -1
    passing = [one for one in found if sign * one.by > 0]
    return sorted(passing, key=lambda one: (-abs(one.by), one.label))


def _number(facts: list[Fact]) -> float:
    """Money adds up; of targets there is the mean."""
    total = sum(fact.number or 0 for fact in facts)
    return total if facts[0].unit == "CNY" else total / len(facts)


def _earlier_first(text: str, years: tuple[int, ...]) -> bool:
    """Whether the earlier year is named first: 2022年比2023年多 says it fell."""
    places = {year: text.find(str(year)) for year in years}
    return places[min(years)] < places[max(years)]
