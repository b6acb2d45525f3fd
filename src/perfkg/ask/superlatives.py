"""What stands at the top: the highest and the lowest, the first three, the second, the best of each."""

from __future__ import annotations

from dataclasses import replace

from perfkg.ask.facts import Fact
from perfkg.ask.groups import KEYS, by_words, form, grouped, owner, year
from perfkg.ask.results import Result, Unclear
from perfkg.ask.telling import SHOWN, label_of, named, row_of, shown, summary
from perfkg.ask.understanding import Understanding
from perfkg.records import Json


def best_of_each(slots: Understanding, facts: list[Fact]) -> Result:
    """The highest or lowest of every organization, year or category. Raises Unclear where nothing can be ranked."""
    apart = replace(slots, by=None)
    rows: list[Json] = []
    for _, group in sorted(grouped(facts, KEYS[slots.by or "year"]).items()):
        if any(fact.number is not None for fact in group) or slots.measure in {"projects", "indicators"}:
            rows += extreme(apart, group).rows
    if not rows:
        raise Unclear("没有可以比较大小的数")
    unit = rows[0]["unit"]
    listed = named(f"{label_of(slots, row)} {shown(row['number'], unit)}" for row in rows)
    word = "最低" if slots.intent == "lowest" else "最高"
    return Result(f"{by_words(slots)}各自{word}的：{listed}。", tuple(rows), None, unit)


def extreme(slots: Understanding, facts: list[Fact]) -> Result:
    """The highest or lowest, the first so many, or the one at a place. Raises Unclear where nothing can be ranked."""
    rows, unit = scored(slots, facts)
    if not rows:
        raise Unclear("没有可以比较大小的数")
    lowest = slots.intent == "lowest"
    rows.sort(key=lambda row: row["number"], reverse=not lowest)
    if slots.nth:
        return _nth(slots, rows, unit)
    best = rows[: slots.limit] if slots.limit else [row for row in rows if row["number"] == rows[0]["number"]]
    if slots.summed and slots.limit:
        total = sum(row["number"] for row in best)
        return Result(f"前{len(best)}个合计{shown(total, unit)}。", tuple(best), total, unit)
    first = best[0]["number"]
    which = "、".join(label_of(slots, row) for row in best[:SHOWN])
    word = "最低" if lowest else "最高"
    if slots.limit:
        listed = "、".join(f"{label_of(slots, row)}（{shown(row['number'], unit)}）" for row in best)
        return Result(f"{word}的{len(best)}个是{listed}。", tuple(best), first, unit)
    return Result(f"{word}的是{which}，{shown(first, unit)}。", tuple(best), first, unit)


def both_ends(slots: Understanding, facts: list[Fact]) -> Result:
    """The highest and the lowest. Raises Unclear where they are asked for of each of several."""
    if slots.by:
        raise Unclear("还不能分组同时看最高和最低，请分开问")
    most, least = (extreme(replace(slots, intent=intent), facts) for intent in ("highest", "lowest"))
    return Result(most.sentence + least.sentence, (*most.rows, *least.rows), None, most.unit)


def _nth(slots: Understanding, rows: list[Json], unit: str | None) -> Result:
    """The one that many places from the top; equal numbers are one place."""
    places = sorted({row["number"] for row in rows}, reverse=slots.intent != "lowest")
    number = slots.nth or 1
    if number > len(places):
        raise Unclear(f"只有{len(places)}个名次")
    found = [row for row in rows if row["number"] == places[number - 1]]
    which = "、".join(label_of(slots, row) for row in found[:SHOWN])
    return Result(f"第{number}的是{which}，{shown(places[number - 1], unit)}。", tuple(found), places[number - 1], unit)


def scored(slots: Understanding, facts: list[Fact]) -> tuple[list[Json], str | None]:
    """A row for each thing that is ranked, with its number."""
    if slots.measure in {"projects", "indicators"}:
        key = year if slots.subject == "years" else form
        if slots.subject == "organizations" or (slots.measure == "projects" and key is form):
            key = owner
        counted = grouped(facts, key)
        counter = "{个}" if slots.measure == "projects" else "{条}"
        rows = []
        for group in counted.values():
            number = len({fact.identity for fact in group}) if slots.measure == "projects" else len(group)
            rows.append(
                row_of(group[0], number, counter) if key is form else summary(key(group[0]), number, counter, group)
            )
        return rows, counter
    numbered = [fact for fact in facts if fact.number is not None]
    unit = numbered[0].unit if numbered else None
    if slots.subject in {"organizations", "years"} and unit == "CNY" and slots.measure == "funding":
        key = owner if slots.subject == "organizations" else year
        return [
            summary(label, sum(fact.number or 0 for fact in group), unit, group)
            for label, group in grouped(numbered, key).items()
        ], unit
    return [row_of(fact, fact.number, unit) for fact in numbered], unit
