"""The words of a value that say what its number measures: 会议丢包率5%以下, 10个乡镇, 100%到位."""

from __future__ import annotations

import re
from dataclasses import dataclass

Range = tuple[int, int]

_ANYWHERE = (
    "是 共 已 达到 完成 确保 保证 至少 全年 年度内 年内 每年 每月 每周 每日 每天 每季度"
    " 计划 预计 力争 共计 合计 总计 累计 分别 实现 左右 其中"
)
_FRONT_ONLY = (
    "按照 参照 依照 从 自 应当 应 需要 需 要 须 为 将 可 达 了 到 在 有 的 每 于 且 并 和 及 与 或 则 按 保障 继续 严格"
    " 争取 以 由 对 用于 人民币 全年度 当年 本年 本年度"
)
_BACK_ONLY = (
    "为 达 了 到 有 于 不 均 约 共需 需 按 应 每 不少于 不低于 不超过 大约 之间 即可 且 并 和 及 与 或 在 人民币"
    " 保持 维持 稳定 平均"
)
# A helping word that is the head or the end of a longer word helps nothing: 共享, 到位, 完成率; 响应, 节约.
_FRONT_KEEPS = (
    "是否|共[享同建管治]|已[建有知]|达标|完成[率度额]|保[证障][率金]|计划[生内外]|实现率|应[急用对收付届]|需求|要[求素点件]"
    "|将[来军]|可[持行靠用再]|到[位岗账达期户场]|在[校职岗编册押线建规园]|有[效关机限力序线害毒]|及[时格]|与会|按[时期质]"
    "|对[象外口接]|为[民主人]|了解|以[上下内]|由来|并[网发联]|于都|每逢|从[业事]|自[来然筹主动费愿]|累计率|稳定[率性]"
)
_BACK_KEEPS = (
    "[反供效响相适感对]应|[行作成认]为|[公总中]共|[到传送下表抵]达|[迟报签受得]到|[所国现保拥占享公私没]有"
    "|[年人户日月亩村]均|[节签合制预]约|[急必供所]需|参与|普及|涉及|存在|现在|对于|而已"
)
# Not a word of its own beside a number: a verb, or a condition. 建设5公里道路, 接到报修后2小时内到达现场.
_IDLE = re.compile(
    r"(?:[\u4e00-\u9fff]{1,12}[后时]|(?:新|改|扩|改扩|修|续|共)?建设?|建成|购[置买]|采购|安装|开展|举办|组织|举行|召开|培训|发放|铺设"
    r"|硬化|维修|改造|实施|新增|补助|聘用|引进|接待|创建|培育|打造|制作|印[制发]|编制|发布|检[查测]|巡查|监测|种植|养护|管护|治理"
    r"|修复|整治|提供|支付|拨付|安排|服务|惠及|受益|覆盖|涉及|救助|资助|慰问|走访|帮扶|落实|投入|筹集|争取|化解|带动|吸纳|解决)$"
)
_COUNTERS = "个 项 家 件 条 处 座 所 场 次 期 种 批 套 台 份 篇 名 位 场次 支 部 批次 张 辆 间"
# Behind these stands what is counted: 10个乡镇, 2次宣传.
NOUN_FOLLOWS = frozenset(f"{{{counter}}}" for counter in _COUNTERS.split())


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_FRONT = re.compile(
    rf"(?!{_FRONT_KEEPS})(?:(?:19|20)\d\d年度?|{_any(f'{_ANYWHERE} {_FRONT_ONLY}')})"
    rf"|(?<![\d.])\(?\d{{1,2}}[、.)](?!\d)|[\W_]+"
)
_BACK = re.compile(rf"(?:{_any(f'{_ANYWHERE} {_BACK_ONLY}')}|[\W_])$")
_KEPT_BACK = re.compile(rf"(?:{_BACK_KEEPS})$")
_LETTER = re.compile(r"[^\W\d_]")
_NOUN_ENDS = re.compile(r"的|(?<![行作成])为|进行|提供|用于|[，,。;；、()]")
_YEARLY = re.compile(r"全年|年度内|年内|[一1]年")


def label(text: str, start: int, end: int) -> Range | None:
    """The part of text[start:end] without helping words and punctuation at its edges; None where no word is left."""
    until = end
    while start < end and (front := _FRONT.match(text, start, end)):
        start = front.end()
    while start < end and (back := _BACK.search(text, max(start, end - 4), end)):
        if _KEPT_BACK.search(text, start, end):
            break
        end = back.start()
    if end < until and text[end] == ")" and text.count("(", start, end) > text.count(")", start, end):
        end += 1
    return (start, end) if _LETTER.search(text, start, end) else None


def noun(text: str, start: int, end: int) -> Range | None:
    """What a counter counts, from the words behind it: 点 in 710个点的正常运转."""
    start += text.startswith("的", start, end)
    cut = _NOUN_ENDS.search(text, start, end)
    return label(text, start, cut.start() if cut else end)


@dataclass(frozen=True, slots=True)
class Words:
    """The words a fact takes around its core, as ranges: before it, between 每月 and the number, behind it."""

    text: str
    before: Range
    inner: Range
    after: Range

    def label(self, unit: str | None, *, within: bool = False) -> Range | None:
        """What is measured: behind a counter or 1小时内 (`within`), before any other unit, or wherever words are."""
        first, inner, last = (label(self.text, *part) for part in (self.before, self.inner, self.after))
        if self.text.endswith(("共", "共计", "合计", "总计"), *self.before):
            first = None  # what is added up is no label: 春季、暑假、秋季共三期
        head = inner or first
        if unit is None or unit.partition("/")[0] in NOUN_FOLLOWS:
            return noun(self.text, *self.after) or head
        if last and (within or (head and _IDLE.match(self.text, *head))):
            return last
        return head or last

    def none(self) -> bool:
        """Whether there is no word that says anything."""
        return not any(label(self.text, *part) for part in (self.before, self.inner, self.after))

    def yearly(self) -> bool:
        """Whether 全年 or the like stands before the number."""
        return any(_YEARLY.search(self.text, *part) for part in (self.before, self.inner))

    def named(self) -> str:
        """The words before the number that name it: 合格率95, 培训人数500."""
        own = label(self.text, *self.before)
        return self.text[slice(*own)] if own else ""
