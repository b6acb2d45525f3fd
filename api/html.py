"""How pages are made: templates that escape everything, and the few words of display they share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from perfkg.errors import PerfkgError
from perfkg.records import Target

COOKIE = "perfkg_token"
"""Holds the token for a browser that has given it."""

_SIGNS = {">=": "≥", "<=": "≤", "~": "约", ">": ">", "<": "<"}
_UNITS = {
    "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "d": "天", "wk": "周", "mo": "个月", "a": "年",
    "m2": "平方米", "m3": "立方米", "m": "米", "km": "公里", "cm": "厘米", "mm": "毫米", "km2": "平方公里",
    "har": "公顷", "kg": "公斤", "t": "吨", "L": "升", "dB": "分贝", "Cel": "℃", "CNY": "元",
}  # fmt: skip
_KINDS = {"trend": "趋势", "state": "状态", "boolean": "是否", "reference": "依据", "scope": "范围"}
_CODE = re.compile(r"\{([^}]*)\}|(?<!bit/)(?<![A-Za-z])[A-Za-z]+\d?")


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of `template`."""
    known = {"request": request, "path": request.url.path, "known": COOKIE in request.cookies, "q": ""}
    body = _templates.get_template(template).render(known | context)
    headers = {"Cache-Control": "no-cache", "Vary": "Cookie, X-Requested-With"}
    return HTMLResponse(body.encode("utf-8", "replace"), status, headers)


def message(request: Request, title: str, error: PerfkgError, headers: Mapping[str, str]) -> Response:
    """A page that says what happened, where, and what to do."""
    answer = page(request, "message.html", error.status, title=title, error=error)
    answer.headers.update(headers)
    return answer


def marked(text: str | None, words: Iterable[str]) -> Markup:
    """`text` with each of `words` in it marked; width and case do not matter, as they do not in search."""
    if not text:
        return Markup("")
    folded, origin = _folded(text)
    inside = [False] * len(text)
    for word in words:
        start = folded.find(word)
        while start >= 0:
            for position in range(origin[start], origin[start + len(word) - 1] + 1):
                inside[position] = True
            start = folded.find(word, start + 1)
    return Markup("").join(_runs(text, inside))


def ten_thousands(yuan: float | None) -> str:
    """An amount in 万元, as forms write it: at least two decimals, none lost."""
    if yuan is None:
        return ""
    whole, _, decimals = f"{yuan / 10_000:,.6f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def understood(value: str | None, targets: Iterable[Target], comparable: bool = False) -> list[str]:
    """What a value was understood to say, a few words a target: 丢包率 ≤ 1 %. What only repeats the value is left out.

    With `comparable`, only what can be compared: numbers, frequencies and periods.
    """
    written = _squeezed(value)
    said = [_state(one, written) if one.kind in _KINDS else _fact(one) for one in targets if _shown(one, comparable)]
    return [text for text in said if _squeezed(text) != written]


def _shown(target: Target, comparable: bool) -> bool:
    return not (comparable and target.kind in _KINDS)


def _state(target: Target, written: str) -> str:
    kind = _KINDS[target.kind]
    return kind if _squeezed(target.text) == written else f"{kind}：{target.text}"


def _fact(target: Target) -> str:
    label = f"{target.label} " if target.label else ""
    if target.kind == "period":
        until = target.end or ""
        return f"{label}{until} 前" if target.comparator == "<=" else f"{label}{target.start or ''} 至 {until}"
    sign = _SIGNS.get(target.comparator or "", "")
    low, high = (target.low, target.high) if target.comparator == "[]" else (target.value, None)
    scale, unit = _scaled(low if high is None else high, target.unit)
    number = "～".join(_number(one / scale) for one in (low, high) if one is not None)
    times = "次" if target.kind == "frequency" and unit.startswith("/") else ""
    return f"{label}{sign}{' ' if sign else ''}{number} {times}{unit}".strip()


def _squeezed(text: str | None) -> str:
    return re.sub(r"[\s,，。;；]+", "", text or "")


def _scaled(number: float | None, unit: str | None) -> tuple[float, str]:
    said = _CODE.sub(lambda found: found[1] or _UNITS.get(found[0], found[0]), unit or "").replace("/个", "/")
    if said.startswith("元") and number is not None and abs(number) >= 10_000:
        return 10_000, "万" + said
    return 1, said


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as search folds it, and for each of its characters the position it comes from."""
    parts = [unicodedata.normalize("NFKC", character).lower() for character in text]
    return "".join(parts), [position for position, part in enumerate(parts) for _ in part]


def _runs(text: str, inside: list[bool]) -> Iterable[Markup]:
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or inside[end] != inside[start]:
            run = escape(text[start:end])
            yield Markup("<mark>{}</mark>").format(run) if inside[start] else run
            start = end


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"marked": marked, "ten_thousands": ten_thousands, "understood": understood}
