"""What changed between two versions of a form, and between two years of a project."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import make_declaration

from perfkg import revisions
from perfkg.library import Library
from perfkg.records import Funding
from perfkg.revisions import Revision, between, pieces

BEFORE = make_declaration(
    "2021年网络运行维护费",
    rows=(
        ("产出指标", "质量指标", "网络故障处理时间", "24小时"),
        ("产出指标", "数量指标", "巡检次数", "每月2次"),
        ("产出指标", "数量指标", "租用光纤线路数量", "8条"),
        ("效益指标", "社会效益指标", "保障政务网络", "畅通"),
    ),
)
AFTER = make_declaration(
    "2022年网络运行维护费",
    year=2022,
    rows=(
        ("产出指标", "数量指标", "巡检次数", "每月2次"),
        ("产出指标", "质量指标", "网络故障处理时间", "4小时"),
        ("产出指标", "数量指标", "租用的光纤线路数量", "8条"),
        ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
    ),
    total=120000.0,
)


def kinds(found: Revision) -> list[tuple[str, str | None]]:
    return [(row.change, (row.after or row.before).name) for row in found.rows]  # type: ignore[union-attr]


def test_rows_are_paired_by_what_they_say() -> None:
    found = between(BEFORE, AFTER)
    assert kinds(found) == [
        ("same", "巡检次数"),
        ("changed", "网络故障处理时间"),
        ("changed", "租用的光纤线路数量"),
        ("added", "群众满意度"),
        ("removed", "保障政务网络"),
    ]
    assert found.counts == {"same": 1, "changed": 2, "added": 1, "removed": 1}
    [value] = found.rows[1].fields
    assert (value.field, value.before, value.after) == ("value", "24小时", "4小时")
    [name] = found.rows[2].fields
    assert [one.text for one in name.pieces if one.change == "added"] == ["的"]


def test_fields_of_the_head_are_told_with_money_in_yuan() -> None:
    found = between(BEFORE, replace(AFTER, funding=Funding(120000.0, None, 20000.0), objective=None))
    told = {one.field: (one.before, one.after) for one in found.fields}
    assert told == {
        "year": (2021, 2022),
        "project": ("2021年网络运行维护费", "2022年网络运行维护费"),
        "total": (100000.0, 120000.0),
        "fiscal": (100000.0, None),
        "other": (None, 20000.0),
        "objective": ("保障运行", None),
    }


def test_nothing_differs_between_a_form_and_itself() -> None:
    assert between(BEFORE, BEFORE).alike
    assert not between(BEFORE, AFTER).alike


def test_every_row_is_told_once_whatever_repeats() -> None:
    rows = (("产出指标", "数量指标", "设备", "1台"),) * 3 + (("产出指标", "数量指标", None, None),) * 2
    found = between(make_declaration(rows=rows), make_declaration(rows=rows[:1] + rows[3:] + rows[:1]))
    assert found.counts == {"same": 4, "changed": 0, "added": 0, "removed": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [("故障24小时修复", "故障4小时修复"), (None, "新增"), ("删去的话", None), ("a&b<i>", "a b"), ("", "")],
)
def test_the_pieces_hold_both_texts_whole(before: str | None, after: str | None) -> None:
    found = pieces(before, after)
    assert "".join(one.text for one in found if one.change != "added") == (before or "")
    assert "".join(one.text for one in found if one.change != "removed") == (after or "")


def test_a_projects_forms_are_found_over_the_years(library: Library) -> None:
    library.import_declarations([BEFORE, AFTER, make_declaration("校舍维修"), make_declaration("网络", "别的单位")])
    assert [one.year for one in revisions.related(library.ledger, BEFORE)] == [2022, 2021]
    assert revisions.related(library.ledger, replace(BEFORE, project=None)) == []


def test_forms_of_two_hundred_rows_are_compared_at_once() -> None:
    import time

    many = tuple(("产出指标", "数量指标", f"第{number}项工程完成数量", f"{number}处") for number in range(200))
    other = tuple(("产出指标", "数量指标", f"第{number}类工程实际完成量", f"{number}处") for number in range(200))
    begun = time.process_time()
    between(make_declaration(rows=many), make_declaration(rows=other))
    assert time.process_time() - begun < 5
