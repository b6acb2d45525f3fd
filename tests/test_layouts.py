"""Layouts: invented forms in the shapes offices use, and that no text is lost on the real ones."""

from __future__ import annotations

import doctest
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkg import reading, text
from perfkg.errors import InvalidFile
from perfkg.reading import formats, layouts
from perfkg.reading.forms import declarations
from perfkg.reading.grid import Cell, Grid
from perfkg.reading.layouts import Form, beside, costs, looks, money, several, simplify, words
from perfkg.reading.layouts.pieces import Piece
from perfkg.reading.layouts.rows import Row
from perfkg.records import Declaration, Place, as_json

CASES = Path(__file__).parent / "cases" / "layouts"
SHARED = Path(__file__).parents[2] / "shared"
REAL = [*sorted((SHARED / "data" / "forms").glob("*")), *sorted((SHARED / "seed").glob("*"))]


def cases() -> list[Any]:
    found = [case for path in sorted(CASES.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))]
    return [pytest.param(case, id=case["about"].split(",")[0].split(";")[0].replace(" ", "-")) for case in found]


def said(one: Declaration, wanted: dict[str, Any]) -> dict[str, Any]:
    """A declaration in the words of a case."""
    facts = {
        "organization": one.organization,
        "project": one.project,
        "year": one.year,
        "kind": one.kind,
        "total": one.funding.total,
        "fiscal": one.funding.fiscal,
        "objective": one.objective,
        "term_objective": one.term_objective,
        "rows": [
            [row.category.level1, row.category.level2, row.name, row.value, row.actual, row.weight, row.score]
            for row in one.indicators
        ],
        "notes": [row.note for row in one.indicators],
        "unsure": [row.unsure for row in one.indicators],
        "leftovers": [left.text for left in one.leftovers],
    }
    return {key: facts[key] for key in wanted}


@pytest.mark.parametrize("case", cases())
def test_layout_is_read_as_a_person_reads_it(case: dict[str, Any]) -> None:
    found = reading.read_data("form.txt", "\n".join(case["lines"]).encode())
    assert len(found) == len(case["expected"])
    assert [said(one, wanted) for one, wanted in zip(found, case["expected"], strict=True)] == case["expected"]


def characters(texts: list[str]) -> Counter[str]:
    return Counter(character for one in texts for character in one if not character.isspace())


def forms_of(path: Path) -> list[tuple[list[str], list[Form]]]:
    """The texts of each grid of a file with the forms in it."""
    try:
        grids = formats.grids(path.read_bytes())
    except InvalidFile:
        return []
    return [([cell.text for row in grid.rows for cell in row], layouts.read(grid)) for grid in grids]


@pytest.mark.skipif(not REAL, reason="the real forms lie beside the repository")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_no_character_of_a_real_form_is_lost_or_added(path: Path) -> None:
    for texts, forms in forms_of(path):
        if forms:
            written = [simplify.simplified(one) for one in texts] if simplify.is_traditional(texts) else texts
            assert characters([one.text for form in forms for one in form.traced]) == characters(written)


KEPT = {"name", "value", "actual", "note", "explain", "extra", "project", "organization", "objective", "funding"}


@pytest.mark.skipif(not REAL, reason="the real forms lie beside the repository")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_what_is_traced_to_a_field_stands_in_the_declaration(path: Path) -> None:
    try:
        found = reading.read_data(path.name, path.read_bytes())
        traced = reading.trace(path.name, path.read_bytes())
    except InvalidFile:
        return
    full = [pieces for pieces in traced if any(piece.indicator for piece in pieces)]
    for one, pieces in zip(found, full, strict=True):
        whole = text.squeeze(json.dumps(as_json(one), ensure_ascii=False)).replace("\\n", "").replace('\\"', '"')
        for piece in pieces:
            if piece.role in KEPT:
                assert text.squeeze(piece.text) in whole, piece
        assert [one.text for one in one.leftovers] == [piece.text for piece in pieces if piece.role == "leftover"]


