"""A wanted number in a question: 不超过2小时, 50万到150万元之间, 每月至少2次. Read as a 指标值 is read."""

from __future__ import annotations

import re
from dataclasses import replace

from perfkg import targets
from perfkg.records import Target
from perfkg.search.spans import Question
from perfkg.targets.numerals import chinese
from perfkg.targets.units import written as unit_at

_DIGITS = (
    r"(?:百分之)?(?:\d[\d,]*(?:\.\d+)?|[零〇一二两三四五六七八九十百千半]+)[百千万亿]*"
    r"(?:成[一二三四五六七八九半]?(?![功果立员本效交绩]))?"
)
_BEFORE = (
    r"(?:没有达到|没有超过|未达到|未超过|没达到|没超过|达不到|不超过|不低于|不高于|不少于|不多于|不大于|不小于|不足|不到|不满|超过|超出"
    r"|大于等于|小于等于|高于|低于|少于|多于|大于|小于|等于|至少|最少要?|最多不?超?过?|达到|控制在|高过|定在|定为|设定?为|在|≥|≤|>=|<=|>|<|=|大约|约)"
)
_AFTER = r"(?:及以上|及以下|以上|以下|以内|之内|之间|内|左右|的?以外)"
EVERY = re.compile(r"每(?:个|一)?(?:半年|季度|年|月|周|星期|季|天|日)")
_NUMBER = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<low>{_DIGITS}[%‰]?(?:万?元|小时|分钟|天)?(?:到|至|-|~|[和与](?=[^,，]{{1,12}}之间)))?(?P<digits>{_DIGITS})"
)
_TAIL = re.compile(_AFTER)
_LATIN = re.compile(r"[A-Za-z]*")
_FAR = 9
"""How many characters may stand between 每月 and 2次."""
_GENERIC = re.compile(r"\{[个条项家次份]\}")
_TENTHS = re.compile(r"([一二三四五六七八九\d])成([一二三四五六七八九半])?")
_LARGE = re.compile(r"[一二两三四五六七八九十百千]+[万亿]+(?!元)")
_ONES = {word: number for number, word in enumerate("一二三四五六七八九", 1)} | {"半": 5, "两": 2}
_BETWEEN = re.compile(r"[和与](?=[^,，]{1,12}之间)")
_NOT_REACHED = re.compile(r"没有达到|未达到|没达到|达不到|不到|不足|不满|没到")
_NOT_OVER = re.compile(r"没有超过|未超过|没超过")


def take_number(question: Question) -> tuple[Target, str] | None:
    """The first wanted number of the question and its words, taken; None without one.

    A bare number counts only with a unit of measure: 3个 is no wanted number, 超过3个 is.
    """
    for found in _NUMBER.finditer(question.rest):
        end = _end(question.rest, found.end("digits"))
        if often := _often(question, found.start(), end):
            return often
        if target := _read(question.rest[found.start() : end], found, question.text[: found.start()]):
            return target, question.cut(found.start(), end)
    return None


def _end(text: str, at: int) -> int:
    unit = unit_at(text, at)
    end = unit[1] if unit else _LATIN.match(text, at).end()  # type: ignore[union-attr]
    tail = _TAIL.match(text, end)
    return tail.end() if tail else end


def _read(phrase: str, found: re.Match[str], beside: str) -> Target | None:
    bounded = bool(found["before"] or found["low"] or _TAIL.search(phrase))
    phrase = _BETWEEN.sub("到", phrase)
    plain = _NOT_OVER.sub("不超过", _NOT_REACHED.sub("低于", _arabic(phrase))).removesuffix("之间")
    read = next((one for one in targets.read(plain, name=beside) if one.kind == "quantity"), None)
    if read is None or (read.value is None and read.low is None):
        return None
    if read.unit is None and re.search(r"[万亿]", found["digits"]):
        read = replace(read, unit="CNY")
    if read.unit is None or (not bounded and (_GENERIC.fullmatch(read.unit) or not found["digits"][0].isdigit())):
        return None
    return replace(read, text=phrase, span=None)


def _arabic(phrase: str) -> str:
    """九成五 as 95%, 一百万 as 1000000: what a person says and a form does not write."""
    tenths = _TENTHS.sub(lambda found: f"{_ones(found[1])}{_ones(found[2])}%", phrase)
    return _LARGE.sub(lambda found: _written(found[0]), tenths)


def _ones(word: str | None) -> int:
    return _ONES.get(word or "") or int(word or 0)


def _written(words: str) -> str:
    value = chinese(words)
    return words if value is None else f"{value:.12g}"


def _often(question: Question, start: int, end: int) -> tuple[Target, str] | None:
    """每月至少维护两次 as a frequency: what stands between 每月 and the number, but for its sign, stays in the question."""
    every = list(EVERY.finditer(question.rest, max(0, start - _FAR), start))
    if not every or "次" not in question.rest[start:end]:
        return None
    phrase = question.text[every[-1].start() : end]
    read = next((one for one in targets.read(phrase) if one.kind == "frequency"), None)
    if read is None:
        return None
    for sign in re.finditer(_BEFORE, question.rest[every[-1].end() : start]):
        question.cut(every[-1].end() + sign.start(), every[-1].end() + sign.end())
    question.cut(*every[-1].span())
    question.cut(start, end)
    return replace(read, text=phrase, span=None), phrase


def written(number: Target) -> str:
    """A wanted number as one short text: `<=4 h`, `500000..1500000 CNY`."""
    if number.comparator == "[]":
        return f"{number.low or 0:.12g}..{number.high or 0:.12g} {number.unit or ''}".strip()
    return f"{number.comparator}{number.value or 0:.12g} {number.unit or ''}".strip()


def bounds(number: Target) -> tuple[str, list[tuple[str, float]]] | None:
    """The unit all of the number's dimension are compared in, and the comparisons it asks for, in that unit."""
    found = targets.canonical(number)
    if found is None:
        return None
    if number.comparator == "[]":
        high = targets.canonical(replace(number, low=number.high))
        return found.unit, [(">=", found.number), ("<=", high.number if high else found.number)]
    comparator = number.comparator or "="
    if comparator == "~":
        return found.unit, [(">=", found.number * 0.9), ("<=", found.number * 1.1)]
    return found.unit, [(comparator, found.number)]
