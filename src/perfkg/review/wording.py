"""Rules of the text itself: what is missing, empty, doubled, left over from the template, or says nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from perfkg.records import Finding, Indicator
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, category
from perfkg.text import fold

_LEFT_OVER = re.compile(
    r"</?[a-z][^>]*>|&nbsp;|\*{2,}|[x×]{2,}(?=[元人个%次年月日]|$)|^指标\d+[:：]?$|^[.…]{2,}$|（?请填写|\(?\d+字以内",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    "有所|明显|显著|不断|逐步|进一步|持续(?!时间)|稳步|大力|积极|有效|良好|较好|加快|促进|推动|提升|提高|改善|保障|确保|保证"
)
_GROUPS = {
    "数量": ("quantity",),
    "质量": ("quality",),
    "时效": ("timeliness",),
    "成本": ("cost", "economic-cost", "social-cost", "ecological-cost"),
    "效益": ("benefit", "economic-benefit", "social-benefit", "ecological-benefit", "sustainable-impact"),
    "满意度": ("satisfaction", "recipient-satisfaction"),
}


def required_categories(form: Form, rule: Rule) -> Iterator[Finding]:
    """数量, 质量, 时效, 成本, one 效益 and 满意度 each have a row; deferred where a category was not recognised."""
    if not form.rows:
        yield rule.find(FAIL, "表中没有任何绩效指标")
        return
    missing = [name for name, kinds in _GROUPS.items() if not form.of(*kinds)]
    if not missing:
        yield rule.find(PASS, "数量、质量、时效、成本、效益、满意度指标齐全")
        return
    unknown = any(category(row) is None for row in form.rows)
    yield rule.find(DEFERRED if unknown else FAIL, f"没有{'、'.join(missing)}指标", figures={"missing": missing})


def missing_text(form: Form, rule: Rule) -> Iterator[Finding]:
    """Every row has a name and a value."""
    for row in form.rows:
        if not row.name:
            yield rule.find(FAIL, "没有填写三级指标名称", row)
        if not row.value:
            yield rule.find(FAIL, "没有填写指标值", row)
    if all(row.name and row.value for row in form.rows):
        yield rule.find(PASS, "指标名称和指标值都已填写")


def name_as_value(form: Form, rule: Rule) -> Iterator[Finding]:
    """A value says more than its name."""
    for row in form.rows:
        if row.name and row.value and _bare(row.name) == _bare(row.value):
            yield rule.find(FAIL, "指标值与指标名称相同", row)


def same_row_twice(form: Form, rule: Rule) -> Iterator[Finding]:
    """Name and value stand once in the form; a bare satisfaction or period may recur."""
    seen: dict[tuple[str, str], list[Indicator]] = defaultdict(list)
    for row in form.rows:
        if row.name and row.value:
            seen[_bare(row.name), _bare(row.value)].append(row)
    for rows in seen.values():
        if len(rows) > 1:
            where = "、".join(dict.fromkeys(row.category.level2 or row.category.level1 or "未分类" for row in rows))
            yield rule.find(
                FAIL, f"同一内容填写了 {len(rows)} 次（{where}）", rows[1], figures={"rows": [row.id for row in rows]}
            )


def placeholder(form: Form, rule: Rule) -> Iterator[Finding]:
    """Nothing of the template or of a web page is left."""
    for row in form.rows:
        found = next((left for text in (row.name, row.value) if text and (left := _LEFT_OVER.search(text))), None)
        if found:
            yield rule.find(FAIL, f"留有模板或网页文字“{found[0]}”", row)
    declared = form.declaration
    for repair in declared.repairs:
        if repair.rule.startswith("html"):
            yield rule.find(FAIL, "总体目标里留有网页标记", quote=repair.before)


def vague_wording(form: Form, rule: Rule) -> Iterator[Finding]:
    """A value that only says that things get better, or go on, cannot be checked at the year's end."""
    for row in form.rows:
        kinds = {target.kind for target in row.targets}
        if row.value and kinds and kinds <= {"trend", "state"} and len(row.value) <= 20 and _VAGUE.search(row.value):
            yield rule.find(FAIL, "指标值只说趋势或状态，年末难以核对", row)


def objective_repeated(form: Form, rule: Rule) -> Iterator[Finding]:
    """An indicator says more than the objective, word for word."""
    objective = _bare(form.declaration.objective or "")
    for row in form.rows:
        for text in (row.name, row.value):
            if text and len(_bare(text)) >= rule.options["shortest"] and _bare(text) in objective:
                yield rule.find(FAIL, "照搬了总体目标的文字", row, quote=text)


def weights_sum(form: Form, rule: Rule) -> Iterator[Finding]:
    """The weights make up the whole: 100, or 90 where 10 are for the use of the funds."""
    weights = [row.weight for row in form.rows if row.weight is not None]
    if not weights:
        yield rule.find(NOT_APPLICABLE, "表中没有权重")
        return
    total = round(sum(weights), 2)
    figures = {"total": total, "weighted": len(weights), "rows": len(form.rows)}
    if len(weights) < len(form.rows):
        yield rule.find(DEFERRED, f"有指标没有权重，已填的合计 {total:g}", figures=figures)
    elif total in rule.options["totals"]:
        yield rule.find(PASS, f"权重合计 {total:g}", figures=figures)
    else:
        wanted = " 或 ".join(map(str, rule.options["totals"]))
        yield rule.find(FAIL, f"权重合计 {total:g}，不是 {wanted}", figures=figures)


def _bare(text: str) -> str:
    return re.sub(r"[\s,.;:!?()\"'\[\]-]+", "", fold(text))


