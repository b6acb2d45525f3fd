"""Shares of a whole: 卫健局的资金占全部的比例, 各单位资金占比, 满意度低于95%的项目占多少."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from perfkg.ask.facts import Fact
from perfkg.ask.results import Result, Unclear
from perfkg.ask.telling import money, summary
from perfkg.ask.understanding import Understanding


def whole_of(slots: Understanding) -> Understanding:
    """The question for the whole that a share is of: the same years and forms, all organizations and projects.

    财政拨款占总额多少, 资金里财政拨款占多少 are shares of the same forms' own total.
    """
    if slots.part and ("总" in slots.words["intent"] or slots.own):
        return replace(slots, part=None, by=None, intent="list", subject="projects")
    return replace(
        slots, topic=None, organizations=(), without=(), projects=(), number=None, category=None, by=None, intent="list",
        subject="projects" if slots.subject != "indicators" else "indicators",
    )  # fmt: skip


def share(
    slots: Understanding, part: Sequence[Fact], whole: Sequence[Fact], key: Callable[[Fact], str] | None
) -> Result:
    """The share of the part in the whole, in %; with a `key`, of each group. Raises Unclear for a whole of nothing."""
    if slots.measure != "funding" and "subject" not in slots.words:
        raise Unclear("没有读懂要算什么的比例，请写明资金、项目或指标")
    if slots.measure == "funding" and slots.subject != "indicators" and any(fact.indicator for fact in part):
        raise Unclear("只能算项目资金的比例，还不能算一条成本指标占多少")
    measure, shown = _measure(slots)
    of = measure(whole)
    if not of:
        raise Unclear("全部合计为零，算不出比例")
    if key is None:
        number = 100 * measure(part) / of
        return Result(
            f"占{number:.2f}%（{shown(measure(part))}，全部{shown(of)}）。",
            (summary("占比", number, "%", part),),
            number,
            "%",
        )
    groups: dict[str, list[Fact]] = {}
    for fact in part:
        groups.setdefault(key(fact), []).append(fact)
    rows = sorted(
        (summary(label, 100 * measure(group) / of, "%", group) for label, group in groups.items()),
        key=lambda row: -row["number"],
    )
    listed = "；".join(f"{row['group']} {row['number']:.2f}%" for row in rows[:6])
    return Result(f"占全部（{shown(of)}）的比例：{listed}{'等' if len(rows) > 6 else ''}。", tuple(rows), None, "%")


def _measure(slots: Understanding) -> tuple[Callable[[Sequence[Fact]], float], Callable[[float], str]]:
    if slots.measure == "funding":
        return lambda facts: sum(one.total or 0 for one in {one.declaration: one for one in facts}.values()), money
    if slots.subject == "indicators":
        return lambda facts: len({one.indicator for one in facts}), lambda number: f"{number:.0f}条指标"
    return lambda facts: len({one.identity for one in facts}), lambda number: f"{number:.0f}个项目"
