"""Every format gives the cells that were put into it, where they were put and as its program shows them."""

from __future__ import annotations

import base64
import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import papers
import pytest
from conftest import SHARED
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from perfkg.errors import InvalidFile
from perfkg.reading import archive, display, formats, plain
from perfkg.reading.grid import Cell, Grid

SEED = SHARED / "seed" / "yanbian_2021.txt"
CASES = Path(__file__).parent / "cases"
needs_office = pytest.mark.skipif(not papers.has_office(), reason="LibreOffice is not installed")
needs_seed = pytest.mark.skipif(not SEED.exists(), reason="the real files are not here")


def rows(text: str, encoding: str = "utf-8") -> list[list[str]]:
    return papers.texts([plain.grid(text.encode(encoding))])


def form_texts(form: papers.Form) -> list[list[str]]:
    return [filled for cells in form if (filled := [cell.strip() for cell in cells if cell.strip()])]


def cell(grid: Grid, text: str) -> Cell:
    return next(cell for row in grid.rows for cell in row if cell.text == text)


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_read_in_every_encoding_offices_use(encoding: str) -> None:
    text = "项目名称\t\t光纤租赁费\r\n指标值\t≥95％\r\n"
    assert rows(text, encoding) == [["项目名称", "光纤租赁费"], ["指标值", "≥95％"]]


def test_text_cells_know_their_line_and_column() -> None:
    grid = plain.grid("\n甲\t\t乙\n\n\t丙".encode())
    assert [(c.text, c.column, c.place.line, c.place.column) for row in grid.rows for c in row] == [
        ("甲", 0, 2, 1),
        ("乙", 2, 2, 3),
        ("丙", 1, 4, 2),
    ]


@pytest.mark.parametrize("case", json.loads((CASES / "plain_texts.json").read_text("utf-8")))
def test_separators_are_told_from_punctuation(case: dict[str, Any]) -> None:
    assert rows(case["text"]) == case["rows"]


def test_damaged_characters_stay_visible() -> None:
    text = "项目支出绩效目标申报表" * 20
    assert rows(text.encode()[:-1].decode("latin-1"), "latin-1") == [[text[:-1] + "\ufffd"]]


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03", b"\xff\xfe\x01\x00\x02\x00", b"ab\x07c", bytes(range(128, 256))])
def test_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidFile, match="编码"):
        plain.grid(data)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n|, "), max_size=200))
def test_no_letter_of_a_text_is_lost_or_made_up(text: str) -> None:
    def letters(given: str) -> list[str]:
        return sorted(letter for letter in given if not letter.isspace() and letter not in '|,"\ufeff')

    assert letters("".join(cell for row in rows(text) for cell in row)) == letters(text)


@pytest.mark.skipif(not (SHARED / "data" / "forms").exists(), reason="the real files are not here")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_real_texts_keep_every_letter(encoding: str) -> None:
    for path in sorted((SHARED / "data" / "forms").glob("*.txt")):
        text = path.read_text("utf-8")
        kept = "".join(cell for row in rows(text, encoding) for cell in row)
        assert "".join(kept.split()) == "".join(text.replace("|", " ").split()), path.name


# Numbers


@pytest.mark.parametrize("case", json.loads((CASES / "number_formats.json").read_text("utf-8")))
def test_numbers_show_as_in_a_spreadsheet(case: dict[str, Any]) -> None:
    assert display.shown(case["value"], case["code"]) == case["shown"]


@given(st.floats() | st.floats(0, 3e6), st.text("0#?.,%E+-;[]\"'年月日yhmsd/@_* Gneral<>=", max_size=30))
def test_no_format_hides_or_breaks_a_number(value: float, code: str) -> None:
    assert display.shown(value, code)


# Workbooks, documents, pages


@pytest.mark.parametrize("made", [papers.xlsx, papers.word, papers.page])
def test_a_form_is_the_same_in_every_format(made: Any) -> None:
    form = papers.small_form()
    grids = formats.grids(made([form, form]))
    found = [row for row in papers.texts(grids) if row != ["首页"]]
    assert found == form_texts(form) * 2
    merged = cell(grids[0], "产出指标")
    assert (merged.column, merged.row_span, merged.column_span) == (1, 3, 1)
    assert cell(grids[0], "≥12次").column == 4


