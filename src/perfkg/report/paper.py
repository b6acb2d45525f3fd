"""A4 paper in Word: typefaces, headings, lines, tables and their cells, as offices set them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from perfkg.report.cells import clean

SONG, HEI = "宋体", "黑体"


def blank(title: str) -> Any:
    """An empty document of A4 pages; `title` is what programs show of it."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    style = document.styles["Normal"]
    style.font.size = Pt(11)
    typeface(style, SONG)
    style.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    document.core_properties.title = title
    document.core_properties.author = "perfkg"
    return document


def typeface(styled: Any, name: str) -> None:
    """Word keeps the typeface of Chinese text apart from that of Latin text."""
    from docx.oxml.ns import qn

    styled.font.name = name
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)


def heading(document: Any, text: str, size: float, centered: bool = False) -> None:
    """A heading of `size` points; a centred one begins a page."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    run = paragraph.add_run(clean(text))
    run.font.size, run.bold = Pt(size), True
    typeface(run, HEI)
    paragraph.paragraph_format.space_before = Pt(0 if centered else 10)
    paragraph.paragraph_format.space_after = Pt(10 if centered else 4)
    paragraph.paragraph_format.keep_with_next = True
    if centered:
        paragraph.alignment = 1
        # Ahead of the first of all it makes no empty page.
        paragraph.paragraph_format.page_break_before = True


def line(
    document: Any, text: str, indent: bool = False, size: float = 11, centered: bool = False, kept: bool = False
) -> None:
    """A paragraph of `size` points, its first line indented by two characters where asked for.

    One that is `kept` stands whole on the page of what follows it.
    """
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.add_run(clean(text)).font.size = Pt(size)
    paragraph.paragraph_format.line_spacing = 1.3
    paragraph.paragraph_format.keep_with_next = paragraph.paragraph_format.keep_together = kept
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    if centered:
        paragraph.alignment = 1
        paragraph.paragraph_format.space_after = Pt(size / 2)


def table(document: Any, rows: int, widths: Sequence[float]) -> Any:
    """A ruled table with columns of `widths` centimetres."""
    from docx.shared import Cm

    table = document.add_table(rows, len(widths), style="Table Grid")
    table.autofit = False
    table.alignment = 1
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def header(table: Any, texts: Sequence[str]) -> None:
    """The first row, repeated where the table runs over a page."""
    from docx.oxml import OxmlElement

    row = table.rows[0]
    for cell, text in zip(row.cells, texts, strict=True):
        fill(cell, text, bold=True, shaded=True, centered=True)
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def unbroken(row: Any, height: float | None = None) -> None:
    """Keeps a row on one page, `height` centimetres high at least."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if height:
        row.height = Cm(height)


def fill(
    cell: Any, text: str, bold: bool = False, centered: bool = False, right: bool = False, shaded: bool = False
) -> None:
    """The text of an empty cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size = bold, Pt(10)
    _aired(paragraph)
    paragraph.alignment = 1 if centered else 2 if right else None
    if shaded:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "EEF1F4")):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)
    cell.vertical_alignment = 1


def also(cell: Any, text: str, grey: bool = False) -> None:
    """One more paragraph in a cell."""
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


def saved(document: Any) -> bytes:
    """The document as the bytes of a .docx file."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def field(paragraph: Any, code: str) -> None:
    """A field that Word fills in, such as PAGE."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def span(cells: Sequence[Any]) -> None:
    """Makes one of the cells of a column that stand under each other; the text is that of the first."""
    for number, cell in enumerate(cells if len(cells) > 1 else ()):
        cell._tc.vMerge = "continue" if number else "restart"
