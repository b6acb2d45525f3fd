"""Reviews and answers as files: what is in them, and that nothing a form holds can run or break them."""

from __future__ import annotations

import csv
import dataclasses
import errno
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from conftest import make_declaration

from perfkg import targets
from perfkg.errors import InvalidFile, InvalidQuestion
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.report import REVIEW_SUFFIXES, Table, review_bytes, table_bytes, table_of, write_reviews, write_table
from perfkg.report.cells import clean, neutral
from perfkg.report.opinion import items, passed, summary
from perfkg.report.streams import write_rows
from perfkg.review import Report, review
from perfkg.search import search

FORMULA = '=HYPERLINK("http://x.invalid","点这里")'
HOSTILE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")
ROWS = (
    ("产出指标", "数量指标", "工作经费", "2万元"),
    ("产出指标", "质量指标", "平台运行", "平台运行"),
    ("产出指标", "质量指标", "管理水平", "有所提高"),
    ("产出指标", "质量指标", "服务水平", "有所提高"),
    ("产出指标", "成本指标", FORMULA, "8万元"),
)


def understood(declaration: Declaration) -> Declaration:
    rows = (dataclasses.replace(row, targets=targets.read(row.value, row.name)) for row in declaration.indicators)
    return dataclasses.replace(declaration, indicators=tuple(rows))


@pytest.fixture
def reports() -> list[Report]:
    plain = review(understood(make_declaration("平台运行维护", rows=ROWS)))
    return [plain, review(understood(make_declaration("<b>第二个</b>\x00项目", "=县局", rows=ROWS)))]


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_word_file_says_what_was_found_and_is_to_be_signed(reports: list[Report]) -> None:
    text = text_of(review_bytes(reports[:1], ".docx"))
    for said in (
        "项目支出绩效目标审核意见表",
        "平台运行维护",
        "云岭县大数据中心",
        "10万元",
        "少2万元",
        "建议",
        "审核人（签字）",
    ):
        assert said in text
    assert all(item.message in text and item.advice in text for item in items(reports[0], "fail"))


def test_several_forms_are_one_document_with_a_summary(reports: list[Report]) -> None:
    text = text_of(review_bytes(reports, ".docx"))
    assert text.count("项目支出绩效目标审核意见表") == 2
    assert "绩效目标审核意见汇总" in text
    assert "绩效目标审核意见汇总" not in text_of(review_bytes(reports[:1], ".docx"))


def test_findings_of_one_kind_are_told_once_with_all_their_places(reports: list[Report]) -> None:
    vague = next(item for item in items(reports[0], "fail") if item.title == "表述笼统")
    assert vague.places == ("第3—4行",)
    assert vague.quotes == ("管理水平：有所提高", "服务水平：有所提高")


def test_the_summary_counts(reports: list[Report]) -> None:
    counts = reports[0].counts
    assert f"发现问题{counts['fail']}处" in summary(reports[0])
    assert "漏填" in passed(reports[0])
    empty = review(make_declaration(rows=()))
    assert "没有任何绩效指标" in summary(empty)


def test_the_workbook_holds_every_finding_as_text(reports: list[Report]) -> None:
    book = workbook(review_bytes(reports, ".xlsx"))
    assert book.sheetnames == ["汇总", "问题与待核实", "单位与规则", "全部核对结果"]
    assert book["全部核对结果"].max_row == 1 + sum(len(report.findings) for report in reports)
    assert book["汇总"]["E2"].value == 10
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}


def test_a_page_escapes_and_loads_nothing(reports: list[Report]) -> None:
    page = review_bytes(reports, ".html").decode("utf-8")
    assert "&lt;b&gt;第二个&lt;/b&gt;项目" in page
    assert "<b>第二个" not in page
    assert not any(word in page for word in ("<script", "src=", "http:", "https:"))


@pytest.mark.parametrize("suffix", REVIEW_SUFFIXES)
def test_no_character_breaks_a_file(suffix: str) -> None:
    strange = "".join(map(chr, range(32))) + "\ud800\ufffe<&>]]>{{7*7}}{% raw %}" + "长" * 40_000
    made = understood(make_declaration(rows=(("产出指标", "质量指标", strange, strange),)))
    report = review(dataclasses.replace(made, project=strange, organization=strange, objective=strange))
    content = review_bytes([report], suffix)
    if suffix == ".html":
        assert "&lt;&amp;&gt;]]&gt;{{7*7}}{% raw %}" in content.decode("utf-8")
    else:
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
        assert "长" in (str(workbook(content)["汇总"]["B2"].value) if suffix == ".xlsx" else text_of(content))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_looks_like_a_formula_is_text(text: str) -> None:
    table = Table(text, ("值",), ((text,),), (text,))
    sheet = workbook(table_bytes(table, ".xlsx")).worksheets[0]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].quotePrefix
    rows = list(csv.reader(io.StringIO(table_bytes(table, ".csv").decode("utf-8-sig"))))
    assert rows[1][0] == f"'{clean(text)}"
    assert rows[2][0].startswith("'")


def test_an_ordinary_text_stays_as_it_is() -> None:
    for text in ("≥95%", "1小时内响应", "2021年1月-12月", ""):
        assert neutral(text) == text


def test_an_answer_is_rows_with_their_sources(library: Library, tmp_path: Path) -> None:
    library.import_declarations([make_declaration(rows=(("产出指标", "质量指标", "=网络故障处理时间", "24小时"),))])
    write_table(table_of(search(library, "网络故障处理时间"), "网络故障处理时间"), tmp_path / "a.csv")
    header, row = csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig")))
    found = dict(zip(header, row, strict=True))
    assert (found["三级指标"], found["指标值"]) == ("'=网络故障处理时间", "24小时")
    assert (found["项目"], found["单位"], found["年度"]) == ("网络运行维护费", "云岭县大数据中心", "2021")


def test_another_kind_of_file_is_refused_with_the_kinds_there_are(reports: list[Report], tmp_path: Path) -> None:
    with pytest.raises(InvalidQuestion, match=r"\.docx、\.xlsx、\.html"):
        write_reviews(reports, tmp_path / "a.pdf")
    with pytest.raises(InvalidQuestion):
        table_bytes(Table("", ("值",), ()), ".docx")


def test_a_folder_that_is_not_there_is_said(reports: list[Report], tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="写不进去"):
        write_reviews(reports, tmp_path / "none" / "a.docx")


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_export_that_breaks_off_leaves_what_was_there(tmp_path: Path, ending: str) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        yield ("网络故障处理时间", "24小时")
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / f"a{ending}").write_bytes(b"of yesterday")
    with pytest.raises(InvalidFile, match="写不进去"):
        write_rows(("指标", "值"), rows(), tmp_path / f"a{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == b"of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == [f"a{ending}"]
