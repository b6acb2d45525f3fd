"""Days, months, quarters and years: which part of the calendar a text at a place means, and by which day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = {word: at for at, word in enumerate([*"一二三四五六七八九十", "十一", "十二"], 1)} | {"元": 1}
_YEAR = r"(?:19|20)\d\d"
_MONTH = r"\d{1,2}|元|十[一二]?|[一二三四五六七八九]"
_TO = r"(?:[-~]+|[至到])"
_POINT = re.compile(
    # 2021-03-05, 2021.3, 20210305
    rf"(?P<y1>{_YEAR})(?P<dot>[./-])(?P<m1>\d{{1,2}})(?:(?P=dot)(?P<d1>\d{{1,2}})日?)?(?=$|[-~至到前之以内，,;。、()完底])"
    r"|(?P<y2>(?:19|20)\d\d)(?P<m2>0[1-9]|1[0-2])(?P<d2>[0-3]\d)(?=$|[-~至到前，,;。、()])"
    # 2021年, 2020(-2021年), 当年, 年度, 次年; then perhaps 3月5日, 1(-12月), 一季度, 上半年
    rf"|(?:(?P<y3>{_YEAR})(?:年度?(?:全年|内(?=完成|[0-9]))?|(?={_TO}{_YEAR}年))|(?P<word>(?:当|本|今|全|次|明|下|翌)?年度?)(?![均级产终人度]))?"
    rf"(?:(?P<part>(?:(?P<q>第?[一二三四1-4]){_TO})?第?[一二三四1-4]季度|[上下]半年)"
    rf"|(?P<m3>{_MONTH})(?:月份?(?:(?P<d3>\d{{1,2}})(?:[日号]|(?={_TO}\d{{1,2}}[日号])))?|(?={_TO}(?:次年)?(?:{_MONTH})月(?!龄))))?"
)
_PLAN = re.compile(r"[“\"]?(十[三四五])五[”\"]?(?:期间|时期|规划期|(?=末))")
_DAY = re.compile(r"(?P<day>\d{1,2})[日号]")
_EDGE = re.compile(r"年?[底末](?!线)|[上中下]旬|初(?![中级始步一二三])")
_SIDE = re.compile(
    r"(?P<before>[以之]?前(?![列茅置]))|(?P<within>[以之]?内(?![容部设外])|期间|全年)|(?P<after>[以之]?后|起(?!步)|开始)"
)
_PARTS = {"一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12), "上半年": (1, 6), "下半年": (7, 12)}
_PARTS |= {f"{at}季度": (3 * at - 2, 3 * at) for at in range(1, 5)}
_TENS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "初": (1, 10)}
# Where a date can begin; most digits begin none.
START = "|".join(
    (
        rf"(?<![\d.]){_YEAR}(?=年|[./-]\d|{_TO}{_YEAR}年|[01]\d[0-3]\d(?:$|[-~至到前，,;。、()]))",
        rf"(?<![\d.第*])(?:{_MONTH})(?=月|{_TO}(?:次年)?(?:{_MONTH})月)",
        rf"第?[一二三四1-4](?:{_TO}第?[一二三四1-4])?季度(?![一两二三\d]+次)|[上下]半年",
        r"[“\"]?十[三四五]五[”\"]?(?=期间|时期|规划期|末)",
        r"(?<![每近逐按万百千两多半\d一二三四五六七八九十几历整])[当本今全次明下翌]?年(?=度|内|底|末|之内|[以之]?前|$|[，,;。、]|\d{1,2}月)",
        "[当本今全次明翌]年",
    )
)


class Span(NamedTuple):
    """A stretch of the calendar at one place: years may be unknown (None), days are None below the month."""

    year: int | None
    first: tuple[int, int]
    last: tuple[int, int]
    level: str
    end: int


class Period(NamedTuple):
    """A period as read: ISO days (None where the year is unknown), where it ends in the text, and what is wrong."""

    comparator: str
    start: str | None
    last: str | None
    end: int
    vague: bool = False
    doubt: str | None = None
    impossible: bool = False


def period(text: str, at: int, year: int | None) -> Period | None:
    """The period or deadline that stands at `at`; `year` is the fiscal year that 12月底 and 全年 are in."""
    first = _span(text, at, year)
    if first is None:
        return None
    last, ranged = first, False
    if to := re.compile(_TO).match(text, first.end):
        other = _span(text, to.end(), first.year) or _day(text, to.end(), first)
        if other is not None:
            last, ranged = other, True
    edge = _EDGE.match(text, last.end)
    end = edge.end() if edge else last.end
    if edge:
        last = _edged(last, edge[0])
        first = first if ranged else last
    side = _SIDE.match(text, end)
    end = side.end() if side else end
    if doubt := _impossible(first) or _impossible(last):
        return Period("=", None, None, end, doubt=doubt, impossible=True)
    return _placed(first, last, ranged, edge is not None and edge[0][-1] in "底末", side, end)


def _placed(first: Span, last: Span, ranged: bool, bottom: bool, side: re.Match[str] | None, end: int) -> Period:
    doubt = None if first.year else "没有年度，不知是哪一年"
    vague = first.level == "year" and not ranged and not bottom and not (side and side["before"])
    start, until = _iso(first.year, first.first), _iso(last.year, last.last, last=True)
    if side and side["before"] and not ranged:
        inclusive = bottom or last.level == "day"
        return Period("<=", None, until if inclusive else _day_before(start), end, vague, doubt)
    if side and side["after"] and not ranged:
        return Period(">=", start, None, end, vague, doubt)
    if bottom and not ranged and not (side and side["within"]):
        return Period("<=", None, until, end, vague, doubt)
    if start and until and start > until:
        doubt = "结束早于开始"
    return Period("=", start, until, end, vague, doubt)


def _span(text: str, at: int, year: int | None) -> Span | None:
    if plan := _PLAN.match(text, at):
        until = {"十三": 2020, "十四": 2025, "十五": 2030}[plan[1]]
        return Span(until - 4, (1, 1), (12 * 5, 31), "plan", plan.end())
    match = _POINT.match(text, at)
    if not match or match.end() == at:
        return None
    written = match["y1"] or match["y2"] or match["y3"]
    shift = 1 if (match["word"] or "")[:1] in ("次", "明", "下", "翌") and match["word"] != "年" else 0
    known = int(written) if written else year + shift if year else None
    return _parts(match, known)


def _parts(match: re.Match[str], year: int | None) -> Span:
    month, day = match["m1"] or match["m2"] or match["m3"], match["d1"] or match["d2"] or match["d3"]
    if match["part"]:
        first, last = _PARTS[match["part"][-3:]]
        first = _PARTS[f"{match['q'][-1]}季度"][0] if match["q"] else first
        return Span(year, (first, 1), (last, 31), "months", match.end())
    if month is None:
        return Span(year, (1, 1), (12, 31), "year", match.end())
    number = _MONTHS.get(month) or int(month)
    if day is None:
        return Span(year, (number, 1), (number, 31), "months", match.end())
    return Span(year, (number, int(day)), (number, int(day)), "day", match.end())


def _day(text: str, at: int, first: Span) -> Span | None:
    match = _DAY.match(text, at)
    if not match or first.level != "day":
        return None
    day = int(match["day"])
    return Span(first.year, (first.last[0], day), (first.last[0], day), "day", match.end())


def _edged(span: Span, edge: str) -> Span:
    if edge in _TENS and span.level == "year":
        return span._replace(last=(1, 31), level="months")
    if edge in _TENS:
        first, last = _TENS[edge]
        return span._replace(first=(span.first[0], first), last=(span.last[0], last), level="months")
    return span._replace(first=(span.last[0], 1)) if span.level != "day" else span


def _impossible(span: Span) -> str | None:
    for month, day in (span.first, span.last):
        if span.level != "plan" and not 1 <= month <= 12:
            return f"没有{month}月"
        if span.level == "day" and not 1 <= day <= monthrange(span.year or 2024, month)[1]:
            return f"{month}月没有{day}日"
    return None


def _iso(year: int | None, day: tuple[int, int], *, last: bool = False) -> str | None:
    if not year:
        return None
    year, month = year + (day[0] - 1) // 12, (day[0] - 1) % 12 + 1
    return date(year, month, min(day[1], monthrange(year, month)[1]) if last else day[1]).isoformat()


def _day_before(day: str | None) -> str | None:
    return day and (date.fromisoformat(day) - timedelta(days=1)).isoformat()
