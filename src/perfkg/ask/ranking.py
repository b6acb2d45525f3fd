"""How many are wanted, and of which place: 前三名, 排第二, 由高到低前五."""

from __future__ import annotations

import re

from perfkg.ask.understanding import Understanding
from perfkg.ask.wordlists import names, pattern
from perfkg.search.spans import Question

_COUNT = r"(?P<count>[1-9]\d?|[一二两三四五六七八九十])"
_LIMIT = re.compile(
    rf"(?:排名)?前{_COUNT}(?:名|位|个|家|条|大)?|哪(?P<which>[2-9]|[两二三四五六七八九十])(?:个|家|条)"
    rf"|(?<=[多少高低大小长短]){_COUNT.replace('count', 'after')}(?:个|家|条)"
    rf"|(?<=[多少高低大小长短]的){_COUNT.replace('count', 'of')}(?:个|家|条)"
)
_RANKED = re.compile(rf"(?:排名|排)?前{_COUNT}(?:名|位|大|(?=的|是|$|\W))")
_NTH = re.compile(rf"(?P<last>倒数)?(?:排名?(?:在)?)?第{_COUNT}(?:名|位)?(?P<way>[多高大长少低小短])?(?=的|是|$|\W)")
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
LEAST = frozenset("少低小短")


def take_ranks(question: Question, slots: Understanding) -> None:
    """Fills `limit` (the first so many) or `nth` (that place alone); a rank without a superlative is from the top."""
    ranked = any(question.holds(pattern("superlatives", name)) for name in names("superlatives"))
    if nth := _NTH.search(question.rest):
        slots.nth = _number(nth["count"])
        slots.words["limit"] = question.cut(*nth.span())
        if not ranked:
            slots.intent = "lowest" if nth["last"] or (nth["way"] or "多") in LEAST else "highest"
            slots.words["intent"] = nth[0]
        return
    found = (_LIMIT if ranked else _RANKED).search(question.rest)
    if found:
        if not ranked:
            slots.intent, slots.words["intent"] = "highest", found[0]
        slots.limit = _number(next(group for group in found.groups() if group))
        slots.words["limit"] = question.cut(*found.span())
        # 最少的两个项目是哪两个 says it twice.
        again = re.compile(rf"(?:(?<=的)|是?哪){_COUNT}[个家条]")
        if (said := again.search(question.rest)) and _number(said["count"]) == slots.limit:
            question.cut(*said.span())


def _number(said: str) -> int:
    return _DIGITS.get(said) or int(said)
