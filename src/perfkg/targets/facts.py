"""From clauses and their cores to facts: the text is shared out, labels are found, words are sorted into kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from perfkg.targets.context import Context
from perfkg.targets.expressions import is_time
from perfkg.targets.kinds import kind
from perfkg.targets.labels import label, noun
from perfkg.targets.measures import Measure
from perfkg.targets.numerals import times
from perfkg.targets.scanning import Clause, Core

_OUTER = "，,。;；、+.!！:~- "
_OCCASIONS = ("{次}", "{回}", "{遍}")
# What is counted stands behind these: 10个乡镇, 2次宣传.
_NOUN_FOLLOWS = frozenset(f"{{{c}}}" for c in "个 项 家 件 条 处 座 所 场 次 期 种 批 套 台 份 篇 名 位 场次 支 部 批次 张 辆 间".split())
_YEARLY = re.compile(r"全年|年度内|年内|[一1]年")
_CONDITION = re.compile(r"^(?:[如若当遇]|出现|发生|接到|收到|发现|接报)[^，,]{0,14}$")
_ANSWERED = re.compile(r"及时|立即|处理|解决|响应|修复|整改")
_NEIGHBOURS = frozenset(("state", "trend", "reference", "scope"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A Target before it has its text: `start` and `end` in the folded value, the rest as in records.Target."""

    kind: str
    start: int
    end: int
    comparator: str | None = None
    value: float | None = None
    low: float | None = None
    unit: str | None = None
    label: str | None = None
    first: str | None = None
    last: str | None = None
    doubt: str | None = None


def facts(text: str, clauses: list[Clause], context: Context) -> list[Fact]:
    """All facts of a folded value, in text order; without a single number the value is one fact, whole."""
    if not any(clause.cores for clause in clauses):
        return _words(text, 0, len(text))
    found: list[Fact] = []
    condition: Clause | None = None
    for clause in clauses:
        if clause.cores:
            own = _shared(text, clause, context)
            found += [replace(own[0], start=condition.start), *own[1:]] if condition else own
            condition = None
            continue
        found += _words(text, condition.start, condition.end) if condition else []
        condition = clause if _is_condition(text[clause.start : clause.end]) else None
        found += [] if condition else _words(text, clause.start, clause.end)
    found += _words(text, condition.start, condition.end) if condition else []
    return _joined(found)


def _is_condition(words: str) -> bool:
    """Whether words only say when the next clause holds: 出现问题，1小时内响应."""
    return _CONDITION.match(words) is not None and not _ANSWERED.search(words)


def _words(text: str, start: int, end: int) -> list[Fact]:
    start, end = _trimmed(text, start, end)
    return [Fact(kind(text[start:end]), start, end)] if start < end else []


def _joined(found: list[Fact]) -> list[Fact]:
    """Neighbours of one kind without numbers are one fact, with the punctuation between them."""
    joined: list[Fact] = []
    for fact in found:
        if joined and fact.kind in _NEIGHBOURS and joined[-1].kind == fact.kind and not fact.doubt:
            joined[-1] = replace(joined[-1], end=fact.end)
        else:
            joined.append(fact)
    return joined


def _shared(text: str, clause: Clause, context: Context) -> list[Fact]:
    """The facts of a clause with cores; each takes the words around its core, so that nothing of the clause is left."""
    found, start, cores = [], clause.start, _together(text, clause.cores)
    for core, after in zip(cores, [*cores[1:], None], strict=True):
        end = _boundary(text, core, after) if after else clause.end
        found.append(_fact(text, core, start, end, context))
        start = end
    return found


def _boundary(text: str, core: Core, after: Core) -> int:
    return max(core.end, text.rfind("、", core.end, after.start) + 1)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _OUTER:
        start += 1
    while end > start and text[end - 1] in _OUTER:
        end -= 1
    return start, end


def _together(text: str, cores: list[Core]) -> list[Core]:
    """Cores that say one thing: 一年两次 is a frequency, ≥90%≤95% an interval."""
    joined: list[Core] = []
    for core in cores:
        one = _pair(joined[-1], core) if joined and joined[-1].end == core.start else None
        if one:
            joined[-1] = one
        else:
            joined.append(core)
    return joined


def _pair(one: Core, other: Core) -> Core | None:
    first, second = one.measure, other.measure
    if not first or not second or first.value is None or second.value is None or one.each or other.each:
        return None
    if one.comparator == "=" and first.unit and is_time(first.unit) and second.unit in _OCCASIONS and first.value:
        return replace(other, start=one.start, each=((first.unit, first.value),))
    if one.comparator in (">=", ">") and other.comparator in ("<=", "<") and first.unit == second.unit:
        return replace(other, start=one.start, inner=one.inner, measure=second._replace(low=first.value))
    return None


