"""What a text costs as a cell of each column, where nothing but the text itself can say that it is one."""

from __future__ import annotations

import re
from functools import lru_cache

from perfkg.reading.layouts import looks

EXPLAINS = re.compile(r"反映|指|主要|考核|用于|通过|按照|根据|衡量")
NUMBERED = re.compile(r"指标\d")
UNITS = re.compile(
    r"[十百千万亿]?(?:[%‰℃个人次户件条只头株棵亩元米吨升度台套辆项座家处所间名期场批份篇天年月日时分秒起单宗例张本册种类村镇乡]"
    r"|百分[比点]|公[里斤顷升]|千[米克瓦]|平方[公千]?米|立方米|小时|分钟|[厘毫]米|人次|工作日|课时|万元|亿元|左右|以[上下内])*"
    r"(?:[/每][元人个次户亩株件天年月日米吨套]+)*"
)
BASIS = re.compile(
    r"(?:按|依据|根据|参照|参考)[^按%‰\d\n；;。]{2,30}?(?:评价|评定|规定|要求|执行|文件|计划|标准|数据|统计|方案|合同)"
)
MISREAD = re.compile(r"[二工](?=\d)")
"""What text recognition makes of = and ≥."""
SLIPPED = re.compile(r"(?=.*(?:[$^]|\d{4}[%‰]|\d=))\d[\d.%‰$^=]{3,}[\d%‰]")
"""Digits that text recognition has run together or misread, so that none of them can be relied on."""
TREND = re.compile(r"(?:提升|提高|改善|改进|增强|增加|增长|减少|下降|降低|扩大|加强|优化)[\u4e00-\u9fff]{0,2}")
HAN = re.compile(r"[\u4e00-\u9fff]")
_ZERO = re.compile(r"0\d")
_SIGNED_NUMBER = re.compile(r"[=<>≥≤]{1,2}\s*\d")
_SHARE_WITHIN = re.compile(r"\d[%‰][^)）,，、]|[%‰]\d")
_SHARE_LAST = re.compile(r"\d[%‰]$")
_AMOUNT = re.compile(r"[^\d一-鿿]*\d[\d,.]*([^\d%‰]*)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_TEXT_THEN_NUMBER = re.compile(r"[\u4e00-\u9fff)）]{5}[^\u4e00-\u9fff]*\d")
_RUN_THEN_TEXT = re.compile(r"[\d.]{5,}[\u4e00-\u9fff]")
_NUMBER_FIRST = re.compile(r"\d+(?!\d|年)")
_NUMBER_THEN_TEXT = re.compile(r"\d[\u4e00-\u9fff]{4}")
_EXPLAINED = re.compile(r"(?:情况|程度|比例|水平|比率|影响|效果|进度|[率数量度])$")
_SHORT_NAME = 3
_LONG_NAME = 20
_MOST_POINTS = 100
_UNIT = re.compile(r"[万亿]?(?:[%‰]|[元人个次户亩株件家台套项公里平方米吨千克斤头只小时天月年批场期篇份条处座所名]+)?")


def of(role: str, text: str) -> float:
    """How much `text` speaks against being a cell of the column `role`; 0 if nothing does.

    >>> of("value", "≥95%") < of("value", "巡查河道"), of("name", "巡查河道") < of("name", "≥95%")
    (True, True)
    """
    if role == "name":
        return _name(text)
    if role == "explain":
        return _explain(text)
    if role == "basis" and BASIS.fullmatch(text):
        return 0.005 * len(text)
    if role in ("note", "basis"):
        return 0.6 + length(text) + 4.0 * bool(_TEXT_THEN_NUMBER.search(text)) if HAN.search(text) else 5.0
    if role == "sign":
        return 0.0 if looks.is_sign(text) else 5.0
    if role == "unit":
        return 0.0 if _UNIT.fullmatch(text) else 5.0
    if role in ("weight", "score"):
        return 5.0 if _ZERO.match(text) or float(text) > _MOST_POINTS else 0.0
    return _value(text)


@lru_cache(maxsize=65536)
def _name(text: str) -> float:
    cost = length(text) + (-1.0 if looks.number_before(text) else 0.0)
    cost += 4.0 if not HAN.search(text) else 0.0
    cost += 2.0 if looks.is_value(text) else 0.0
    cost += 3.0 if _SIGNED_NUMBER.search(text) else 0.0
    cost += 3.0 if NUMBERED.search(text, 1) else 0.0
    cost += 4.0 * len(_LONG_NUMBER.findall(text, len(looks.number_before(text))))
    cost += 0.8 * len(_NUMBER_THEN_TEXT.findall(text))
    cost += 1.5 if _SHARE_LAST.search(text) else 0.0
    cost += 0.8 if text[-1] == "二" else 0.0
    cost += 1.5 if _NUMBER_FIRST.match(text) else 0.0
    cost += 1.5 if _SHARE_WITHIN.search(text) else 0.0
    cost += 1.0 if len(text) < _SHORT_NAME else 0.0
    cost += 1.5 if text[-1].isdigit() and not looks.number_before(text + "指") else 0.0
    return cost + (2.0 if text[-1] in "=<>≥≤(（" or text[0] in "%)）" else 0.0)


def length(text: str) -> float:
    """What a text costs for being long."""
    return 0.01 * len(text) + 0.05 * max(0, len(text) - _LONG_NAME)


@lru_cache(maxsize=65536)
def _value(text: str) -> float:
    if MISREAD.match(text):
        return 0.5 + _value(text[1:])
    if looks.is_sign(text):
        return 0.6
    if SLIPPED.fullmatch(text):
        return 0.3
    if _ZERO.match(text):
        return 5.0
    if len(text) == 1 and text not in "是否" and not text.isdigit():
        return 1.6
    if looks.is_value(text) and not any(mark in text for mark in "$^"):
        amount = _AMOUNT.fullmatch(text)
        if amount:
            return 0.0 if UNITS.fullmatch(amount.group(1)) else 0.1 + 0.2 * len(amount.group(1))
        return 0.4 if len(text) > _SHORT_NAME and not looks.is_state(text) and not any(map(str.isdigit, text)) else 0.0
    if TREND.fullmatch(text):
        return 0.7
    numbered = 1.5 * len(_NUMBER_THEN_TEXT.findall(text)) + 1.0 * bool(EXPLAINS.search(text))
    numbered += 4.0 * len(_RUN_THEN_TEXT.findall(text))
    numbered += 3.0 if _TEXT_THEN_NUMBER.search(text) else 0.0
    numbered += 3.0 if NUMBERED.search(text) else 0.0
    if _SIGNED_NUMBER.match(text):
        return 0.3 + 2.0 * (len(_SIGNED_NUMBER.findall(text)) - 1) + 1.0 * (" " in text) + numbered + length(text)
    return 1.4 + 0.01 * len(text) + numbered


@lru_cache(maxsize=65536)
def _explain(text: str) -> float:
    begins = 0.0 if EXPLAINS.match(text) and len(text) > _SHORT_NAME else 3.0
    twice = len(EXPLAINS.findall(text)) - 1 if begins == 0.0 else 0
    begins += 0.0 if _EXPLAINED.search(text) else 0.6
    return begins + length(text) + 1.5 * any(map(str.isdigit, text)) + 0.5 * twice
