"""The SPARQL 1.1 protocol at /sparql, queries alone; how they are held in bounds is perfkg.sparql's matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, urlencode

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.exceptions import HTTPException

from api.answers import mark
from api.description import described
from api.desk import Desk
from api.negotiation import GRAPHS, PAGE, SOLUTIONS, accepted
from api.problems import NotAcceptable
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.sparql import TIMEOUT, Pool, QueryStopped, Result

routes = APIRouter(tags=["SPARQL"])

_FORM, _DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_SMALL = 1 << 20
"""Bytes of a result that is sent at once."""

_ALSO = {"turtle": "ttl", "n3": "ttl", "ntriples": "nt", "n-triples": "nt", "json-ld": "jsonld", "rdf+xml": "rdf"}
"""What clients call formats beside their media types."""
_OF_GRAPHS = {"json": ("jsonld",), "xml": ("rdf",)}
"""What is given for a graph where a client asks for JSON or XML whatever the query."""

_PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "schema": {"type": kind}, "description": said}
    for name, kind, said in (
        ("query", "string", "SPARQL 1.1 查询；不给时返回服务描述"),
        ("default-graph-uri", "string", "缺省图，可多次"),
        ("named-graph-uri", "string", "命名图，可多次"),
        ("timeout", "number", f"秒，最多 {TIMEOUT:g}"),
        ("format", "string", "json、xml、csv、tsv、ttl、nt、jsonld、rdf；不给时按 Accept"),
    )
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with what the asker wants of it: formats, the best first, seconds, and the graphs it is of."""

    query: str
    formats: Sequence[str] = ()
    timeout: float = TIMEOUT
    default: Sequence[str] = ()
    named: Sequence[str] = ()

    def by(self, pool: Pool, abandoned: Callable[[], bool] = lambda: False) -> Result:
        """The pool's answer, unless it is `abandoned` before."""
        return pool.query(
            self.query,
            formats=self.formats,
            timeout=self.timeout,
            default_graphs=self.default,
            named_graphs=self.named,
            abandoned=abandoned,
        )


@routes.get("/sparql/", include_in_schema=False)
@routes.get("/sparql", summary="SPARQL 查询", openapi_extra={"parameters": _PARAMETERS})
async def get(request: Request) -> Response:
    """The answer to `query`, or the service description where there is none; a browser is led to the page."""
    given = _pairs(request.url.query)
    asked = {name: value for name, value in given if name == "query"}
    if not any(name == "format" for name, _ in given) and _by_person(request):
        return RedirectResponse(f"/query?{urlencode(asked)}" if asked else "/query", 303, {"Vary": "Accept"})
    if not asked:
        return await run_sync(described, request)
    return unchanged(request) or await answered(request, _asked(request, given))


@routes.post("/sparql/", include_in_schema=False)
@routes.post("/sparql", summary="SPARQL 查询（POST）", openapi_extra={"parameters": _PARAMETERS})
async def post(request: Request) -> Response:
    """The same by POST: as a form, or the query itself as the body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_FORM, _DIRECT):
        raise HTTPException(415)
    try:
        body = (await request.body()).decode()
    except UnicodeDecodeError:
        raise InvalidQuestion("查询不是 UTF-8 文字", None, "请用 UTF-8 编码发送") from None
    if kind == _DIRECT:
        return await answered(request, _asked(request, [*_pairs(request.url.query), ("query", body)]))
    return await answered(request, _asked(request, [*_pairs(request.url.query), *_pairs(body)]))


async def answered(request: Request, asked: Asked) -> Response:
    """The result of a query in its turn, piece by piece, marked with what it was made from."""
    state = _state(request)  # as it was before: a mark may be too old, never too new
    result = await put(request, asked)
    headers = {
        "ETag": _tag(result.change, state, result.in_memory),
        "Vary": "Accept",
        "Cache-Control": "no-cache",
        "Content-Length": str(len(result.content)),
        "Perfkg-Change": str(result.change),
        "Server-Timing": f"query;dur={result.seconds * 1000:.1f}",
    }
    if len(result.content) <= _SMALL:
        return Response(result.body, headers=headers, media_type=result.media_type)
    return StreamingResponse(iter(result.content), headers=headers, media_type=result.media_type)


async def put(request: Request, asked: Asked) -> Result:
    """The result of a query in the turn of whoever sent the request, and is still there. Raises what Desk.answer raises,
    and QueryStopped where the asker has gone.
    """
    desk: Desk = request.app.state.desk
    asker, gone = request.client.host if request.client else "", Event()
    fault: Exception = QueryStopped("没有人再等这个查询，已停止")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_watch, request, gone, tasks.cancel_scope)
        try:
            return await desk.answer(partial(asked.by, abandoned=gone.is_set), asker, asked.timeout)
        except Exception as error:
            fault = error
        finally:
            tasks.cancel_scope.cancel()
    raise fault  # by itself, not in the group that a task group makes of it


async def _watch(request: Request, gone: Event, waiting: anyio.CancelScope) -> None:
    """Ends the waiting, and through `gone` the work, once the asker has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
    waiting.cancel()


