"""From rows to what is answered: a number, a list, groups, and one Chinese sentence that says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from perfkg.ask.breakdown import breakdown
from perfkg.ask.changes import Change, changes, kept
from perfkg.ask.choose import NUMERIC, Chosen, unit_of
from perfkg.ask.facts import TESTS, Fact
from perfkg.ask.groups import KEYS, distinct, grouped, owner, year
from perfkg.ask.names import project_name
from perfkg.ask.portions import share
from perfkg.ask.results import Result, Unclear
from perfkg.ask.superlatives import best_of_each, both_ends, extreme, scored
from perfkg.ask.telling import COUNTERS, label_of, money, named, origin, row_of, shown, summary
from perfkg.ask.understanding import Understanding
from perfkg.concepts.measures import measure
from perfkg.records import Json
from perfkg.search.spans import plain
from perfkg.search.wanted import bounds
from perfkg.targets.units import conversion

_GROUPED = {"organizations": "单位", "years": "年度"}


def reckon(slots: Understanding, chosen: Chosen, whole: Chosen | None = None) -> Result:
    """The answer that the rows give; `whole` are the rows a share is of.

    Raises Unclear where they give none that can be trusted.
    """
    if slots.intent == "share":
        return share(slots, chosen.facts, whole.facts if whole else (), KEYS.get(slots.by or ""))
    facts = _measured(slots, chosen.facts)
    if slots.change:
        return _changed(slots, facts)
    if slots.intent in {"strict", "loose"}:
        slots.intent = _towards(slots, facts)
    if slots.intent in {"highest", "lowest"}:
        if slots.ends:
            return both_ends(slots, facts)
        return best_of_each(slots, facts) if slots.by else extreme(slots, facts)
    if slots.intent == "median":
        return _median(slots, facts)
    if slots.by and not (slots.by == "project" and slots.intent == "list"):
        return breakdown(slots, facts)
    if slots.measure in {"projects", "indicators"} and slots.number:
        return _having(slots, facts)
    if slots.measure == "funding" and slots.subject == "organizations" and slots.number:
        return _rich(slots, facts)
    if slots.intent == "average":
        return _average(slots, facts)
    if slots.intent == "count":
        return _count(slots, facts)
    if slots.intent == "sum" or _asks_amount(slots):
        return _sum(slots, facts)
    return _list(slots, facts)


def _asks_amount(slots: Understanding) -> bool:
    """卫健局的资金是多少, 养老项目的资金: money of no project in particular is money altogether."""
    return (slots.intent, slots.measure, slots.number) == ("list", "funding", None) and "subject" not in slots.words


def _measured(slots: Understanding, facts: Sequence[Fact]) -> list[Fact]:
    """The rows, with `number` set to what is measured: money of the project, or the target in the one unit meant."""
    if any(fact.indicator for fact in facts):
        counted = slots.intent == "count" or slots.measure in {"projects", "indicators"}
        numeric = slots.by or slots.change or slots.intent in NUMERIC
        if counted or not numeric:
            return list({fact.indicator: fact for fact in reversed(facts)}.values())[::-1]
        facts = _named_so(slots, facts)
        unit = unit_of(slots, facts)
        if unit is None:
            raise Unclear("找到的指标值单位不同，不能放在一起比较，请在问题里写明看哪个指标")
        return [_spoken(slots, fact) for fact in facts if fact.unit == unit]
    return [replace(fact, number=fact.total, unit="CNY") for fact in facts]


def _named_so(slots: Understanding, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Where the units differ, the rows of just this name: 送戏下乡 among 送戏下乡演出补助."""
    wanted = (slots.topic or "").replace(" ", "")
    named = [fact for fact in facts if plain(fact.name or "") == wanted and fact.unit]
    differ = len({fact.unit for fact in facts if fact.unit}) > 1
    return named if differ and len({fact.unit for fact in named}) == 1 else facts


def _spoken(slots: Understanding, fact: Fact) -> Fact:
    """The number in the unit of the question: 几天 is answered in days."""
    if not slots.spoken or fact.number is None or conversion(slots.spoken)[1] != fact.unit:
        return fact
    return replace(fact, number=float(f"{fact.number / conversion(slots.spoken)[0]:.12g}"), unit=slots.spoken)


def _towards(slots: Understanding, facts: list[Fact]) -> str:
    """Which end is the strictest, as the table of measures knows it. Raises Unclear where it does not."""
    known = {one.direction for fact in facts if (one := measure(fact.unit or "", None, (fact.name, fact.value)))}
    if len(known) != 1 or None in known:
        raise Unclear("不知道这里数大还是数小更严，请改问最高或最低")
    return "highest" if (known == {"larger"}) == (slots.intent == "strict") else "lowest"


def _changed(slots: Understanding, facts: list[Fact]) -> Result:
    """What rose or fell between the first and the last year."""
    owners = slots.subject == "organizations"
    key: Callable[[Fact], object] = owner if owners else (lambda fact: fact.identity)
    found = changes(facts, key, owner if owners else (lambda fact: project_name(fact.project or "（无名称）")))
    if not found:
        raise Unclear("没有在两个年度都有的数，看不出变化")
    change = slots.change or "same"
    rows = kept(found, change)[: 1 if change in {"rise", "fall"} and not slots.limit else slots.limit]
    unit = facts[0].unit
    made = tuple(_change_row(one, unit, owners) for one in rows)
    listed = named(f"{one.label}（{shown(one.first, unit)}→{shown(one.last, unit)}）" for one in rows)
    return Result(f"有{len(rows)}个：{listed}。" if rows else "没有这样的。", made, float(len(rows)), "{个}")


