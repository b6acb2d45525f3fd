"""Draws tables of boxes as .xlsx, .docx, .html and .pdf, the same bytes each time (as far as LibreOffice allows)."""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

DATE = "2024-01-15T09:00:00Z"
AUTHOR = "芦汀县财政局"
CENTIMETRES = {5: (1.6, 2.3, 3.0, 4.8, 4.3), 9: (1.2, 1.6, 2.0, 2.6, 2.2, 2.2, 1.2, 1.2, 2.4)}


@dataclass(frozen=True)
class Box:
    """A cell that spans rows and columns."""

    text: str
    rows: int = 1
    columns: int = 1


Table = list[list[Box]]

_IDENTITY = re.compile(rb"(/CreationDate\(D:|/ID \[ <|>\n<(?=\w{32}> \]\n/DocChecksum)|/DocChecksum /)(\w+)")


def placed(table: Table) -> Iterator[tuple[int, int, Box]]:
    """The boxes with their row and column (from 0), laid out as HTML does it."""
    taken: set[tuple[int, int]] = set()
    for row, boxes in enumerate(table):
        column = 0
        for box in boxes:
            while (row, column) in taken:
                column += 1
            taken |= {(row + down, column + right) for down in range(box.rows) for right in range(box.columns)}
            yield row, column, box


def width_of(table: Table) -> int:
    """The number of columns."""
    return sum(box.columns for box in table[0])


def settle(path: Path) -> None:
    """Gives a file fixed dates: an Office file inside and in its zip directory, a PDF also a fixed identity."""
    if path.suffix == ".pdf":
        path.write_bytes(_IDENTITY.sub(lambda found: found[1] + b"0" * len(found[2]), path.read_bytes()))
        return
    with zipfile.ZipFile(path) as old:
        parts = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts:
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + DATE.encode(), data)
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def write_sheets(path: Path, sheets: dict[str, Table], title: list[str] | None = None, foot: str = "") -> None:
    """A sheet a table; plain numbers and percentages are numbers, as a clerk types them."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = AUTHOR
    for name, table in sheets.items():
        sheet, width = book.create_sheet(name), width_of(table)
        for line in title or []:
            sheet.append([line])
            sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=width)
        _fill(sheet, table, len(title or []) + 1)
        if foot:
            sheet.append([foot])
    book.save(path)
    settle(path)


def _fill(sheet: object, table: Table, top: int) -> None:
    from openpyxl.styles import Alignment, Border, Side

    border = Border(*[Side("thin")] * 4)
    for row, column, box in placed(table):
        first, left = top + row, column + 1
        cell = sheet.cell(first, left)  # type: ignore[attr-defined]
        cell.value, cell.number_format = _typed(box.text)
        cell.alignment, cell.border = Alignment(vertical="center", wrap_text=True), border
        lines = -(-2 * len(box.text) // (18 * box.columns))
        if lines > box.rows == 1:
            sheet.row_dimensions[first].height = 15 * lines  # type: ignore[attr-defined]
        if box.rows * box.columns > 1:
            area = {"end_row": first + box.rows - 1, "end_column": left + box.columns - 1}
            sheet.merge_cells(start_row=first, start_column=left, **area)  # type: ignore[attr-defined]
    for column in range(width_of(table)):
        letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column]
        sheet.column_dimensions[letter].width = 18  # type: ignore[attr-defined]


def _typed(text: str) -> tuple[str | float | None, str]:
    if re.fullmatch(r"\d+%", text):
        return int(text[:-1]) / 100, "0%"
    if re.fullmatch(r"\d+", text):
        return int(text), "0"
    if re.fullmatch(r"\d+\.\d\d", text):
        return float(text), "#,##0.00"
    if re.fullmatch(r"\d+\.\d+", text):
        return float(text), "General"
    return text or None, "General"


def write_word(path: Path, tables: list[Table], title: list[str], pages: bool = True) -> None:
    """A document with a title and a table a form, each on a new page or (without `pages`) running on."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document = Document()
    document.core_properties.author = AUTHOR
    font = document.styles["Normal"].font
    font.name, font.size = "Noto Serif CJK SC", Pt(10)
    document.styles["Normal"].element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Serif CJK SC")
    for number, boxes in enumerate(tables):
        for line in title:
            paragraph = document.add_paragraph(line)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.page_break_before = pages and number > 0 and line == title[0]
        table = document.add_table(len(boxes), width_of(boxes), "Table Grid")
        table.autofit = False
        for column, width in enumerate(CENTIMETRES[width_of(boxes)]):
            table.columns[column].width = Cm(width)
        for row, column, box in placed(boxes):
            cell = table.cell(row, column)
            cell.merge(table.cell(row + box.rows - 1, column + box.columns - 1)).text = box.text
    document.save(str(path))
    settle(path)


PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="gb18030"><title>{heading}_芦汀县人民政府</title>
<style>table{{border-collapse:collapse;width:100%}} td{{border:1px solid #000}} .nav a{{margin:0 1em}}</style>
<script>document.documentElement.className = "js";</script></head>
<body>
<div class="nav"><a href="#">首页</a><a href="#">政务公开</a><a href="#">政务服务</a><a href="#">互动交流</a></div>
<div class="path">当前位置：首页 &gt; 政务公开 &gt; 财政预决算 &gt; 绩效管理</div>
<h1>{heading}</h1>
<p class="meta">来源：芦汀县财政局&nbsp;&nbsp;发布时间：2023-02-17&nbsp;&nbsp;字体：【大 中 小】&nbsp;&nbsp;打印</p>
<p>根据预算公开有关规定，现将2023年县级部分重点项目支出绩效目标公开如下：</p>
{body}
<p>分享到：微信 微博</p>
<div class="foot">主办：芦汀县人民政府办公室&nbsp;&nbsp;承办：芦汀县大数据中心&nbsp;&nbsp;网站地图 | 联系我们</div>
</body></html>
"""


def write_page(path: Path, tables: list[Table], title: list[str]) -> None:
    """A web page of a government site in GB18030, with its furniture around the tables."""
    parts = []
    for table in tables:
        rows = ["<tr>" + "".join(_td(box) for box in boxes) + "</tr>" for boxes in table]
        parts.append(f"<h3>{''.join(title)}</h3>\n<table>\n" + "\n".join(rows) + "\n</table>")
    text = PAGE.format(heading=escape(path.stem), body="\n".join(parts))
    path.write_text(text, encoding="gb18030", newline="\n")


def _td(box: Box) -> str:
    rows = f' rowspan="{box.rows}"' if box.rows > 1 else ""
    columns = f' colspan="{box.columns}"' if box.columns > 1 else ""
    return f"<td{rows}{columns}>{escape(box.text, quote=False)}</td>"


def write_pdf(path: Path, tables: list[Table], title: list[str]) -> None:
    """The document of `write_word` printed by LibreOffice, forms running on from page to page."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{path.stem}.docx"
        write_word(source, tables, title, pages=False)
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run(
            [*command, "--outdir", str(path.parent), str(source)],
            check=True,
            capture_output=True,
            timeout=180,
        )
    settle(path)
