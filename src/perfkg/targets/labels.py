"""The words of a value that say what its number measures: 会议丢包率5%以下, 10个乡镇, 100%到位."""

from __future__ import annotations

import re

Range = tuple[int, int]

_ANYWHERE = (
    "是 共 达到 完成 确保 保证 至少 全年 年度内 年内 每年 每月 每周 每日 每天 每季度 计划 预计 力争 共计 合计 总计 累计 分别 实现 左右 其中"
)
_FRONT_ONLY = (
    "按照 参照 依照 从 自 应当 应 需要 需 要 须 为 将 可 达 了 到 在 有 的 每 于 且 并 和 及 与 或 则 按 保障 全年度 当年 本年 本年度 继续 严格 争取 以 由 对 用于 人民币"
)
_BACK_ONLY = "为 达 了 到 有 于 不 均 约 共需 需 按 应 每 不少于 不低于 不超过 大约 之间 即可 且 并 和 及 与 或 在 人民币 保持 维持 稳定"
_MARKS = r"[\s，,。.;；、:()“”\"'+%【】\[\]=≥≤<>·/~¥-]"
# A helping word that is the head or the end of a longer word helps nothing: 共享, 到位, 完成率; 响应, 节约.
_FRONT_KEEPS = (
    r"是否|共[享同建管治]|达标|完成[率度额]|保[证障][率金]|计划[生内外]|实现率|应[急用对收付届]|需求|要[求素点件]|将[来军]|可[持行靠用再]"
    r"|到[位岗账达期户场]|在[校职岗编册押线建规园]|有[效关机限力序线害毒]|及[时格]|与会|按[时期质]|不[良合动文]|对[象外口接]|为[民主人]|了解"
    r"|以[上下内]|由来|并[网发联]|于都|每逢"
)
_BACK_KEEPS = (
    r"[反供效响相适感对]应|[行作成认]为|[公总中]共|[到传送下表抵]达|[迟报签受得]到|[所国现保拥占享公私没]有|[平年人户日月亩村]均|[节签合制预]约|[急必供所]需"
    r"|参与|普及|涉及|存在|现在|对于"
)


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_FRONT = re.compile(
    rf"(?!{_FRONT_KEEPS})(?:(?:19|20)\d\d年度?|{_any(f'{_ANYWHERE} {_FRONT_ONLY}')})|(?:^|(?<=[(（]))\d{{1,2}}[、.)]|{_MARKS}+"
)
_BACK = re.compile(rf"(?:{_any(f'{_ANYWHERE} {_BACK_ONLY}')}|{_MARKS})$")
_KEPT_BACK = re.compile(rf"(?:{_BACK_KEEPS})$")
_NOUN_ENDS = re.compile(r"的|[，,。;；、()]")


def label(text: str, start: int, end: int) -> Range | None:
    """The part of text[start:end] without helping words and punctuation at its edges; None where nothing is left."""
    while start < end and (front := _FRONT.match(text, start, end)):
        start = front.end()
    while start < end and (back := _BACK.search(text, max(start, end - 4), end)):
        if _KEPT_BACK.search(text, start, end):
            break
        end = back.start()
    return (start, end) if start < end else None


def noun(text: str, start: int, end: int) -> Range | None:
    """What a counter counts, from the words behind it: 点 in 710个点的正常运转."""
    start += text.startswith("的", start, end)
    cut = _NOUN_ENDS.search(text, start, end)
    return label(text, start, cut.start() if cut else end)
