"""The search page: hits with their reasons, what the question was taken to name, and what the hits are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import Held, Text
from api.html import page, said_here
from api.pages import forms
from api.pages.address import FormYear, address
from api.pages.ask import answered
from api.waiting import PATIENCE
from perfkg.concepts.catalogue import with_concepts
from perfkg.library import Library
from perfkg.search import Answer, indicator, more_like
from perfkg.search import search as find

routes = APIRouter()

HITS = 20
"""Hits a page."""

_EXAMPLES = ("断网多久修好", "哪些项目有网络维护类指标", "群众满意度", "成本控制在预算内", "资金最多的项目是哪个？")
_FACETS = {"year": "年度", "category": "指标类别", "organization": "预算单位", "measured": "指标值", "kind": "指标值是"}
_SORTS = {
    "": "最接近的在前",
    "newest": "年度从近到远",
    "oldest": "年度从远到近",
    "organization": "按单位",
    "project": "按项目",
}
_KINDS = {
    "measured": "可量化",
    "unmeasured": "不可量化",
    "quantity": "数量",
    "period": "期限",
    "frequency": "频次",
    "trend": "趋势",
    "state": "状态",
    "boolean": "是否",
    "reference": "依据",
    "scope": "范围",
}
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: how many places have it, and where it leads."""

    label: str
    count: int
    link: str


@routes.get("/")
def search(
    request: Request,
    library: Held,
    q: Text = "",
    year: FormYear = None,
    organization: Text = "",
    category: Text = "",
    ignore: Annotated[list[Text] | None, Query()] = None,
    number: Annotated[int, Query(alias="page", ge=1, le=500)] = 1,
    like: Text = "",
    kind: Text = "",
    sort: Text = "",
) -> Response:
    """The search box, and under it the hits; with `like`, the indicators most like that one."""
    state: dict[str, Any] = {"q": q, "year": year, "organization": organization, "category": category, "kind": kind}
    state |= {"ignore": ignore, "sort": sort}
    common: dict[str, Any] = {
        **state,
        "totals": library.ledger.totals(),
        "years": library.ledger.years(),
        "organizations": forms.organizations(library),
        "categories": forms.categories(),
    }
    if like:
        answer, given = _known(library, more_like(library, like, HITS)), indicator(library, like)
        around = _around(library, answer, {}, 1)
        return page(request, "search.html", answer=answer, given=given, told=None, asking=False, **common, **around)
    if not q:
        return page(request, "home.html", examples=_EXAMPLES, **common)
    asked = (q, category or None, organization or None, year, HITS, (number - 1) * HITS, ignore or ())
    found = find(library, *asked, grouped=True, faceted=True, kind=kind or None, sort=sort or None)
    answer = _known(library, found)
    narrowed = number > 1 or any(value for name, value in state.items() if name != "q")
    told, asking = (None, False) if narrowed else answered(request, library, q, PATIENCE)
    around = _around(library, answer, state, number)
    return page(request, "search.html", answer=answer, given=None, told=told, asking=asking, **common, **around)


def _known(library: Held, answer: Answer) -> Answer:
    """The answer, its hits with their concepts."""
    return replace(answer, hits=with_concepts(library, answer.hits))


def _around(library: Library, answer: Answer, state: dict[str, Any], number: int) -> dict[str, Any]:
    """What stands beside the hits: chips, facets, pages, and the same as a table."""
    pages = max(1, -(-answer.total // HITS))
    ignored = state.get("ignore") or []
    return {
        "chips": [(one, address("/", **state | {"ignore": [*ignored, one.text]})) for one in answer.chips],
        "ignored": [(one, address("/", **state | {"ignore": [i for i in ignored if i != one]})) for one in ignored],
        "facets": dict(_facets(answer, state)),
        "chosen": list(_chosen(state)),
        "notices": _notices(answer, library),
        "doubtful": {hit.id for hit in answer.hits if answer.doubts(hit)},
        "sorts": _SORTS,
        "number": number,
        "first": (number - 1) * HITS + 1,
        "before": address("/", **state | {"page": number - 1}) if number > 1 else None,
        "after": address("/", **state | {"page": number + 1}) if number < pages and state else None,
        "pages": pages,
        "export": address("/api/search", **state, limit=max(HITS, min(answer.total, 1000))) if state else None,
    }


def _notices(answer: Answer, library: Library) -> list[str]:
    """What is to be known of this answer; why the library as a whole is searched by words alone only where it is."""
    said = said_here(answer.notices, library)
    first = answer.hits[0].reasons if answer.hits else None
    if first is None or first.meaning is not None or first.words is None:
        return said
    return [*said, *(one for one in library.notices if "字词" in one and "意思" in one)] or [
        "没有装载编码器，只按字词检索"
    ]


def _facets(answer: Answer, state: dict[str, Any]) -> Iterator[tuple[str, list[Choice]]]:
    for name, title in _FACETS.items():
        counted = answer.facets.get(name, [])[:_SHOWN]
        asked = "kind" if name == "measured" else name
        if state and len(counted) > 1 and not state.get(asked):
            yield title, [_choice(asked, one["value"], one["count"], state) for one in counted]


def _choice(name: str, value: Any, count: int, state: dict[str, Any]) -> Choice:
    return Choice(_said(name, value), count, address("/", **state | {name: value}))


def _chosen(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the hits are limited to, and where to without it."""
    for name in ("year", "category", "organization", "kind"):
        if value := state.get(name):
            yield _said(name, value), address("/", **state | {name: None})


def _said(name: str, value: Any) -> str:
    if name == "kind":
        return _KINDS.get(value, str(value))
    return f"{value} 年" if name == "year" else str(value)
