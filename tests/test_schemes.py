from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from perfkg import schemes

HEADINGS = json.loads((Path(__file__).parent / "cases" / "headings.json").read_text("utf-8"))
SHARED = Path(__file__).parents[2] / "shared" / "data" / "indicators.jsonl"


@pytest.mark.parametrize("case", HEADINGS, ids=lambda case: f"{case['level1']}/{case['level2']}/{case['family']}")
def test_two_headings_stand_for_one_concept(case: dict[str, Any]) -> None:
    assert schemes.concept(case["level1"], case["level2"], case["family"]) == case["concept"]


def test_each_scheme_has_the_categories_of_its_rule() -> None:
    children = Counter(one.scheme + "/" + (one.parent or "").split("/")[-1] for one in schemes.concepts() if one.parent)
    assert children == {
        "2015/output": 4, "2015/benefit": 4, "2015/satisfaction": 1,
        "sichuan/completion": 4, "sichuan/benefit": 4, "sichuan/satisfaction": 1,
        "2021/cost": 3, "2021/output": 3, "2021/benefit": 3, "2021/satisfaction": 1,
    }  # fmt: skip


def test_levels_are_told_apart_and_prose_is_neither() -> None:
    assert schemes.is_level1("产出指标（50分）")
    assert not schemes.is_level2("产出指标（50分）")
    assert schemes.is_level2("服务对象满意度")
    assert not schemes.is_level1("服务对象满意度")
    for text in ("维修、维护费用", "指标", "", None, "网络质量", "2021年全年"):
        assert not schemes.is_level1(text)
        assert not schemes.is_level2(text)


def test_a_second_level_names_its_first_in_the_forms_own_words() -> None:
    assert schemes.parent("数量指标", "sichuan") == "项目完成"
    assert schemes.parent("数量指标", "2015") == "产出指标"
    assert schemes.parent("社会效益", "sichuan") == "项目效益"
    assert schemes.parent("成本指标", "2021") == "产出指标"
    assert schemes.parent("经济成本指标", "2015") == "成本指标"
    assert schemes.parent("网络质量") is None


def test_a_form_betrays_its_scheme() -> None:
    assert schemes.family([("项目完成", "数量指标"), ("满意度指标", "服务对象满意度指标")]) == "sichuan"
    assert schemes.family([("成本指标", "经济成本指标"), ("产出指标", "数量指标")]) == "2021"
    assert schemes.family([("产出指标", "数量指标"), ("产出指标", "成本指标")]) == "2015"
    assert schemes.family([(None, "乱写")]) is None


def test_sameness_is_symmetric_and_keeps_kinds_apart() -> None:
    for one in schemes.concepts():
        for other in schemes.same(one.id):
            assert one.id in schemes.same(other)
            assert schemes.get(other) is not None
    assert schemes.same("2015/quality") == {"2015/quality", "sichuan/quality", "2021/quality"}
    assert schemes.same("2015/social-benefit").isdisjoint(schemes.same("2015/economic-benefit"))
    assert "2021/social-cost" not in schemes.same("2015/cost")


def test_one_word_covers_all_wordings() -> None:
    assert schemes.find("质量") == schemes.find("质量指标") == schemes.same("sichuan/quality")
    assert schemes.find("产出") == schemes.find("项目完成指标")
    assert {"2015/quantity", "sichuan/cost", "2021/output"} <= schemes.find("产出")
    assert "2021/economic-cost" in schemes.find("成本")
    assert schemes.find("产出·质量") == schemes.find("质量")
    assert schemes.find("效益·质量") == frozenset()
    assert schemes.find("2021/quality") == schemes.find("质量")
    assert schemes.find("网络") == schemes.find("") == schemes.find(None) == frozenset()


@pytest.mark.skipif(not SHARED.exists(), reason="needs the real rows in ../shared/data")
def test_real_headings_are_known() -> None:
    rows = [json.loads(line) for line in SHARED.read_text("utf-8").splitlines()]
    headed = [row for row in rows if row["level2"]]
    unknown = [row for row in headed if schemes.concept(row["level1"], row["level2"]) is None]
    assert headed
    assert unknown == []
