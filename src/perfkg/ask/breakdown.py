"""A number for each organization, year, category or project, side by side; from year to year what it grew by."""

from __future__ import annotations

import re

from perfkg.ask.facts import Fact
from perfkg.ask.groups import KEYS, by_words, distinct, grouped
from perfkg.ask.results import Result, Unclear
from perfkg.ask.telling import COUNTERS, SHOWN, shown, summary
from perfkg.ask.understanding import Understanding
from perfkg.records import Json

_APART = re.compile("了?多少|几个百分点")


def breakdown(slots: Understanding, facts: list[Fact]) -> Result:
    """The number of each group, and how far apart two are. Raises Unclear where no group has one."""
    rows = []
    for label, group in sorted(grouped(facts, KEYS[slots.by or "project"]).items()):
        number, unit = _of_group(slots, group)
        if number is not None:
            title = (group[0].project or label) if slots.by == "project" else label
            rows.append(summary(title, number, unit, group))
    if not rows:
        raise Unclear("没有可以比较的数")
    unit = rows[0]["unit"]
    if slots.by != "year":
        rows.sort(key=lambda row: -row["number"])
    listed = "；".join(f"{row['group']} {shown(row['number'], row['unit'])}" for row in rows[:SHOWN])
    more = f"；等{len(rows)}组" if len(rows) > SHOWN else ""
    if slots.relative:
        return _growth(slots, rows)
    if slots.by == "year" and len(rows) > 2 and _APART.search(slots.words.get("intent", "")):
        apart = rows[-1]["number"] - rows[0]["number"]
        said = f"{rows[0]['group']}年到{rows[-1]['group']}年{'增加' if apart >= 0 else '减少'}{shown(abs(apart), unit)}"
        return Result(f"{_what(slots)}：{listed}{more}；{said}。", tuple(rows), abs(apart), unit)
    if slots.intent == "compare" and len(rows) == 2:
        apart = abs(rows[0]["number"] - rows[1]["number"])
        return Result(f"{_what(slots)}：{listed}，相差{shown(apart, unit)}。", tuple(rows), apart, unit)
    return Result(f"{_what(slots)}：{listed}{more}。", tuple(rows), None, unit)


def _growth(slots: Understanding, rows: list[Json]) -> Result:
    """From the first year to the last, in %."""
    if slots.by != "year" or len(rows) < 2:
        raise Unclear("增长要有两个年度的数，请写明从哪年到哪年")
    first, last = rows[0], rows[-1]
    if not first["number"]:
        raise Unclear(f"{first['group']}年是零，算不出百分比")
    number = 100 * (last["number"] / first["number"] - 1)
    said = f"{first['group']}年{shown(first['number'], first['unit'])}，{last['group']}年{shown(last['number'], last['unit'])}"
    return Result(f"{said}，{'增长' if number >= 0 else '下降'}{abs(number):.2f}%。", tuple(rows), number, "%")


def _what(slots: Understanding) -> str:
    by = by_words(slots)
    if slots.intent == "count":
        return f"{by}，{COUNTERS[slots.subject or 'projects'][1:]}数"
    if slots.measure == "funding" or not slots.topic:
        return f"{by}，{'平均' if slots.intent == 'average' else ''}资金"
    return f"{by}，{slots.topic}"


def _of_group(slots: Understanding, group: list[Fact]) -> tuple[float | None, str | None]:
    if slots.intent == "count":
        return distinct(slots, group), {"indicators": "{条}", "declarations": "{份}"}.get(slots.subject or "", "{个}")
    numbers = [fact.number for fact in group if fact.number is not None]
    if not numbers:
        return None, None
    unit = group[0].unit
    mean = slots.intent == "average" or (unit != "CNY")
    return (sum(numbers) / len(numbers) if mean else sum(numbers)), unit