def workbook(fill: Any) -> tuple[Grid, ...]:
    book = openpyxl.Workbook()
    fill(book)
    stream = BytesIO()
    book.save(stream)
    return formats.grids(stream.getvalue())


def test_workbook_shows_numbers_as_excel_does_and_marks_hidden_sheets() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "绩效"
        sheet["A1"], sheet["B1"] = "完成率", 0.95
        sheet["B1"].number_format = "0%"
        sheet["C3"] = "=B1*2"
        sheet["D3"] = True
        sheet.merge_cells("A1:A3")
        book.create_sheet("下拉").append(["数量指标"])
        book["下拉"].sheet_state = "hidden"

    grid, hidden = workbook(fill)
    assert (grid.hidden, hidden.hidden) == (False, True)
    assert papers.texts([grid]) == [["完成率", "95%"], ["=B1*2", "TRUE"]]
    assert grid.name == "绩效"
    assert cell(grid, "完成率").row_span == 2
    assert str(cell(grid, "95%").place) == "工作表“绩效”第1行第2列"


def test_workbook_merged_over_the_whole_sheet_spans_only_what_is_used() -> None:
    def fill(book: Any) -> None:
        book.active["A1"], book.active["B2"] = "甲", "乙"

    data = BytesIO()
    with zipfile.ZipFile(BytesIO(_saved(fill))) as source, zipfile.ZipFile(data, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            merge = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
            target.writestr(name, part.replace(b"</sheetData>", merge) if "sheet1" in name else part)
    (grid,) = formats.grids(data.getvalue())
    assert [(c.text, c.row_span, c.column_span) for row in grid.rows for c in row] == [("甲", 2, 2), ("乙", 1, 1)]


def _saved(fill: Any) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_word_reads_nested_tables_boxes_and_changes() -> None:
    document: Any = docx.Document()
    document.add_paragraph("标题")
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "宽"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "高"
    inner = table.cell(1, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内一", "内二"
    table.cell(2, 2).text = "尾\n二行"
    changed = document.add_paragraph("留")
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for xml in (
        "<w:ins {}><w:r><w:t>加</w:t></w:r></w:ins>",
        "<w:del {}><w:r><w:delText>删</w:delText></w:r></w:del>",
        "<w:r {}><w:pict><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    ):
        changed._p.append(parse_xml(xml.format(namespace)))
    stream = BytesIO()
    document.save(stream)
    (grid,) = formats.grids(stream.getvalue())
    assert papers.texts([grid]) == [["标题"], ["宽"], ["高"], ["内一", "内二"], ["尾\n二行"], ["留加"], ["框"]]
    assert (cell(grid, "宽").column_span, cell(grid, "高").row_span) == (3, 3)
    assert cell(grid, "内一").place.table == 2


PAGE = """<html><head><title>公开</title><script>var x = "脚本";</script></head><body><div>首页 | 新闻</div>
<p>项目<b>绩效</b>目
标表</p><table><caption>表一</caption><tr><td rowspan=3>产出<td colspan=2>一<br>二</tr>
<tr><td><p>甲</p><p>乙</p></td><td><input value="填"><input type=hidden value="藏"></tr>
<tr><td>外<table><tr><td>内<td>层</table><td><select><option>否<option selected>是</select></table>尾</body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("named", ["", "gb2312", "utf-8", "iso-8859-1x"])
def test_pages_read_as_they_look(encoding: str, named: str) -> None:
    meta = f'<head><meta http-equiv="Content-Type" content="text/html; charset={named}">' if named else "<head>"
    (grid,) = formats.grids(PAGE.replace("<head>", meta).encode(encoding))
    shown = "首页 | 新闻/项目绩效目标表/表一/产出;一\n二/甲\n乙;填/外;是/内;层/尾"
    assert papers.texts([grid]) == [row.split(";") for row in shown.split("/")]
    assert (cell(grid, "产出").row_span, cell(grid, "一\n二").column_span, cell(grid, "甲\n乙").column) == (3, 2, 1)


PACKED = b"""MIME-Version: 1.0
X-Document-Type: Word
Content-Type: multipart/related; boundary="next"

--next
Content-Type: text/html; charset="gb2312"
Content-Transfer-Encoding: base64

%b
--next
Content-Type: image/png

--next--
"""


def test_page_packed_into_one_file_reads_like_the_page() -> None:
    page = papers.page([papers.small_form()]).replace(b'<meta charset="gb18030">', b"")
    assert papers.texts(formats.grids(PACKED % base64.encodebytes(page))) == papers.texts(formats.grids(page))
    with pytest.raises(InvalidFile, match="没有网页"):
        formats.grids(PACKED.replace(b"text/html", b"text/css") % b"")


@pytest.mark.parametrize("packed", [False, True])
def test_page_put_whole_into_a_document_is_read(packed: bool) -> None:
    page = papers.page([papers.small_form()], "utf-8")
    relation = (
        'Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="c.htm"'
    )
    data = BytesIO()
    with zipfile.ZipFile(BytesIO(papers.word([]))) as source, zipfile.ZipFile(data, "w") as target:
        for name in source.namelist():
            added = f"<Relationship {relation}/></Relationships>".encode()
            target.writestr(
                name,
                source.read(name).replace(b"</Relationships>", added if "document" in name else b"</Relationships>"),
            )
        target.writestr("word/c.htm", PACKED % base64.encodebytes(page) if packed else page)
    assert papers.texts(formats.grids(data.getvalue())) == papers.texts(formats.grids(page))


def test_word_reads_what_stands_in_the_notes() -> None:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    note = f'<w:footnotes xmlns:w="{namespace}"><w:footnote><w:p><w:r><w:t>脚注</w:t></w:r></w:p></w:footnote></w:footnotes>'
    data = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(papers.word([[["标题"], ["甲", "乙"]]]))) as source,
        zipfile.ZipFile(data, "w") as target,
    ):
        for name in source.namelist():
            added = f'<Relationship Id="n" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode()
            target.writestr(
                name,
                source.read(name).replace(b"</Relationships>", added if "document" in name else b"</Relationships>"),
            )
        target.writestr("word/footnotes.xml", note)
    assert papers.texts(formats.grids(data.getvalue())) == [["标题"], ["甲", "乙"], ["脚注"]]


def test_line_breaks_of_every_kind_are_line_breaks() -> None:
    def fill(book: Any) -> None:
        book.active["A1"] = "甲_x000D_\n乙_x000D_丙_x000B_丁"

    data = BytesIO()
    with zipfile.ZipFile(BytesIO(_saved(fill))) as source, zipfile.ZipFile(data, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"_x005F_x00", b"_x00"))
    assert papers.texts(formats.grids(data.getvalue())) == [["甲\n乙\n丙\n丁"]]


def test_pdf_without_rules_puts_a_cell_of_two_lines_beside_those_of_one() -> None:
    lines = [(50, 700, "Level"), (150, 700, "Name"), (300, 700, "Value")]
    lines += [(150, 680, "Number of"), (50, 675, "Output"), (300, 675, "13"), (150, 670, "lines")]
    lines += [(50, 650, "Output"), (150, 650, "Rounds"), (300, 650, "4")]
    (grid,) = formats.grids(papers.plain_pdf([lines]))
    assert papers.texts([grid]) == [
        ["Level", "Name", "Value"],
        ["Output", "Number of lines", "13"],
        ["Output", "Rounds", "4"],
    ]


def test_pdf_without_rules_has_its_columns_by_where_the_words_stand() -> None:
    lines = [(50, 700, "Title of all"), (50, 680, "Level"), (150, 680, "Name"), (300, 680, "Value")]
    lines += [
        (50, 660, "Output"),
        (150, 660, "Number of lines"),
        (300, 660, "13"),
        (150, 640, "Rounds"),
        (300, 640, "12"),
    ]
    (grid,) = formats.grids(papers.plain_pdf([lines]))
    assert [[(c.column, c.text) for c in row] for row in grid.rows] == [
        [(0, "Title of all")],
        [(0, "Level"), (1, "Name"), (2, "Value")],
        [(0, "Output"), (1, "Number of lines"), (2, "13")],
        [(1, "Rounds"), (2, "12")],
    ]
    assert str(grid.rows[2][1].place) == "第1页第3行第2列"


def test_scanned_pages_are_named() -> None:
    with pytest.raises(InvalidFile, match="扫描图像") as refusal:
        formats.grids(papers.plain_pdf([[(50, 50, "- 1 -")]], picture=True))
    assert refusal.value.where == "第1页"
    (grid,) = formats.grids(papers.plain_pdf([[(50, 700, "Text")], []], picture=True))
    assert papers.texts([grid]) == [["Text"], ["［第2页是扫描图像，没有读取］"]]


# Formats that need LibreOffice to be made or to be read


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["doc", "rtf", "odt", "pdf", "html"])
def test_a_document_saved_otherwise_reads_the_same(suffix: str, tmp_path: Path) -> None:
    form = papers.small_form()
    data = papers.converted(papers.word([form, form]), "a.docx", suffix, tmp_path)
    assert papers.texts(formats.grids(data)) == form_texts(form) * 2


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_a_workbook_saved_otherwise_shows_the_same(suffix: str, tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet["C4"], sheet["D4"], sheet["D5"], sheet["D6"] = "比例", 0.955, 11800, 44197
        sheet["D4"].number_format, sheet["D5"].number_format = "0.0%", "#,##0.00"
        sheet["D6"].number_format = 'yyyy"年"m"月"'
        sheet["E4"] = "=D5*2"
        sheet.merge_cells("C4:C6")

    (grid,) = formats.grids(papers.converted(_saved(fill), "a.xlsx", suffix, tmp_path))
    assert papers.texts([grid]) == [["比例", "95.5%", "23600"], ["11,800.00"], ["2021年1月"]]
    assert (cell(grid, "比例").row_span, cell(grid, "比例").place.row, cell(grid, "95.5%").column) == (3, 4, 3)


@needs_office
@needs_seed
@pytest.mark.slow
def test_the_seed_is_the_same_as_pdf(tmp_path: Path) -> None:
    forms = papers.seed_forms(SEED.read_text("utf-8"))
    data = papers.converted(papers.word(forms), "seed.docx", "pdf", tmp_path)
    assert papers.texts(formats.grids(data)) == [row for form in forms for row in form_texts(form)]


@needs_seed
@pytest.mark.parametrize("made", [papers.xlsx, papers.word, papers.page])
def test_the_seed_is_the_same_in_every_format(made: Any) -> None:
    forms = papers.seed_forms(SEED.read_text("utf-8"))
    found = [row for row in papers.texts(formats.grids(made(forms))) if row != ["首页"]]
    assert found == [row for form in forms for row in form_texts(form)]


def test_old_formats_are_refused_clearly_without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InvalidFile, match="LibreOffice") as refusal:
        formats.grids(rb"{\rtf1 a}")
    assert ".docx" in str(refusal.value)


# Folders and archives


def test_folders_and_archives_are_walked_with_their_chinese_names(tmp_path: Path) -> None:
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("丙.txt", "丙")
    outer = BytesIO()
    with zipfile.ZipFile(outer, "w") as packed:
        packed.writestr("里面.zip", inner.getvalue())
        packed.writestr("甲/__MACOSX/x.txt", "x")
        packed.writestr("xx.txt", "乙")
    (tmp_path / "县").mkdir()
    (tmp_path / "县" / "包.zip").write_bytes(outer.getvalue().replace(b"xx.txt", "乙".encode("gb18030") + b".txt"))
    (tmp_path / "县" / "~$锁.docx").write_bytes(b"x")
    (tmp_path / "甲.xlsx").write_bytes(papers.xlsx([papers.small_form()]))
    found = list(archive.files([tmp_path, tmp_path / "甲.xlsx", tmp_path / "无.txt"]))
    assert [file.name for file in found] == [
        "甲.xlsx",
        "县/包.zip/乙.txt",
        "县/包.zip/里面.zip/丙.txt",
        "甲.xlsx",
        "无.txt",
    ]
    assert [file.data for file in found[1:3]] == ["乙".encode(), "丙".encode()]
    assert [bool(file.refused) for file in found] == [False, False, False, False, True]
    assert found[0].sha256 == found[3].sha256