def test_trace_says_what_each_text_was_understood_as() -> None:
    lines = (
        "项目名称\t河道巡查\t联系人\t张三\n一级指标\t二级指标\t三级指标\t指标值\n产出指标\t数量指标\t巡查次数\t12次\n"
    )
    (form,) = reading.trace("form.txt", lines.encode())
    assert reading.traced("form.txt", lines.encode()) == [form]
    assert {one.text: one.understood for one in form} == {
        "项目名称": "栏目名",
        "河道巡查": "项目名称",
        "联系人": "栏目名",
        "张三": "未归入",
        "一级指标": "表头或指标类别",
        "二级指标": "表头或指标类别",
        "三级指标": "表头或指标类别",
        "指标值": "表头或指标类别",
        "产出指标": "表头或指标类别",
        "数量指标": "表头或指标类别",
        "巡查次数": "第1条指标的三级指标",
        "12次": "第1条指标的指标值",
    }


def test_sheets_without_a_form_are_named() -> None:
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active.append(["云岭县财政局"])
    sheet = book.create_sheet("绩效目标表")
    for row in (
        ["项目名称", "河道巡查"],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "巡查", 12],
    ):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    (found,) = reading.read_data("book.xlsx", stream.getvalue())
    assert found.notes == ("没有绩效目标表的工作表未读入：封面",)
    assert found.indicators[0].place.sheet == "绩效目标表"


FORM = (
    ["项目名称", "", "河道巡查", "", ""],
    ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值"],
    ["", "产出指标", "数量指标", "巡查", "12次"],
)


def workbook(sheets: dict[str, Any], hidden: str = "", merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
        for area in () if name == hidden else merged:
            sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_form_in_a_hidden_sheet_is_named_and_a_list_in_one_is_not() -> None:
    other = [["项目名称", "", "清淤", "", ""], *FORM[1:]]
    (found,) = reading.read_data("book.xlsx", workbook({"甲": FORM, "乙": other}, hidden="乙"))
    assert found.notes == ("隐藏的工作表里有绩效目标表，未读入：乙",)
    (found,) = reading.read_data(
        "book.xlsx", workbook({"甲": FORM, "选项": [["数量指标"], ["质量指标"]]}, hidden="选项")
    )
    assert not found.notes
    with pytest.raises(InvalidFile, match="隐藏的工作表里：乙"):
        reading.read_data("book.xlsx", workbook({"封面": [["封面"]], "乙": other}, hidden="乙"))


def test_a_form_without_indicators_beside_others_is_named() -> None:
    blank = [["项目名称", "", "清淤", "", ""], FORM[1]]
    (found,) = reading.read_data("book.xlsx", workbook({"甲": FORM, "乙": blank}))
    assert found.notes == ("没有填写任何指标的表未读入：清淤",)


def test_headings_below_ones_that_span_them_are_headings_whatever_they_say() -> None:
    rows = [
        FORM[0],
        ["一级指标", "二级指标", "三级指标", "指标值", "偏差原因分析", "", "指标值来源"],
        ["", "", "", "", "经费保障", "人员保障", ""],
        ["产出指标", "数量指标", "巡查", "12次", "", "缺一人", "台账"],
    ]
    merged = ("A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2", "G2:G3")
    (found,) = reading.read_data("book.xlsx", workbook({"甲": rows}, merged=merged))
    assert [(row.name, row.value, row.note) for row in found.indicators] == [
        ("巡查", "12次", "人员保障：缺一人；指标值来源：台账")
    ]


def test_a_name_like_a_heading_is_a_name_where_the_row_has_its_category() -> None:
    rows = [
        *FORM,
        ["", "满意度指标", "服务对象满意度指标", "群众满意度", "90%"],
        ["", "", "", "服务对象满意度指标", "由第三方调查"],
    ]
    (found,) = reading.read_data("book.xlsx", workbook({"甲": rows}, merged=("B4:B5", "C4:C5")))
    assert [(row.name, row.unsure) for row in found.indicators[2:]] == [("服务对象满意度指标", False)]


@pytest.mark.parametrize("write", [papers.word, papers.page], ids=["docx", "html"])
def test_what_follows_the_table_in_a_document_is_no_row_of_it(write: Any) -> None:
    form = [
        ["项目支出绩效目标表"],
        ["项目名称", "水利工程建设", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "建设堤防", "≥3公里"],
    ]
    bought = [["政府采购预算表"], ["单位名称", "采购项目", "数量", "金额"], ["云岭县水利局", "办公电脑", "10", "50000"]]
    (found,) = reading.read_data("budget", write([form, bought]))
    assert [(row.name, row.value) for row in found.indicators] == [("建设堤防", "≥3公里")]
    left = [left.text for left in found.leftovers]
    assert {"政府采购预算表", "办公电脑", "10", "50000"} <= set(left)


@pytest.mark.parametrize("write", [papers.word, papers.page], ids=["docx", "html"])
def test_rows_go_on_in_the_next_table_below_a_line_between_them(write: Any) -> None:
    form = [
        ["项目支出绩效目标表"],
        ["项目名称", "水利工程建设", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "建设堤防", "≥3公里"],
    ]
    later = [["续表"], ["", "", "清淤", "≥2公里"], ["效益指标", "社会效益指标", "防洪能力", "提升"]]
    (found,) = reading.read_data("form", write([form, later]))
    assert [row.name for row in found.indicators] == ["建设堤防", "清淤", "防洪能力"]


def test_rows_read_from_lines_of_a_page_are_doubtful_where_they_may_be_parts_of_one() -> None:
    texts = [
        ["项目名称", "河道巡查"],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "巡查", "12次"],
        ["", "", "全年开展", ""],
        ["", "", "", "6次"],
        ["", "质量指标", "整改率", "95%"],
        ["绩", "时效指标", "完成时间", "年底"],
    ]
    rows = tuple(
        tuple(Cell(text, at, Place(page=1, line=line, column=at + 1)) for at, text in enumerate(row))
        for line, row in enumerate(texts, start=1)
    )
    (form,) = layouts.read(Grid(rows))
    assert [(one.name, one.value, one.unsure) for one in form.entries][:4] == [
        ("巡查", "12次", False),
        ("全年开展", None, True),
        (None, "6次", True),
        ("整改率", "95%", False),
    ]


