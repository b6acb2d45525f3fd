"""Where cells that stand glued together can touch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfkg.reading.layouts import looks
from perfkg.reading.layouts.costs import BASIS, EXPLAINS, HAN, MISREAD, NUMBERED, TREND, UNITS

_UNIT_BEFORE = re.compile(
    r"(?<=[\u4e00-\u9fff)）])[万亿]?(?:平方米|公里|小时|[元人个次户亩株件台套项吨只天月年期份处座名])(?=\d)"
)
_MEASURED = re.compile(r"(?:[率度]|[(（]%[)）])(?=[\u4e00-\u9fff]{4})")
_TREND_LAST = re.compile(TREND.pattern + r"(?=\s*(?:[；;。\n]|$))")
_LAST_DIGIT = re.compile(r"\d(?![\d.])")
_MOST_BASIS = 60


def seams(text: str, roles: Sequence[str], *, celled: bool) -> frozenset[int]:
    """The places in `text` where a cell of one of the columns `roles` can end. Not `celled`: prose."""
    found = set(_anywhere(text))
    if "explain" in roles:
        found |= measured(text)
    if "unit" in roles:
        found |= {unit.start() for unit in _UNIT_BEFORE.finditer(text)}
    if "basis" in roles:
        found |= {end for one in BASIS.finditer(text) for end in _ends_of_basis(text, one.start())}
    if celled:
        found |= {trend.start() for trend in _TREND_LAST.finditer(text)}
    return frozenset(found)


def measured(text: str) -> frozenset[int]:
    """Where the name of a measure ends and words go on: …率|全县…, which may be where its explanation begins."""
    return frozenset(found.end() for found in _MEASURED.finditer(text))


def _anywhere(text: str) -> set[int]:
    """Where the kind of character changes, and around states, explanations and 指标1."""
    kinds = [_kind(character) for character in text]
    seams = {index for index in range(1, len(text)) if kinds[index] != kinds[index - 1]} | {len(text)}
    for pattern in (EXPLAINS, NUMBERED, MISREAD):
        seams.update(found.start() for found in pattern.finditer(text))
    for digit in _LAST_DIGIT.finditer(text):
        unit = UNITS.match(text, digit.end())
        seams.add(unit.end() if unit else digit.end())
    for start in range(len(text)):
        seams.update((start, end) if (end := looks.state_end(text, start)) else ())
    return seams


def _ends_of_basis(text: str, start: int) -> Iterator[int]:
    """Where a 依据 that begins at `start` can end: at each of its last words, 按标准 or 按标准评价."""
    for end in range(start + 3, min(start + _MOST_BASIS, len(text)) + 1):
        if BASIS.fullmatch(text, start, end):
            yield end


def _kind(character: str) -> str:
    if character.isdigit() or character == ".":
        return "digit"
    return "han" if HAN.match(character) else character
