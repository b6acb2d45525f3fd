"""What a name is about: its words without those that every office uses."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from perfkg import tokens
from perfkg.concepts.wording import plain

_STRONG = frozenset({"matter", "object", "organization", "person"})
_WEAK = frozenset({"action", "document", "money", "place"})
"""Kinds of the lexicon's terms: what something is about (网络, 学生), and what only hints at it (采购, 标准, 差旅费).
The others say what is measured (满意度) or how well (完好).
"""

_HINT = 0.5
_USUAL = 2000
"""A word outside the lexicon hints if it is no more frequent than this in general Chinese (jieba's counts)."""

_AREA = re.compile(r".{1,5}[省市县镇乡州]$")
_EVERYWHERE = frozenset(
    "项目 指标 响应 处理 处置 修复 时间 "
    "系统 管理 平台 服务 县级 全县 本级 年度 工作 经费 资金 费用 成本 保障 保证 开展 相关 情况 建设 运行 维护 支付 各项 人员 "
    "单位 群众 公众 社会 社会公众 对象 服务对象 中心 组织 专项 支出 金额 问题 县代表 受益 受益群众 受益对象 工程 材料 机构 业务 新增 达标 通过".split()
)


@lru_cache(100_000)
def matter(text: str | None) -> frozenset[str]:
    """The words that tell what a name is about, synonyms as one.

    >>> sorted(matter("网络故障修复时间")), matter("服务对象满意度")
    (['网络', '网络故障'], frozenset())
    """
    name = plain(text or "")
    whole = tokens.cut(name)
    strong = [word for word in whole if telling(word) == 1]
    # Within a strong word only strong ones: 视频会议 is no 会议, but 养护里程 is of 养护.
    found = (word for word in tokens.words(name) if telling(word) == 1 or not any(word in one for one in strong))
    return frozenset(word for word in found if telling(word) and (word in whole or word in tokens.kinds()))


@cache
def telling(word: str) -> float:
    """How much a word can tell of a matter wherever it stands: 1, half of it for a mere hint, 0 for nothing."""
    kind = tokens.kinds().get(word)
    if word in _EVERYWHERE or word in tokens.stopwords() or word.isascii():
        return 0.0
    if kind in _STRONG:
        return 1.0
    is_word = kind in _WEAK or (kind is None and tokens.frequency(word) <= _USUAL and not _AREA.match(word))
    return _HINT if is_word else 0.0
