"""The page of the network: a drawing to walk in, the facts of what is chosen beside it, and the same as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.answers import Text
from api.html import page
from api.network import Asked, Question
from api.pages import forms
from api.pages.address import address
from api.pages.drawing import colour, draw, short
from api.waiting import PATIENCE
from perfkg.concepts.wording import bare
from perfkg.library import Library
from perfkg.network import View, Web
from perfkg.network.layout import HEIGHT, WIDTH
from perfkg.network.links import Link, Pair
from perfkg.network.measured import Node
from perfkg.network.views import resolve
from perfkg.records import Funding

routes = APIRouter()

_MATCHES = 30
_LISTED = 100
_NEIGHBOURS = 40
_ALONE = 200
_LEAST = ((0.0, "不限"), (0.7, "较强"), (1.5, "很强"))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node that another one is linked to, and their comparable indicators: mine and the other's, side by side."""

    node: Node
    link: str
    weight: float
    pairs: tuple[tuple[Pair, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of one node."""

    node: Node
    funding: Funding | None
    community: Any
    community_link: str
    neighbours: tuple[Neighbour, ...]
    projects: tuple[Node, ...]
    link: str


@routes.get("/network")
async def network(
    request: Request,
    question: Question,
    find: Annotated[Text, Query(max_length=200)] = "",
    at: Annotated[Text, Query(max_length=2000)] = "",
) -> Response:
    """The drawing. `find` looks for a node by its name; `at` is the node whose facts are shown."""
    library: Library = request.app.state.keeper.library
    web = await request.app.state.makers.web(library, question.choice, PATIENCE)
    if web is None:
        said = f"正在从 {library.ledger.count():,} 份申报表里找出可比的指标，资料库变动后的第一次要等几秒到一分钟。"
        return page(request, "waiting.html", title="图谱", said=said)
    return await run_sync(_drawn, request, library, web, question, find, at)


@routes.get("/network/card")
async def card(request: Request, question: Question, at: Annotated[Text, Query(max_length=2000)]) -> Response:
    """The facts of one node alone, for the page to put in its place."""
    library: Library = request.app.state.keeper.library
    web = await request.app.state.makers.web(library, question.choice)
    facts = await run_sync(_card, library, web, _links_of(question), at)
    return page(request, "_card.html", card=facts)


def _drawn(request: Request, library: Library, web: Web, question: Asked, find: str, at: str) -> Response:
    made = _made(library, web, question, find, at)
    return RedirectResponse(made, 303) if isinstance(made, str) else page(request, "network.html", **made)


def _made(library: Library, web: Web, question: Asked, find: str, at: str) -> dict[str, Any] | str:
    """What the page shows; or where it leads, where only one node was looked for."""
    view, links = question.of(library, web), _links_of(question)
    found = _matches(web, find) if find else None
    if found and len(found) == 1:
        return links.to(found[0].id)
    chosen = at or (view.centre if view.kind == "around" else "")
    drawing = draw(view)
    return {
        "web": web,
        "view": view,
        "drawing": drawing,
        "width": WIDTH,
        "height": HEIGHT,
        "links": links,
        "question": question,
        "find": find,
        "found": found,
        "ringed": {one.id for one in found or ()},
        "at": chosen,
        "card": _card(library, web, links, chosen) if chosen else None,
        "listed": _listed(web, view),
        "alone": web.alone[:_ALONE],
        "listed_most": _LISTED,
        "colour": colour,
        "short": short,
        "least": _LEAST,
        "years": library.ledger.years(),
        "categories": forms.categories(),
        "total": library.ledger.count(),
    }


@dataclass(frozen=True, slots=True)
class Links:
    """Where the things of the page lead: the same choice, another place in it."""

    state: dict[str, Any]

    def whole(self, **other: Any) -> str:
        """The whole network, some of the choice changed."""
        return address("/network", **self.state | other)

    def to(self, node: str) -> str:
        """What stands around a node."""
        return address("/network", **self.state, around=node)

    def further(self, node: str, depth: int) -> str:
        """The same, so many steps far."""
        return address("/network", **self.state, around=node, depth=depth)

    def community(self, member: str, level: int = 1) -> str:
        """A community."""
        return address("/network", **self.state, community=member, level=level if level > 1 else None)

    def api(self, **other: Any) -> str:
        """The same for programs."""
        return address("/api/network", **self.state | other)


def _links_of(question: Asked) -> Links:
    choice = question.choice
    state = {"organization": choice.organization, "year": choice.year, "category": choice.category}
    view = "organizations" if choice.view == "organizations" else None
    return Links(state | {"view": view, "least": choice.least or None})


def _card(library: Library, web: Web, links: Links, id: str) -> Card:
    id = resolve(web, id)
    node, number = web.nodes[id], web.community_of.get(id)
    funding = library.ledger.get(node.declaration).funding if node.declaration else None
    projects = tuple(_projects(web, node)) if node.kind == "organization" else ()
    community = None if number is None else web.communities[number]
    near = tuple(_neighbour(web, link, id, links) for link in web.of.get(id, ())[:_NEIGHBOURS])
    return Card(node, funding, community, links.community(id), near, projects, links.to(id))


def _neighbour(web: Web, link: Link, me: str, links: Links) -> Neighbour:
    mine = link.source == me
    other = link.target if mine else link.source
    sides = tuple((pair, *((pair.one, pair.other) if mine else (pair.other, pair.one))) for pair in link.pairs)
    return Neighbour(web.nodes[other], links.to(other), link.weight, sides)


def _projects(web: Web, organization: Node) -> list[Node]:
    found = (
        node
        for node in web.projects.values()
        if node.organization and bare(node.organization) == bare(organization.label)
    )
    return sorted(found, key=lambda node: (node.label, node.id))


def _matches(web: Web, text: str) -> list[Node]:
    """The nodes that have the text in their names, those whose own name begins with it first."""
    wanted = bare(text)
    named = ((node, bare(node.label)) for node in web.nodes.values())
    found = [(wanted not in name, not name.startswith(wanted), len(name), node.id, node) for node, name in named
             if wanted and (wanted in name or wanted in bare(node.organization))]  # fmt: skip
    return [each[-1] for each in sorted(found, key=lambda each: each[:4])[:_MATCHES]]


def _listed(web: Web, view: View) -> list[tuple[Node, Node, Link]]:
    """The links of the drawing, the strongest first."""
    strongest = sorted(view.links, key=lambda link: (-link.weight, link.source, link.target))
    return [(web.nodes[link.source], web.nodes[link.target], link) for link in strongest[:_LISTED]]
