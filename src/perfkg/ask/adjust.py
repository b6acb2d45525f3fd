"""An understanding as the asker corrects it: parts ignored, parts set to another value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields

from perfkg import schemes, tokens
from perfkg.ask.names import Names
from perfkg.ask.understanding import LABELS, Understanding
from perfkg.errors import InvalidQuestion
from perfkg.records import Target
from perfkg.search.spans import Question, plain
from perfkg.search.wanted import take_number

CHANGEABLE = ("year", "organization", "category", "number", "topic")
"""The parts that can be set to another value; every part can be ignored."""

_SLOTS = {"organization": "organizations", "year": "years", "project": "projects"}
_WRITTEN = re.compile(r"(?P<sign>>=|<=|>|<|=|~)(?P<value>\d[\d.]*) ?(?P<unit>(?:[!-z~%]|\{[^}]*\})*)")
_BETWEEN = re.compile(r"(?P<low>\d[\d.]*)\.\.(?P<high>\d[\d.]*) ?(?P<unit>\S*)")


def adjusted(slots: Understanding, names: Names, ignore: Collection[str], fixed: Mapping[str, str]) -> Understanding:
    """The slots without the kinds in `ignore` and with the values in `fixed`.

    Raises InvalidQuestion for a kind there is not, or a value that says nothing to this library.
    """
    plainly = {one.name: one.default for one in fields(Understanding)}
    for kind in ignore:
        if kind not in LABELS:
            raise InvalidQuestion("没有这个条件", kind, f"可以去掉的有：{'、'.join(LABELS)}")
        slot = _SLOTS.get(kind, kind)
        setattr(slots, slot, plainly[slot])
        slots.words.pop(kind, None)
        if kind == "measure":
            slots.part = None
        if kind == "topic":
            slots.several, slots.of_rich = (), False
    for kind, value in fixed.items():
        if kind not in CHANGEABLE:
            raise InvalidQuestion("不能改这个条件", kind, f"可以改的有：{'、'.join(CHANGEABLE)}")
        _fix(slots, names, kind, value)
        slots.words[kind] = value
    return slots


def _fix(slots: Understanding, names: Names, kind: str, value: str) -> None:
    if kind == "year":
        slots.years = tuple(sorted({int(one) for one in re.findall(r"\d{4}", value)}))
        if not slots.years:
            raise InvalidQuestion("没有读懂年度", value, "请写四位数字的年度，例如：2022")
    elif kind == "organization":
        slots.organizations = tuple(one for one in names.organizations if one in value.split(",") or one == value)
        if not slots.organizations:
            raise InvalidQuestion("资料库里没有这个单位", value, "请写单位全称")
    elif kind == "category":
        if not schemes.find(value):
            raise InvalidQuestion("没有这个指标类别", value, "例如：质量指标、成本指标")
        slots.category = value
    elif kind == "number":
        slots.number = _number(value)
    else:
        slots.several = ()
        slots.topic = " ".join(tokens.pieces(plain(value))) or None


def unit_of(value: str) -> str | None:
    """The unit of a number as a chip or a person writes it. Raises InvalidQuestion."""
    return _number(value).unit


def _number(value: str) -> Target:
    """The number as a chip writes it (`<=4 h`) or as a person does (4小时以内)."""
    if found := _WRITTEN.fullmatch(value.strip()):
        return Target(
            "frequency" if found["unit"].startswith("/") else "quantity", value, found["sign"], float(found["value"]),
            unit=found["unit"] or None,
        )  # fmt: skip
    if found := _BETWEEN.fullmatch(value.strip()):
        low, high = float(found["low"]), float(found["high"])
        return Target("quantity", value, "[]", low=low, high=high, unit=found["unit"] or None)
    read = take_number(Question(plain(value)))
    if read is None:
        raise InvalidQuestion("没有读懂数值", value, "例如：低于95%、超过100万元、4小时以内")
    return read[0]
