"""Forms written in the formats offices keep them in, for the tests of reading: lists of cell texts in, bytes out.

A form is a list of rows, a row a list of cell texts; a row of one cell is a paragraph above or below the table. Empty
cells under a filled one are merged with it, in the columns of the levels, as offices do.
"""

from __future__ import annotations

import html
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl

from perfkg.reading.grid import Grid

Form = list[list[str]]
LEVELS = 3


def seed_forms(text: str) -> list[Form]:
    """The forms of the seed: each begins with its title line."""
    forms: list[Form] = []
    for line in text.splitlines():
        cells = line.split("\t")
        if len(cells) == 1 and line.endswith("申报表"):
            forms.append([])
        if line.strip() and forms:
            forms[-1].append(cells)
    return forms


def small_form() -> Form:
    """An invented form with merged levels, an empty money cell and a value of two lines."""
    return [
        ["项目支出绩效目标申报表"],
        ["（2021年度）"],
        ["项目名称", "", "网络运行维护", "", ""],
        ["项目资金(万元)", "", "年度资金总额：", "", "1,480.50"],
        ["", "", "其他资金", "", ""],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值"],
        ["", "产出指标", "数量指标", "光纤数量", "13条"],
        ["", "", "", "巡检次数", "≥12次"],
        ["", "", "质量指标", "故障处理及时率", "≥95%"],
        ["", "满意度指标", "服务对象满意度指标", "使用单位满意度", "≥ 90%"],
    ]


def texts(grids: Sequence[Grid]) -> list[list[str]]:
    """The filled cells of all rows of all grids."""
    return [[cell.text for cell in row if cell.text] for grid in grids for row in grid.rows]


def spans(rows: Form) -> dict[tuple[int, int], int]:
    """(row, column) of a filled cell of the level columns → how many rows it reaches down over empty ones."""
    found = {}
    for row, cells in enumerate(rows):
        for column in range(min(LEVELS, len(cells))):
            height = 1
            while cells[column] and row + height < len(rows) and _continues(rows[row + height], column):
                height += 1
            if height > 1:
                found[row, column] = height
    return found


def _continues(cells: Sequence[str], column: int) -> bool:
    return len(cells) > LEVELS and not any(cells[: column + 1]) and any(cells[column + 1 :])


def xlsx(forms: Sequence[Form]) -> bytes:
    """A sheet a form, cells merged."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(forms, start=1):
        sheet = book.create_sheet(f"表{number}")
        for cells in rows:
            sheet.append(cells)
        for (row, column), height in spans(rows).items():
            sheet.merge_cells(start_row=row + 1, end_row=row + height, start_column=column + 1, end_column=column + 1)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def export(columns: Sequence[str], projects: Sequence[tuple[Sequence[Any], Sequence[Sequence[Any]]]]) -> bytes:
    """One sheet, a row an indicator: the cells of a project, merged down, and beside them those of each indicator."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(columns)
    for own, rows in projects:
        first = sheet.max_row + 1
        for number, row in enumerate(rows):
            sheet.append([*(own if not number else [None] * len(own)), *row])
        for column in range(1, len(own) + 1):
            sheet.merge_cells(start_row=first, end_row=sheet.max_row, start_column=column, end_column=column)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def word(forms: Sequence[Form]) -> bytes:
    """Title paragraphs and one table a form, cells merged."""
    document: Any = docx.Document()
    for rows in forms:
        table_rows = [cells for cells in rows if len(cells) > 1]
        for cells in rows:
            if len(cells) == 1:
                document.add_paragraph(cells[0])
        width = max(map(len, table_rows))
        table = document.add_table(rows=len(table_rows), cols=width, style="Table Grid")
        for row, cells in enumerate(table_rows):
            for column, text in enumerate(cells):
                if text:
                    table.cell(row, column).text = text
        for (row, column), height in spans(table_rows).items():
            first = table.cell(row, column)
            first.merge(table.cell(row + height - 1, column)).text = table_rows[row][column]
    document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def page(forms: Sequence[Form], encoding: str = "gb18030") -> bytes:
    """A web page with the title as headings and one table a form, cells merged by rowspan."""
    parts = [f'<html><head><meta charset="{encoding}"><title>公开</title></head><body><div>首页</div>']
    for rows in forms:
        table_rows = [cells for cells in rows if len(cells) > 1]
        parts += [f"<h2>{html.escape(cells[0])}</h2>" for cells in rows if len(cells) == 1]
        parts.append("<table border=1>")
        heights = spans(table_rows)
        hidden = {(row + below, column) for (row, column), high in heights.items() for below in range(1, high)}
        for row, cells in enumerate(table_rows):
            shown = [
                f"<td rowspan={heights.get((row, column), 1)}>{html.escape(text)}</td>"
                for column, text in enumerate(cells)
                if (row, column) not in hidden
            ]
            parts.append(f"<tr>{''.join(shown)}</tr>")
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>"]).encode(encoding)