def _by_person(request: Request) -> bool:
    return accepted(request.headers.get("accept", ""), {**SOLUTIONS, **GRAPHS, **PAGE})[:1] == ["html"]


def unchanged(request: Request) -> Response | None:
    """304 where the asker has the answer already."""
    change, state = request.app.state.keeper.library.graph.change, _state(request)
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    tag = next((tag for held in (True, False) if (tag := _tag(change, state, held)) in known), None)
    return Response(status_code=304, headers={"ETag": tag, "Vary": "Accept"}) if tag else None


def _state(request: Request) -> str:
    """What an answer depends on beside the change of the graph: the catalogue in it; what a search is made from."""
    held: Library = request.app.state.keeper.library
    return mark(request, held.graph.catalogued, held.snapshot, held.notices)


def _tag(change: int, state: str, in_memory: bool) -> str:
    """Rows that a query puts in no order come from memory in another than from disk: that is another answer."""
    return f'W/"graph-{change}-{state}{"-memory" if in_memory else ""}"'


def _asked(request: Request, given: list[tuple[str, str]]) -> Asked:
    named: dict[str, list[str]] = {}
    for name, value in given:
        named.setdefault(name, []).append(value)
    single = {name: _single(named, name) for name in ("query", "timeout", "format")}
    if single["query"] is None:
        raise InvalidQuestion("没有查询", None, "请在参数 query 里给出 SPARQL 查询；这里只查询，不修改")
    return Asked(
        query=single["query"],
        formats=wanted(request, single["format"]),
        timeout=_timeout(single["timeout"]),
        default=named.get("default-graph-uri", ()),
        named=named.get("named-graph-uri", ()),
    )


def _single(named: Mapping[str, list[str]], name: str) -> str | None:
    values = named.get(name, [None])
    if len(values) > 1:
        raise InvalidQuestion(f"参数 {name} 只能给一次", None, "请去掉多余的")
    return values[0]


def wanted(request: Request, chosen: str | None) -> list[str]:
    """The formats asked for, best first. Raises InvalidQuestion, and NotAcceptable where none can be given."""
    offers = {**SOLUTIONS, **GRAPHS}
    if chosen is not None:
        known = {kind: name for name, kinds in offers.items() for kind in kinds} | _ALSO
        name = chosen if chosen in offers else known.get(chosen.lower())
        if name is None:
            raise InvalidQuestion("不认得这种格式", chosen, f"可用：{'、'.join(offers)}")
        return [name, *_OF_GRAPHS.get(name, ())]
    formats = accepted(request.headers.get("accept", ""), offers)
    if not formats:
        raise NotAcceptable("所要求的格式都给不出", None, f"可用：{'、'.join(types[0] for types in offers.values())}")
    return formats


def _timeout(text: str | None) -> float:
    try:
        seconds = TIMEOUT if text is None else float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise InvalidQuestion("timeout 应当是大于 0 的秒数", text, f"例如 10；最多 {TIMEOUT:g}")
    return min(seconds, TIMEOUT)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        raise InvalidQuestion("查询不是 UTF-8 文字", None, "请用 UTF-8 编码发送") from None
