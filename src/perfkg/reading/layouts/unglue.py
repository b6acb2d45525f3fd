"""Rows whose cells stand glued together, taken apart by what each column can hold: 安装水标尺10≥266米≥266米10.

The cheapest way to cut, as in `align`; that the actual repeats the target and the score the weight speaks for a cut, a
cut within a number against it. Where nothing decides, the text stays whole and the row is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfkg.reading.layouts import looks

_BREAKS = "\n；;。"
_EDGES = " \t\n；;。，,、：:"
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
_ZERO = re.compile(r"0\d")
_EXPLAINS = re.compile(r"反映|指|主要|考核|用于|通过|按照|根据|衡量")
_SIGNED_NUMBER = re.compile(r"[=<>≥≤]{1,2}\s*\d")
_NUMBERED = re.compile(r"指标\d")
_UNIT = re.compile(r"[万亿]?(?:[%‰]|[元人个次户亩株件家台套项公里平方米吨千克斤头只小时天月年批场期篇份条处座所名]+)?")
_LONG_NUMBER = re.compile(r"\d{5,}")
_SHARE_WITHIN = re.compile(r"\d[%‰][^)）,，、]|[%‰]\d")
_AMOUNT = re.compile(r"[^\d一-鿿]*\d[\d,.]*([^\d%‰]*)")
_UNITS = re.compile(
    r"[十百千万亿]?(?:[%‰℃个人次户件条只头株棵亩元米吨升度台套辆项座家处所间名期场批份篇天年月日时分秒起单宗例张本册种类村镇乡]"
    r"|百分[比点]|公[里斤顷升]|千[米克瓦]|平方[公千]?米|立方米|小时|分钟|[厘毫]米|人次|工作日|课时|万元|亿元|左右|以[上下内])*"
    r"(?:[/每][元人个次户亩株件天年月日米吨套]+)*"
)
_TEXT_THEN_NUMBER = re.compile(r"[\u4e00-\u9fff)）]{5}[^\u4e00-\u9fff]*\d")
_RUN_THEN_TEXT = re.compile(r"[\d.]{5,}[\u4e00-\u9fff]")
_NUMBER_FIRST = re.compile(r"\d+(?!\d|年)")
_NUMBER_THEN_TEXT = re.compile(r"\d[\u4e00-\u9fff]{4}")
_EXPLAINED = re.compile(r"(?:情况|程度|比例|水平|比率|影响|效果|进度|[率数量度])$")
_MEASURED = re.compile(r"(?:[率度]|[(（]%[)）])(?=[\u4e00-\u9fff]{4})")
_BASIS = re.compile(
    r"(?:按|依据|根据|参照|参考)[^按%‰\d\n；;。]{2,30}?(?:评价|评定|规定|要求|执行|文件|计划|标准|数据|统计|方案|合同)"
)
_LAST_DIGIT = re.compile(r"\d(?![\d.])")
_SHORT_NAME = 3
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LONG_NAME = 20
_MOST_NAME, _MOST_VALUE, _MOST_EXPLAIN = 90, 40, 60
_EMPTY = {"name": 1.0, "value": 1.0, "actual": 0.8, "weight": 0.8, "score": 0.7}
_EMPTY |= {"sign": 0.2, "unit": 0.2, "explain": 0.3, "note": 0.0, "basis": 0.3}
_EMPTY |= dict.fromkeys(("excellent", "good", "fair", "poor"), 0.5)
_NEW_ROW = 0.5
_VAGUE = 1.0
_WITHIN_NUMBER = 1.0
_FEWEST_DIGITS = 5

Field = tuple[str, int, int]
_Found = tuple[float, tuple[tuple[Field, ...], ...]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A row: its fields as (role, start, end) in the text, and whether another cut is as likely; `vague` if nothing speaks for it."""

    fields: tuple[Field, ...]
    doubtful: bool
    vague: bool


def unglue(text: str, roles: Sequence[str]) -> list[Cut]:
    """The rows in `text` whose columns are `roles`, from name on."""
    wanted = tuple(role for role in roles if role in _EMPTY)
    rows = _Cutter(text, wanted).rows()
    return [_checked(text, row, wanted) for row in rows if row]


def _checked(text: str, row: tuple[Field, ...], roles: tuple[str, ...]) -> Cut:
    """The row, its numbers left as printed where a run of digits could be cut in several ways."""
    held = {role: text[start:end] for role, start, end in row}
    numeric = [role for role in roles if role in ("weight", "actual", "score")]
    run = re.sub(r"\D", "", held.get("value", ""))
    if len(numeric) < 2 or any(role in held for role in numeric) or len(run) < _FEWEST_DIGITS:
        vague = any(_value_cost(held[role].strip()) >= _VAGUE for role in ("value", "actual") if role in held)
        vague = vague or "name" not in held
        return Cut(row, vague or (_cuts_number(text, row) and "actual" in roles), vague)
    names = [field for field in row if field[0] == "name"]
    start = min(field[1] for field in row if field[0] != "name")
    return Cut((*names, ("value", start, max(field[2] for field in row))), True, True)


