"""Tables printed without ruled lines keep their rows and categories, and say where the page leaves them open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product

import papers
import pytest

from perfkg import reading
from perfkg.reading import formats

WIDTHS = (6, 8, 12, 8, 4)
HEADINGS = ("一级指标", "二级指标", "三级指标", "指标值", "分值")
LONG = "开展农村环境综合整治的行政村数量占全县行政村总数的比例"
ROWS = [
    ("产出指标", "数量指标", "培训场次", "≥12场", "10"),
    ("^", "^", LONG, "≥95%", "10"),
    ("^", "^", "发放宣传册", "3000册", "5"),
    ("^", "^", "维修路灯", "20盏", "5"),
    ("^", "^", "巡查次数", "每月1次", "5"),
    ("^", "质量指标", "验收合格率", "100%", "15"),
    ("^", "时效指标", "完成时间", "2024年12月31日前完成", "10"),
    ("效益指标", "社会效益指标", "群众知晓率", "≥90%", "15"),
    ("^", "^", "安全事故", "0起", "10"),
    ("^", "可持续影响指标", "长效机制", "健全", "5"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥90%", "10"),
]
HEAD: list[papers.Printed] = [(40, 790, "项目支出绩效目标表"), (40, 770, "项目名称"), (140, 770, "河道巡查")]


def truth(rows: Sequence[Sequence[str]]) -> list[tuple[str | None, ...]]:
    """Category, name, value and weight of each row, merged cells counted for all of theirs."""
    found: list[tuple[str | None, ...]] = []
    above = ["", ""]
    for row in rows:
        above = [one if text == "^" else text for one, text in zip(above, row[:2], strict=True)]
        found.append((*above, *row[2:]))
    return found


def rows_of(data: bytes) -> list[tuple[str | None, ...]]:
    (found,) = reading.read_data("表.pdf", data)
    return [
        (one.category.level1, one.category.level2, one.name, one.value, f"{one.weight:g}") for one in found.indicators
    ]


def doubts(data: bytes) -> list[bool]:
    (found,) = reading.read_data("表.pdf", data)
    return [one.unsure for one in found.indicators]


def letters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


@pytest.mark.parametrize(("centered", "padding"), list(product([True, False], [1, 3, 5])))
def test_rows_and_categories_are_found_by_where_words_stand(centered: bool, padding: int) -> None:
    printed, _ = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750, centered=centered, padding=padding)
    data = papers.chinese_pdf([[*HEAD, *printed]])
    assert rows_of(data) == truth(ROWS)
    assert not any(doubts(data))


def test_no_letter_is_lost_or_made_up() -> None:
    printed, _ = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    (grid,) = formats.grids(papers.chinese_pdf([[*HEAD, *printed]]))
    shown = "".join(text for row in papers.texts([grid]) for text in row)
    assert letters(shown) == letters("".join(text for *_, text in [*HEAD, *printed]))


def test_lines_ruled_between_rows_say_where_merged_cells_end() -> None:
    rows = [
        ("产出指标", "数量指标", "培训场次", "≥12场", "10"),
        ("^", "质量指标", "验收合格率", "100%", "15"),
        ("^", "^", "返工率", "0", "5"),
        ("^", "^", "设备完好率", "≥95%", "5"),
    ]
    printed, edges = papers.drawn_table([HEADINGS, *rows], WIDTHS, top=750, centered=False)
    rules = [(left, edge, 480, edge) for left, edge in zip((40, 108, 196, 196, 40), edges[1:], strict=True)]
    data = papers.chinese_pdf([[*HEAD, *printed]], rules)
    assert rows_of(data) == truth(rows)
    assert not any(doubts(data))


@pytest.mark.parametrize("headed", [True, False])
def test_a_table_goes_on_over_pages_with_its_headings_again_or_not(headed: bool) -> None:
    first, _ = papers.drawn_table([HEADINGS, *ROWS[:7]], WIDTHS, top=750)
    more, _ = papers.drawn_table([*([HEADINGS] if headed else []), *ROWS[7:]], WIDTHS)
    data = papers.chinese_pdf([[*HEAD, *first, (290, 20, "1")], [*more, (290, 20, "2")]])
    assert rows_of(data) == truth(ROWS)


def test_a_word_written_down_the_side_is_no_category() -> None:
    side: list[papers.Printed] = [(20, 700 - 60 * at, letter) for at, letter in enumerate("绩效指标")]
    printed, _ = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    assert rows_of(papers.chinese_pdf([[*HEAD, *side, *printed]])) == truth(ROWS)


def test_sums_and_notes_below_the_table_are_no_rows() -> None:
    printed, edges = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    foot: list[papers.Printed] = [
        (40, edges[-1] - 12, "总分"),
        (424, edges[-1] - 12, "100"),
        (40, edges[-1] - 32, "注：本表一式两份。"),
    ]
    assert rows_of(papers.chinese_pdf([[*HEAD, *printed, *foot]])) == truth(ROWS)


def test_categories_that_could_stand_in_the_middle_or_at_the_top_are_doubtful() -> None:
    printed_in = {0: "经济效益指标", 3: "社会效益指标", 6: "生态效益指标"}
    rows = [("效益指标", printed_in.get(number, ""), f"名称{number}", f"{number}次", "10") for number in range(7)]
    printed, _ = papers.drawn_table([HEADINGS, *rows], WIDTHS, top=750)
    assert any(doubts(papers.chinese_pdf([[*HEAD, *printed]])))


@pytest.mark.parametrize("padding", [2, 4, 9])
def test_a_category_without_indicators_takes_none_of_the_next(padding: int) -> None:
    rows = [*ROWS[:7], ("^", "成本指标", "", "", ""), *ROWS[7:]]
    printed, _ = papers.drawn_table([HEADINGS, *rows], WIDTHS, top=750, padding=padding)
    assert rows_of(papers.chinese_pdf([[*HEAD, *printed]])) == truth(ROWS)


def test_a_second_form_below_the_first_is_another_form() -> None:
    printed, edges = papers.drawn_table([HEADINGS, *ROWS[:4]], WIDTHS, top=750)
    low = edges[-1] - 14
    head: list[papers.Printed] = [
        (40, low, "项目支出绩效目标表"),
        (40, low - 18, "项目名称"),
        (140, low - 18, "水库管护"),
    ]
    more, _ = papers.drawn_table([HEADINGS, *ROWS[-1:]], WIDTHS, top=int(low) - 30)
    first, second = reading.read_data("表.pdf", papers.chinese_pdf([[*HEAD, *printed, *head, *more]]))
    assert (first.project, second.project) == ("河道巡查", "水库管护")
    assert [len(one.indicators) for one in (first, second)] == [4, 1]


def test_an_export_keeps_its_projects_merged_over_their_rows() -> None:
    widths = (8, 12, 6, 8, 8, 6)
    rows = [
        ("河道巡查", "全年巡查河道，保障行洪安全。", "产出指标", "数量指标", "巡查次数", "12次"),
        ("^", "^", "^", "质量指标", "整改率", "95%"),
        ("^", "^", "满意度指标", "服务对象满意度指标", "群众满意度", "90%"),
        ("水库管护", "管护水库5座。", "产出指标", "数量指标", "管护水库", "5座"),
        ("^", "^", "满意度指标", "服务对象满意度指标", "群众满意度", "85%"),
    ]
    headings = ("项目名称", "年度目标", "一级指标", "二级指标", "三级指标", "指标值")
    printed, _ = papers.drawn_table([headings, *rows], widths, top=750)
    first, second = reading.read_data("表.pdf", papers.chinese_pdf([printed]))
    assert (first.project, first.objective, second.project) == ("河道巡查", "全年巡查河道，保障行洪安全。", "水库管护")
    assert [[one.name for one in form.indicators] for form in (first, second)] == [
        ["巡查次数", "整改率", "群众满意度"],
        ["管护水库", "群众满意度"],
    ]


def test_a_frame_with_lines_across_alone_is_no_table_of_one_column() -> None:
    printed, edges = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    sides = [(side, edges[0], side, edges[-1]) for side in (20, 480)]
    frame = [*sides, *((20, edge, 480, edge) for edge in (edges[0], edges[1], edges[-1]))]
    assert rows_of(papers.chinese_pdf([[*HEAD, *printed]], frame)) == truth(ROWS)


def test_amounts_stand_beside_labels_broken_over_lines() -> None:
    head: list[papers.Printed] = [(40, 776, "项目名称"), (140, 776, "河道巡查")]
    head += [(40, 756, "项目资金"), (140, 762, "年度资"), (140, 750, "金总额"), (260, 756, "12.50")]
    printed, _ = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=735)
    (found,) = reading.read_data("表.pdf", papers.chinese_pdf([[*head, *printed]]))
    assert found.funding.total == 125_000


def ruled(edges: Sequence[float], across: Sequence[float], sides: Sequence[float]) -> list[tuple[float, ...]]:
    """Lines across the table at some heights, and down it at some distances from the left."""
    down = [(side, edges[0], side, edges[-1]) for side in sides]
    return [*((36, edge, 484, edge) for edge in across), *down]


COLUMNS = (36, 104, 192, 320, 408, 484)


def test_lines_ruled_between_columns_alone_do_not_make_one_row_of_all() -> None:
    printed, edges = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    rules = ruled(edges, (edges[0], edges[1], edges[-1]), COLUMNS)
    assert rows_of(papers.chinese_pdf([[*HEAD, *printed]], rules)) == truth(ROWS)


def test_rows_that_go_on_in_the_frame_of_the_next_page_are_parted_there_too() -> None:
    first, edges = papers.drawn_table([HEADINGS, *ROWS[:7]], WIDTHS, top=750)
    rows = [("满意度指标", "服务对象满意度指标", "群众满意度", "≥90%", "10"), ("^", "^", "学生满意度", "≥95%", "5")]
    more, _ = papers.drawn_table(rows, WIDTHS, top=750)
    rules = ruled(edges, (edges[0], edges[-1]), COLUMNS)
    data = papers.chinese_pdf([[*HEAD, *first], more], rules)
    assert rows_of(data) == truth([*ROWS[:7], *rows])


def test_ruled_headings_over_rows_without_lines_are_their_headings() -> None:
    printed, edges = papers.drawn_table([HEADINGS, *ROWS], WIDTHS, top=750)
    rules = ruled(edges[:2], edges[:2], COLUMNS)
    assert rows_of(papers.chinese_pdf([[*HEAD, *printed]], rules)) == truth(ROWS)


@pytest.mark.parametrize("is_ruled", [True, False])
def test_a_watermark_is_no_part_of_names_or_values_and_is_said(is_ruled: bool) -> None:
    flat = [("产出指标", "数量指标", f"名称{number}", f"{number}次", "10") for number in range(12)]
    printed, edges = papers.drawn_table([HEADINGS, *flat], WIDTHS, top=750)
    rules = ruled(edges, edges, COLUMNS) if is_ruled else []
    data = papers.chinese_pdf([[*HEAD, *printed]], rules, watermark="内部资料仅供审核")
    assert rows_of(data) == truth(flat)
    (found,) = reading.read_data("表.pdf", data)
    assert [one.text for one in found.leftovers] == ["［水印：内部资料仅供审核］"]
