"""What a question was understood to ask: the slots, and the chips that show them."""

from __future__ import annotations

from dataclasses import dataclass, field

from perfkg.records import Target
from perfkg.search.wanted import written

LABELS = {
    "intent": "问什么",
    "subject": "要的是",
    "measure": "看的是",
    "by": "按",
    "topic": "主题",
    "scope": "在哪里找",
    "project": "项目",
    "organization": "单位",
    "year": "年度",
    "category": "类别",
    "number": "数值",
    "kind": "表",
    "limit": "前几个",
    "nth": "第几个",
    "without": "不算",
    "about": "哪类项目",
    "unlike": "不要的项目",
    "change": "变化",
    "alike": "怎么找",
}
WORDS = {
    "list": "列出", "count": "多少个", "sum": "合计", "average": "平均", "highest": "最高", "lowest": "最低",
    "compare": "比较", "lacking": "没有的", "share": "占比", "median": "中位数", "strict": "最严", "loose": "最松",
    "rise": "涨得最多", "fall": "降得最多", "more": "多了", "less": "少了", "same": "没有变化", "kind": "按意思", "comparable": "可比的",
    "projects": "项目", "organizations": "单位", "indicators": "指标", "declarations": "申报表", "years": "年度",
    "values": "数值", "funding": "资金", "fiscal": "财政拨款", "other": "其他资金", "organization": "单位",
    "year": "年度", "category": "指标类别", "project": "项目", "self-evaluation": "自评表", "name": "项目名称",
    "anywhere": "名称、目标和指标", "unmet": "没有完成的",
}  # fmt: skip


class Unanswerable(Exception):
    """The question asks for what no such form says: `reason` in Chinese, and the `words` that ask for it."""

    def __init__(self, reason: str, words: str) -> None:
        """Keeps both."""
        super().__init__(reason, words)
        self.reason, self.words = reason, words


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing understood: its `kind`, `value` for a machine, `shown` for a person, the words it comes from.

    `span` is the place of the words in the question as asked, None for what was supplied and not said.
    """

    kind: str
    label: str
    value: str
    shown: str
    text: str
    span: tuple[int, int] | None


@dataclass(slots=True)
class Understanding:
    """The slots of a question. `words` keeps, for each slot filled, the words that filled it.

    `unit` is the canonical unit asked for, `spoken` the one it was asked in (天); `without` are organizations left out,
    `unlike` a kind of project left out; `about` is what the projects that lack something are about; `beside` are words
    that narrow nothing but tell which of several rows is meant (全年), `before` a noun that the name of one may begin with
    (项目验收合格率); `counted` asks how many there are of the topic (多少保洁员); `wide` are names that stand for several
    organizations; `quoted` is looked for as it is written; `change`
    is what happened between two years, `relative` whether in percent; `own` takes a share of the same forms' money;
    `ends` wants the lowest with the highest; `of_rich` the indicators of projects with so much money; `several` are topics
    each asked for; `summed` adds the first
    so many up; `every_year` wants what is in all of the years; `alike`
    looks by meaning (kind) or for what can be compared (comparable).
    """

    intent: str = "list"
    subject: str | None = None
    measure: str | None = None
    part: str | None = None
    by: str | None = None
    topic: str | None = None
    scope: str | None = None
    projects: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    category: str | None = None
    number: Target | None = None
    kind: str | None = None
    unmet: bool = False
    limit: int | None = None
    nth: int | None = None
    without: tuple[str, ...] = ()
    about: str | None = None
    unlike: str | None = None
    every_year: bool = False
    summed: bool = False
    alike: str | None = None
    quoted: str = ""
    change: str | None = None
    relative: bool = False
    own: bool = False
    ends: bool = False
    of_rich: bool = False
    several: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    before: str = ""
    counted: bool = False
    wide: str = ""
    spoken: str | None = None
    unit: str | None = None
    words: dict[str, str] = field(default_factory=dict)

    def chips(self, question: str) -> tuple[Chip, ...]:
        """What was understood, in the order a person reads it."""
        values = {
            "intent": self.intent,
            "subject": self.subject,
            "measure": self.part or self.measure,
            "by": self.by,
            "topic": self.topic,
            "scope": self.scope,
            "project": ",".join(self.projects),
            "organization": ",".join(self.organizations),
            "year": ",".join(map(str, self.years)),
            "category": self.category,
            "number": written(self.number) if self.number else None,
            "kind": self.kind,
            "limit": str(self.limit) if self.limit else None,
            "nth": str(self.nth) if self.nth else None,
            "without": ",".join(self.without),
            "about": self.about,
            "unlike": self.unlike,
            "change": self.change,
            "alike": self.alike,
        }
        return tuple(self._chip(kind, value, question) for kind, value in values.items() if value)

    def _chip(self, kind: str, value: str, question: str) -> Chip:
        text = self.words.get(kind, "")
        start = question.find(text) if text else -1
        span = (start, start + len(text)) if start >= 0 else None
        shown = text if kind == "number" else WORDS.get(value, value.replace(",", "、"))
        return Chip(kind, LABELS[kind], value, shown, text, span)