def _cuts_number(text: str, row: tuple[Field, ...]) -> bool:
    return any(text[end - 1].isdigit() and text[end : end + 1].isdigit() for _, _, end in row)


class _Cutter:
    """Finds the cheapest rows from each place of one text."""

    def __init__(self, text: str, roles: tuple[str, ...]) -> None:
        self.text, self.roles = text, roles
        self.measured = {found.end() for found in _MEASURED.finditer(text)} if "explain" in roles else set()
        self.seams = _seams(text) | self.measured
        if "basis" in roles:
            self.seams |= {end for found in _BASIS.finditer(text) for end in _ends_of_basis(text, found.start())}
        self.best = lru_cache(maxsize=None)(self._best)

    def rows(self) -> tuple[tuple[Field, ...], ...]:
        """All rows of the text; each place is solved from the end, so that no recursion is deep."""
        for start in range(len(self.text), -1, -1):
            self.best(start, 0, "", "")
        return self.best(0, 0, "", "")[1]

    def _best(self, start: int, index: int, value: str, weight: str) -> _Found:
        """The cheapest rest from `start`, the next field being that of role `index` of the running row."""
        start = self._skipped(start)
        if start >= len(self.text):
            return sum(_EMPTY[role] for role in self.roles[index:] if index), ((),)
        options = list(self._fields(start, index, value, weight)) if index < len(self.roles) else []
        if index:
            options.append(self._next_row(start, index))
        return min(options, key=lambda option: option[0])

    def _skipped(self, start: int) -> int:
        while start < len(self.text) and (self.text[start] in _EDGES or self.text[start].isspace()):
            start += 1
        return start

    def _next_row(self, start: int, index: int) -> _Found:
        between = self.text[self.text.rfind(self.text[:start].rstrip(_EDGES)[-1:], 0, start) + 1 : start]
        cost, rows = self.best(start, 0, "", "")
        free = any(mark in between for mark in _BREAKS)
        left = sum(_EMPTY[role] for role in self.roles[index:])
        return cost + left + (0.0 if free else _NEW_ROW), ((), *rows)

    def _fields(self, start: int, index: int, value: str, weight: str) -> Iterator[_Found]:
        for at in range(index, len(self.roles)):
            role = self.roles[at]
            empty = sum(_EMPTY[other] for other in self.roles[index:at])
            for end in self._ends(role, start):
                text = self.text[start:end].strip()
                own = empty + self._cost(role, start, text, value, weight) + self._edge(end)
                kept = (text if role == "value" else value, text if role == "weight" else weight)
                cost, rows = self.best(end, at + 1, *kept)
                yield own + cost, (((role, start, end), *rows[0]), *rows[1:])

    def _edge(self, end: int) -> float:
        """What it costs to cut within a number, or within a word of Latin letters."""
        before, after = self.text[end - 1], self.text[end : end + 1]
        return _WITHIN_NUMBER if before.isdigit() and (after.isdigit() or after == ".") else 0.0

    def _ends(self, role: str, start: int) -> Iterator[int]:
        """Where a field of the role that begins at `start` can end; never beyond a line or a semicolon."""
        if role in ("weight", "score"):
            found = _NUMBER.match(self.text, start)
            for end in range(start + 1, found.end() + 1) if found else ():
                if self.text[end - 1] != ".":
                    yield end
            return
        most = {"name": _MOST_NAME, "explain": _MOST_EXPLAIN, "sign": 2, "unit": 4}.get(role, _MOST_VALUE)
        for end in range(start + 1, min(start + most, len(self.text)) + 1):
            if self.text[end - 1] in _BREAKS:
                return
            if end in self.seams:
                yield end

    def _cost(self, role: str, start: int, text: str, value: str, weight: str) -> float:
        if role in ("weight", "score"):
            return (5.0 if _ZERO.match(text) else 0.0) - (0.5 if role == "score" and weight == text else 0.0)
        if role == "name":
            return _name_cost(text) + (1.0 if any(start < end < start + len(text) for end in self.measured) else 0.0)
        if role == "explain":
            return min(_explain_cost(text), 0.4 + _length_cost(text) if start in self.measured else 9.0)
        if role == "basis" and _BASIS.fullmatch(text):
            return 0.005 * len(text)
        if role in ("note", "basis"):
            return 0.6 + _length_cost(text) + 4.0 * bool(_TEXT_THEN_NUMBER.search(text)) if _HAN.search(text) else 5.0
        if role == "sign":
            return 0.0 if looks.is_sign(text) else 5.0
        if role == "unit":
            return 0.0 if _UNIT.fullmatch(text) else 5.0
        repeated = -1.0 if role == "actual" and text == value else 0.0
        return _value_cost(text) + repeated + (0.3 if role == "actual" else 0.0)


