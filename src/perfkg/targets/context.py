"""What stands beside a value: the indicator's name, and columns of its own for sign and unit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from perfkg.targets.comparators import BEFORE, SIGNS
from perfkg.targets.expressions import whole
from perfkg.targets.folding import fold

_BRACKET = re.compile(r"\(?([<>=≥≤]*)[*Xx_]{1,}([^()*]{1,8})\)?$|\(([<>=≥≤]*)([^()]{1,8})\)$|([%‰])$")
_COUNTED = re.compile(
    r"(人次|人|户次|(?<!用)户|场次|次|天|月|年|周|小时|个|件|家|场|期|批次|批|课时|学时|台|套|册|篇|份|辆|处|所|座|间|条|只|头|株|例|宗|班次|单|幅|部|盏|棵)数量?$|(人次)$"
)
_RATIO = re.compile(r"率|比例|比重|占比|满意度|百分比|知晓度")
_MONEY = re.compile(
    "费|资金|补助|投资|成本|收入|金额|产值|支出|预算|补贴|奖[励金]|款|经济效益|薪|工资|基金|津贴|造价|税|救助金|标准"
)
_WIDE = re.compile(r"带宽|宽带|光纤|专线|互联网|视频会|网络|网速|速率|链路")
_LONG = re.compile(r"长度|里程|距离|管[道网线]|宽度|高度|深度|公里|延米")
STORED = re.compile(r"存储|内存|硬盘|容量|空间|流量|数据量|存贮|网盘")
_OVER = re.compile(r"增|提高|提升|完成率|执行|产值|收入|利用|投资|上涨|回报|下降|减|负债|周转|产出|杠杆|撬动|比上年|较")
_DATED = re.compile(r"年度$|年份$|时间|时限|期限|日期|节点|进度")
_DATE = re.compile(r"((?:19|20)\d\d)年\d{1,2}月\d{1,2}日")


class Context(NamedTuple):
    """What a bare number takes from beside it: sign, factor and unit; and what the name says is measured."""

    sign: str | None = None
    sign_column: bool = False
    unit_column: bool = False
    factor: float = 1.0
    unit: str | None = None
    ratio: bool = False
    money: bool = False
    wide: bool = False
    long: bool = False
    stored: bool = False
    capped: bool = False
    dated: bool = False
    year: int | None = None


@lru_cache(maxsize=65536)
def context(name: str | None, sign: str | None, unit: str | None) -> Context:
    """The context of all values under `name`, in a row whose sign and unit columns say `sign` and `unit`."""
    text = fold(name).text.rstrip(":;,，。、") if name else ""
    bracket = _bracket(text)
    own = _column(unit)
    factor, code = own or bracket[1:]
    if code is None:
        factor, code = counted(re.sub(r"\([^()]*\)", "", text)) or (1.0, None)
    ratio = bool(_RATIO.search(text))
    return Context(
        sign=_sign(sign) or bracket[0],
        sign_column=_sign(sign) is not None,
        unit_column=own is not None,
        factor=factor,
        unit=code,
        ratio=ratio,
        money=bool(_MONEY.search(text)),
        wide=bool(_WIDE.search(text)),
        long=bool(_LONG.search(text)),
        stored=bool(STORED.search(text)),
        capped=ratio and not _OVER.search(text),
        dated=bool(_DATED.search(text)),
        year=int(dated[1]) if (dated := _DATE.search(text)) else None,
    )


def counted(text: str) -> tuple[float, str] | None:
    """Factor and unit that the last word of a name or label says is counted: 人数, 户数, 培训人次."""
    match = _COUNTED.search(text)
    return whole(match[1] or match[2]) if match else None


def _bracket(name: str) -> tuple[str | None, float, str | None]:
    """Sign, factor and unit from the end of a name: …(≥**万元), …(人), …数≥**人, …满意度%."""
    match = _BRACKET.search(name)
    if not match:
        return None, 1.0, None
    sign = SIGNS.get(match[1] or match[3] or "")
    written = match[2] or match[4] or match[5]
    factor, code = whole(written) or (1.0, None)
    if code and "/" in written and "/" not in code and code != "{台套}":
        code = None  # (台/件/套) leaves open which
    return sign, factor, code


def _column(unit: str | None) -> tuple[float, str] | None:
    text = fold(unit).text.strip("()") if unit else ""
    if text.count("(") > text.count(")"):
        text += ")"
    return whole(text) if text else None


def _sign(sign: str | None) -> str | None:
    return BEFORE.get(fold(sign).text) if sign else None
