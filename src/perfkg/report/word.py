"""A review as a Word document: 审核意见表, laid out as an office would send it, A4, to be signed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from perfkg.report import opinion
from perfkg.report.cells import clean
from perfkg.review import Report

_SONG, _HEI = "宋体", "黑体"
_WIDTHS = (1.1, 6.9, 2.3, 3.4, 3.3)
"""Centimetres of 序号, 问题, 位置, 依据 and 建议: 17 together, an A4 page between its margins."""

_HEADERS = ("序号", "问题", "位置", "依据", "建议")
_QUOTES = 12
"""How many quotes of one finding are shown; the others are counted."""

_SIGNATURES = ("审核人（签字）：", "复核人（签字）：", "审核单位（盖章）：", "填报单位反馈意见：")


def reviews(reports: Sequence[Report]) -> bytes:
    """The document: a summary where there are several forms, then each form from a page of its own."""
    import docx

    document = docx.Document()
    _styled(document)
    if len(reports) > 1:
        _contents(document, reports)
    for report in reports:
        _form(document, report)
    _footer(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _form(document: Any, report: Report) -> None:
    _heading(document, "项目支出绩效目标审核意见表", 18, centered=True)
    _head(document, report)
    _heading(document, "一、审核结论", 12)
    _line(document, opinion.summary(report), indent=True)
    for number, line in enumerate(first := opinion.first(report), 1):
        end = "。" if number == len(first) else "；"
        _line(document, f"{'请先处理：' if number == 1 else ''}（{number}）{line}{end}", indent=True)
    sections = [("发现的问题", opinion.items(report, "fail")), ("需要核实的事项", opinion.items(report, "deferred"))]
    ordinals = iter("二三四五")
    for title, found in sections:
        if found:
            _heading(document, f"{next(ordinals)}、{title}", 12)
            _findings(document, found)
    if report.nearest:
        _heading(document, f"{next(ordinals)}、资料库中相近的项目", 12)
        _nearest(document, report)
    if passed := opinion.passed(report):
        _heading(document, f"{next(ordinals)}、核对无误的事项", 12)
        _line(document, f"{passed}。", indent=True, size=10.5)
    _signed(document)


def _head(document: Any, report: Report) -> None:
    pairs = opinion.head(report)
    table = _table(document, 0, (3.1, 5.4, 3.1, 5.4))
    for at in range(0, len(pairs), 2):
        cells = table.add_row().cells
        for offset, (label, text) in enumerate(pairs[at : at + 2]):
            _fill(cells[2 * offset], label, bold=True, shaded=True)
            _fill(cells[2 * offset + 1], text)
        if len(pairs) - at == 1:
            cells[1].merge(cells[3])


def _findings(document: Any, found: Sequence[opinion.Item]) -> None:
    table = _table(document, 1, _WIDTHS)
    _header(table, _HEADERS)
    for number, one in enumerate(found, 1):
        row = table.add_row()
        _unbroken(row)
        _fill(row.cells[0], str(number), centered=True)
        _fill(row.cells[1], f"{one.title}（{one.severity}）", bold=True)
        _also(row.cells[1], f"{one.message}。")
        for quote in one.quotes[:_QUOTES]:
            _also(row.cells[1], f"· {quote}", grey=True)
        if len(one.quotes) > _QUOTES:
            _also(row.cells[1], f"· ……共{len(one.quotes)}条", grey=True)
        for cell, text in zip(row.cells[2:], (one.where, one.grounds, one.advice), strict=True):
            _fill(cell, text)


def _nearest(document: Any, report: Report) -> None:
    table = _table(document, 1, (5.6, 4.6, 1.6, 2.4, 2.8))
    _header(table, ("项目", "单位", "年度", "资金总额", "相同／相近指标"))
    for one in report.nearest:
        row = table.add_row()
        _unbroken(row)
        texts = (
            one.project,
            one.organization,
            str(one.year or ""),
            opinion.wan(one.funding),
            f"{one.same}／{one.alike}条",
        )
        for cell, text in zip(row.cells, texts, strict=True):
            _fill(cell, text or "")


def _contents(document: Any, reports: Sequence[Report]) -> None:
    _heading(document, "绩效目标审核意见汇总", 18, centered=True)
    problems = sum(report.counts["fail"] > 0 for report in reports)
    _line(document, f"共审核{len(reports)}份表，其中{problems}份发现问题。各表审核意见附后。", indent=True)
    table = _table(document, 1, (1.1, 5.4, 5.0, 2.7, 1.3, 1.5))
    _header(table, ("序号", "项目", "单位", "资金总额", "问题", "待核实"))
    for number, report in enumerate(reports, 1):
        one, row = report.declaration, table.add_row()
        _unbroken(row)
        counts = (str(report.counts["fail"]), str(report.counts["deferred"]))
        texts = (str(number), one.project or "", one.organization or "", opinion.wan(one.funding.total), *counts)
        for cell, text in zip(row.cells, texts, strict=True):
            _fill(cell, text)


def _signed(document: Any) -> None:
    _line(document, "", size=6)
    table = _table(document, 0, (4.2, 12.8))
    for label in _SIGNATURES:
        cells = table.add_row().cells
        _fill(cells[0], label, bold=True)
        _fill(cells[1], "年　　月　　日", right=True)
        _unbroken(table.rows[-1], height=1.0)
        for cell in cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _styled(document: Any) -> None:
    from docx.shared import Cm, Pt

    style = document.styles["Normal"]
    style.font.size = Pt(11)
    _typeface(style, _SONG)
    style.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    document.core_properties.title = "项目支出绩效目标审核意见表"
    document.core_properties.author = "perfkg"


def _typeface(styled: Any, name: str) -> None:
    """Word keeps the typeface of Chinese text apart from that of Latin text."""
    from docx.oxml.ns import qn

    styled.font.name = name
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)


def _heading(document: Any, text: str, size: float, centered: bool = False) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    run = paragraph.add_run(clean(text))
    run.font.size, run.bold = Pt(size), True
    _typeface(run, _HEI)
    paragraph.paragraph_format.space_before = Pt(0 if centered else 10)
    paragraph.paragraph_format.space_after = Pt(10 if centered else 4)
    paragraph.paragraph_format.keep_with_next = True
    if centered:
        paragraph.alignment = 1
        # Ahead of the first of all it makes no empty page.
        paragraph.paragraph_format.page_break_before = True


def _line(document: Any, text: str, indent: bool = False, size: float = 11) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.add_run(clean(text)).font.size = Pt(size)
    paragraph.paragraph_format.line_spacing = 1.3
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)


def _table(document: Any, rows: int, widths: Sequence[float]) -> Any:
    from docx.shared import Cm

    table = document.add_table(rows, len(widths), style="Table Grid")
    table.autofit = False
    table.alignment = 1
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def _header(table: Any, texts: Sequence[str]) -> None:
    """The first row, repeated where the table runs over a page."""
    from docx.oxml import OxmlElement

    row = table.rows[0]
    for cell, text in zip(row.cells, texts, strict=True):
        _fill(cell, text, bold=True, shaded=True, centered=True)
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _unbroken(row: Any, height: float | None = None) -> None:
    """Keeps a row on one page, `height` centimetres high at least."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if height:
        row.height = Cm(height)


def _fill(
    cell: Any, text: str, bold: bool = False, centered: bool = False, right: bool = False, shaded: bool = False
) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size = bold, Pt(10)
    _aired(paragraph)
    paragraph.alignment = 1 if centered else 2 if right else None
    cell.vertical_alignment = 1
    if shaded:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "EEF1F4")):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _also(cell: Any, text: str, grey: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    paragraph = cell.add_paragraph()
    _aired(paragraph)
    run = paragraph.add_run(clean(text))
    run.font.size = Pt(9 if grey else 10)
    if grey:
        run.font.color.rgb = RGBColor(0x50, 0x50, 0x50)


def _aired(paragraph: Any) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.line_spacing = 1.15


def _footer(document: Any) -> None:
    """第1页，共3页, and what the document is."""
    from docx.shared import Pt

    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = 1
    for before, field in (("第", "PAGE"), ("页，共", "NUMPAGES")):
        paragraph.add_run(before)
        _field(paragraph, field)
    paragraph.add_run("页")
    below = document.sections[0].footer.add_paragraph()
    below.alignment = 1
    below.add_run(opinion.DISCLAIMER).font.size = Pt(8.5)


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)
