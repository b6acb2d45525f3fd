"""Rules of the text itself: what is missing, doubled, left over from the template, or says nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher

from perfkg.records import Finding, Indicator
from perfkg.review.form import (
    COST,
    DEFERRED,
    FAIL,
    NOT_APPLICABLE,
    SATISFACTION,
    Form,
    Rule,
    bare,
    category,
    quantities,
)
from perfkg.text import fold

_LEFT_OVER = re.compile(
    r"</?[a-z][^>]*>|&(?:nbsp|lt|gt|amp);|\*{2,}|_{2,}|(?<![a-z0-9])x{2,}(?![a-z0-9])|×{2,}|…{2,}|\.{3,}|请填写|\d+字以内"
    r"|^指标\d+[:：]?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d|[一二两三四五六七八九十百千万]+(?:个|项|次|场|期|份|家|人|名|套|台|条|处|篇|件)")
_RATE = re.compile("(?:(?<!效)率|比例|占比|满意度)$")
_TREND = re.compile("(?:提高|提升|改善|增强|增加|减少|下降|降低|好转|完善)。?$")
_MEASURED = {"quantity", "frequency", "period"}
_NEARLY, _LONG_ENOUGH = 0.92, 10


def missing_text(form: Form, rule: Rule) -> Iterator[Finding]:
    """Every row has a name and a value. A row whose name holds the number or the trend, or that was read doubtfully, is deferred."""
    if form.rows and not any(row.value for row in form.rows):
        yield rule.find(DEFERRED, "所有指标都没有填写指标值，可能是空白表或指标库", figures={"rows": len(form.rows)})
        return
    for row in form.rows:
        if not row.name:
            yield rule.find(DEFERRED if row.unsure else FAIL, "没有填写三级指标名称", row)
        elif not row.value:
            told = bool(_NUMBER.search(row.name))
            trend = bool(_TREND.search(row.name))
            doubtful = row.unsure or told or trend or len(bare(row.name)) < 2
            said = "没有填写指标值，数值写在了名称里" if told else "没有填写指标值"
            said += "，要达到的结果写在了名称里" if trend and not told else ""
            yield rule.find(DEFERRED if doubtful else FAIL, said, row)


def name_as_value(form: Form, rule: Rule) -> Iterator[Finding]:
    """A value says more than its name."""
    for row in form.rows:
        if _says_the_name(row):
            yield rule.find(FAIL, "指标值与指标名称相同，没有写要达到的结果", row)


def _says_the_name(row: Indicator) -> bool:
    name, value = bare(row.name), bare(row.value)
    if not name or not value or _measured(row):
        return False
    long = min(len(name), len(value)) >= _LONG_ENOUGH
    return name == value or (long and SequenceMatcher(None, name, value, autojunk=False).ratio() >= _NEARLY)


def same_row_twice(form: Form, rule: Rule) -> Iterator[Finding]:
    """Name and value stand once in the form. Where most rows recur, the form has a long-term and a yearly table."""
    seen: dict[tuple[str, str], list[Indicator]] = defaultdict(list)
    for row in form.rows:
        if row.name and row.value:
            seen[bare(row.name), bare(row.value)].append(row)
    doubled = [rows for rows in seen.values() if len(rows) > 1]
    again = [rows for rows in doubled if len({category(row) for row in rows}) == 1]
    if len(again) >= rule.options["tables"] and sum(map(len, again)) * 2 > len(form.rows):
        figures = {"rows": [row.id for rows in again for row in rows]}
        yield rule.find(DEFERRED, f"有{len(again)}条指标成对出现，可能是中长期和年度两张表", figures=figures)
        return
    for rows in doubled:
        where = "、".join(dict.fromkeys(row.category.level2 or row.category.level1 or "未分类" for row in rows))
        said = f"名称和指标值相同的内容填了{len(rows)}次（{where}）"
        figures = {"rows": [row.id for row in rows]}
        yield rule.find(DEFERRED if any(row.unsure for row in rows) else FAIL, said, rows[1], figures=figures)


def placeholder(form: Form, rule: Rule) -> Iterator[Finding]:
    """Nothing of the template or of a web page is left; one finding for all names that keep the template's blank."""
    for repair in form.declaration.repairs:
        if repair.rule.startswith("html"):
            yield rule.find(FAIL, "总体目标里残留网页标记（如<p>）", quote=(repair.before or "")[:40])
    if form.rows and not any(row.value for row in form.rows):
        return  # A list of indicators to choose from has its blanks on purpose.
    names = []
    for row in form.rows:
        written = [repair.before or "" for repair in row.repairs if repair.rule.startswith("html")]
        if found := next((left for text in (row.value, *written) if (left := _left_over(text))), None):
            yield rule.find(FAIL, f"指标值里残留模板或网页文字“{found}”", row)
        elif _left_over(row.name):
            names.append(row)
    if names:
        found = _left_over(names[0].name)
        figures = {"rows": [row.id for row in names]}
        said = f"有{len(names)}条指标的名称里残留模板文字（如“{found}”）"
        yield rule.find(FAIL, said, names[0], figures=figures, severity="hint")


