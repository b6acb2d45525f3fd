"""Numbers as forms write them: 1,600 · 4.8万 · 二十三 · 百分之九十五 · 半."""

from __future__ import annotations

import re
from typing import NamedTuple

# Floats hold 15 decimal digits; a longer number is a slip of the pen or of a scanner.
LONGEST = 15

NUMBER = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?![\d,])|\d{1,3}(?: \d{3})+(?![\d ])|\d+)(?P<decimals>\.\d+)?"
    r"(?P<scale>[百千]?(?:万[万亿]?|亿)|百(?!分)|千(?![克米瓦伏卡帕赫]))?"
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
SCALES = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "万万": 1e8, "万亿": 1e12}
SCALES |= {small + big: SCALES[small] * SCALES[big] for small in "百千" for big in ("万", "亿", "万万", "万亿")}


class Number(NamedTuple):
    """A number read: `value` (None where it is too long to be held), what it was multiplied by, where it ends."""

    value: float | None
    scale: float
    end: int
    percent: bool = False


def arabic(match: re.Match[str]) -> Number:
    """The number a match of NUMBER stands for, multiplied out."""
    digits, decimals, scale = match.group("digits", "decimals", "scale")
    factor = SCALES[scale] if scale else 1.0
    plain = digits.replace(",", "").replace(" ", "") + (decimals or "")
    if len(plain.strip("0")) > LONGEST + 1:
        return Number(None, factor, match.end())
    value = float(plain) if decimals else int(plain)
    return Number(times(value, factor), factor, match.end())


def times(value: float, factor: float) -> float:
    """`value` × `factor` as it would be written: 1.1 × 10000 is 11000, not 11000.000000000002."""
    product = value if factor == 1.0 else float(f"{value * factor:.12g}")
    return int(product) if product == int(product) else product


def chinese(text: str) -> float | None:
    """The number in Chinese numerals (九十五, 两百三十, 一万二, 三点五); None where they make none (三四, 一百一百)."""
    whole, _, decimals = text.partition("点")
    value = _chinese_whole(whole)
    if value is None or not decimals:
        return value
    if not all(c in _DIGITS for c in decimals):
        return None
    return float(f"{value}." + "".join(str(_DIGITS[c]) for c in decimals))


def _chinese_whole(text: str) -> float | None:
    total, section, digit, last = 0, 0, None, 10**9
    for c in text:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif c in _POWERS:
            if _POWERS[c] >= last:
                return None
            section += (1 if digit is None else digit) * _POWERS[c]
            digit, last = None, _POWERS[c]
        else:
            if not section and not digit:
                return None
            total = (total + section + (digit or 0)) * (10**4 if c == "万" else 10**8)
            section, digit, last = 0, None, 10**9
    return total + section + (digit or 0) if text else None


_CAPITALS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_RUN = "零〇一二两三四五六七八九十百千万亿"
_WHOLE, _PART = rf"[{_RUN}]{{1,15}}", rf"(?:点[{_RUN}]{{1,9}})?"
_CAPITAL = "[壹贰叁肆伍陆柒捌玖拾][壹贰叁肆伍陆柒捌玖拾佰仟零万亿]{1,15}"
CHINESE = re.compile(
    rf"(?P<all>百分百)|(?P<parts>[百千万]|{_WHOLE})分之(?P<share>{_WHOLE}{_PART}|\d{{1,15}}(?:\.\d{{1,9}})?)"
    rf"|(?P<capital>{_CAPITAL})(?=元|圆)|(?P<run>{_WHOLE}{_PART})|(?P<half>半)(?=年|个?[月小]|天|日)"
)
# 统一, 初三, 周五, 第二: the numeral belongs to the word before it.
_BOUND = frozenset("统唯单同专逐之不步任合归初高大周五双星第其某跑上下另再又进万手")


def chinese_at(text: str, at: int, *, free: bool = False) -> Number | None:
    """The number in Chinese numerals that begins at `at`; None where there is none or it belongs to a word.

    `free` says that what stands before it was read already: 每周一次.
    """
    match = CHINESE.match(text, at)
    if not match or (at and not free and text[at - 1] in _BOUND):
        return None
    if match["all"]:
        return Number(100, 1.0, match.end(), percent=True)
    if match["half"]:
        return Number(0.5, 1.0, match.end())
    if run := match["run"] or (match["capital"] or "").translate(_CAPITALS):
        vague = run[0] in "百千万亿" or (run[0] == "十" and at > 0 and text[at - 1] in "数几")
        value = None if vague else chinese(run)
        return None if value is None else Number(value, 1e4 if run[-1] in "万亿" else 1.0, match.end())
    return _share(match["parts"], match["share"], match.end())


def _share(parts: str, share: str, end: int) -> Number | None:
    """百分之九十五 as 95 %, 千分之三 as 0.3 %, 三分之二 as 66.67 %."""
    above = float(share) if share[0].isdigit() else chinese(share)
    below = {"百": 100.0, "千": 1000.0, "万": 10000.0}.get(parts) or chinese(parts)
    if above is None or not below:
        return None
    value = times(above, 100 / below) if below % 100 == 0 else round(above / below * 100, 2)
    return Number(value, 1.0, end, percent=True)
