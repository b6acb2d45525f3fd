"""The questions that are answered as JSON: search, compare, suggest, and what is recorded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import Held, Json, Limit, Offset, Text, Year, answer, download, fresh
from api.concepts import ready
from api.negotiation import accepted
from perfkg import schemes
from perfkg.ask import ask as put
from perfkg.compare import Comparison
from perfkg.compare import compare as contrast
from perfkg.concepts.catalogue import with_concepts
from perfkg.errors import UnknownId
from perfkg.graph.vocabulary import context
from perfkg.ledger import Choice
from perfkg.records import as_json
from perfkg.report import table_bytes, table_of
from perfkg.search import Answer, more_like
from perfkg.search import indicator as find_indicator
from perfkg.search import search as find
from perfkg.suggest import suggest as propose

routes = APIRouter(prefix="/api", tags=["查询"], dependencies=[Depends(fresh)])

_CONTEXT = '</context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
"""How JSON says that it is JSON-LD, and by which context."""

_JSONS = {"json": ("application/json",), "jsonld": ("application/ld+json",)}

Category = Annotated[Text | None, Query(description="指标类别，例如：质量指标、产出")]
Doubt = Literal["any", "unsure", "repairs", "leftovers", "blanks", "none"]
Order = Literal["year", "recent", "organization", "project", "total", "indicators", "doubts"]
Export = Annotated[Literal["json", "csv", "xlsx"], Query(description="json，或表格文件")]


@routes.get("/search", summary="按意思检索指标")
def search(
    request: Request,
    library: Held,
    q: Annotated[Text, Query(description="要找的话，例如：断网多久修好")] = "",
    category: Category = None,
    organization: Annotated[Text | None, Query(description="单位名称或其中一段")] = None,
    year: Year | None = None,
    limit: Limit = 10,
    offset: Offset = 0,
    ignore: Annotated[list[Text] | None, Query(description="问句里只当普通词看的话，不当作单位、年度、类别")] = None,
    grouped: Annotated[bool, Query(description="文字相同的指标合成一条")] = True,
    kind: Annotated[
        Text | None, Query(description="指标值：measured 可量化、unmeasured 不可量化，或 period 等")
    ] = None,
    sort: Annotated[Text | None, Query(description="newest、oldest、organization、project；不写则最接近的在前")] = None,
    format: Export = "json",
) -> Response:
    """Hits, best first, each with its reasons; facets; and what the question was taken to name, as chips."""
    found = find(
        library,
        q,
        category,
        organization,
        year,
        limit,
        offset,
        ignore or (),
        grouped,
        True,
        kind=kind or None,
        sort=sort or None,
    )
    found = replace(found, hits=with_concepts(library, found.hits))
    return _given(request, found, format, f"检索：{q[:60]}")


@routes.get("/indicators/{id}", summary="一个指标")
def indicator(request: Request, library: Held, id: Text) -> Json:
    """One indicator with its project, as a hit."""
    return answer(request, with_concepts(library, [find_indicator(library, id)])[0])


@routes.get("/indicators/{id}/similar", summary="更多相似的指标")
def similar(request: Request, library: Held, id: Text, limit: Limit = 10) -> Json:
    """The indicators most like this one, itself left out."""
    return answer(request, more_like(library, id, limit))


@routes.get("/declarations", summary="资料库里的申报表")
def declarations(
    request: Request,
    library: Held,
    organization: Annotated[Text | None, Query(description="预算单位，全称")] = None,
    year: Year | None = None,
    q: Annotated[Text | None, Query(description="单位或项目名称中的一段")] = None,
    kind: Literal["declaration", "self-evaluation"] | None = None,
    doubt: Annotated[Doubt | None, Query(description="要核对的：存疑、修正、没用上的文字、缺项")] = None,
    order: Annotated[Order, Query(description="次序")] = "organization",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Json:
    """A page of the list, and how many there are in all."""
    snapshot = library.snapshot
    choice = Choice(organization, year, q, kind, doubt)
    entries = library.ledger.listed(choice, order, limit, offset)
    total = library.ledger.count(choice=choice)
    body = {"declarations": entries, "total": total, "offset": offset, "limit": limit, "snapshot": snapshot}
    return answer(request, body)


@routes.get("/declarations/{id}", summary="一份申报表")
def declaration(
    request: Request, library: Held, id: Text, version: Annotated[int | None, Query(ge=1, le=10**9)] = None
) -> Json:
    """A declaration as it was read; with `version`, as it was then. As JSON-LD with its context, where that is asked."""
    told = library.ledger.get(id, version)
    if accepted(request.headers.get("accept", ""), _JSONS)[:1] == ["jsonld"]:
        # A context by reference could not say what identifiers are relative to.
        linked = context(library.base) | as_json(told)
        return Json(linked, headers=request.state.fresh, media_type="application/ld+json")
    plain = answer(request, told)
    plain.headers["Link"] = _CONTEXT
    return plain


@routes.get("/declarations/{id}/history", summary="一份申报表的变更")
def history(request: Request, library: Held, id: Text) -> Json:
    """Every change of one declaration, oldest first, with who and when; also of one that was withdrawn."""
    changes = library.ledger.history(id)
    if not changes:
        raise UnknownId("资料库里没有这份申报表", id, "请核对编号")
    return answer(request, {"history": changes, "snapshot": library.snapshot})


@routes.get("/organizations", summary="预算单位")
def organizations(request: Request, library: Held) -> Json:
    """All organizations with the number of their declarations."""
    rows = [{"name": name, "declarations": count} for name, count in library.ledger.organizations()]
    return answer(request, {"organizations": rows, "snapshot": library.snapshot})


@routes.get("/schemes", summary="指标类别")
def categories(request: Request, library: Held) -> Json:
    """The category schemes with their concepts, the preferred one first."""
    grouped: dict[str, list[Any]] = defaultdict(list)
    for concept in schemes.concepts():
        grouped[concept.scheme].append(concept)
    rows = [{"id": scheme, "concepts": concepts} for scheme, concepts in grouped.items()]
    return answer(request, {"schemes": rows, "snapshot": library.snapshot})


@routes.get("/compare", summary="可比的指标值")
def compare(
    request: Request,
    library: Held,
    text: Annotated[Text | None, Query(description="要比较的指标，例如：网络故障处理时间")] = None,
    indicator: Annotated[Text | None, Query(description="或一个指标的编号")] = None,
    concept: Annotated[Text | None, Query(description="或指标库里一个概念的编号")] = None,
    format: Export = "json",
) -> Response:
    """Comparable targets over projects, grouped by unit; of a concept 503 while there is no catalogue yet."""
    if concept:
        ready(request, library)
    found = contrast(library, text or None, indicator or None, concept or None)
    return _given(request, found, format, f"可比：{(text or found.question or indicator or '')[:60]}")


@routes.get("/suggest", summary="填报建议")
def suggest(
    request: Request,
    library: Held,
    project: Annotated[Text, Query(description="项目名称")] = "",
    category: Category = None,
    text: Annotated[Text | None, Query(description="已输入的文字")] = None,
    filled: Annotated[list[Text] | None, Query(description="表上已有的指标类别")] = None,
    limit: Limit = 10,
) -> Json:
    """Wordings and values that past projects used, with their sources; with `filled`, what the form still lacks."""
    return answer(request, propose(library, project, category, text, limit, filled or ()))


@routes.get("/ask", summary="用一句话提问")
def ask(
    request: Request,
    library: Held,
    q: Annotated[Text, Query(description="问题，例如：2021年资金最多的项目是哪个？")] = "",
    ignore: Annotated[list[Text] | None, Query(description="不要的条件，例如：topic、year")] = None,
    year: Annotated[Text | None, Query(description="改用的年度")] = None,
    organization: Annotated[Text | None, Query(description="改用的单位，全称")] = None,
    category: Category = None,
    number: Annotated[Text | None, Query(description="改用的数值，例如：低于95%")] = None,
    topic: Annotated[Text | None, Query(description="改用的主题")] = None,
) -> Json:
    """The answer with its rows, how the question was understood, and the query it stands on; or why there is none.

    A part of the understanding can be ignored, or set to another value.
    """
    given = {"year": year, "organization": organization, "category": category, "number": number, "topic": topic}
    return answer(request, put(library, q, ignore or (), {kind: value for kind, value in given.items() if value}))


def _given(request: Request, found: Answer | Comparison, format: str, title: str) -> Response:
    """The answer as JSON, or as a table in a file."""
    if format == "json":
        return answer(request, found)
    content = table_bytes(table_of(found, title), f".{format}")
    return download(content, f"{title.replace('/', ' ')}.{format}", request.state.fresh)
