from __future__ import annotations

import pytest
from conftest import make_declaration

from perfkg.concepts.projects import nearest
from perfkg.concepts.uses import categories, category_of, uses
from perfkg.concepts.wording import alike, bare, plain, undated
from perfkg.library import Library

QUALITY = "2015/quality"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("县代表154人经费", "县代表 160人经费"),
        ("群众满意度", "群众满意率"),
        ("断网处理时间", "网络故障处理时间"),
        ("2021年看守所经费", "看守所经费"),
        ("“村医通”专网租赁费：", "村医通专网租赁费"),
    ],
)
def test_wordings_that_say_the_same(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("合格率", "不合格率"), ("县代表", "市代表"), ("学生满意度", "家长满意度"), ("故障次数", "故障时间")],
)
def test_wordings_that_do_not(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_names_are_alike_by_what_they_tell() -> None:
    assert alike("断网处理时间", "网络故障处理时间") == 1
    assert alike("光纤数量", "服务对象满意度") == 0
    assert alike("", "满意度") == 0
    assert bare(None) == "" == plain("，")
    assert undated("2021年度看守所经费") == undated("看守所经费（2022年）") == "看守所经费"


def test_categories_are_one_over_schemes() -> None:
    assert category_of("sichuan/quality") == category_of("2021/quality") == QUALITY
    assert category_of("2021/economic-cost") == category_of("2015/cost")
    assert category_of("2015/satisfaction") == category_of("2021/recipient-satisfaction")
    assert category_of(None) is None
    assert categories(None) is None
    assert categories("没有这一类") == frozenset()
    assert categories("质量") == frozenset([QUALITY])


def test_uses_follow_the_library(library: Library) -> None:
    first, second = make_declaration("政务外网租赁费"), make_declaration("视频会议专线费")
    library.import_declarations([first, second])
    key = QUALITY, plain("网络故障处理时间")
    with uses(library) as known:
        assert len(known.wordings[key]) == len(known.projects) == 2
    library.withdraw(first.id)
    with uses(library) as known:
        assert {one.project for one in known.wordings[key].values()} == {"视频会议专线费"}
    library.import_declarations([make_declaration("视频会议专线费", rows=(("产出指标", "数量指标", "线路", "2条"),))])
    with uses(library) as known:
        assert set(known.wordings) == {("2015/quantity", "线路")}
        assert [sum(keys.values()) for keys in known.projects.values()] == [1]


def test_the_nearest_project_is_of_the_same_kind(library: Library) -> None:
    names = ("政务外网运行维护费", "县道养护工程", "教师培训经费", "卫生院设备购置")
    library.import_declarations([make_declaration(name) for name in names])
    with uses(library) as known:
        assert next(iter(nearest(library, known, "电子政务外网租赁")))[1] == bare("政务外网运行维护费")
        assert nearest(library, known, "完全无关xyz") == {}
