"""Rules of headings and of what stands under them: categories, times, satisfaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from perfkg.records import Finding, Indicator
from perfkg.review.form import (
    BENEFIT,
    COST,
    DEFERRED,
    FAIL,
    NOT_APPLICABLE,
    SATISFACTION,
    Form,
    Rule,
    amounts,
    bare,
    category,
    quantities,
)

_GROUPS = {
    "数量": ("quantity",),
    "质量": ("quality",),
    "时效": ("timeliness",),
    "成本": COST,
    "效益": BENEFIT,
    "满意度": SATISFACTION,
}
_FEWEST = 4
"""Fewer rows than this were hardly the whole form."""

_WHOLE_DEPARTMENT = re.compile("部门整体|整体支出")
_SATISFIED = re.compile("满意(?:度|率)(?:调查|指标)?$")
_BENEFIT = re.compile("^(?:经济|社会|生态)效益|^可持续影响")
_SPENT = re.compile("经费|费用?|资金|补助|补贴|工资|奖金|支出|租金|成本")
_NOT_SPENT = re.compile(
    "收入|收费|收缴|征收|争取|引进|招商|投资|产值|销售|利润|税|节约|节省|增收|贷款|募集|盘活|完成额"
)
_COVERAGE = re.compile("覆盖(?:率|面|地区|范围|区域)$")
_QUALITY_RATE = re.compile("(?:合格|达标|优良|准确)率$")


def required_categories(form: Form, rule: Rule) -> Iterator[Finding]:
    """数量, 质量, 时效, 成本, one 效益 and 满意度 each have a row.

    Deferred where something was not understood, where a form of another kind is before us (整体支出), or where the
    categories were set by the declaration that a self-evaluation answers.
    """
    if not form.rows:
        yield rule.find(FAIL, "表中没有任何绩效指标", severity="serious")
        return
    missing = [name for name, kinds in _GROUPS.items() if not form.of(*kinds)]
    if missing:
        doubt = _doubt(form, missing)
        said = f"没有{'、'.join(missing)}指标" + (f"；{doubt}" if doubt else "")
        yield rule.find(DEFERRED if doubt else FAIL, said, figures={"missing": missing})


def complete(form: Form) -> bool:
    """Whether every category has a row, so that the whole form can be taken as read."""
    return all(form.of(*kinds) for kinds in _GROUPS.values())


def _doubt(form: Form, missing: list[str]) -> str | None:
    declared = form.declaration
    if len(form.rows) < _FEWEST:
        return f"只读到{len(form.rows)}条指标，请核对原表"
    if not any(row.value for row in form.rows):
        return "可能是空白表或指标库"
    if form.doubtful or any(category(row) is None for row in form.rows):
        return "有的行类别没有读准，请核对原表"
    if any(name in left.text for left in declared.leftovers for name in missing):
        return "原表有没有读懂的内容，请核对"
    if declared.kind == "self-evaluation":
        return "自评表的类别以申报时为准"
    if declared.project is None and declared.organization is None:
        return "没有项目名称和单位，可能只是表的一部分"
    if {"效益", "满意度"} <= set(missing):
        return "只读到产出一类为止，表可能没有完"
    if _WHOLE_DEPARTMENT.search(f"{declared.title or ''}{declared.project or ''}"):
        return "部门整体支出的类别另有要求"
    if any("不适用" in f"{row.name or ''}{row.value or ''}" for row in form.rows):
        return "表中注明了不适用的指标"
    return None


def misfiled(form: Form, rule: Rule) -> Iterator[Finding]:
    """Money spent stands under cost, satisfaction under satisfaction, a benefit not under satisfaction."""
    for row in form.rows:
        if not row.unsure or _under_satisfaction(row):
            said = _misfiled(row)
            if said:
                yield rule.find(FAIL, said, row)


def _misfiled(row: Indicator) -> str | None:
    where, name, printed = category(row), bare(row.name), row.category.level2 or row.category.level1 or ""
    if where is None:
        return None
    if _under_satisfaction(row):
        return f"{row.category.level2}印在满意度指标之下，应归入效益指标"
    if where in SATISFACTION:
        return f"{name}填在满意度指标下，应归入效益指标" if _BENEFIT.match(name) and "满意" not in name else None
    if _SATISFIED.search(name) and "满意" not in printed:
        return f"满意度填在{printed}下，应归入满意度指标"
    if where in {"quantity", "quality", "timeliness"} and _spent(row, name):
        return f"{printed}里填的是金额，应归入成本指标"
    if where == "timeliness" and _COVERAGE.search(name):
        return "覆盖范围填在时效指标下，应归入数量或质量指标"
    if where == "quantity" and _QUALITY_RATE.search(name):
        return "合格率、达标率一类填在数量指标下，应归入质量指标"
    return None


def _spent(row: Indicator, name: str) -> bool:
    """Whether a row is a sum to be spent: named so, not earned, and nothing but money."""
    named = re.search(f"(?:{_SPENT.pattern})$", name) and not _NOT_SPENT.search(name)
    return bool(named and amounts(row) and all(one.unit == "CNY" for one in quantities(row)))


def _under_satisfaction(row: Indicator) -> bool:
    """Whether the form prints the row under 满意度 although its second level is a benefit."""
    moved = [repair.before for repair in row.repairs if repair.rule == "level1-inferred"]
    return category(row) in BENEFIT and any(before and "满意度" in before for before in moved)


def period_year(form: Form, rule: Rule) -> Iterator[Finding]:
    """Periods and deadlines lie in the fiscal year; one that reaches beyond it, or is the project's own, is deferred.

    Only 时效 rows are judged: elsewhere a date may be that of a comparison or of a document.
    """
    year = form.declaration.year
    periods = [(row, one) for row in form.of("timeliness") for one in row.targets if one.kind == "period" and one.end]
    if year is None or not periods:
        yield rule.find(NOT_APPLICABLE, "没有可以核对的起止时间")
        return
    first, last = date(year, 1, 1).isoformat(), date(year, 12, 31).isoformat()
    for row, one in periods:
        start, end = one.start or one.end or "", one.end or ""
        if first <= start and end <= last:
            continue
        outside = end < first or start > last
        own = any(near[:4] in (form.declaration.project or "") for near in (start, end) if near[:4] != str(year))
        said = f"时间“{one.text}”{'不在' if outside else '跨出'}{year}年度" + (
            "，与项目名称里的年度一致" if own else ""
        )
        verdict = FAIL if outside and not own else DEFERRED
        yield rule.find(verdict, said, row, figures={"start": start, "end": end, "year": year})


def satisfaction_level(form: Form, rule: Rule) -> Iterator[Finding]:
    """Satisfaction is neither promised whole nor set so low that it is met anyway."""
    rows = [(row, one) for row in form.of(*SATISFACTION) for one in quantities(row) if one.unit == "%"]
    if not rows:
        yield rule.find(NOT_APPLICABLE, "没有写明比率的满意度指标")
    for row, one in rows:
        value = one.value or 0.0
        figures = {"value": value, "low": rule.options["low"], "high": rule.options["high"]}
        if "不满意" in (row.name or "") or one.comparator in {"<=", "<"}:
            continue
        if value >= rule.options["high"]:
            yield rule.find(FAIL, f"满意度目标定为{value:g}%，难以达到也难以核实", row, figures=figures)
        elif value < rule.options["low"]:
            yield rule.find(FAIL, f"满意度目标{value:g}%，偏低", row, figures=figures)
