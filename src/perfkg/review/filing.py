"""Rules of meaning within one form: rows under the wrong heading, times outside the year, scores without the work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from perfkg import targets
from perfkg.records import Finding, Indicator
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, amounts, category, quantities

_SATISFACTION = re.compile("满意(?:度|率)(?:调查|指标)?$")
_BENEFITS = {
    "经济效益": "economic-benefit",
    "社会效益": "social-benefit",
    "生态效益": "ecological-benefit",
    "可持续影响": "sustainable-impact",
}
_MONEY_NAME = re.compile("经费|费用|资金|补助|补贴|租赁费|[^收]费$|支出|奖金|工资")


def misfiled(form: Form, rule: Rule) -> Iterator[Finding]:
    """Sums of money stand under cost, satisfaction under satisfaction, a named benefit under its own name."""
    for row in form.rows:
        where, name = category(row), row.name or ""
        if where is None:
            continue
        if where == "quantity" and amounts(row) and _MONEY_NAME.search(name) and _only_money(row):
            yield rule.find(FAIL, "数量指标里填的是金额，应归入成本指标", row)
        elif _SATISFACTION.search(name) and where not in {"satisfaction", "recipient-satisfaction"}:
            yield rule.find(FAIL, f"满意度填在{row.category.level2 or row.category.level1}下", row)
        elif where in {"satisfaction", "recipient-satisfaction"} and (benefit := _named_benefit(row)):
            yield rule.find(FAIL, f"{benefit}填在满意度指标下", row)
        elif _under_satisfaction(row):
            yield rule.find(FAIL, f"{row.category.level2}填在满意度指标下", row)


def period_year(form: Form, rule: Rule) -> Iterator[Finding]:
    """Periods and deadlines lie in the fiscal year; one that only reaches beyond it is deferred."""
    year = form.declaration.year
    periods = [(row, one) for row in form.rows for one in row.targets if one.kind == "period" and one.end]
    if year is None or not periods:
        yield rule.find(NOT_APPLICABLE, "没有可以核对的起止时间")
        return
    first, last = date(year, 1, 1).isoformat(), date(year, 12, 31).isoformat()
    found = False
    for row, one in periods:
        start, end = one.start or one.end or "", one.end or ""
        if end < first or start > last:
            found = True
            yield rule.find(FAIL, f"时间“{one.text}”不在 {year} 年度内", row, figures={"start": start, "end": end})
        elif start < first or end > last:
            found = True
            yield rule.find(DEFERRED, f"时间“{one.text}”跨出 {year} 年度", row, figures={"start": start, "end": end})
    if not found:
        yield rule.find(PASS, "起止时间都在本预算年度内")


def satisfaction_level(form: Form, rule: Rule) -> Iterator[Finding]:
    """Satisfaction is neither promised whole nor set so low that it is met anyway."""
    for row in form.of("satisfaction", "recipient-satisfaction"):
        for one in quantities(row):
            if one.unit != "%" or one.value is None:
                continue
            if not rule.options["low"] <= one.value < rule.options["high"]:
                said = "偏低" if one.value < rule.options["low"] else "定为 100%"
                yield rule.find(FAIL, f"满意度目标{said}", row, figures={"value": one.value})


def score_weight(form: Form, rule: Rule) -> Iterator[Finding]:
    """A score does not exceed its weight, and a target that was missed does not score in full."""
    if form.declaration.kind != "self-evaluation":
        yield rule.find(NOT_APPLICABLE, "不是自评表")
        return
    for row in form.rows:
        if row.score is not None and row.weight is not None and row.score > row.weight:
            figures = {"score": row.score, "weight": row.weight}
            yield rule.find(FAIL, f"得分 {row.score:g} 高于分值 {row.weight:g}", row, figures=figures)
        elif row.score is not None and row.score == row.weight and (missed := _missed(row, form.declaration.year)):
            yield rule.find(FAIL, f"{missed}，却得满分", row)


def _missed(row: Indicator, year: int | None) -> str | None:
    """In words, how the actual value falls short of the target; None where it does not or cannot be told."""
    actual = next(iter(targets.read(row.actual, row.name, year)), None)
    done = targets.canonical(actual) if actual else None
    wanted = next(quantities(row), None)
    if done is None or wanted is None or wanted.value is None or wanted.unit != done.unit:
        return None
    short = wanted.comparator in {">=", ">"} and done.number < wanted.value
    over = wanted.comparator in {"<=", "<"} and done.number > wanted.value
    return f"目标 {wanted.text}，完成 {row.actual}" if short or over else None


def _under_satisfaction(row: Indicator) -> bool:
    """Whether the form prints the row under 满意度 although its second level belongs elsewhere."""
    moved = [repair.before for repair in row.repairs if repair.rule.startswith("level1")]
    return any(before and "满意度" in before for before in moved)


def _only_money(row: Indicator) -> bool:
    return all(one.unit == "CNY" for one in quantities(row))


def _named_benefit(row: Indicator) -> str | None:
    return next((label for label in _BENEFITS if label in (row.name or "")), None)