def _change_row(change: Change, unit: str | None, owners: bool) -> Json:
    if owners:
        return summary(change.label, change.by, unit, change.facts)
    return row_of(change.facts[-1], change.by, unit)


def _median(slots: Understanding, facts: list[Fact]) -> Result:
    rows, unit = scored(slots, facts)
    if not rows:
        raise Unclear("没有可以取中位数的数")
    number = median(row["number"] for row in rows)
    return Result(f"中位数{shown(number, unit)}（{len(rows)}个数）。", tuple(rows), number, unit)


def _having(slots: Understanding, facts: list[Fact]) -> Result:
    """Projects by how many indicators they have, organizations by how many projects."""
    rows, _ = scored(slots, facts)
    kept = [row for row in rows if _passes(slots, row["number"])]
    kept.sort(key=lambda row: -row["number"])
    counter = "个单位" if slots.measure == "projects" else "个项目"
    listed = named(label_of(slots, row) for row in kept)
    return Result(
        f"有{len(kept)}{counter}：{listed}。" if kept else "没有符合条件的。", tuple(kept), float(len(kept)), "{个}"
    )


def _rich(slots: Understanding, facts: list[Fact]) -> Result:
    # Money that no form states is not 0: who has none stated is neither over nor under a bound.
    known = grouped([fact for fact in facts if fact.number is not None], owner)
    sums = {label: sum(fact.number or 0 for fact in group) for label, group in known.items()}
    kept = sorted(
        ((label, number) for label, number in sums.items() if _passes(slots, number)), key=lambda one: -one[1]
    )
    rows = tuple(summary(label, number, "CNY", known[label]) for label, number in kept)
    listed = named(f"{label}（{money(number)}）" for label, number in kept)
    sentence = f"有{len(kept)}个单位，按单位资金合计：{listed}。" if kept else "没有符合条件的单位。"
    return Result(sentence, rows, float(len(kept)), "{个}")


def _average(slots: Understanding, facts: list[Fact]) -> Result:
    rows, unit = scored(slots, facts)
    if not rows:
        raise Unclear("没有可以平均的数")
    mean = sum(row["number"] for row in rows) / len(rows)
    counted = "个" + _GROUPED.get(slots.subject or "", "组") if "group" in rows[0] else "份申报表"
    if "indicator" in rows[0] and slots.measure is None:
        counted = "条指标值"
    return Result(f"平均{shown(mean, unit)}（{len(rows)}{counted}）。", tuple(rows), mean, unit)


def _sum(slots: Understanding, facts: list[Fact]) -> Result:
    numbered = [fact for fact in facts if fact.number is not None]
    if not numbered:
        raise Unclear("找到的内容里没有可以相加的数")
    unit = numbered[0].unit
    total = round(sum(fact.number or 0 for fact in numbered), 6)
    counted = "条指标" if numbered[0].indicator else "份申报表"
    rows = tuple(row_of(fact, fact.number, unit) for fact in numbered)
    return Result(f"合计{shown(total, unit)}（{len(numbered)}{counted}）。", rows, total, unit)


def _count(slots: Understanding, facts: list[Fact]) -> Result:
    subject = slots.subject if slots.subject in COUNTERS else "projects"
    number = distinct(slots, facts)
    forms = len({fact.declaration for fact in facts})
    also = f"（{forms}份申报表，同一项目各年算一个）" if subject == "projects" and forms != number else ""
    counter = "份自评表" if slots.kind and subject == "declarations" else COUNTERS[subject or "projects"]
    return Result(
        f"有{number}{counter}{also}。", tuple(row_of(fact, None, None) for fact in facts), float(number), "{个}"
    )


def _list(slots: Understanding, facts: list[Fact]) -> Result:
    if slots.subject == "years":
        years = grouped(sorted(facts, key=year), year)
        return Result(
            f"有{'、'.join(years)}年。", tuple(summary(year, None, None, group) for year, group in years.items())
        )
    if slots.subject == "organizations":
        groups = grouped(facts, owner)
        rows = tuple(summary(label, None, None, group) for label, group in groups.items())
        return Result(f"有{len(groups)}个单位：{named(groups)}。", rows, float(len(groups)), "{个}")
    if facts and facts[0].indicator and slots.subject in {"indicators", "values", None}:
        rows = tuple(row_of(fact, fact.number, fact.unit) for fact in facts)
        listed = named(f"{fact.name or '（无名称）'}：{fact.value or '（未填）'}{origin(fact)}" for fact in facts)
        return Result(f"有{len(facts)}条指标：{listed}。", rows)
    projects: dict[object, set[str]] = defaultdict(set)
    for fact in facts:
        projects[fact.identity].add(fact.project or "（无名称）")
    # A project that bears its year in its name is named without it where several years are meant.
    labels = [min(names) if len(names) == 1 else project_name(min(names)) for names in projects.values()]
    rows = tuple(row_of(fact, fact.number, fact.unit) for fact in facts)
    counted = (float(len(labels)), "{个}") if slots.intent == "lacking" else (None, None)
    return Result(f"有{len(labels)}个项目：{named(labels)}。", rows, *counted)


def _passes(slots: Understanding, number: float) -> bool:
    if slots.measure == "funding":
        conditions = (bounds(slots.number) if slots.number else None) or ("", [])
    else:
        value = slots.number.value if slots.number and slots.number.value is not None else 0.0
        conditions = ("", [((slots.number.comparator if slots.number else None) or "=", value)])
    return all(TESTS[comparator](number, bound) for comparator, bound in conditions[1])