def _left_over(text: str | None) -> str | None:
    found = _LEFT_OVER.search(text or "")
    return found[0] if found else None


def vague_wording(form: Form, rule: Rule) -> Iterator[Finding]:
    """A short value of words alone that only says that things go on, or get better, cannot be checked."""
    words = re.compile("|".join(rule.options["words"]))
    concrete = re.compile("|".join(rule.options["concrete"]))
    for row in form.rows:
        value = fold(row.value or "").rstrip(".")
        if category(row) in COST:
            continue
        short = 0 < len(value) <= rule.options["longest"]
        if not short or _measured(row) or _says_the_name(row) or _number_wanted(row):
            continue
        kinds = {target.kind for target in row.targets}
        if "boolean" not in kinds and words.search(value) and not concrete.search(value):
            yield rule.find(FAIL, "指标值只说趋势或状态，年末无法核对是否完成", row)


def number_missing(form: Form, rule: Rule) -> Iterator[Finding]:
    """A 数量指标, a rate and a satisfaction have a number in the value."""
    for row in form.rows:
        if not _says_the_name(row) and (wanted := _number_wanted(row)):
            yield rule.find(FAIL, wanted, row)


def value_unclear(form: Form, rule: Rule) -> Iterator[Finding]:
    """A value that contradicts itself, or cannot be, as the reading of targets says: 82%2%, ≥950% of people."""
    for row in form.rows:
        for doubt in dict.fromkeys(target.doubt for target in row.targets if target.doubt):
            yield rule.find(DEFERRED, doubt.rstrip("。"), row)


def _number_wanted(row: Indicator) -> str | None:
    """What number a row without one should have; None where it has one, or is a yes or no."""
    if not row.value or _measured(row) or row.unsure or any(target.kind == "boolean" for target in row.targets):
        return None
    text = fold(f"{row.name or ''} {row.value}")
    if category(row) in SATISFACTION:
        return None if _NUMBER.search(row.value) else "满意度没有写数值"
    if _RATE.search(bare(row.name)) and not re.search("是否|能否", text):
        return None if _NUMBER.search(row.value) else "名称是比率，指标值没有写数值"
    if category(row) == "quantity" and not _NUMBER.search(text):
        return "数量指标没有写数量"
    return None


def _measured(row: Indicator) -> bool:
    return any(target.kind in _MEASURED for target in row.targets)


def objective_repeated(form: Form, rule: Rule) -> Iterator[Finding]:
    """An indicator breaks the objective down; words copied from it, without a number, do not."""
    objective = bare(form.declaration.objective)
    if not objective:
        yield rule.find(NOT_APPLICABLE, "没有读到总体目标")
        return
    for row in form.rows:
        if any(True for _ in quantities(row)) or _measured(row):
            continue
        for text in (row.name, row.value):
            if len(bare(text)) >= rule.options["shortest"] and bare(text) in objective:
                yield rule.find(FAIL, "照抄总体目标的文字，没有分解成可以核对的内容", row, quote=text)
                break
