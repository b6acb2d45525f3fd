"""A form that was drafted, saved and read back is the same form, whatever stands in it."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest

from api.drafting import DraftForm, DraftRow, declaration
from perfkg.errors import InvalidQuestion
from perfkg.reading import read_data
from perfkg.records import Declaration
from perfkg.report import form_bytes

SUFFIXES = (".docx", ".xlsx")
NAMES = (
    *(
        "租赁线路条数",
        "=1+1",
        "+95%",
        "@群众",
        "-完成",
        "\t=SUM(A1)",
        "<业务科>故障率",
        "a<b且c>d",
        "12",
        "①巡检",
        "表情😀",
    ),
    *(
        "<script>alert(1)</script>",
        "<b>加粗</b>处理",
        "网络&amp;故障",
        "1.合计金额",
        "一行\n又一行",
        "“引号”'单'",
        "备注说明",
    ),
)
CATEGORIES = ("数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标", "服务对象满意度指标")


def rows(texts: tuple[str, ...] = NAMES) -> list[DraftRow]:
    pairs = zip(texts, CATEGORIES * len(texts), strict=False)
    return [DraftRow(category=category, name=text, value=text) for text, category in pairs]


def said(one: Declaration) -> list[object]:
    """All that a form says, without where it was read."""
    money = (one.funding.total, one.funding.fiscal, one.funding.other)
    lines = [(row.category, row.name, row.value) for row in one.indicators]
    return [one.project, one.organization, one.department, one.implementer, one.year, one.objective, money, *lines]


def back(form: DraftForm, suffix: str) -> Declaration:
    [read] = read_data(f"表{suffix}", form_bytes(declaration(form), suffix))
    return read


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_form_is_read_back_as_it_was(suffix: str) -> None:
    form = DraftForm(
        project="政务外网（二期）<b>维护</b>费",
        organization="云岭县水利局",
        department="云岭县人民政府",
        implementer="云岭县信息中心",
        year=2022,
        total=147600,
        fiscal=100000.5,
        other=47599.5,
        objective="一是保障运行，<p>不中断。\n二是=1+1，≥95%。\n\n三是其他。",
        indicators=rows(),
    )
    read = back(form, suffix)
    assert said(read) == said(declaration(form))
    assert not read.leftovers


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_200_rows_are_read_back_in_order(suffix: str) -> None:
    form = DraftForm(
        project="=1+1", organization="@局", year=2023, indicators=rows(tuple(f"第{n}类" for n in range(200)))
    )
    assert said(back(form, suffix)) == said(declaration(form))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("yuan", [0.0, 0.01, 1.0, 1234.56, 99999.99, 147600.0, 123456789012.34, 1e15])
def test_money_is_exact(suffix: str, yuan: float) -> None:
    form = DraftForm(project="甲", organization="乙", year=2023, total=yuan, fiscal=yuan, indicators=rows(("个数",)))
    funding = back(form, suffix).funding
    assert (funding.total, funding.fiscal, funding.other) == (yuan, yuan, None)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_first_level_of_another_scheme_stays(suffix: str) -> None:
    row = DraftRow(category="数量指标", level1="项目完成", name="条数", value="12条")
    [read] = back(DraftForm(project="甲", organization="乙", year=2023, indicators=[row]), suffix).indicators
    assert (read.category.level1, read.category.level2) == ("项目完成", "数量指标")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_row_without_a_category_takes_none_from_the_row_above(suffix: str) -> None:
    given = [*rows(("条数",)), DraftRow(name="没有类别", value="3次")]
    read = back(DraftForm(project="甲", organization="乙", year=2023, indicators=given), suffix).indicators
    assert [row.category.level2 for row in read] == [None, "数量指标"]


def test_no_text_is_a_formula_and_every_category_stands_once() -> None:
    made = declaration(DraftForm(project="=1+1", organization="乙", year=2023, indicators=rows()))
    sheet = openpyxl.load_workbook(io.BytesIO(form_bytes(made, ".xlsx"))).active
    assert sheet is not None
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value is not None} == {"s"}
    same = [DraftRow(category="数量指标", name=f"第{n}类", value="2个") for n in range(3)]
    made = declaration(DraftForm(project="甲", organization="乙", year=2023, indicators=same))
    sheet = openpyxl.load_workbook(io.BytesIO(form_bytes(made, ".xlsx"))).active
    assert sheet is not None
    assert [cell.value for line in sheet.iter_rows() for cell in line].count("数量指标") == 1
    [table] = docx.Document(io.BytesIO(form_bytes(made, ".docx"))).tables
    assert table._tbl.xml.count(">数量指标<") == 1


def test_tags_left_over_from_a_web_page_are_taken_out_and_said() -> None:
    table = "项目支出绩效目标申报表\n项目名称\t甲\n一级指标\t二级指标\t三级指标\t指标值\n产出指标\t数量指标\t<p>条数</p>\t<业务科>3条&nbsp;\n"
    [row] = read_data("表.txt", table.encode())[0].indicators
    assert (row.name, row.value) == ("条数", "<业务科>3条")
    assert [one.before for one in row.repairs if one.rule == "html-removed"] == ["<p>条数</p>", "<业务科>3条&nbsp;"]


def test_a_form_is_saved_as_nothing_else() -> None:
    with pytest.raises(InvalidQuestion, match=r"\.docx"):
        form_bytes(declaration(DraftForm()), ".pdf")