def _seams(text: str) -> frozenset[int]:
    """Where cells can touch: where the kind of character changes, and around states, explanations and 指标1."""
    kinds = [_kind(character) for character in text]
    seams = {index for index in range(1, len(text)) if kinds[index] != kinds[index - 1]} | {len(text)}
    for pattern in (_EXPLAINS, _NUMBERED):
        seams.update(found.start() for found in pattern.finditer(text))
    for digit in _LAST_DIGIT.finditer(text):
        unit = _UNITS.match(text, digit.end())
        seams.add(unit.end() if unit else digit.end())
    for start in range(len(text)):
        seams.update((start, end) if (end := looks.state_end(text, start)) else ())
    return frozenset(seams)


def _ends_of_basis(text: str, start: int) -> Iterator[int]:
    """Where a 依据 that begins at `start` can end: at each of its last words, 按标准 or 按标准评价."""
    for end in range(start + 3, min(start + _MOST_EXPLAIN, len(text)) + 1):
        if _BASIS.fullmatch(text, start, end):
            yield end


def _kind(character: str) -> str:
    if character.isdigit() or character == ".":
        return "digit"
    return "han" if _HAN.match(character) else character


@lru_cache(maxsize=65536)
def _name_cost(text: str) -> float:
    cost = _length_cost(text) + (-1.0 if looks.number_before(text) else 0.0)
    cost += 4.0 if not _HAN.search(text) else 0.0
    cost += 2.0 if looks.is_value(text) else 0.0
    cost += 3.0 if _SIGNED_NUMBER.search(text) else 0.0
    cost += 3.0 if _NUMBERED.search(text, 1) else 0.0
    cost += 4.0 * len(_LONG_NUMBER.findall(text, len(looks.number_before(text))))
    cost += 0.8 if _NUMBER_THEN_TEXT.search(text) else 0.0
    cost += 1.5 if _NUMBER_FIRST.match(text) else 0.0
    cost += 1.5 if _SHARE_WITHIN.search(text) else 0.0
    cost += 1.0 if len(text) < _SHORT_NAME else 0.0
    cost += 1.5 if text[-1].isdigit() and not looks.number_before(text + "指") else 0.0
    return cost + (2.0 if text[-1] in "=<>≥≤(（" or text[0] in "%)）" else 0.0)


def _length_cost(text: str) -> float:
    return 0.01 * len(text) + 0.05 * max(0, len(text) - _LONG_NAME)


@lru_cache(maxsize=65536)
def _value_cost(text: str) -> float:
    if _ZERO.match(text):
        return 5.0
    if len(text) == 1 and text not in "是否" and not text.isdigit():
        return 1.6
    if looks.is_value(text):
        amount = _AMOUNT.fullmatch(text)
        if amount:
            return 0.0 if _UNITS.fullmatch(amount.group(1)) else 0.1 + 0.2 * len(amount.group(1))
        return 0.4 if len(text) > _SHORT_NAME and not looks.is_state(text) and not any(map(str.isdigit, text)) else 0.0
    numbered = 1.5 * len(_NUMBER_THEN_TEXT.findall(text))
    numbered += 4.0 * len(_RUN_THEN_TEXT.findall(text))
    numbered += 3.0 if _TEXT_THEN_NUMBER.search(text) else 0.0
    numbered += 3.0 if _NUMBERED.search(text) else 0.0
    if _SIGNED_NUMBER.match(text):
        return 0.3 + 2.0 * (len(_SIGNED_NUMBER.findall(text)) - 1) + 1.0 * (" " in text) + numbered + _length_cost(text)
    return 1.4 + 0.01 * len(text) + numbered


@lru_cache(maxsize=65536)
def _explain_cost(text: str) -> float:
    begins = 0.0 if _EXPLAINS.match(text) and len(text) > _SHORT_NAME else 3.0
    twice = len(_EXPLAINS.findall(text)) - 1 if begins == 0.0 else 0
    begins += 0.0 if _EXPLAINED.search(text) else 0.6
    return begins + _length_cost(text) + 1.5 * any(map(str.isdigit, text)) + 0.5 * twice
