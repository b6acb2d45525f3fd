"""The terms behind the graph at their IRIs: pages for people, triples for programs, a list for editors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from api.answers import Held, Json, clean
from api.html import page
from api.linked import written
from api.negotiation import GRAPHS, PAGE, accepted
from api.problems import NotAcceptable
from perfkg.errors import UnknownId
from perfkg.graph import PREFIXES, VOCABULARY
from perfkg.graph.vocabulary import Term, borrowed, categories, measures, ontology
from perfkg.graph.vocabulary import context as described

routes = APIRouter(tags=["关联数据"])

_SPACE = "https://perfkg.example/"
_DAY = {"Cache-Control": "max-age=86400"}


@routes.get("/api/vocabulary", summary="查询可用的前缀和词汇")
def vocabulary() -> Json:
    """The prefixes and terms that a query may use, with their labels and comments, for editors."""
    terms = [_brief(one) for one in (*ontology(), *borrowed(), *categories(), *measures())]
    return Json({"prefixes": PREFIXES, "terms": terms}, headers=_DAY)


@routes.get("/context.jsonld", summary="接口 JSON 的 JSON-LD 语境")
def context(library: Held) -> Response:
    """By which the JSON of a declaration is JSON-LD."""
    return Json(described(library.base), headers=_DAY, media_type="application/ld+json")


@routes.get("/ontology", summary="本体")
def of_ontology(request: Request, library: Held) -> Response:
    """The ontology: a page, or the whole graph."""
    if _for_people(request):
        return page(request, "ontology.html", terms=ontology(), borrowed=borrowed(), space=PREFIXES["perfkg"])
    return _whole(request, library, "ontology.ttl")


@routes.get("/scheme", summary="指标分类体系")
def of_schemes(request: Request, library: Held) -> Response:
    """The category schemes: a page, or the whole graph."""
    if _for_people(request):
        return page(request, "schemes.html", terms=categories(), names=_names(), space=PREFIXES["scheme"])
    return _whole(request, library, "schemes.ttl")


@routes.get("/unit", summary="度量单位")
def of_units(request: Request, library: Held) -> Response:
    """The units of measure and their dimensions: a page, or the whole graph."""
    if _for_people(request):
        dimensions = {one.name: one.label["zh"] for one in measures() if one.kind == "dimension"}
        return page(request, "units.html", terms=measures(), dimensions=dimensions, space=PREFIXES["unit"])
    return _whole(request, library, "units.ttl")


@routes.get("/scheme/{id:path}", summary="一个分类")
@routes.get("/unit/{id:path}", summary="一个度量单位")
@routes.get("/dimension/{id:path}", summary="一个量纲")
def of_term(request: Request, library: Held, id: str) -> Response:
    """One category, unit or dimension: its place on the page, or its triples."""
    kind = request.scope["path"].split("/")[1]
    iri = f"{_SPACE}{kind}/{clean(id)}"
    if iri not in {one.iri for one in (*categories(), *measures())}:
        raise UnknownId("没有这个词汇", iri, f"全部见 /{'scheme' if kind == 'scheme' else 'unit'}")
    if _for_people(request):
        whole = "/scheme" if kind == "scheme" else "/unit"
        return RedirectResponse(f"{whole}#{clean(id)}", 303, {"Vary": "Accept"})
    about = library.graph.store.quads_for_pattern(NamedNode(iri), None, None)
    return written((quad.triple for quad in about), _format(request))


def _whole(request: Request, library: Held, file: str) -> Response:
    name = _format(request)
    graph = library.graph.store.quads_for_pattern(None, None, None, VOCABULARY[file])
    return written((quad.triple for quad in graph), name)


def _for_people(request: Request) -> bool:
    return accepted(request.headers.get("accept", ""), {**GRAPHS, **PAGE})[:1] == ["html"]


def _format(request: Request) -> str:
    wanted = accepted(request.headers.get("accept", ""), GRAPHS)
    if not wanted:
        raise NotAcceptable("所要求的格式都给不出", None, "可用：text/html、text/turtle、application/ld+json")
    return wanted[0]


def _brief(one: Term) -> dict[str, Any]:
    label = one.label.get("zh") or next(iter(one.alternatives or one.label.values()), "")
    return {"name": one.name, "kind": one.kind, "label": label, "comment": one.comment.get("zh", "")}


def _names() -> dict[str, str]:
    """What the categories are called, by the name that others relate to them by."""
    return {one.name: one.label["zh"] for one in categories()}
