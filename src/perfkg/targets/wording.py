"""Targets, and numbers with their units, as a person reads them: 丢包率 ≤ 1 %, 4.8 万元, 3～5 天, 2 次/月."""

from __future__ import annotations

import re

from perfkg.records import Target

KINDS = {"trend": "趋势", "state": "状态", "boolean": "是否", "reference": "依据", "scope": "范围"}
"""What a target is called that has neither number nor date."""

_SIGNS = {">=": "≥", "<=": "≤", "~": "约", ">": ">", "<": "<"}
_UNITS = {
    "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "d": "天", "wk": "周", "mo": "个月", "a": "年",
    "m2": "平方米", "m3": "立方米", "m": "米", "km": "公里", "cm": "厘米", "mm": "毫米", "km2": "平方公里",
    "har": "公顷", "kg": "公斤", "t": "吨", "L": "升", "dB": "分贝", "Cel": "℃", "CNY": "元",
}  # fmt: skip
_CODE = re.compile(r"\{([^}]*)\}|(?<!bit/)(?<![A-Za-z])[A-Za-z]+\d?")
_LARGER = (("元", 10_000, "万元"), ("公斤", 1_000, "吨"))
"""From so many on, a unit gives way to a larger one."""


def fact(target: Target) -> str:
    """What a target with a number or a date says."""
    label = f"{target.label} " if target.label else ""
    if target.kind == "period":
        until = target.end or ""
        return f"{label}{until} 前" if target.comparator == "<=" else f"{label}{target.start or ''} 至 {until}"
    low, high = (target.low, target.high) if target.comparator == "[]" else (target.value, None)
    return f"{label}{bounded(target.comparator, amount(low, target.unit, high))}".strip()


def bounded(comparator: str | None, said: str) -> str:
    """An amount with the sign of its comparator."""
    sign = _SIGNS.get(comparator or "", "")
    return f"{sign} {said}" if sign else said


def amount(low: float | None, unit: str | None, high: float | None = None, decimals: int = 6) -> str:
    """A number, or an interval, with its UCUM unit in words."""
    scale, said = _scaled(low if high is None else high, unit)
    number = "～".join(_number(one / scale, decimals) for one in (low, high) if one is not None)
    return f"{number} {said}".strip()


def named(unit: str | None) -> str:
    """A UCUM unit in words: 小时, 元/人/年, 次/月. What has no word in Chinese stands as it is."""
    said = _CODE.sub(lambda found: found[1] or _UNITS.get(found[0], found[0]), unit or "").replace("/个月", "/月")
    return f"次{said}" if said.startswith("/") else said


def _scaled(number: float | None, unit: str | None) -> tuple[float, str]:
    said = named(unit)
    for small, least, large in _LARGER:
        if said.startswith(small) and number is not None and abs(number) >= least:
            return least, large + said.removeprefix(small)
    return 1, said


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
