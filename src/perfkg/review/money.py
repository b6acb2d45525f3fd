"""Rules of money: costs against funding, the parts of funding against the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import prod

from perfkg.records import Finding, Indicator
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, amounts, plain, wan

_TOTAL = re.compile("总额|总成本|总投资|合计|总计|总经费|总预算|经费总|总支出|总费用|控制数")
_UNIT_PRICE = re.compile("单位成本|单价|标准|均|每[^年月]|/")
_CENT = 100.0
"""Yuan: forms give 万元 with two decimals."""

_CHOICES = 4096


def cost_funding(form: Form, rule: Rule) -> Iterator[Finding]:
    """The sums of the cost rows make up the funding.

    A row that repeats the whole beside its parts is not counted twice; money under other categories is not counted.
    Where a cost row is words, a unit price or several sums, what is missing may be hidden there: deferred.
    """
    total = form.declaration.funding.total
    if not form.costs:
        yield rule.find(NOT_APPLICABLE, "没有填写成本指标，无法与资金核对")
        return
    if not total:
        yield rule.find(DEFERRED, "没有读到年度资金总额，无法与成本指标核对")
        return
    stated = {row.id: amounts(row) for row in form.costs}
    words = [row for row in form.costs if not stated[row.id]]
    several = [row for row in form.costs if len(stated[row.id]) > 1]
    if len(words) == len(form.costs):
        yield rule.find(DEFERRED, "成本指标里没有可以相加的金额（只有文字、比率或单价），无法与资金核对", words[0])
    elif several:
        yield _several(form, rule, total, several)
    else:
        yield _summed(form, rule, total, words)


def _several(form: Form, rule: Rule, total: float, several: list[Indicator]) -> Finding:
    """One row with several sums can be read in several ways; a person decides."""
    single = sum(found[0].value or 0 for row in form.costs if len(found := amounts(row)) == 1)
    options = [[one.value or 0 for one in amounts(row)] for row in several]
    readings = product(*options) if prod(map(len, options)) <= _CHOICES else ()
    fits = any(_equal(single + sum(choice), total, rule) for choice in readings)
    fits = fits or _equal(single + sum(map(sum, options)), total, rule)
    said = "其中一种读法与资金总额相符" if fits else "没有一种读法与资金总额相符"
    figures = {"funding": total, "amounts": [value for option in options for value in option]}
    return rule.find(DEFERRED, f"一条成本指标写了几个金额，{said}，请人工判断", several[0], figures=figures)


def _summed(form: Form, rule: Rule, total: float, words: list[Indicator]) -> Finding:
    parts = [found[0].value or 0 for row in form.costs if (found := amounts(row))]
    cost = sum(parts)
    figures = {"funding": total, "costs": cost, "difference": round(total - cost, 2), "parts": parts}
    if _equal(cost, total, rule):
        return rule.find(PASS, f"成本指标合计{wan(cost)}，等于年度资金总额", figures=figures)
    if _total_among(form.costs, cost, total, rule):
        return rule.find(PASS, f"成本总额一行{wan(total)}，等于年度资金总额", figures=figures)
    more = "多" if cost > total else "少"
    sums = "＋".join(plain(part / 10_000) for part in parts)
    stated = f"{sums}＝{wan(cost)}" if len(parts) > 1 else wan(cost)
    message = f"成本指标合计{stated}，比年度资金总额{wan(total)}{more}{wan(abs(total - cost))}"
    if words and cost < total:
        return rule.find(DEFERRED, f"{message}；有的成本指标没有写金额，差额可能在其中", words[0], figures=figures)
    if hint := _not_sums(form, cost, total):
        return rule.find(DEFERRED, f"{message}；{hint}", figures=figures)
    return rule.find(FAIL, message, figures=figures)


def _not_sums(form: Form, cost: float, total: float) -> str | None:
    """Why amounts may be no sums of this year's money: a price each, another year's or another source's money."""
    if any(_UNIT_PRICE.search(row.name or "") for row in form.costs):
        return "有的成本指标可能是单价或补助标准"
    if form.declaration.kind == "self-evaluation":
        return "自评表的资金可能是预算数或执行数"
    if cost > total and any(_TOTAL.search(row.name or "") for row in form.costs):
        return "有的成本指标可能是多年或多渠道的总额"
    return None


def _total_among(rows: list[Indicator], cost: float, total: float, rule: Rule) -> bool:
    """Whether one row is the whole, by its name or because the others add up to it too."""
    for row in rows:
        found = amounts(row)
        if len(found) == 1 and _equal(found[0].value or 0, total, rule):
            others = cost - (found[0].value or 0)
            if _equal(others, total, rule) or (_TOTAL.search(row.name or "") and others <= total):
                return True
    return False


def funding_parts(form: Form, rule: Rule) -> Iterator[Finding]:
    """财政拨款 and 其他资金 make up 年度资金总额; parts that are less may leave out a source: deferred."""
    funding = form.declaration.funding
    parts = [part for part in (funding.fiscal, funding.other) if part is not None]
    if funding.total is None or not parts:
        yield rule.find(DEFERRED, "资金总额或其构成没有填写（或没有读到），无法核对", quote=funding.text)
        return
    together = sum(parts)
    difference = round(funding.total - together, 2)
    figures = {"total": funding.total, "fiscal": funding.fiscal, "other": funding.other, "difference": difference}
    if _equal(together, funding.total, rule):
        yield rule.find(PASS, rule.passed, figures=figures)
        return
    verdict = FAIL if together > funding.total or len(parts) == 2 else DEFERRED
    if funding.fiscal is None:
        verdict = DEFERRED
    named = "财政拨款与其他资金合计" if len(parts) == 2 else "财政拨款" if funding.fiscal is not None else "其他资金"
    message = f"{named}{wan(together)}，年度资金总额{wan(funding.total)}，相差{wan(abs(difference))}"
    yield rule.find(verdict, message, quote=funding.text, figures=figures)


def _equal(one: float, other: float, rule: Rule) -> bool:
    return bool(abs(one - other) <= max(rule.options["tolerance"] * min(abs(one), abs(other)), _CENT))
