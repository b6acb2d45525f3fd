"""Search by numbers too: 响应时间不超过2小时的网络维护 is a topic and a wanted target, each compared in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import ge, gt, le, lt

from perfkg import targets
from perfkg.ask.names import plain
from perfkg.ask.spans import Question
from perfkg.ask.understanding import bounds
from perfkg.ask.wanted import take_number
from perfkg.library import Library
from perfkg.records import Hit, Target
from perfkg.search import Answer, search

SHARE = 0.3
"""The share of the number in the score; the rest is the score of the words alone."""

NEAR = 0.8
"""A number asked for without a sign is satisfied from this ratio on: 2小时 by 1.6 to 2.5 hours, the nearer the better."""

OPPOSED = 0.5
"""What a number is worth whose own sign looks the other way: 不少于1小时 where 2小时以内 is asked for."""

_POOL = 400
_TESTS: dict[str, Callable[[float, float], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt}


def split(text: str) -> tuple[str, Target | None]:
    """A text without its wanted number, and that number.

    >>> topic, number = split("响应时间不超过2小时的网络维护")
    >>> topic, number.comparator, number.value, number.unit
    ('响应时间网络维护', '<=', 2, 'h')
    """
    question = Question(plain(text))
    found = take_number(question)
    if found is None:
        return text, None
    return "".join(piece.removeprefix("的") for piece in question.pieces()), found[0]


def search_by_number(
    library: Library,
    text: str,
    category: str | None = None,
    organization: str | None = None,
    year: int | None = None,
    limit: int = 10,
) -> Answer:
    """Like search; where `text` holds a number, only hits with a target in its dimension that satisfies it.

    `reasons.number` is how well: 1 for a target within the bound, less for one that is near it or signed the other
    way. Raises what search raises.
    """
    topic, number = split(text)
    if number is None:
        return search(library, text, category, organization, year, limit)
    answer = search(library, topic or text, category, organization, year, max(_POOL, limit))
    kept = [_with(hit, share) for hit in answer.hits if (share := best(hit.targets, number)) > 0]
    kept.sort(key=lambda hit: (-hit.score, hit.id))
    return replace(answer, hits=tuple(kept[:limit]), total=len(kept))


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
