from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from counties import CASES, recorded, understood

from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.suggest import draft, suggest
from perfkg.suggest.typed import BEGINS, HOLDS, Typed

QUALITY = "质量指标"
ASKED: list[dict[str, Any]] = json.loads((CASES / "suggest_cases.json").read_text("utf-8"))
WITHIN_REACH = 0.9
"""Of the cases, whatever is searched with; benchmarks/advice.py measures the shipped encoder."""


@pytest.fixture
def filled(library: Library) -> Library:
    rows = {
        "政务外网租赁费": (("产出指标", QUALITY, "网络故障处理时间", "24小时"),),
        "视频会议专线费": (("产出指标", QUALITY, "断网处理时间", "12小时"),),
        "网络安全服务费": (
            ("产出指标", QUALITY, "网络故障处理时间", "24小时"),
            ("产出指标", QUALITY, "网络保障", "保障工作正常运行"),
            ("产出指标", "数量指标", "网络安全检测次数", "4次"),
        ),
        "县道养护": (("产出指标", QUALITY, "路面修补合格率", "≥98%"),),
    }
    library.import_declarations([understood(make_declaration(project, rows=each)) for project, each in rows.items()])
    return library


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Library]]:
    with ExitStack() as opened:
        libraries = {}
        for name in ("seed", "examples"):
            libraries[name] = opened.enter_context(Library(tmp_path_factory.mktemp(name) / "library", WORDS_ALONE))
            libraries[name].import_declarations(recorded(name))
        yield libraries


def test_what_a_drafter_would_pick_is_among_the_first_three(counties: dict[str, Library]) -> None:
    missed = []
    for case in ASKED:
        found = suggest(counties[case["library"]], case["project"], case["category"], case["text"]).suggestions[:3]
        if not {one.name for one in found} & set(case["expect"]):
            missed.append((case["project"], case["text"], [one.name for one in found]))
    assert len(missed) <= (1 - WITHIN_REACH) * len(ASKED), missed


def test_wordings_that_say_the_same_are_one_suggestion_with_its_sources(filled: Library) -> None:
    first = suggest(filled, "网络运行维护费", QUALITY).suggestions[0]
    assert (first.name, first.value, first.support) == ("网络故障处理时间", "24小时", 3)
    assert first.aliases == ("断网处理时间",)
    assert first.spread == ("24小时", "12小时")
    assert {hit.project for hit in first.evidence} == {"政务外网租赁费", "视频会议专线费", "网络安全服务费"}
    assert first.typical is not None
    assert (first.typical.unit, first.typical.count) == ("h", 3)
    assert (first.typical.low, first.typical.median, first.typical.high) == (12, 24, 24)
    assert (first.organizations, first.years, first.category) == (1, (2021,), QUALITY)


def test_what_continues_the_typed_words_comes_first(filled: Library) -> None:
    found = suggest(filled, "网络故障处理网络故障处理", text="网络安全")
    assert (found.suggestions[0].name, found.suggestions[0].match) == ("网络安全检测次数", "typed")


@pytest.mark.parametrize("text", ["网络故", "wlgz", "WLGZ", "wangluogu", "断网", "故障"])
def test_typed_in_characters_pinyin_initials_or_a_synonym(filled: Library, text: str) -> None:
    first = suggest(filled, "县道养护", QUALITY, text).suggestions[0]
    assert (first.name, first.match) == ("网络故障处理时间", "typed")


@pytest.mark.parametrize(
    ("text", "place"), [("网络", BEGINS), ("可用", HOLDS), ("wlkyl", BEGINS), ("keyonglv", HOLDS), ("xyz", None)]
)
def test_where_the_typed_words_stand(text: str, place: int | None) -> None:
    assert Typed(text).fits("网络可用率", "网络可用率") == place


def test_vague_wordings_never_lead_and_name_a_measurable_one(filled: Library) -> None:
    found = suggest(filled, "网络安全服务费", QUALITY, "网络保障").suggestions
    assert not found[0].vague
    vague = next(one for one in found if one.name == "网络保障")
    assert vague.vague
    assert "网络故障处理时间" in [one.name for one in vague.instead]


def test_only_the_category_asked_for(filled: Library) -> None:
    names = {one.name for one in suggest(filled, "网络", "数量指标").suggestions}
    assert names == {"网络安全检测次数"}


def test_categories_that_others_of_the_kind_have_are_missing(counties: dict[str, Library]) -> None:
    library = counties["seed"]
    missing = {one.category for one in suggest(library, "网络运行维护费", filled=["数量指标", "成本指标"]).missing}
    assert {"质量指标", "时效指标", "服务对象满意度指标"} <= missing
    assert missing.isdisjoint({"数量指标", "成本指标"})


def test_a_draft_says_that_it_is_one(counties: dict[str, Library]) -> None:
    made = draft(counties["seed"], "专线网络运行维护费", "保障网络全年畅通")
    assert made.draft
    assert "草稿" in made.notices[0]
    sections = {one.category: one.suggestions for one in made.sections}
    assert {"数量指标", "质量指标", "成本指标", "服务对象满意度指标"} <= set(sections)
    assert not sections["服务对象满意度指标"][0].vague


@pytest.mark.parametrize("text", ["a" * 5000, "how long?", "<script>", "SELECT * WHERE { ?s ?p ?o }", "，。", "%"])
def test_odd_words_are_answered(filled: Library, text: str) -> None:
    assert suggest(filled, "网络", QUALITY, text).suggestions


def test_an_empty_library_suggests_nothing(library: Library) -> None:
    assert suggest(library, "网络", QUALITY, "网").suggestions == ()
    assert "没有相近的项目" in draft(library, "网络").notices[0]


def test_what_cannot_be_answered_is_refused(filled: Library) -> None:
    with pytest.raises(InvalidQuestion):
        suggest(filled, " ")
    with pytest.raises(InvalidQuestion):
        suggest(filled, "网络", "没有这一类")
    with pytest.raises(InvalidQuestion):
        suggest(filled, "网络", limit=0)
    with pytest.raises(InvalidQuestion):
        draft(filled, " ")


def test_what_fits_nothing_typed_is_said_to_be_of_the_kind_alone(filled: Library) -> None:
    found = suggest(filled, "视频会议专线租赁", QUALITY, "asdkjh")
    assert {one.match for one in found.suggestions} == {"project"}
    assert found.notices == ("没有与“asdkjh”相近的写法，下面是同类项目用过的",)
    assert suggest(filled, "视频会议专线租赁", QUALITY, "网络").notices == ()


def test_a_sign_without_its_number_is_not_proposed_and_a_sentence_comes_after_names(library: Library) -> None:
    sentence = "路灯维护质量" + "要按照上级主管部门的要求和年初的计划认真做好各项工作" * 2
    rows = (("产出指标", QUALITY, sentence, "100%"), ("产出指标", QUALITY, "路灯维护质量达标率", ">"))
    for project in ("城区路灯维护", "乡镇路灯维护", "路灯维护"):
        library.import_declarations([understood(make_declaration(project, rows=rows[: 1 + (project == "路灯维护")]))])
    first, second = suggest(library, "路灯维护费", QUALITY, "路灯").suggestions
    assert (first.name, first.value) == ("路灯维护质量达标率", None)
    assert second.name == sentence
