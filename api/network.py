"""The network of projects and organizations as JSON, or as a file for Gephi and its like."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import FormYear, Held, Text, answer, fresh
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.network import Choice, View, Web, around, of_indicator, resolve, web, whole, within
from perfkg.network.files import view_bytes
from perfkg.network.links import Link, Pair
from perfkg.network.measured import Node
from perfkg.network.views import MOST, Drawn

routes = APIRouter(prefix="/api", tags=["图谱"], dependencies=[Depends(fresh)])

EVIDENCE = 5
"""Pairs of comparable indicators told of a link; `shared` counts all."""

_TYPES = {"graphml": "application/graphml+xml", "gexf": "application/gexf+xml"}
_HIGHEST = 300
_MAKERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a network asks for. `around` and `community` are ids of nodes; `around` may also be an
    indicator's or a declaration's (`indicator/…`, `declaration/…`).
    """

    choice: Choice
    around: str = ""
    depth: int = 1
    community: str = ""
    level: int = 1
    limit: int | None = None

    def of(self, library: Library, whole_: Web) -> View:
        """What of the network is to be shown. Raises UnknownId."""
        kind, _, rest = self.around.partition("/")
        if kind == "indicator":
            return of_indicator(library, whole_, rest, self.limit or 40)
        if self.around:
            return around(whole_, resolve(whole_, self.around), self.depth, self.limit or 40)
        if self.community:
            return within(whole_, self.community, self.level, self.limit or MOST)
        return whole(whole_, self.limit or MOST)


class Makers:
    """Makes networks beside the server's loop, each once however many ask for it: a large library's takes seconds."""

    def __init__(self) -> None:
        """None is being made yet."""
        self._making: dict[Choice, asyncio.Task[Web]] = {}
        self._limit = anyio.CapacityLimiter(_MAKERS)

    async def web(self, library: Library, choice: Choice, patience: float | None = None) -> Web | None:
        """The network; None where it is not ready within `patience` seconds: it is made on, and may be asked for again."""
        task = self._making.get(choice)
        if task is None:
            task = self._making[choice] = asyncio.create_task(self._made(library, choice))
            task.add_done_callback(lambda _: self._making.pop(choice, None))
        done, _ = await asyncio.wait([task], timeout=patience)
        return task.result() if done else None

    async def _made(self, library: Library, choice: Choice) -> Web:
        return await run_sync(web, library, choice, limiter=self._limit)


Least = Annotated[
    Annotated[float, Field(ge=0, le=1000)] | None,
    BeforeValidator(lambda text: text or None),
    Query(description="联系至少多强"),
]


def asked(
    library: Held,
    view: Annotated[Literal["projects", "organizations"], Query(description="节点是项目还是单位")] = "projects",
    organization: Annotated[Text, Query(description="单位名称或其中一段")] = "",
    year: FormYear = None,
    category: Annotated[Text, Query(description="指标类别，例如：质量指标、产出")] = "",
    least: Least = None,
    around: Annotated[Text, Query(description="项目、单位、指标或申报表的标识：project/…、indicator/…")] = "",
    depth: Annotated[int, Query(ge=1, le=2, description="看几层邻居")] = 1,
    community: Annotated[Text, Query(description="一组：其中任何一个项目或单位的标识")] = "",
    level: Annotated[int, Query(ge=1, le=6, description="第几层的组")] = 1,
    limit: Annotated[int | None, Query(ge=1, le=_HIGHEST, description="最多画几个；更多时先给出各组")] = None,
) -> Asked:
    """What the address asks for. An organization as the centre makes the nodes organizations."""
    around, community = (_id(text.removeprefix(library.graph.base)) for text in (around, community))
    if around.startswith("organization/"):
        view = "organizations"
    if around and "/" not in around:
        raise InvalidQuestion(
            "这不是一个标识", around, "请写成 project/…、organization/…、indicator/… 或 declaration/…"
        )
    choice = Choice(view, organization, year, category, least or 0.0)
    return Asked(choice, around, depth, community, level, limit)


def _id(text: str) -> str:
    """As ids are written in the graph, be it read out of an address that has been decoded."""
    return "".join(c if c.isalnum() or c in "-._~/%" else quote(c) for c in text)


Question = Annotated[Asked, Depends(asked)]


@routes.get("/network", summary="项目和单位的图谱")
async def network(
    request: Request,
    library: Held,
    question: Question,
    format: Annotated[Literal["json", "graphml", "gexf"], Query(description="json，或图谱文件")] = "json",
) -> Response:
    """Projects (or organizations) joined where they have comparable indicators, each link with its evidence.

    A network of more than `limit` nodes is given as its communities: ask for one by `community`. With `around`, what
    stands around one thing.
    """
    found = await request.app.state.makers.web(library, question.choice)
    view = await run_sync(question.of, library, found)
    if format == "json":
        return await run_sync(
            lambda: answer(request, body(found, view) | {"snapshot": library.snapshot | {"change": found.change}})
        )
    content = await run_sync(view_bytes, found, view, f".{format}", library.graph.base)
    headers = request.state.fresh | {"Content-Disposition": f'attachment; filename="network.{format}"'}
    return Response(content, media_type=_TYPES[format], headers=headers)


def body(found: Web, view: View) -> dict[str, Any]:
    """A view as plain JSON."""
    return {
        "kind": view.kind,
        "view": found.view,
        "centre": view.centre,
        "total": {
            "nodes": len(found.nodes),
            "linked": len(found.of),
            "links": len(found.links),
            "communities": len(found.communities),
        },
        "nodes": [_node(view, one) for one in view.nodes],
        "edges": [_link(link) for link in reversed(view.links)],
        "pairs": [_pair(pair) | {"node": found.owner(pair.other)} for pair in view.pairs],
        "communities": _communities(view),
        "bridges": [
            {"source": one.source, "target": one.target, "links": one.count, "weight": one.weight}
            for one in view.bridges
        ],
        "inside": [{"id": one.id, "name": one.name, "size": len(one.nodes)} for one in view.inside],
        "more": view.more,
    }


def _node(view: View, one: Drawn) -> dict[str, Any]:
    named = None if one.community is None else view.communities[one.community].name
    return told(one.node) | {
        "community": named,
        "links": one.degree,
        "strength": one.strength,
        "step": one.step,
        "x": one.x,
        "y": one.y,
    }


def told(node: Node) -> dict[str, Any]:
    """A node's own facts."""
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "organization": node.organization,
        "years": node.years,
        "declaration": node.declaration,
        "projects": node.projects,
    }


def _communities(view: View) -> list[dict[str, Any]]:
    places = {bubble.community.id: bubble for bubble in view.bubbles}
    rows = []
    for one in view.communities:
        row: dict[str, Any] = {"id": one.id, "name": one.name, "size": len(one.nodes), "topics": one.topics}
        if bubble := places.get(one.id):
            row |= {"x": bubble.x, "y": bubble.y, "radius": bubble.radius}
        rows.append(row)
    return rows


def _link(link: Link) -> dict[str, Any]:
    return {
        "source": link.source,
        "target": link.target,
        "weight": link.weight,
        "shared": len(link.pairs),
        "evidence": [_pair(pair) for pair in link.pairs[:EVIDENCE]],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "measure": pair.one.measure,
        "unit": pair.one.unit,
        "alike": pair.alike,
        "close": pair.close,
        "words": pair.words,
        "one": pair.one.facts,
        "other": pair.other.facts,
    }
