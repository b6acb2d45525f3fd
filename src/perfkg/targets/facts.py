"""From clauses and their cores to facts: the text is shared out, labels are found, words are sorted into kinds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from perfkg.targets.context import Context, counted
from perfkg.targets.expressions import is_time
from perfkg.targets.kinds import kind
from perfkg.targets.labels import NOUN_FOLLOWS, Range, Words, label
from perfkg.targets.measures import Measure
from perfkg.targets.numerals import times
from perfkg.targets.periods import Period
from perfkg.targets.scanning import Clause, Core, Each
from perfkg.targets.units import conversion

_OUTER = "，,。;；、.!:"
_OCCASIONS = ("{次}", "{回}", "{遍}")
_NOUN = re.compile(r"[\u4e00-\u9fff]{1,6}(?<![率度数量额为])$")
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
    label: Range | None = None
    first: str | None = None
    last: str | None = None
    doubt: str | None = None


def facts(text: str, clauses: list[Clause], context: Context) -> list[Fact]:
    """All facts of a folded value, in text order; without a single number the value is one fact, whole."""
    if not any(clause.cores for clause in clauses):
        return _words(text, 0, len(text))
    found: list[Fact] = []
    begin: int | None = None
    for clause, after in zip(clauses, [*clauses[1:], None], strict=True):
        if clause.cores:
            first, *others = _shared(text, clause, context)
            found += [first if begin is None else replace(first, start=begin), *others]
            begin = None
        elif after and after.cores and _is_condition(text[clause.start : clause.end]):
            begin = _trimmed(text, clause.start, clause.end)[0]
        else:
            found += _words(text, clause.start, clause.end)
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
        doubtful = fact.doubt or (joined and joined[-1].doubt)
        if joined and fact.kind in _NEIGHBOURS and joined[-1].kind == fact.kind and not doubtful:
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
    """Where the text of one fact ends and that of the next begins: 8个乡镇|126个村, 会议丢包率5%以下|延时30ms以下."""
    listed = text.rfind("、", core.end, after.start) + 1
    if listed:
        return listed
    unit = core.measure.unit if core.measure else None
    between = text[core.end : after.start]
    return after.start if unit in NOUN_FOLLOWS and _NOUN.match(between) else core.end


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
        if joined and text[joined[-1].end : core.start] == "、":
            joined[-1] = _with_unit_of(joined[-1], core)
        one = _pair(text, joined[-1], core) if joined else None
        if one:
            joined[-1] = one
        else:
            joined.append(core)
    return joined


def _with_unit_of(one: Core, other: Core) -> Core:
    """3、5个: the 3 are 个, too."""
    if one.measure and other.measure and one.measure.unit is None:
        return replace(one, measure=one.measure._replace(unit=other.measure.unit))
    return one


def _pair(text: str, one: Core, other: Core) -> Core | None:
    first, second = one.measure, other.measure
    if not first or not second or first.value is None or second.value is None or one.each or other.each:
        return None
    between = text[one.end : other.start]
    times_over = first.value and first.unit and is_time(first.unit) and second.unit in _OCCASIONS
    if times_over and one.comparator is None and not between:
        return replace(other, start=one.start, each=Each(one.start, one.end, ((first.unit or "", first.value),)))
    upper = other.comparator in ("<=", "<") and first.unit in (second.unit, None)
    if one.comparator in (">=", ">") and upper and between in ("", "且", "并", "并且", "而", "但"):
        return replace(other, start=one.start, inner=one.inner, measure=second._replace(low=first.value))
    if first.value == second.value and first.unit == second.unit and between in ("及", "或") and other.comparator:
        return replace(other, start=one.start, inner=one.inner)
    return None


def _fact(text: str, core: Core, start: int, end: int, context: Context) -> Fact:
    words = Words(text, (start, core.start), core.inner, (core.end, end))
    start, end = _trimmed(text, start, end)
    if core.comparator == "":
        return Fact("state", start, end, doubt="比较符号互相矛盾")
    if core.period:
        return _period(core.period, Fact("period", start, end), words)
    if core.measure and core.measure.value is None:
        return Fact("state", start, end, doubt=core.measure.doubt)
    if core.measure:
        return _quantity(core, core.measure, Fact("quantity", start, end), words, context)
    assert core.each is not None
    assert core.each.time is not None
    return _frequency(1, *core.each.time, Fact("frequency", start, end, "=", label=words.label("/")))


def _period(period: Period, fact: Fact, words: Words) -> Fact:
    if period.impossible:
        return replace(fact, kind="state", doubt=period.doubt)
    found = label(words.text, *words.before) or label(words.text, *words.after)
    fact = replace(fact, comparator=period.comparator, label=found, doubt=period.doubt)
    return replace(fact, first=period.start, last=period.last)


def _frequency(value: float, unit: str, each: float, fact: Fact) -> Fact:
    """So often in `each` times `unit`: 每半年1次 is 2 a year."""
    if unit == "{半年}":
        unit, each = "a", each / 2
    return replace(fact, kind="frequency", value=times(value, 1 / each), unit=f"/{unit}")


def _quantity(core: Core, measure: Measure, fact: Fact, words: Words, context: Context) -> Fact:
    value, low, unit = (measure.value, measure.low, measure.unit) if measure.unit else _bare(measure, words, context)
    sign = core.comparator or (context.sign if context.sign_column or words.none() else None) or "="
    fact = replace(fact, comparator="[]" if low is not None else sign, value=value, low=low, unit=unit)
    within = sign == "<=" and is_time(unit or "")
    doubt = measure.doubt or _doubt(core, fact, context)
    fact = replace(fact, label=words.label(unit, within=within), doubt=doubt)
    return _often(core, fact, words)


def _often(core: Core, fact: Fact, words: Words) -> Fact:
    """The rate that 每人每年 or a fraction line makes of a quantity; 次 in a time is a frequency."""
    above, _, below = (fact.unit or "1").partition("/")
    value, each = fact.value or 0, core.each
    if above in _OCCASIONS and fact.low is None:
        if each and each.time and not below:
            return _frequency(value, *each.time, fact)
        if below and is_time(below) and not each:
            return _frequency(value, below, 1, fact)
        if not below and not each and words.yearly():
            return _frequency(value, "a", 1, fact)
    if not each:
        return fact
    unit = "/".join([above, *(code for code, _ in each.units), *([below] if below else [])])
    parts = math.prod(count for _, count in each.units)
    low = None if fact.low is None else times(fact.low, 1 / parts)
    return replace(fact, unit=unit, value=times(value, 1 / parts), low=low)


def _bare(measure: Measure, words: Words, context: Context) -> tuple[float | None, float | None, str | None]:
    """A number without a unit, with that of its label, of the unit column, or of the name."""
    value, low = measure.value, measure.low
    named = words.named()
    if named.endswith(("率", "度", "比例", "占比", "比重")) and not measure.scaled:
        return value, low, "%"
    if own := counted(named):
        return value, low, own[1]
    if context.unit:
        factor = 1.0 if measure.scaled else context.factor
        return value and times(value, factor), low and times(low, factor), context.unit
    if measure.scaled:
        return value, low, "CNY" if context.money else None
    return value, low, "%" if context.ratio else None


def _doubt(core: Core, fact: Fact, context: Context) -> str | None:
    """What contradicts the columns beside the value, or cannot be."""
    said, value = core.comparator or "", fact.value or 0
    if context.unit_column and core.measure and not _fits(core.measure.unit, context.unit):
        return "指标值的单位与单位列不符"
    if context.sign_column and {said[:1], (context.sign or "")[:1]} == {"<", ">"}:
        return f"符号列写“{context.sign}”，指标值写“{said}”"
    if fact.unit == "%" and value > 100 and context.capped:
        return "比率超过100%"
    if fact.unit == "%" and core.measure and core.measure.unit is None and 0 < value <= 1:
        return "没有写百分号，可能是比值"
    return None


def _fits(written: str | None, column: str | None) -> bool:
    """Whether a unit in the value can be what the unit column means; what is counted goes by many counters."""
    if written is None or column is None or written[0] == column[0] == "{":
        return True
    return conversion(written)[1] == conversion(column)[1]
