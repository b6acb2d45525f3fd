"""The search page: hits with their reasons, what the question was taken to name, and what the hits are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import Held, Text
from api.html import page
from api.pages import forms
from api.pages.address import FormYear, address
from api.pages.ask import answered
from perfkg.concepts.catalogue import with_concepts
from perfkg.search import Answer, indicator, more_like
from perfkg.search import search as find

routes = APIRouter()

HITS = 20
"""Hits a page."""

_EXAMPLES = ("断网多久修好", "哪些项目有网络维护类指标", "群众满意度", "成本控制在预算内", "按时完成支付")
_FACETS = {"year": "年度", "category": "指标类别", "organization": "预算单位", "kind": "指标值是"}
_KINDS = {
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
    """One value of a facet: how many places have it, and where it leads (nowhere for a mere count)."""

    label: str
    count: int
    link: str | None


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
) -> Response:
    """The search box, and under it the hits; with `like`, the indicators most like that one."""
    state: dict[str, Any] = {"q": q, "year": year, "organization": organization, "category": category, "ignore": ignore}
    common: dict[str, Any] = {
        **state,
        "totals": library.ledger.totals(),
        "years": library.ledger.years(),
        "organizations": library.ledger.organizations(),
        "categories": forms.categories(),
    }
    if like:
        answer, given = _known(library, more_like(library, like, HITS)), indicator(library, like)
        around = _around(answer, {}, 1)
        return page(request, "search.html", answer=answer, given=given, told=None, **common, **around)
    if not q:
        return page(request, "home.html", examples=_EXAMPLES, **common)
    asked = (q, category or None, organization or None, year, HITS, (number - 1) * HITS, ignore or ())
    answer = _known(library, find(library, *asked, grouped=True, faceted=True))
    told = None if number > 1 or year or organization or category or ignore else answered(library, q)
    around = _around(answer, state, number)
    return page(request, "search.html", answer=answer, given=None, told=told, **common, **around)


def _known(library: Held, answer: Answer) -> Answer:
    """The answer, its hits with their concepts."""
    return replace(answer, hits=with_concepts(library, answer.hits))


def _around(answer: Answer, state: dict[str, Any], number: int) -> dict[str, Any]:
    """What stands beside the hits: chips, facets, pages, and the same as a table."""
    pages = max(1, -(-answer.total // HITS))
    ignored = state.get("ignore") or []
    return {
        "chips": [(one, address("/", **state | {"ignore": [*ignored, one.text]})) for one in answer.chips],
        "ignored": [(one, address("/", **state | {"ignore": [i for i in ignored if i != one]})) for one in ignored],
        "facets": dict(_facets(answer, state)),
        "number": number,
        "first": (number - 1) * HITS + 1,
        "before": address("/", **state | {"page": number - 1}) if number > 1 else None,
        "after": address("/", **state | {"page": number + 1}) if number < pages and state else None,
        "pages": pages,
        "export": address("/api/search", **state, limit=max(HITS, min(answer.total, 1000))) if state else None,
    }


def _facets(answer: Answer, state: dict[str, Any]) -> Iterator[tuple[str, list[Choice]]]:
    for name, title in _FACETS.items():
        counted = answer.facets.get(name, [])[:_SHOWN]
        chosen = state.get(name)
        if state and (len(counted) > 1 or (counted and name == "kind")) and not chosen:
            yield title, [_choice(name, one["value"], one["count"], state) for one in counted]


def _choice(name: str, value: Any, count: int, state: dict[str, Any]) -> Choice:
    if name == "kind":
        return Choice(_KINDS.get(value, str(value)), count, None)
    label = f"{value} 年" if name == "year" else str(value)
    return Choice(label, count, address("/", **state | {name: value}))
