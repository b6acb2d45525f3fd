"""Search by numbers too: 响应时间不超过2小时的网络维护 is a topic and a wanted target, each compared in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt

from perfkg import targets
from perfkg.records import Hit, Target
from perfkg.search.spans import Question, plain
from perfkg.search.wanted import bounds, take_number

SHARE = 0.3
"""The share of the number in the score; the rest is the score of the words alone."""

NEAR = 0.8
"""A number asked for without a sign is satisfied from this ratio on: 2小时 by 1.6 to 2.5 hours, the nearer the better."""

OPPOSED = 0.5
"""What a number is worth whose own sign looks the other way: 不少于1小时 where 2小时以内 is asked for."""

RELATED = 0.25
"""A hit whose words are worth less than this of the best one's is about something else, whatever its number."""

LONGEST = 60
"""A longer text is a row or a paragraph, whose numbers are not asked for."""

_ROW = re.compile("指标[，,：:]")
"""What parts the category from the name in a row that was pasted: its number is its own, not one asked for."""

_YEAR = re.compile(r"(?:19|20)\d\d(?:年度?|(?!\d))")
_TESTS: dict[str, Callable[[float, float], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text without the number that it asks for, that number, and the words that ask for it."""

    topic: str
    number: Target
    words: str


def wanted(text: str, ignore: Collection[str] = ()) -> Wanted | None:
    """The number that a text asks for, unless its words are to be ignored. None without one.

    Of a number alone (每月2次) the whole text is the topic. A pasted row asks for no number.

    >>> wanted("时效指标，故障响应时间：不超过2小时")
    >>> found = wanted("响应时间不超过2小时的网络维护")
    >>> found.topic, found.number.comparator, found.number.value, found.number.unit
    ('响应时间网络维护', '<=', 2, 'h')
    """
    if len(text) > LONGEST or _ROW.search(text):
        return None
    question = Question(plain(text))
    years = question.take_all(_YEAR)
    found = take_number(question)
    if found is None or found[1] in ignore:
        return None
    topic = "".join(piece.removeprefix("的") for piece in question.pieces())
    return Wanted("".join(years) + (topic or text), *found)


def kept(hits: Iterable[Hit], number: Target) -> list[Hit]:
    """The hits with a target in the number's dimension that satisfies it, best first.

    `reasons.number` is how well: 1 for a target within the bound, less for one that is near it or signed the other way.
    """
    near = list(hits)
    enough = RELATED * max((hit.score for hit in near), default=0.0)
    found = [_with(hit, share) for hit in near if hit.score >= enough and (share := best(hit.targets, number)) > 0]
    return sorted(found, key=lambda hit: (-hit.score, hit.id))


def best(stated: tuple[Target, ...], wanted: Target) -> float:
    """How well the best of the targets satisfies the wanted one, 0 for not or in no comparable unit."""
    return max((satisfies(one, wanted) for one in stated), default=0.0)


def satisfies(stated: Target, wanted: Target) -> float:
    """How well one target satisfies the wanted one, 0 to 1; an interval does with both its ends."""
    if not targets.comparable(stated, wanted, same_thing=True):
        return 0.0
    _, asked = bounds(wanted) or ("", [])
    _, said = bounds(stated) or ("", [])
    numbers = [number for _, number in said]
    if asked[0][0] == "=":
        return min(_closeness(number, asked[0][1]) for number in numbers)
    if not all(_TESTS[sign](number, bound) for number in numbers for sign, bound in asked):
        return 0.0
    return OPPOSED if any(_opposed(mine, sign) for mine, _ in said for sign, _ in asked) and len(asked) == 1 else 1.0


def _closeness(number: float, wanted: float) -> float:
    if number == wanted:
        return 1.0
    ratio = min(number, wanted) / max(number, wanted) if min(number, wanted) > 0 else 0.0
    return ratio if ratio >= NEAR else 0.0


def _opposed(mine: str, wanted: str) -> bool:
    return bool({mine[0], wanted[0]} == {"<", ">"})


def _with(hit: Hit, share: float) -> Hit:
    score = round((1 - SHARE) * hit.score + SHARE * share, 4)
    return replace(hit, score=score, reasons=replace(hit.reasons, number=round(share, 4)))
