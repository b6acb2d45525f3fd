"""Rules of arithmetic: costs against funding, the parts of funding, heads times rate, months against the year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from perfkg import targets
from perfkg.records import Category, Finding, Indicator, Target
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, amounts, quantities
from perfkg.text import fold

_NO_CATEGORY = Category()
_TOTAL = re.compile("总额|总成本|总投资|合计|总计|总经费|总预算|经费总")
_ROUNDING = 100.0
"""Yuan: forms give 万元 with two decimals."""

_MONTHLY = re.compile("每月|月均|按月")
_YEARLY = re.compile("全年|每年|年度|年均|本年")


def cost_funding(form: Form, rule: Rule) -> Iterator[Finding]:
    """The sums of the cost rows make up the funding.

    A row that repeats the whole beside its parts is not counted twice; money under other categories is not counted.
    Where a cost row is words, or states several sums, what is missing may be hidden there: deferred.
    """
    total = form.declaration.funding.total
    if not form.costs:
        yield rule.find(NOT_APPLICABLE, "没有填写成本指标，无法与资金核对")
        return
    if not total:
        yield rule.find(DEFERRED, "没有读到年度资金总额，无法与成本指标核对")
        return
    stated = {row.id: amounts(row) for row in form.costs}
    single = [found[0].value or 0 for found in stated.values() if len(found) == 1]
    several = [row for row in form.costs if len(stated[row.id]) > 1]
    words = [row for row in form.costs if not stated[row.id]]
    if not single and not several:
        yield rule.find(DEFERRED, "成本指标都没有写金额，无法与资金核对", words[0])
        return
    yield _judged(form, rule, total, single, several, words)


def _judged(
    form: Form, rule: Rule, total: float, single: list[float], several: list[Indicator], words: list[Indicator]
) -> Finding:
    cost = sum(single)
    figures = {"funding": total, "costs": cost, "difference": round(total - cost, 2)}
    if several:
        choices = product(*([one.value or 0 for one in amounts(row)] for row in several))
        fits = any(_equal(cost + sum(choice), total, rule) for choice in choices)
        said = "其中一种读法与资金相符" if fits else "没有一种读法与资金相符"
        return rule.find(DEFERRED, f"一条成本指标写了几个金额，{said}，请人工判断", several[0], figures=figures)
    if _equal(cost, total, rule):
        return rule.find(PASS, f"成本合计 {_wan(cost)} 等于年度资金总额", figures=figures)
    if _total_among(form.costs, single, total, rule):
        return rule.find(PASS, f"成本总额 {_wan(total)} 等于年度资金总额", figures=figures)
    more = "超出" if cost > total else "少"
    message = f"成本合计 {_wan(cost)}，年度资金总额 {_wan(total)}，{more} {_wan(abs(total - cost))}"
    if words and cost < total:
        return rule.find(DEFERRED, f"{message}；有的成本指标没有写金额，差额可能在其中", words[0], figures=figures)
    return rule.find(FAIL, message, figures=figures)


def _total_among(rows: list[Indicator], single: list[float], total: float, rule: Rule) -> bool:
    """Whether one row is the whole: it says so or stands alone with words, and the others are its parts or fewer."""
    for row in rows:
        found = amounts(row)
        if len(found) == 1 and _equal(found[0].value or 0, total, rule):
            others = sum(single) - (found[0].value or 0)
            if _equal(others, total, rule) or (_TOTAL.search(row.name or "") and others <= total):
                return True
    return False


def funding_parts(form: Form, rule: Rule) -> Iterator[Finding]:
    """财政拨款 and 其他资金 make up 年度资金总额."""
    funding = form.declaration.funding
    parts = [part for part in (funding.fiscal, funding.other) if part is not None]
    if funding.total is None or not parts:
        yield rule.find(DEFERRED, "资金总额或其构成没有填写，无法核对", quote=funding.text)
        return
    figures = {"total": funding.total, "fiscal": funding.fiscal, "other": funding.other}
    if _equal(sum(parts), funding.total, rule):
        yield rule.find(PASS, "资金构成与总额相符", figures=figures)
        return
    difference = round(funding.total - sum(parts), 2)
    verdict = FAIL if sum(parts) > funding.total or len(parts) == 2 else DEFERRED
    message = f"财政拨款与其他资金合计 {_wan(sum(parts))}，资金总额 {_wan(funding.total)}，相差 {_wan(abs(difference))}"
    yield rule.find(verdict, message, quote=funding.text, figures={**figures, "difference": difference})


def count_rate(form: Form, rule: Rule) -> Iterator[Finding]:
    """Heads times the rate a head is a sum the form states. Judged only where the form states one rate a head."""
    stated = [one for row in form.rows for one in quantities(row)]
    stated += _of_text(form.declaration.objective, form.declaration.year)
    rates = {one.value: one for one in stated if re.fullmatch(r"CNY/\{[人名]\}(/a)?", one.unit or "")}
    heads = {one.value for one in stated if one.unit in {"{人}", "{名}"} and one.value}
    sums = {one.value for one in stated if one.unit == "CNY" and one.value} | {form.declaration.funding.total or 0.0}
    if len(rates) != 1 or not heads:
        yield rule.find(NOT_APPLICABLE, "没有成对的人数和人均标准")
        return
    (rate,) = rates
    for head in heads:
        if rate and any(_equal(head * rate, one, rule) for one in sums):
            figures = {"count": head, "rate": rate, "product": head * rate}
            yield rule.find(PASS, f"{head:g} 人乘以每人 {rate:g} 元与所列金额相符", figures=figures)
            return
    yield rule.find(DEFERRED, "人数乘以人均标准与所列金额都不相符，请人工判断", quote=rates[rate].text)


def frequency_count(form: Form, rule: Rule) -> Iterator[Finding]:
    """每月…件 twelve times is 全年…件, where two rows of one category differ in that alone."""
    judged = False
    for monthly in form.rows:
        if not _MONTHLY.search(monthly.name or ""):
            continue
        for yearly in form.rows:
            if _YEARLY.search(yearly.name or "") and _stem(monthly) == _stem(yearly):
                for finding in _months(monthly, yearly, rule):
                    judged = True
                    yield finding
    if not judged:
        yield rule.find(NOT_APPLICABLE, "没有成对的月度和全年指标")


def _months(monthly: Indicator, yearly: Indicator, rule: Rule) -> Iterator[Finding]:
    month, year = next(quantities(monthly), None), next(quantities(yearly), None)
    if not (month and year and month.value and year.value and month.unit == year.unit):
        return
    figures = {"monthly": month.value, "yearly": year.value, "twelve_months": month.value * 12}
    if month.value * 12 <= year.value * (1 + rule.options["tolerance"]):
        yield rule.find(PASS, f"每月 {month.value:g}、全年 {year.value:g}，前后相符", monthly, figures=figures)
    else:
        message = f"每月 {month.value:g}，十二个月是 {month.value * 12:g}，多于全年 {year.value:g}"
        yield rule.find(FAIL, message, monthly, figures=figures)


def _stem(row: Indicator) -> str:
    return _YEARLY.sub("", _MONTHLY.sub("", fold(row.name or "")))


def _of_text(text: str | None, year: int | None) -> list[Target]:
    found = []
    for sentence in re.split("[。；;，,]", text or ""):
        row = Indicator("", _NO_CATEGORY, None, sentence, targets.read(sentence, None, year))
        found += list(quantities(row))
    return found


def _equal(one: float, other: float, rule: Rule) -> bool:
    return bool(abs(one - other) <= max(rule.options["tolerance"] * min(abs(one), abs(other)), _ROUNDING))


def _wan(yuan: float) -> str:
    return f"{yuan / 10_000:,.6g} 万元"