Printed = tuple[float, float, str]
"""A text and where it begins, in points from the left and the bottom of the page."""


def plain_pdf(pages: Sequence[Sequence[Printed]], picture: bool = False) -> bytes:
    """A PDF of ASCII texts at places; a grey picture fills the last page."""
    contents = ["".join(f"BT /F 10 Tf {x} {y} Td ({text}) Tj ET " for x, y, text in page) for page in pages]
    if picture:
        contents[-1] += " q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x7f EI Q"
    return _pdf(contents, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>")


def chinese_pdf(
    pages: Sequence[Sequence[Printed]],
    rules: Sequence[Sequence[float]] = (),
    watermark: str = "",
    height: int = 800,
) -> bytes:
    """A PDF of texts of any letters, ten points square each; `rules` go from place to place on every page.

    The `watermark` stands aslant across each page, in large letters.
    """
    contents = []
    for page in pages:
        texts = "".join(f"BT /F 10 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET " for x, y, text in page)
        contents.append(texts + "".join(f"{x} {y} m {right} {bottom} l S " for x, y, right, bottom in rules))
        aslant = f"BT /F 40 Tf .7 .7 -.7 .7 120 420 Tm <{watermark.encode('utf-16-be').hex()}> Tj ET"
        contents[-1] += aslant if watermark else ""
    system = "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 0>>"
    box = "<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 800]/Ascent 800/Descent -200>>"
    glyphs = f"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light{system}/FontDescriptor {box}/DW 1000>>"
    encoding = "/Encoding/UniGB-UCS2-H"
    return _pdf(
        contents, f"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light{encoding}/DescendantFonts[{glyphs}]>>", height
    )


def drawn_table(
    rows: Sequence[Sequence[str]], widths: Sequence[int], *, top: int = 780, centered: bool = True, padding: int = 3
) -> tuple[list[Printed], list[float]]:
    """The texts of a table without lines and the heights between its rows.

    `^` joins a cell to the one above, whose text then stands in the middle of both if `centered`; `widths` in letters.
    """
    wrapped = [
        [[text[at : at + width] for at in range(0, len(text), width)] for text, width in zip(row, widths, strict=True)]
        for row in rows
    ]
    heights = [13 * max(len(lines) for lines in row) + 2 * padding for row in wrapped]
    edges = [float(top - sum(heights[:number])) for number in range(len(rows) + 1)]
    printed: list[Printed] = []
    for column in range(len(widths)):
        left = 40 + sum(10 * width + 8 for width in widths[:column])
        for number, row in enumerate(rows):
            if row[column] in ("", "^"):
                continue
            end = number + 1
            while centered and end < len(rows) and rows[end][column] == "^":
                end += 1
            lines = wrapped[number][column]
            middle = (edges[number] + edges[end]) / 2
            first = middle + 13 * (len(lines) - 1) / 2 - 4
            printed += [(left, first - 13 * at, text) for at, text in enumerate(lines)]
    return printed, edges


def _pdf(contents: Sequence[str], font: str, height: int = 800) -> bytes:
    """Pages of 600 points by so many with these contents."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}/MediaBox[0 0 600 {height}]>>",
        font,
    ]
    for index, content in enumerate(contents):
        font = "/Resources<</Font<</F 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R{font}/Contents {5 + 2 * index} 0 R>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    body, starts = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        starts.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>"
    return f"{body}{end}\nstartxref\n{len(body)}\n%%EOF".encode("latin-1")


def converted(data: bytes, name: str, suffix: str, folder: Path) -> bytes:
    """`data`, a file called `name`, saved in another format by LibreOffice."""
    (folder / name).write_bytes(data)
    profile = (folder / "profile").as_uri()
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        suffix,
        "--outdir",
        str(folder),
    ]
    subprocess.run([*command, str(folder / name)], check=True, capture_output=True, timeout=120)
    return (folder / name).with_suffix(f".{suffix}").read_bytes()


def has_office() -> bool:
    """Whether LibreOffice is installed."""
    return shutil.which("soffice") is not None