def _fact(text: str, core: Core, start: int, end: int, context: Context) -> Fact:
    words = text[start : core.start], text[slice(*core.inner)], text[core.end : end]
    start, end = _trimmed(text, start, end)
    if core.comparator == "":
        return Fact("state", start, end, doubt="比较符号互相矛盾")
    if core.period:
        return _period(core, start, end, words)
    if core.measure is None:
        (unit, each), *_ = core.each
        return _frequency(1, unit, each, Fact("frequency", start, end, "=", label=_label(words, "{次}")))
    if core.measure.value is None:
        return Fact("state", start, end, doubt=core.measure.doubt)
    return _quantity(core, core.measure, Fact("quantity", start, end), words, context)


def _period(core: Core, start: int, end: int, words: tuple[str, str, str]) -> Fact:
    period = core.period
    assert period is not None
    if period.doubt and period.last is None and period.start is None and "没有年度" not in period.doubt:
        return Fact("state", start, end, doubt=period.doubt)
    found = label(words[0]) or label(words[2])
    return Fact("period", start, end, period.comparator, label=found, first=period.start, last=period.last, doubt=period.doubt)


def _frequency(value: float, unit: str, each: float, fact: Fact) -> Fact:
    """So often in `each` times `unit`: 每半年1次 is 2 a year."""
    if unit == "{半年}":
        unit, each = "a", each / 2
    return replace(fact, kind="frequency", value=times(value, 1 / each), unit=f"/{unit}")


def _quantity(core: Core, measure: Measure, fact: Fact, words: tuple[str, str, str], context: Context) -> Fact:
    value, low, unit = measure.value, measure.low, measure.unit
    assert value is not None
    if unit is None:
        value, low, unit = _from_context(measure, words, context)
    alone = not any(label(part) for part in words)
    comparator = core.comparator or (context.sign if alone or context.column else None) or "="
    fact = replace(fact, comparator="[]" if low is not None else comparator, value=value, low=low)
    fact = replace(fact, label=_label(words, unit), unit=unit, doubt=measure.doubt or _doubt(core, fact, unit, context))
    return _often(core, fact, words)


def _often(core: Core, fact: Fact, words: tuple[str, str, str]) -> Fact:
    """The rate that 每人每年 or a unit's fraction line makes of a quantity; 次 in a time is a frequency."""
    unit, value = fact.unit or "1", fact.value or 0
    above, _, below = unit.partition("/")
    if above in _OCCASIONS and fact.low is None:
        if len(core.each) == 1 and is_time(core.each[0][0]) and not below:
            return _frequency(value, *core.each[0], fact)
        if below and is_time(below) and not core.each:
            return _frequency(value, below, 1, fact)
        if not below and not core.each and any(_YEARLY.search(word) for word in words[:2]):
            return _frequency(value, "a", 1, fact)
    for code, each in core.each:
        fact = replace(fact, unit=f"{fact.unit or '1'}/{code}", value=times(fact.value or 0, 1 / each))
    return fact


def _from_context(measure: Measure, words: tuple[str, str, str], context: Context) -> tuple[float, float | None, str | None]:
    """A bare number with the unit of its label, of the unit column, or of the name."""
    value, low = measure.value or 0, measure.low
    own = label(words[0]) or ""
    if own.endswith(("率", "度", "比例", "占比", "比重")) and not measure.scaled:
        return value, low, "%"
    if context.unit and not (measure.scaled and context.factor > 1):
        return times(value, context.factor), None if low is None else times(low, context.factor), context.unit
    if context.unit:
        return value, low, context.unit
    if measure.scaled and context.money:
        return value, low, "CNY"
    return value, low, "%" if context.ratio and not measure.scaled else None


def _label(words: tuple[str, str, str], unit: str | None) -> str | None:
    before, inner, after = words
    if before.endswith(("共", "共计", "合计", "总计")):
        before = ""
    own = unit.partition("/")[0] if unit else None
    if own in _NOUN_FOLLOWS and (follows := noun(after)):
        return follows
    return label(inner) or label(before) or label(after)


def _doubt(core: Core, fact: Fact, unit: str | None, context: Context) -> str | None:
    """What contradicts the columns beside the value, or cannot be."""
    value = fact.value or 0
    if context.column and core.comparator and core.comparator[0] in "<>" and context.sign and context.sign[0] in "<>":
        if core.comparator[0] != context.sign[0]:
            return f"符号列写“{context.sign}”，指标值写“{core.comparator}”"
    if unit == "%" and value > 100 and context.capped:
        return "比率超过100%"
    if unit == "%" and core.measure and core.measure.unit is None and 0 < value <= 1:
        return "没有写百分号，可能是比值"
    return None