def test_parts_of_the_value_without_known_headings_are_joined_with_them() -> None:
    rows = [
        FORM[0],
        ["一级指标", "二级指标", "三级指标", "指标值", "", "备注"],
        ["", "", "", "云岭镇", "芦汀镇", ""],
        ["产出指标", "数量指标", "巡查", "12次", "6次", ""],
    ]
    merged = ("A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:F3")
    (found,) = reading.read_data("book.xlsx", workbook({"甲": rows}, merged=merged))
    assert [row.value for row in found.indicators] == ["云岭镇12次；芦汀镇6次"]


def test_instructions_for_filling_a_form_in_are_no_form() -> None:
    told = [
        "填表说明",
        "1.数量指标：反映提供的产品数量。",
        "2.质量指标：反映达到的标准。",
        "3.时效指标：反映及时程度。",
    ]
    sheets = {"甲": FORM, "填表说明": [[line] for line in told]}
    (found,) = reading.read_data("book.xlsx", workbook(sheets))
    assert found.notes == ("没有绩效目标表的工作表未读入：填表说明",)


def test_a_cell_merged_over_the_side_and_the_levels_begins_no_row() -> None:
    rows = [*FORM, ["资金管理办法", "", "专款专用", "", "是"]]
    (found,) = reading.read_data("book.xlsx", workbook({"甲": rows}, merged=("A4:B4",)))
    assert [row.name for row in found.indicators] == ["巡查"]
    assert [left.text for left in found.leftovers] == ["资金管理办法", "专款专用", "是"]


FRAGMENTS = st.sampled_from(
    "项目名称 预算单位 一级指标 二级指标 三级指标 指标值 分值 得分 产出指标 数量指标 满意度指标 合计 注： 指标1： ≥95% 12 万元 年度目标 …… "
    "（2021年度） 绩效目标申报表 项目资金（万元） 年度资金总额： 培训人数 有所提高 产出指标数量指标培训人数12人质量指标合格率100%".split()
)
TEXTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), min_size=1, max_size=3).map("".join)
ROWS = st.lists(st.lists(st.tuples(TEXTS, st.integers(1, 3), st.integers(1, 2)), max_size=6), max_size=14)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_any_grid_is_read_without_failing_and_without_losing_text(
    drawn: list[list[tuple[str, int, int]]],
) -> None:
    rows = [
        tuple(
            Cell(text, 2 * column, Place(row=number + 1, column=2 * column + 1), down, across)
            for column, (text, down, across) in enumerate(row)
        )
        for number, row in enumerate(drawn)
    ]
    texts = [cell.text for row in rows for cell in row]
    forms = layouts.read(Grid(tuple(rows)))
    assert declarations(forms, "grid", b"") is not None
    if forms and not simplify.is_traditional(texts):
        assert characters([one.text for form in forms for one in form.traced]) == characters(texts)


