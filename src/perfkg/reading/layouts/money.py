"""Amounts as printed to yuan: the number, and its unit from the amount, its label or the block's heading."""

from __future__ import annotations

import re
from decimal import Decimal

from perfkg.text import squeeze

NAMED = "亿元|百万元|万元|千元|元"
"""The units of amounts, as a pattern."""
_AMOUNT = re.compile(rf"(?:人民币|¥|约)*([-+]?\d[\d,]*(?:\.\d+)?)({NAMED}|亿|万)?(?![\d.、%‰])")
_GLUED = re.compile(r"(\d+(?:\.\d+)?)\1(?:\d0)?100(?:\.0+)?%")
_UNIT = re.compile(rf"[(:](?:单位:)?(?:人民币)?({NAMED})[)]?|单位:?(?:人民币)?({NAMED})")
UNIT_LINE = re.compile(rf"[(（]?(?:金额|货币|计量)?单位\s*[:：]\s*(?:人民币)?(?:{NAMED})[)）]?")
"""What states the unit of the amounts, as it stands within a text."""

_FACTORS = {
    "亿元": Decimal(10**8),
    "亿": Decimal(10**8),
    "百万元": Decimal(10**6),
    "万元": Decimal(10**4),
    "万": Decimal(10**4),
    "千元": Decimal(10**3),
    "元": Decimal(1),
}


def unit_of(text: str) -> str | None:
    """The unit a heading states for the amounts under it.

    >>> unit_of("项目资金（万元）"), unit_of("金额单位：人民币元"), unit_of("项目资金")
    ('万元', '元', None)
    """
    found = _UNIT.search(squeeze(text))
    return next((unit for unit in found.groups() if unit), None) if found else None


def is_unit_line(text: str) -> bool:
    """Whether the text only states the unit of the amounts.

    >>> is_unit_line("单位：万元"), is_unit_line("单位：云岭县水利局")
    (True, False)
    """
    return bool(UNIT_LINE.fullmatch(squeeze(text)))


def yuan(text: str, unit: str) -> float | None:
    """The amount at the beginning of `text` in yuan; `unit` holds where the text names none. None if there is none.

    Neither the number of a list (8.用事业基金弥补) nor amounts run together with a rate (202010100.00%10) are amounts.

    >>> yuan("11,800.00", "万元"), yuan("854万(高标准农田建设400万元)", "元"), yuan("￥1500", "千元"), yuan("—", "元")
    (118000000.0, 8540000.0, 1500000.0, None)
    """
    found = _AMOUNT.match(squeeze(text))
    if not found:
        return None
    number = Decimal(found.group(1).replace(",", ""))
    return float(number * _FACTORS[found.group(2) or unit])


def is_amount(text: str) -> bool:
    """Whether the text is an amount and nothing else.

    >>> is_amount("36.5 万元"), is_amount("854万(高标准农田建设400万元)")
    (True, False)
    """
    return bool(_AMOUNT.fullmatch(squeeze(text)))


def run_together(text: str) -> str | None:
    """The budget in a cell where the budget, the same amount spent, the points and the rate of 100% run together.

    >>> run_together("202010100.00%10"), run_together("20,20"), run_together("30029510098.33%10")
    ('20', None, None)
    """
    found = _GLUED.match(squeeze(text))
    return found.group(1) if found else None
