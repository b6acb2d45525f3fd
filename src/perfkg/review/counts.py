"""Rules of numbers that must agree: heads and rate, months and year, the objective and the rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from perfkg import targets
from perfkg.records import Finding, Indicator, Target
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, bare, canonical, quantities, wan
from perfkg.text import fold

_HEADS = "{人}"
_RATE = re.compile(r"CNY/\{人\}(/a)?")
_ALL_HEADS = re.compile("(?:涉及|补助|补贴|发放|受益|委员|代表|人员|总)?人(?:员)?(?:数|数量|次)")
_MONTHLY = re.compile("每月|月均|按月")
_YEARLY = re.compile("全年|每年|年度|年均|本年")
_COUNTED = re.compile(r"(?:数量|个数|人数|次数|户数|总数|数)$")
_SHORTEST = 2
_ANOTHER = re.compile("新|增|减|其中|每|拟|已|未|另|原|不|非|各|平均")
"""Before the same words, these make another matter of it: 新接入单位 beside 接入单位."""


def count_rate(form: Form, rule: Rule) -> Iterator[Finding]:
    """Heads times the rate a head is the funding or a sum among the costs. Judged where one rate is stated.

    A failure needs proof: the count of one place fits and that of another does not, or the product exceeds the funding.
    """
    rates = {one.value for _, one in form.stated if one.value and _RATE.fullmatch(one.unit or "")}
    heads = [(row, one) for row, one in form.stated if one.unit == _HEADS and one.value and _whole_group(row)]
    sums = {one.value for row, one in form.stated if row and one.unit == "CNY" and one.value}
    total = form.declaration.funding.total
    if len(rates) != 1 or not heads or not (sums or total):
        yield rule.find(NOT_APPLICABLE, "没有同时写明人数、人均标准和金额")
        return
    (rate,) = rates
    fits = [(row, one) for row, one in heads if _among((one.value or 0) * (rate or 0), sums | {total or 0.0}, rule)]
    if not fits:
        yield _unfitting(form, rule, rate or 0.0, heads)
        return
    good = fits[0][1]
    figures = {"count": good.value, "rate": rate, "product": (good.value or 0) * (rate or 0)}
    bad = next((row for row, one in heads if row and one.value != good.value and _headcount(row)), None)
    if bad is not None and not any(row is bad for row, _ in fits):
        said = f"按每人{rate:g}元，所列金额是{good.value:g}人的，与“{bad.name}”的{bad.value}不一致"
        yield rule.find(FAIL, said, bad, figures=figures)
        return
    yield rule.find(
        PASS, f"{good.value:g}人×{rate:g}元＝{wan(figures['product'] or 0)}，与所列金额相符", figures=figures
    )


def _unfitting(form: Form, rule: Rule, rate: float, heads: list[tuple[Indicator | None, Target]]) -> Finding:
    counts = {one.value or 0.0 for _, one in heads}
    total = form.declaration.funding.total
    least = min(counts) * rate
    figures = {"counts": sorted(counts), "rate": rate, "product": least, "funding": total}
    row = next((row for row, _ in heads if row), None)
    if total and len(counts) == 1 and least > total * (1 + rule.options["tolerance"]):
        return rule.find(
            FAIL, f"{min(counts):g}人×{rate:g}元＝{wan(least)}，超过资金总额{wan(total)}", row, figures=figures
        )
    return rule.find(DEFERRED, "人数乘以人均标准与所列金额都不相符，请人工判断", row, figures=figures)


def _whole_group(row: Indicator | None) -> bool:
    """A count of people that a rate may apply to: in the objective, or a row that is about people alone."""
    return row is None or len(list(quantities(row))) == 1


def _headcount(row: Indicator) -> bool:
    return bool(_ALL_HEADS.fullmatch(bare(row.name)))


def _among(product: float, sums: set[float], rule: Rule) -> bool:
    tolerance = rule.options["tolerance"]
    return any(abs(product - one) <= tolerance * one for one in sums if one)


def frequency_count(form: Form, rule: Rule) -> Iterator[Finding]:
    """每月…件 twelve times is 全年…件, where two rows differ in that alone."""
    found = [
        finding
        for monthly in form.rows
        if _MONTHLY.search(monthly.name or "")
        for yearly in form.rows
        if _YEARLY.search(yearly.name or "") and _stem(monthly) == _stem(yearly)
        for finding in _months(monthly, yearly, rule)
    ]
    yield from found or [rule.find(NOT_APPLICABLE, "没有成对的月度和全年指标")]


def _months(monthly: Indicator, yearly: Indicator, rule: Rule) -> Iterator[Finding]:
    month, year = next(quantities(monthly), None), next(quantities(yearly), None)
    if not (month and year and month.value and year.value and month.unit == year.unit):
        return
    twelve = month.value * 12
    figures = {"monthly": month.value, "yearly": year.value, "twelve_months": twelve}
    said = f"每月{month.value:g}，十二个月{twelve:g}，全年{year.value:g}"
    at_most, at_least = month.comparator in {"<=", "<"}, month.comparator in {">=", ">"}
    if twelve == year.value or (twelve > year.value and at_most) or (twelve < year.value and at_least):
        yield rule.find(PASS, f"{said}，前后相符", monthly, figures=figures)
    elif abs(twelve - year.value) <= rule.options["tolerance"] * year.value:
        yield rule.find(DEFERRED, f"{said}，相差不大，可能是取整", monthly, figures=figures)
    elif twelve > year.value or month.comparator == "=" == year.comparator:
        yield rule.find(FAIL, f"{said}，前后不符", monthly, figures=figures)


def _stem(row: Indicator) -> str:
    return _YEARLY.sub("", _MONTHLY.sub("", fold(row.name or "")))


def contradiction(form: Form, rule: Rule) -> Iterator[Finding]:
    """What the objective counts, the rows count alike; one thing has one number over the rows of a form.

    Judged by the words right before (or after) the number: 在职教师234人 beside the row 在职教师.
    """
    known: dict[tuple[str, str | None], set[float]] = defaultdict(set)
    for row, one in form.stated:
        if row is None and one.label and one.value is not None and one.comparator == "=":
            known[bare(one.label), one.unit].add(one.value)
    for row in form.rows:
        for one in _labelled_in_name(row):
            known[bare(one.label), one.unit].add(one.value or 0)
    found = [finding for row in form.rows for finding in _against(row, known, rule)]
    yield from found or [rule.find(NOT_APPLICABLE, "总体目标与指标里没有写同一事项的数")]


def _labelled_in_name(row: Indicator) -> Iterator[Target]:
    """Counts within a name: 县代表154人经费."""
    for one in canonical(targets.read(row.name, None, None)) if row.name else ():
        if one.label and one.unit != "CNY" and one.comparator == "=":
            yield one


def _against(row: Indicator, known: dict[tuple[str, str | None], set[float]], rule: Rule) -> Iterator[Finding]:
    mine = list(quantities(row))
    stem = _COUNTED.sub("", bare(row.name))
    if len(mine) != 1 or len(stem) < _SHORTEST or mine[0].comparator not in {"=", ">=", "<="}:
        return
    own = mine[0]
    values = next((found for (label, unit), found in known.items() if _same(label, stem) and unit == own.unit), None)
    if not values or own.value is None:
        return
    figures = {"here": own.value, "elsewhere": sorted(values), "unit": own.unit}
    if own.value in values:
        yield rule.find(PASS, f"“{row.name}”{own.text}与总体目标或其他指标一致", row, figures=figures)
    elif len(values) == 1 and own.comparator == "=":
        other = next(iter(values))
        yield rule.find(FAIL, f"“{row.name}”写{own.text}，总体目标或其他指标写的是{other:g}", row, figures=figures)
    else:
        yield rule.find(DEFERRED, f"“{row.name}”{own.text}与总体目标或其他指标的数不同，请核对", row, figures=figures)


def _same(label: str, stem: str) -> bool:
    before = label.removesuffix(stem)
    return label == stem or (len(stem) >= 2 * _SHORTEST and before != label and not _ANOTHER.search(before))