@pytest.mark.parametrize(
    "module", [text, words, looks, costs, money, several, simplify, beside], ids=lambda module: module.__name__
)
def test_examples(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("name", "value", "read", "unsure"),
    [
        (
            "1.管护面积\n2.护林员人数",
            "1. 12.5万亩\n2. 260人",
            [("管护面积", "12.5万亩"), ("护林员人数", "260人")],
            False,
        ),
        ("①培训期数；②培训人数；", "2期\n100人", [("培训期数", "2期"), ("培训人数", "100人")], False),
        ("（1）甲设备（2）乙设备", "（1）3台（2）5台", [("甲设备", "3台"), ("乙设备", "5台")], False),
        # Nothing tells what belongs to which, or the numbers may be part of the amounts.
        ("1.管护面积\n2.护林员人数", "按计划完成", [("1.管护面积2.护林员人数", "按计划完成")], False),
        ("1.甲\n2.乙", "1.5万元；2.3万元", [("1.甲2.乙", "1.5万元；2.3万元")], False),
        ("管护\n面积", "12.5\n万亩", [("管护面积", "12.5万亩")], False),
        ("退耕还林\n管护面积", "≥95%", [("退耕还林管护面积", "≥95%")], False),
        ("管护面积\n护林员人数", "12.5万亩\n260人", [("管护面积", "12.5万亩"), ("护林员人数", "260人")], True),
    ],
)
def test_several_indicators_in_one_cell(name: str, value: str, read: list[tuple[str, str]], unsure: bool) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["项目名称", "退耕还林管护"],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", name, value],
    ):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    (found,) = reading.read_data("form.xlsx", data.getvalue())
    assert [(row.name, row.value) for row in found.indicators] == read
    assert {row.unsure for row in found.indicators} == {unsure}
    assert not found.leftovers


def test_values_numbered_like_the_names_beside_them_lose_their_numbers() -> None:
    piece = Piece("1.≥12次\n2.12公里", Place(row=1), 0, 3)
    name = Piece("1.巡查次数\n2.治理长度", Place(row=1), 0, 2)
    found = list(several.several(Row({"name": [name], "value": [piece]})))
    assert [row.cells["value"][0].text for row in found] == ["≥12次", "12公里"]
    lengths = [Piece("1.5公里\n2.5公里", Place(row=1), 0, 3)]
    found = list(several.several(Row({"name": [name], "value": lengths})))
    assert [row.cells["value"][0].text for row in found] == ["1.5公里", "2.5公里"]


def test_lines_beside_as_many_lines_that_are_no_values_are_doubtful() -> None:
    def read(name: str, value: str) -> list[bool]:
        cells = {"name": [Piece(name, Place(row=1), 0, 2)], "value": [Piece(value, Place(row=1), 0, 3)]}
        return [row.doubtful for row in several.several(Row(cells))]

    assert read("总成本\n服务企业家数", "按时并足额拨付\n按进度") == [True]
    assert read("总成本\n服务企业家数", "按时并足额拨付") == [False]


def test_a_form_on_two_sheets_is_one() -> None:
    book = openpyxl.Workbook()
    head, table = book.active, book.create_sheet("绩效指标")
    for facts in (
        ("项目支出绩效目标表",),
        ("项目名称", "河道巡查"),
        ("预算单位", "云岭县水利局"),
        ("年度资金总额", "12万元"),
    ):
        head.append(facts)
    for row in (
        ("一级指标", "二级指标", "三级指标", "指标值"),
        ("产出指标", "数量指标", "巡查次数", "≥12次"),
        ("满意度指标", "服务对象满意度指标", "群众满意度", "≥90%"),
    ):
        table.append(row)
    stream = io.BytesIO()
    book.save(stream)
    (found,) = reading.read_data("两页.xlsx", stream.getvalue())
    assert (found.project, found.organization, found.funding.total) == ("河道巡查", "云岭县水利局", 120_000)
    assert [one.name for one in found.indicators] == ["巡查次数", "群众满意度"]
    assert [one.place.sheet for one in found.indicators] == ["绩效指标", "绩效指标"]
    assert found.notes == ("表头和指标分在几个工作表上，合成一份：Sheet、绩效指标",)
