"""Hits narrowed to what can be measured, and put in another order than the closest first."""

from __future__ import annotations

import pytest
from conftest import make_declaration
from test_pages import with_targets

from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.search import search

ROWS = (
    ("产出指标", "时效指标", "网络故障处理时间", "≤2小时"),
    ("产出指标", "质量指标", "网络故障处理质量", "及时"),
    ("产出指标", "时效指标", "网络故障检修完成", "2021年12月31日前"),
    ("产出指标", "质量指标", "网络故障处理", None),
)


@pytest.fixture
def filled(library: Library) -> Library:
    years = {"乙局": 2021, "甲局": 2023, "丙局": 2022}
    forms = [make_declaration("网络维护", name, year, rows=ROWS) for name, year in years.items()]
    library.import_declarations([with_targets(form) for form in forms])
    return library


def names(library: Library, kind: str | None) -> set[str | None]:
    return {hit.name for hit in search(library, "网络故障", kind=kind, limit=50).hits}


def test_what_can_be_measured_and_what_cannot(filled: Library) -> None:
    assert names(filled, "measured") == {"网络故障处理时间", "网络故障检修完成"}
    assert names(filled, "unmeasured") == {"网络故障处理质量", "网络故障处理"}
    assert names(filled, "period") == {"网络故障检修完成"}
    assert names(filled, None) == {name for _, _, name, _ in ROWS}
    with pytest.raises(InvalidQuestion, match="没有这种指标值"):
        names(filled, "nothing")


def test_facets_count_what_can_be_measured(filled: Library) -> None:
    counted = search(filled, "网络故障", faceted=True).facets["measured"]
    assert {one["value"]: one["count"] for one in counted} == {"measured": 6, "unmeasured": 6}


@pytest.mark.parametrize(
    ("sort", "first"), [("newest", 2023), ("oldest", 2021), ("organization", 2022), ("project", 2023)]
)
def test_other_orders_page_through_the_same_hits(filled: Library, sort: str, first: int) -> None:
    pages = [search(filled, "网络故障处理时间", limit=2, offset=offset, sort=sort) for offset in range(0, 12, 2)]
    hits = [hit for page in pages for hit in page.hits]
    assert hits[0].year == first
    assert len({hit.id for hit in hits}) == len(hits) == pages[0].total
    assert all("排序的是最接近的" in page.notices[0] for page in pages)
    assert search(filled, "没有这样的话zzz", sort=sort).hits == ()
    with pytest.raises(InvalidQuestion, match="没有这种排序"):
        search(filled, "网络", sort="nothing")
