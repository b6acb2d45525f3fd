"""What is drawn of a result with numbers."""

from __future__ import annotations

import pytest

from api.pages.chart import BARS, LABEL, MARGIN, WIDTH, Row, bars, choices, numeric, points

COLUMNS = ["单位", "年度", "n", "元"]


def _row(organization: str, year: int, n: float, yuan: float) -> Row:
    return {
        "单位": (organization, None),
        "年度": (str(year), float(year)),
        "n": (f"{n:g}", n),
        "元": (f"{yuan:g}", yuan),
    }


ROWS = [
    _row("甲局", 2021, 4, 100.0),
    _row("乙局", 2022, -2, 300.0),
    _row("丙局的名称很长很长很长很长很长很长", 2021, 0, 200.0),
]


def test_columns_of_numbers_can_be_drawn_those_of_years_last() -> None:
    assert numeric(COLUMNS, ROWS) == ["n", "元", "年度"]
    assert choices(COLUMNS, ROWS)[:4] == [("n", None), ("元", None), ("年度", None), ("n", "元")]
    assert choices(COLUMNS, ROWS[:1]) == []
    assert numeric(COLUMNS, [{**ROWS[0], "n": ("约4", None)}, ROWS[1]]) == ["元", "年度"]
    assert numeric(COLUMNS, [{**ROWS[0], "n": ("INF", float("inf"))}]) == ["元", "年度"]
    assert numeric(["a"], [{}]) == []


def test_bars_start_at_zero_to_either_side() -> None:
    chart = bars(COLUMNS, ROWS, "n")
    first, second, third = chart.marks
    assert [first.x, first.x + first.width] == pytest.approx([chart.zero, WIDTH - MARGIN])
    assert [second.x, second.x + second.width] == pytest.approx([LABEL, chart.zero])
    assert first.width == pytest.approx(2 * second.width)
    assert (first.label, first.said, third.width) == ("2021 · 甲局", "2021 · 甲局：4", 0)
    assert third.label == "2021 · 丙局的名称很长很长…"
    assert third.said.startswith("2021 · 丙局的名称很长很长很长很长很长很长")


def test_a_long_result_is_drawn_in_part_and_it_is_said() -> None:
    chart = bars(COLUMNS, ROWS * 20, "n")
    assert (len(chart.marks), chart.left_out) == (BARS, 60 - BARS)
    assert bars(COLUMNS, [*ROWS, {}], "n").left_out == 0


def test_points_span_both_axes() -> None:
    chart = points(COLUMNS, ROWS, "n", "元")
    assert chart.ends == ("-2", "4", "100", "300")
    first, second, _ = chart.marks
    assert (first.x, second.x) == (WIDTH - MARGIN, MARGIN)
    assert first.y > second.y
    assert second.said == "乙局：n -2，元 300"
    alone = points(COLUMNS, ROWS[:1], "n", "元").marks[0]
    assert MARGIN < alone.x < WIDTH - MARGIN
