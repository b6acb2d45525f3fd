from __future__ import annotations

import pytest
from conftest import make_declaration

from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.suggest import suggest

QUALITY = "质量指标"


@pytest.fixture
def filled(library: Library) -> Library:
    rows = {
        "政务外网租赁费": (("产出指标", QUALITY, "网络故障处理时间", "24小时"),),
        "视频会议专线费": (("产出指标", QUALITY, "网络故障处理时间", "12小时"),),
        "网络安全服务费": (
            ("产出指标", QUALITY, "网络故障处理时间", "24小时"),
            ("产出指标", "数量指标", "网络安全检测次数", "4次"),
        ),
        "县道养护": (("产出指标", QUALITY, "路面修补合格率", "≥98%"),),
    }
    library.import_declarations([make_declaration(project, rows=each) for project, each in rows.items()])
    return library


def test_equal_wordings_are_one_suggestion_with_its_sources(filled: Library) -> None:
    first = suggest(filled, "网络运行维护费", QUALITY).suggestions[0]
    assert (first.name, first.value, first.support) == ("网络故障处理时间", "24小时", 3)
    assert first.spread == ("24小时", "12小时")
    assert {hit.project for hit in first.evidence} == {"政务外网租赁费", "视频会议专线费", "网络安全服务费"}


def test_what_continues_the_typed_words_comes_first(filled: Library) -> None:
    found = suggest(filled, "网络故障处理网络故障处理", text="网络安全")
    assert found.suggestions[0].name == "网络安全检测次数"


def test_only_the_category_asked_for(filled: Library) -> None:
    names = {one.name for one in suggest(filled, "网络", "数量指标").suggestions}
    assert names == {"网络安全检测次数"}


def test_nothing_given_is_refused(filled: Library) -> None:
    with pytest.raises(InvalidQuestion):
        suggest(filled, " ")
