"""The words of a value that say what its number measures: 会议丢包率5%以下, 10个乡镇, 100%到位."""

from __future__ import annotations

import re

_ANYWHERE = "是 共 达到 完成 确保 保证 至少 全年 年度内 年内 每年 每月 每周 每日 每天 每季度 计划 预计 力争 共计 合计 总计 累计 分别 实现 左右 其中"
_FRONT_ONLY = "应当 应 需要 需 要 须 为 将 可 达 了 到 在 有 的 每 于 且 并 和 及 与 或 则 按 不 保障 全年度 当年 本年 本年度 继续 严格 争取 以 由 对"
_BACK_ONLY = "为 达 了 到 有 于 不 均 约 共需 需 按 应 每 不少于 不低于 不超过 大约 之间 即可"
_MARKS = r"[\s，,。.;；、:()“”\"'+%【】\[\]=≥≤<>·/~*-]"
# A helping word that is the head of a longer word helps nothing: 共享, 有效, 到位, 完成率.
_FRONT_KEEPS = (
    r"是否|共[享同建管治]|达标|完成[率度额]|保[证障][率金]|计划[生内外]|实现率|应[急用对收付届]|需求|要[求素点件]|将[来军]|可[持行靠用再]|到[位岗账达期户场]|在[校职岗编册押线建规园]"
    r"|有[效关机限力序线害毒]|及[时格]|与会|按[时期质质]|不[良合动文]|对[象外口接]|累计[率]|为[民主人]|了解|以[上下内]|由[来]|并[网发联]"
)
_BACK_KEEPS = r"(?:反|供|效|响|相|适|感|对)应|(?:行|作|成|认)为|(?:公|总|中)共|(?:到|传|送|下|表|抵)达|(?:迟|报|签|受|得)到|(?:所|国|现|保|拥|占|享|公|私|没)有|(?:平|年|人|户|日|月|亩|村)均|(?:节|签|合|制|预)约|(?:急|必|供|所)需|审计|统计"


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_FRONT = re.compile(rf"(?!{_FRONT_KEEPS})(?:(?:19|20)\d\d年度?|{_any(_ANYWHERE + ' ' + _FRONT_ONLY)})|{_MARKS}+")
_BACK = re.compile(rf"(?:{_any(_ANYWHERE + ' ' + _BACK_ONLY)}|{_MARKS})$")
_KEPT_BACK = re.compile(rf"(?:{_BACK_KEEPS})$")


def label(text: str) -> str | None:
    """`text` without helping words and punctuation at its edges; None where nothing is left."""
    start, end = 0, len(text)
    while start < end and (front := _FRONT.match(text, start, end)):
        start = front.end()
    while start < end and (back := _BACK.search(text, max(start, end - 4), end)) and not _KEPT_BACK.search(text, start, end):
        end = back.start()
    return text[start:end] or None


def noun(text: str) -> str | None:
    """What a counter counts, from the words behind it: 点 in 710个点的正常运转."""
    return label(re.split(r"的|[，,。;；、()]", text.lstrip("的"), maxsplit=1)[0])
