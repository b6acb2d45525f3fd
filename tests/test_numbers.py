from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_declaration

from perfkg import targets
from perfkg.library import Library
from perfkg.search import search
from perfkg.search.numbers import OPPOSED, satisfies, wanted
from perfkg.search.wanted import bounds

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_a_number_is_compared_in_its_dimension(examples_library: Library) -> None:
    answer = search(examples_library, "响应时间不超过2小时的网络维护", limit=30)
    assert {hit.name for hit in answer.hits} >= {"查档响应时间", "网络故障处理时间"}
    assert all(hit.reasons.number for hit in answer.hits)
    assert not {"4小时", "≤24小时"} & {hit.value for hit in answer.hits}
    assert answer.chips[0].text == "不超过2小时"


def test_a_satisfaction_above_a_bound(examples_library: Library) -> None:
    answer = search(examples_library, "满意度90%以上", limit=50)
    assert answer.total > 20
    assert not {"≥85%", "≥88%"} & {hit.value for hit in answer.hits}


def test_a_number_can_be_taken_for_plain_words(examples_library: Library) -> None:
    answer = search(examples_library, "满意度90%以上", ignore=["90%以上"], limit=50)
    assert not any(hit.reasons.number for hit in answer.hits)
    assert "number" not in {chip.kind for chip in answer.chips}


def test_where_nothing_satisfies_the_words_still_find(examples_library: Library) -> None:
    answer = search(examples_library, "网络故障处理时间不超过1分钟")
    assert "没有找到指标值符合“不超过1分钟”的" in answer.notices[0]
    assert answer.hits[0].name == "网络故障处理时间"


def test_twice_a_month_finds_twenty_four_a_year(library: Library) -> None:
    rows = (("产出指标", "时效指标", "设备巡检", "每年24次"), ("产出指标", "时效指标", "机房巡检", "每周1次"))
    made = make_declaration(rows=rows)
    read = tuple(replace(row, targets=targets.read(row.value, row.name)) for row in made.indicators)
    library.import_declarations([replace(made, indicators=read)])
    (hit,) = search(library, "每月2次巡检").hits
    assert (hit.value, hit.reasons.number) == ("每年24次", 1.0)
    assert [one.value for one in search(library, "每月2次").hits] == ["每年24次"]


@pytest.mark.parametrize(
    "text",
    ["2021年网络维护", "政协十四届六次会议", "3个项目", "财通字【2016】430号", "网络维护" * 20 + "2小时以内"],
)
def test_no_number_is_asked_for(text: str) -> None:
    assert wanted(text) is None


@pytest.mark.parametrize(
    ("stated", "wanted", "share"),
    [
        ("≥95%", "90%以上", 1.0),
        ("≥85%", "90%以上", 0.0),
        ("1.5小时", "不超过2小时", 1.0),
        ("≥1小时", "不超过2小时", OPPOSED),
        ("30分钟", "0.5小时", 1.0),
        ("3小时", "2小时", 0.0),
        ("95%", "2小时以内", 0.0),
        ("10—15天", "12天以内", 0.0),
        ("10—12天", "10到15天", 1.0),
    ],
)
def test_how_well_a_target_satisfies_another(stated: str, wanted: str, share: float) -> None:
    (one,), (other,) = targets.read(stated), targets.read(wanted)
    assert satisfies(one, other) == pytest.approx(share)


def test_both_ends_of_an_interval_are_compared_in_one_unit() -> None:
    (three_days,), (two_hours,) = targets.read("3天"), targets.read("2小时")
    for written in ("0-5天", "1-5天"):
        (interval,) = targets.read(written)
        assert bounds(interval) == ("h", [(">=", 24.0 * (interval.low or 0)), ("<=", 120.0)])
        assert satisfies(three_days, interval) == 1.0
    assert satisfies(two_hours, interval) == 0.0
