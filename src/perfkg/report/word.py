"""A review as a Word document: 审核意见表, laid out as an office would send it, A4, to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfkg.report import opinion, paper
from perfkg.review import Report
from perfkg.review.beside import Neighbour

_WIDTHS = (1.1, 6.9, 2.3, 3.4, 3.3)
"""Centimetres of 序号, 问题, 位置, 依据 and 建议: 17 together, an A4 page between its margins."""

_HEADERS = ("序号", "问题", "位置", "依据", "建议")
_QUOTES = 12
"""How many quotes of one finding are shown; the others are counted."""

_SIGNATURES = ("审核人（签字）：", "复核人（签字）：", "审核单位（盖章）：", "填报单位反馈意见：")


def reviews(reports: Sequence[Report]) -> bytes:
    """The document: a summary where there are several forms, then each form from a page of its own."""
    document = paper.blank("项目支出绩效目标审核意见表")
    if len(reports) > 1:
        _contents(document, reports)
    for report in reports:
        _form(document, report)
    _footer(document)
    return paper.saved(document)


def _form(document: Any, report: Report) -> None:
    paper.heading(document, "项目支出绩效目标审核意见表", 18, centered=True)
    _head(document, report)
    paper.heading(document, "一、审核结论", 12)
    paper.line(document, opinion.summary(report), indent=True)
    for number, line in enumerate(first := opinion.first(report), 1):
        end = "。" if number == len(first) else "；"
        paper.line(document, f"{'请先处理：' if number == 1 else ''}（{number}）{line}{end}", indent=True)
    ordinals = iter("二三四五六")
    if found := opinion.items(report, "fail"):
        paper.heading(document, f"{next(ordinals)}、发现的问题", 12)
        _findings(document, found)
    if found := opinion.items(report, "deferred"):
        paper.heading(document, f"{next(ordinals)}、需要核实的事项", 12)
        _findings(document, found, "待核实")
    if nearest := [one for one in report.nearest if one.same or one.alike]:
        paper.heading(document, f"{next(ordinals)}、资料库中相近的项目", 12)
        _nearest(document, nearest)
    dismissed = opinion.dismissed(report)
    if passed := opinion.passed(report):
        paper.heading(document, f"{next(ordinals)}、核对无误的事项", 12)
        # Signatures alone on a page would sign nothing.
        paper.line(document, f"{passed}。", indent=True, size=10.5, kept=not dismissed)
    if dismissed:
        paper.heading(document, f"{next(ordinals)}、审核人员不采纳的事项", 12)
        _dismissed(document, dismissed)
    _signed(document)


def _head(document: Any, report: Report) -> None:
    pairs = opinion.head(report)
    table = paper.table(document, 0, (3.1, 5.4, 3.1, 5.4))
    for at in range(0, len(pairs), 2):
        cells = table.add_row().cells
        for offset, (label, text) in enumerate(pairs[at : at + 2]):
            paper.fill(cells[2 * offset], label, bold=True, shaded=True)
            paper.fill(cells[2 * offset + 1], text)
        if len(pairs) - at == 1:
            cells[1].merge(cells[3])


def _findings(document: Any, found: Sequence[opinion.Item], label: str | None = None) -> None:
    """A row a finding, with its severity or the `label` of all."""
    table = paper.table(document, 1, _WIDTHS)
    paper.header(table, _HEADERS)
    for number, one in enumerate(found, 1):
        row = table.add_row()
        paper.unbroken(row)
        paper.fill(row.cells[0], str(number), centered=True)
        paper.fill(row.cells[1], f"{one.title}（{label or one.severity}）", bold=True)
        paper.also(row.cells[1], f"{one.message}。")
        for quote in one.quotes[:_QUOTES]:
            paper.also(row.cells[1], f"· {quote}", grey=True)
        if len(one.quotes) > _QUOTES:
            paper.also(row.cells[1], f"· ……共{len(one.quotes)}条", grey=True)
        for cell, text in zip(row.cells[2:], (one.where, one.grounds, one.advice), strict=True):
            paper.fill(cell, text)


def _dismissed(document: Any, found: Sequence[opinion.Item]) -> None:
    table = paper.table(document, 1, (1.1, 8.9, 7.0))
    paper.header(table, ("序号", "事项", "不采纳的理由"))
    for number, one in enumerate(found, 1):
        row = table.add_row()
        paper.unbroken(row)
        for cell, text in zip(row.cells, (str(number), f"{one.message}（{one.where}）", one.reason), strict=True):
            paper.fill(cell, text)


def _nearest(document: Any, nearest: Sequence[Neighbour]) -> None:
    table = paper.table(document, 1, (5.6, 4.6, 1.6, 2.4, 2.8))
    paper.header(table, ("项目", "单位", "年度", "资金总额", "相同／相近指标"))
    for one in nearest:
        row = table.add_row()
        paper.unbroken(row)
        texts = (
            one.project,
            one.organization,
            str(one.year or ""),
            opinion.wan(one.funding),
            f"{one.same}／{one.alike}条",
        )
        for cell, text in zip(row.cells, texts, strict=True):
            paper.fill(cell, text or "")


def _contents(document: Any, reports: Sequence[Report]) -> None:
    paper.heading(document, "绩效目标审核意见汇总", 18, centered=True)
    problems = sum(report.counts["fail"] > 0 for report in reports)
    paper.line(document, f"共审核{len(reports)}份表，其中{problems}份发现问题。各表审核意见附后。", indent=True)
    table = paper.table(document, 1, (1.1, 5.2, 4.6, 2.4, 1.2, 1.1, 1.4))
    paper.header(table, ("序号", "项目", "单位", "资金总额", "问题", "须改正", "待核实"))
    for number, report in enumerate(reports, 1):
        one, row = report.declaration, table.add_row()
        paper.unbroken(row)
        grave = sum(one.verdict == "fail" and one.severity == "serious" for one in report.findings)
        counts = (str(report.counts["fail"]), str(grave or ""), str(report.counts["deferred"]))
        texts = (str(number), one.project or "", one.organization or "", opinion.wan(one.funding.total), *counts)
        for cell, text in zip(row.cells, texts, strict=True):
            paper.fill(cell, text)


def _signed(document: Any) -> None:
    paper.line(document, "", size=6, kept=True)
    table = paper.table(document, 0, (4.2, 12.8))
    for label in _SIGNATURES:
        cells = table.add_row().cells
        paper.fill(cells[0], label, bold=True)
        paper.fill(cells[1], "年　　月　　日", right=True)
        paper.unbroken(table.rows[-1], height=1.0)
        for cell in cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _footer(document: Any) -> None:
    """第1页，共3页, and what the document is."""
    from docx.shared import Pt

    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = 1
    for before, field in (("第", "PAGE"), ("页，共", "NUMPAGES")):
        paragraph.add_run(before)
        paper.field(paragraph, field)
    paragraph.add_run("页")
    below = document.sections[0].footer.add_paragraph()
    below.alignment = 1
    below.add_run(opinion.DISCLAIMER).font.size = Pt(8.5)
