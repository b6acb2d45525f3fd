"""A review as an office writes it: what is found, once each with all its places, in the order to put right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from perfkg.records import Finding, Indicator, Place
from perfkg.review import SEVERITIES, Report, key, rules
from perfkg.review.form import plain

DISCLAIMER = "本表由程序按固定规则逐项核对生成，供审核人员参考，最终意见以审核人员签署为准。"
OWN_GROUNDS = "本表所填内容"
OTHERS_GROUNDS = "资料库中的其他申报表"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the opinion: a rule's message with every quote and place it is about.

    `key` is what a ruling calls it, `rows` are the ids of the indicators it is about, `reason` why it was dismissed,
    `count` how many findings it holds.
    """

    title: str
    severity: str
    message: str
    quotes: tuple[str, ...]
    places: tuple[str, ...]
    grounds: str
    advice: str
    key: str = ""
    rows: tuple[str, ...] = ()
    reason: str = ""
    count: int = 1

    @property
    def where(self) -> str:
        """The places, or that it is about the form as a whole."""
        return "、".join(self.places) or "全表"


def items(report: Report, verdict: str) -> list[Item]:
    """The findings of one verdict, those of one rule and message together, the most severe first."""
    return _items(report, [one for one in report.findings if one.verdict == verdict])


def dismissed(report: Report) -> list[Item]:
    """The findings that the reviewer did not accept, each with the reason."""
    reasons = {key(one.finding): one.ruling.reason for one in report.dismissed}
    found = _items(report, [one.finding for one in report.dismissed])
    return [replace(one, reason=reasons[one.key]) for one in found]


def _items(report: Report, findings: Iterable[Finding]) -> list[Item]:
    together: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        together[one.rule, one.message].append(one)
    order = list(SEVERITIES)
    groups = sorted(together.values(), key=lambda group: order.index(group[0].severity))
    return [_item(report, group) for group in groups]


def _item(report: Report, group: list[Finding]) -> Item:
    first = group[0]
    others = any("source" in one.figures or "declaration" in one.figures for one in group)
    rows = _rows(report, group)
    return Item(
        title=rules()[first.rule].title,
        severity=SEVERITIES[first.severity],
        message=first.message,
        quotes=_quotes(one.quote for one in group if one.quote),
        places=_places([row.place for row in rows] or [one.place for one in group]),
        grounds=first.basis or (OTHERS_GROUNDS if others else OWN_GROUNDS),
        advice=first.advice or "",
        key=key(first),
        rows=tuple(row.id for row in rows),
        count=len(group),
    )


def _quotes(quotes: Iterable[str]) -> tuple[str, ...]:
    """Each quote once, with how often it stands in the form."""
    counts = Counter(quotes)
    return tuple(f"{quote}（{count}处相同）" if count > 1 else quote for quote, count in counts.items())


def _rows(report: Report, group: list[Finding]) -> list[Indicator]:
    """The rows a group of findings is about: those it names, else those of the findings."""
    known = {row.id: row for row in report.declaration.indicators}
    named = [id for one in group if isinstance(ids := one.figures.get("rows"), list) for id in ids]
    return [known[id] for id in dict.fromkeys(named or [one.indicator for one in group]) if id in known]


def _places(places: Iterable[Place]) -> tuple[str, ...]:
    """The places, lines that follow each other as a range: 第382—389行."""
    lines, others = [], []
    for place in places:
        if place.line and not (place.sheet or place.page or place.table):
            lines.append(place.line)
        elif str(place):
            others.append(str(place))
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1].append(line)
        else:
            ranges.append([line])
    shown = [f"第{one[0]}行" if len(one) == 1 else f"第{one[0]}—{one[-1]}行" for one in ranges]
    return tuple(dict.fromkeys([*shown, *others]))


def summary(report: Report) -> str:
    """The conclusion in one or two sentences, with counts."""
    counts = report.counts
    if not report.declaration.indicators:
        return "表中没有任何绩效指标，无法审核。请补填后重新报送。"
    failed = [one for one in report.findings if one.verdict == "fail"]
    kinds = [f"{label}{count}处" for key, label in SEVERITIES.items() if (count := _count(failed, key))]
    found = f"发现问题{counts['fail']}处（{'，'.join(kinds)}）" if failed else "没有发现问题"
    doubts = f"，另有{counts['deferred']}处需要核实" if counts["deferred"] else ""
    alone = "" if report.compared else "资料库里还没有申报表，未与其他项目比较。"
    return f"共核对{len({one.rule for one in report.findings})}项规则，{found}{doubts}。{alone}"


def _count(findings: list[Finding], severity: str) -> int:
    return sum(one.severity == severity for one in findings)


def passed(report: Report) -> str:
    """What was checked and is in order: sums with their figures, the other rules by title."""
    good = [one for one in report.findings if one.verdict == "pass"]
    told = [one.message for one in good if one.figures]
    silent = [rules()[one.rule].title for one in good if not one.figures]
    others = f"{'另有' if told else ''}{len(silent)}项没有发现问题：{'、'.join(silent)}" if silent else ""
    return "；".join([*told, *([others] if others else [])])


def head(report: Report) -> list[tuple[str, str]]:
    """What stands above the opinion: label and text."""
    one, money = report.declaration, report.declaration.funding
    return [
        ("项目名称", one.project or "（未填写）"),
        ("预算单位", one.organization or "（未填写）"),
        ("预算年度", f"{one.year}年" if one.year else "（未写明）"),
        ("表的种类", "绩效自评表" if one.kind == "self-evaluation" else "绩效目标申报表"),
        ("资金总额", wan(money.total)),
        ("其中：财政拨款", wan(money.fiscal)),
        ("其他资金", wan(money.other)),
        ("指标条数", f"{len(one.indicators)}条"),
        ("来源文件", f"{one.source.file}{f'（{one.source.place}）' if str(one.source.place) else ''}"),
    ]


def wan(yuan: float | None) -> str:
    """Yuan in 万元, or that nothing was stated."""
    return "（未填写）" if yuan is None else f"{plain(yuan / 10_000)}万元"


def first(report: Report) -> list[str]:
    """What to put right first, a line each."""
    return [one.message + "".join(f"（{place}）" for place in _places([one.place])) for one in report.first]
