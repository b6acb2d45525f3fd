"""A number with its unit, or two as an interval: 1,600元/亩 · 90%-95% · 三至五年 · 八成 · 100余人."""

from __future__ import annotations

import re
from typing import NamedTuple

from perfkg.targets.context import STORED, Context
from perfkg.targets.expressions import expression, is_time, letter
from perfkg.targets.numerals import NUMBER, Number, arabic, chinese, chinese_at, times
from perfkg.targets.units import conversion

_RANGE = re.compile(r"(?:[-~]+|[至到])(?=[\d零〇一二两三四五六七八九十百])")
_TENTHS = re.compile(r"成([一二三四五六七八九\d])?(?=$|[，,。;、)的]|以[上下]|左右)")
_COMPOUND = re.compile(r"[\u4e00-\u9fff]{2,3}(?=$|[，,。;、)]|以[上下内]|左右)")
_MORE = re.compile(r"[余多](?:[十百千]?(万|亿))?")


class Measure(NamedTuple):
    """What was read at one place. `unit` is None where none was written; `low` is set for an interval alone."""

    value: float | None
    low: float | None
    unit: str | None
    more: bool
    scaled: bool
    chinese: bool
    end: int
    doubt: str | None = None


def measure(text: str, at: int, context: Context, before: str) -> Measure | None:
    """The measure that begins at `at`; None where the numerals there make no number. `before` gives context."""
    first = _single(text, at, context, before)
    if first is None or first.value is None:
        return first
    to = _RANGE.match(text, first.end)
    second = _single(text, to.end(), context, before) if to else None
    if second is None or second.value is None:
        return first
    return _interval(first, second) or first


def _single(text: str, at: int, context: Context, before: str) -> Measure | None:
    match = NUMBER.match(text, at)
    number = arabic(match) if match else chinese_at(text, at, free=not before)
    if number is None:
        return None
    return _with_unit(text, number, context, before, is_chinese=match is None)


def _with_unit(text: str, number: Number, context: Context, before: str, *, is_chinese: bool) -> Measure:
    value, end, more = number.value, number.end, False
    if value is None:
        return Measure(None, None, None, False, False, is_chinese, end, "数字过长，不可信")
    if number.percent:
        return Measure(value, None, "%", False, False, is_chinese, end)
    scaled = number.scale >= 1e4
    if fuzzy := _MORE.match(text, end):
        value, more, end = times(value, {"万": 1e4, "亿": 1e8}.get(fuzzy[1], 1.0)), True, fuzzy.end()
        scaled = scaled or fuzzy[1] is not None
    if tenths := _TENTHS.match(text, end):
        hundredths = chinese(tenths[1]) or int(tenths[1]) if tenths[1] else 0
        return Measure(times(value, 10.0) + hundredths, None, "%", more, scaled, is_chinese, tenths.end())
    unit = _unit(text, end, context, before)
    if unit is None and before.endswith(("¥", "￥", "人民币")):
        return Measure(value, None, "CNY", more, scaled, is_chinese, end)
    if unit is None:
        return Measure(value, None, None, more, scaled, is_chinese, end)
    code, end = unit
    if code == "[ppth]":
        value, code = times(value, 0.1), "%"
    if is_time(code) and text[end : end + 1] == "半":
        value, end = value + 0.5, end + 1
    return Measure(value, None, code, more, scaled, is_chinese, end)


def _unit(text: str, at: int, context: Context, before: str) -> tuple[str, int] | None:
    if at >= len(text):
        return None
    first = text[at]
    if (first.isascii() and first.isalpha()) or first == "兆":
        wide = not context.long and (context.wide or "网" in before or "视频会" in before or "带宽" in before)
        if unit := letter(text, at, wide=wide, stored=context.stored or STORED.search(before) is not None):
            return unit
    if first == "(" and (unit := expression(text, at + 1)) and text[unit[1] : unit[1] + 1] == ")":
        return unit[0], unit[1] + 1
    if first == "/" and context.unit and "/" in context.unit and (unit := expression(text, at + 1)):
        return (context.unit, unit[1]) if context.unit.partition("/")[2] == unit[0] else None
    return expression(text, at) or _compound(text, at)


def _compound(text: str, at: int) -> tuple[str, int] | None:
    """A counter no table knows, at a clause's end: 1000标箱 ends in a counter as 箱 is one."""
    match = _COMPOUND.match(text, at)
    return (f"{{{match[0]}}}", match.end()) if match and expression(match[0][-1], 0) else None


def _interval(first: Measure, second: Measure) -> Measure | None:
    low, high, unit = first.value, second.value, second.unit or first.unit
    if low is None or high is None:
        return None
    if first.unit and second.unit and first.unit != second.unit:
        (factor, one, _), (by, other, _) = conversion(first.unit), conversion(second.unit)
        if one != other:
            return None
        low = times(low, factor / by)
    elif second.scaled and not first.scaled and not first.unit:
        low = _same_scale(low, high)
    doubt = "区间的下限大于上限" if low > high else None
    return Measure(high, low, unit, False, second.scaled, second.chinese, second.end, doubt)


def _same_scale(low: float, high: float) -> float:
    """5-10万元: the 5 is 50,000, too."""
    return times(low, 1e8 if high >= 1e8 and low * 1e8 <= high else 1e4)


# What Chinese numerals count for certain; 一个, 一套, 三项 … are as often articles and slogans as numbers.
_FIRM = re.compile(
    r"人次|场次|次(?![性产供开污创装分加要级办成告序]|全?会)|年(?![级行规计义制来代树]|一[度遇])|个?月|天(?![一到])|周(?!年)|个?小时|期(?![工项建规])"
    r"|场|轮|届|课时|个?季度|个?工作日"
    r"|个(?:项目|乡镇|村|社区|企业|学校|平台|机构|网点|站点|点位|岗位|批次|场次|小组|县|区|单位)"
)
# 召开两次会议 counts, 六次会议 is the sixth.
_SESSIONS = re.compile(r".*两$|(?:召开|举行|组织|举办|开展).$")


def counts(text: str, at: int, found: Measure, *, sign: bool) -> bool:
    """Whether a number with a unit counts something; Chinese numerals need a sign, two digits or a firm unit."""
    if not found.unit:
        return False
    if not found.chinese or found.unit in ("%", "CNY") or (found.value or 0) > 10:
        return True
    if text[at - 1 : at] == "跑" or (text.startswith("一", found.end) and not is_time(found.unit)):
        return False
    if sign or _FIRM.match(text, _past_numerals(text, at)) or _SESSIONS.match(text[max(0, at - 2) : at + 1]):
        return True
    ends = text[found.end : found.end + 1] in ("", *"，,。;、+)")
    return ends and not (text[at] in "一二" and found.unit in ("{期}", "{批}") and at == 0)


def _past_numerals(text: str, at: int) -> int:
    while text[at] in "零〇一二两三四五六七八九十百千万亿半":
        at += 1
    return at
