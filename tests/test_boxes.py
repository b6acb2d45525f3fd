from __future__ import annotations

import json

import pytest

from perfkg.errors import InvalidFile
from perfkg.reading import boxes

HEADER = [("一级指标", 0), ("二级指标", 200), ("三级指标", 400), ("指标值", 700)]


def box(text: str, left: int, top: int, width: int = 120, height: int = 40) -> dict[str, object]:
    corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    return {"transcription": text, "points": corners}


def form(*body: dict[str, object]) -> list[list[tuple[str, int, int]]]:
    header = [box(text, left, 300) for text, left in HEADER]
    data = json.dumps([box("项目名称", 0, 100), box("网络运行费", 200, 102), *header, *body]).encode()
    (grid,) = boxes.grids(data)
    return [[(cell.text, cell.column, cell.row_span) for cell in row] for row in grid.rows]


def test_boxes_become_rows_by_their_height() -> None:
    rows = form(box("12条", 700, 402), box("光纤数量", 400, 400))
    assert rows[0] == [("项目名称", 0, 1), ("网络运行费", 1, 1)]
    assert rows[2] == [("光纤数量", 3, 1), ("12条", 4, 1)]


def test_lines_close_under_each_other_are_one_cell() -> None:
    rows = form(
        box("网络故障", 400, 400), box("处理时间", 400, 441), box("24小时", 700, 420), box("光纤数量", 400, 520)
    )
    assert rows[2] == [("网络故障处理时间", 3, 1), ("24小时", 4, 1)]
    assert rows[3] == [("光纤数量", 3, 1)]


def test_a_heading_takes_the_rows_around_its_centre() -> None:
    names = [box(f"名称{number}", 400, 400 + 100 * number) for number in range(4)]
    rows = form(*names, box("产出指标", 0, 550), box("数量指标", 200, 450), box("质量指标", 200, 650))
    assert rows[2] == [("产出指标", 1, 4), ("数量指标", 2, 2), ("名称0", 3, 1)]
    assert rows[4] == [("质量指标", 2, 2), ("名称2", 3, 1)]


def test_json_without_boxes_is_refused() -> None:
    for value in ({"a": 1}, [], ["x"], [{"text": "x"}], [{"text": "x", "box": ["a"]}], 3):
        with pytest.raises(InvalidFile, match="JSON"):
            boxes.grids(json.dumps(value).encode())
