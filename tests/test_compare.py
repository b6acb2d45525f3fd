from __future__ import annotations

import dataclasses

import pytest
from conftest import make_declaration

from perfkg import targets
from perfkg.compare import Group, compare
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.library import Library
from perfkg.records import Declaration

VALUES = ("24小时", "1小时内响应", "30分钟", "≤2小时", "1天", "及时解决")


def understood(declaration: Declaration) -> Declaration:
    rows = (
        dataclasses.replace(row, targets=targets.read(row.value, row.name, declaration.year))
        for row in declaration.indicators
    )
    return dataclasses.replace(declaration, indicators=tuple(rows))


@pytest.fixture
def filled(library: Library) -> Library:
    made = [
        make_declaration(f"网络运行维护{number}", rows=(("产出指标", "质量指标", "网络故障处理时间", value),))
        for number, value in enumerate(VALUES)
    ]
    cost = make_declaration("县道养护", rows=(("产出指标", "成本指标", "路面修补", "12万元"),))
    library.import_declarations([understood(one) for one in (*made, cost)])
    return library


def hours(groups: tuple[Group, ...]) -> Group:
    return next(group for group in groups if group.unit == "h")


def test_targets_are_brought_to_one_unit_beside_the_value_as_written(filled: Library) -> None:
    rows = {row.value: row for row in hours(compare(filled, "网络故障处理时间").groups).rows}
    assert {value: row.number for value, row in rows.items()} == {
        "24小时": 24,
        "1小时内响应": 1,
        "30分钟": 0.5,
        "≤2小时": 2,
        "1天": 24,
    }
    assert rows["1小时内响应"].comparator == "<="
    assert rows["30分钟"].project == "网络运行维护2"


def test_five_values_have_quartiles_and_fewer_have_none(filled: Library) -> None:
    assert hours(compare(filled, "网络故障处理时间").groups).quartiles == (1, 2, 24)
    filled.withdraw(make_declaration("网络运行维护0").id)
    assert hours(compare(filled, "网络故障处理时间").groups).quartiles is None


def test_what_is_left_out_is_said_with_its_reason(filled: Library) -> None:
    left = compare(filled, "网络故障处理时间").left_out
    assert [(one.value, one.reason) for one in left] == [("及时解决", "指标值里没有可以比较的数")]


def test_another_matter_is_not_compared(filled: Library) -> None:
    assert "CNY" not in {group.unit for group in compare(filled, "网络故障处理时间").groups}


def test_a_recorded_indicator_can_be_given(filled: Library) -> None:
    id = make_declaration("网络运行维护0").id + "-01"
    assert len(hours(compare(filled, indicator=id).groups).rows) == 5
    with pytest.raises(UnknownId):
        compare(filled, indicator="gone")


def test_one_of_text_and_indicator_is_needed(filled: Library) -> None:
    with pytest.raises(InvalidQuestion):
        compare(filled)
    with pytest.raises(InvalidQuestion):
        compare(filled, "网络", "x")
