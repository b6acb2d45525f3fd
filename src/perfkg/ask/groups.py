"""By what rows are put together: whose they are, of which year, category and form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from perfkg.ask.facts import Fact
from perfkg.ask.understanding import Understanding


def by_words(slots: Understanding) -> str:
    """By what the answer is told apart, in Chinese."""
    words = {"organization": "按单位", "year": "按年度", "category": "按指标类别", "project": "按项目"}
    return words[slots.by or "project"]


def grouped(facts: Iterable[Fact], key: Callable[[Fact], str]) -> dict[str, list[Fact]]:
    """The rows by what `key` says of them, in the order in which that first comes."""
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return groups


def owner(fact: Fact) -> str:
    """The organization of a row, or that it names none."""
    return fact.organization or "（未填单位）"


def year(fact: Fact) -> str:
    """The year of a row, or that it names none."""
    return str(fact.year) if fact.year else "（未填年度）"


def category(fact: Fact) -> str:
    """The category of a row, or that it has none."""
    return fact.category or "（未填类别）"


def form(fact: Fact) -> str:
    """The declaration that a row stands in."""
    return fact.declaration


KEYS: dict[str, Callable[[Fact], str]] = {
    "organization": owner,
    "year": year,
    "category": category,
    "project": form,
}


def distinct(slots: Understanding, facts: Iterable[Fact]) -> int:
    """How many there are of what is counted; a project of several years is one."""
    found: set[object]
    if slots.subject == "organizations":
        found = {fact.organization for fact in facts}
    elif slots.subject in {"indicators", "values"}:
        found = {fact.indicator for fact in facts}
    elif slots.subject == "declarations":
        found = {fact.declaration for fact in facts}
    else:
        found = {fact.identity for fact in facts}
    return len(found)
