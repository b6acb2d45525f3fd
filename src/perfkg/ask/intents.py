"""What kind of answer a question wants: a list, a count, a sum, the highest, an average, a comparison."""

from __future__ import annotations

import re

from perfkg import tokens
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.ask.wordlists import pattern
from perfkg.search.spans import Question
from perfkg.search.wanted import EVERY
from perfkg.targets.units import conversion
from perfkg.targets.units import written as unit_at

ALL = 1000
"""As many places as a ranking from top to bottom shows."""

MONEY_WORDS = frozenset({"最贵", "更贵", "最便宜", "最省钱", "最节约"})
_HOW_OFTEN = re.compile(r"(?P<ask>多久|多长时间|隔多久)(?P<what>[一-鿿]{0,6}?)(?P<once>一次)")
_BOUND_ASKED = re.compile(
    r"(?:不(?:得|能)?(?:高于|低于|超过|少于|多于|大于|小于)|至少要?|最多要?|最少要?|要求)(?=多少|几|[\0]*多少)"
)
_ALL = re.compile(
    r"所?占|(?:19|20)\d\d年?度?|全部|全县|全市|全年|总体|总|所有|整个|当年|年度|项目|资金|预算|经费|钱|投入|金额|额|个?数量?|的|比例|比重|百分比|份额"
    r"|百分之[几多少]+|几成|多大|多少|是|有|为|情况|比|了"
)


def take_intent(question: Question, slots: Understanding) -> None:
    """Takes the words that say what is wanted; the first kind found is the intent."""
    _take_how_often(question, slots)
    question.take_all(_BOUND_ASKED)
    for name in (
        "growth",
        "share",
        "median",
        "average",
        "compare",
        "superlative",
        "change",
        "lacking",
        "count",
        "money",
        "sum",
        "value",
        "list",
    ):
        if name == "superlative":
            _take_superlative(question, slots)
            continue
        if words := question.take(pattern("intents", name)):
            if name == "share":
                _take_whole(slots, words)
            _refuse_second(slots, name, words)
            _say_intent(slots, name, words)
            if name == "compare":
                question.take_all(pattern("intents", name))
                question.take_all(pattern("superlatives", "most"))
                question.take_all(pattern("superlatives", "least"))
            if name == "value":
                _take_unit(slots, question, words)
    for name in ("sum", "value", "list"):
        question.take_all(pattern("intents", name))


def _refuse_second(slots: Understanding, name: str, words: str) -> None:
    """多少个项目一共多少钱 asks two things, of which one would be dropped. Raises Unanswerable."""
    second = {"count": {"money"}, "share": {"median", "average", "compare"}, "median": {"average", "compare"}}
    second |= {extreme: {"share", "median", "average", "count"} for extreme in ("highest", "lowest")}
    if "intent" in slots.words and name in second.get(slots.intent, ()):
        raise Unanswerable(f"“{slots.words['intent']}”和“{words}”是两个问题，请分开问", words)


def _take_how_often(question: Question, slots: Understanding) -> None:
    """机房多久巡检一次 asks for times a year."""
    if found := _HOW_OFTEN.search(question.rest):
        for start, end in (found.span("ask"), found.span("once")):
            question.cut(start, end)
        slots.unit, slots.subject, slots.words["intent"] = "/a", "values", found["ask"]


def _take_whole(slots: Understanding, words: str) -> None:
    """占全部资金的比例 is a share of all money. Raises Unanswerable for a share of anything but all."""
    if left := _ALL.sub("", words):
        raise Unanswerable(f"只能算占全部的比例，还不能算占“{left}”的比例", words)
    if pattern("measures", "funding").search(words):
        slots.measure = "funding"


def _take_superlative(question: Question, slots: Understanding) -> None:
    ways = (("strict", "strict"), ("loose", "loose"), ("most", "highest"), ("least", "lowest"))
    for name, intent in ways:
        if "intent" not in slots.words and (words := question.take(pattern("superlatives", name))):
            slots.intent, slots.words["intent"] = intent, words
            other = {"most": "least", "least": "most"}.get(name)
            slots.ends = other is not None and bool(
                question.take(
                    re.compile(rf"(?<=\0)(?:的?项目)?(?:以及|[和与及、])(?:{pattern('superlatives', other).pattern})")
                )
            )
            if "到" in words and not slots.nth:
                slots.limit = slots.limit or ALL
            if words in MONEY_WORDS:
                slots.measure = slots.measure or "funding"


def _say_intent(slots: Understanding, name: str, words: str) -> None:
    said = {"money": "sum", "change": "compare", "growth": "compare", "value": "list"}.get(name, name)
    if name == "growth":
        slots.by, slots.relative = slots.by or "year", "点" not in words
    if name == "money" or (name == "sum" and not slots.measure):
        slots.measure = slots.measure or ("funding" if name == "money" else None)
    if name == "change":
        slots.by = slots.by or "year"
    if "intent" not in slots.words:
        slots.intent, slots.words["intent"] = said, words
    slots.summed = slots.summed or (said == "sum" and bool(slots.limit))
    if name == "value" and "subject" not in slots.words and slots.subject in {None, "projects"}:
        slots.subject = "values"


def _take_unit(slots: Understanding, question: Question, words: str) -> None:
    """The unit that the asking word itself names: 多久 asks for hours, 多少人 for people."""
    if re.search(r"多久|多长时间", words):
        slots.unit = "h"
    elif (counted := re.fullmatch(r"(?:[有是为]|达到)?(?:多少|几)[十百千万亿]*(?:个(?=人))?(.+)", words)) and (
        unit := unit_at(counted[1], 0)
    ):
        slots.unit, slots.spoken = conversion(unit[0])[1], unit[0]
        if slots.unit == "{次}" and question.take(EVERY):
            slots.unit = "/a"
    elif words.endswith("多少"):
        after = question.text.index(words) + len(words)
        if question.text.startswith("兆", after):
            slots.unit = "Mbit/s"
            question.cut(after, after + 1)
        elif (unit := unit_at(question.text, after)) and unit[1] in {*tokens.starts(question.text), len(question.text)}:
            slots.unit = conversion(unit[0])[1]
            question.cut(after, unit[1])
        else:
            slots.counted = bool(re.match("[一-鿿]{2}", question.rest[after:]))
