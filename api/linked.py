"""Linked data: what stands behind an identifier, as a page or as triples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, serialize

from api.answers import Held, clean
from api.negotiation import GRAPHS, PAGE, accepted
from api.problems import NotAcceptable
from perfkg.errors import UnknownId
from perfkg.graph import PREFIXES, term
from perfkg.index.documents import occurrences
from perfkg.library import Library

routes = APIRouter(tags=["关联数据"])

_FORMATS = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD, "rdf": RdfFormat.RDF_XML}


@routes.get("/id/{kind}/{id:path}", summary="一个标识符背后的内容")
def identified(request: Request, library: Held, kind: str, id: str) -> Response:
    """303 to the page for people; Turtle, N-Triples or JSON-LD for programs."""
    node = NamedNode(f"{library.graph.base}{_quoted(clean(kind))}/{_quoted(clean(id))}")
    quads = list(_about(library.graph.store, node))
    if not quads:
        raise UnknownId("资料库里没有这个标识符", node.value, "编号可能有误，或申报表已撤回")
    wanted = accepted(request.headers.get("accept", ""), {**GRAPHS, **PAGE})
    if not wanted:
        raise NotAcceptable("所要求的格式都给不出", None, "可用：text/html、text/turtle、application/ld+json")
    if wanted[0] == "html" and (page := _page(library, kind, id, quads)):
        return RedirectResponse(page, 303, {"Vary": "Accept"})
    return written((quad.triple for quad in quads), next((one for one in wanted if one != "html"), "ttl"))


def _about(store: Store, node: NamedNode) -> Iterator[Quad]:
    """All of the node's own graph; for a thing within a declaration, itself and what belongs to it there."""
    if store.contains_named_graph(node):
        yield from store.quads_for_pattern(None, None, None, node)
        return
    for quad in store.quads_for_pattern(node, None, None):
        yield quad
        if isinstance(quad.object, NamedNode):
            yield from store.quads_for_pattern(quad.object, None, None, quad.graph_name)


def _page(library: Library, kind: str, id: str, quads: list[Quad]) -> str | None:
    if kind == "declaration":
        return f"/declarations/{quote(id)}"
    if kind == "concept":
        return f"/concepts/{quote(id)}"
    view = library.words.view
    if kind == "indicator" and (place := view.place(id)) is not None:
        return f"/declarations/{quote(occurrences(view, [place])[0].declaration)}?hit={quote(id)}#hit"
    names = {term("skos:prefLabel"), term("schema:name")}
    name = next((quad.object.value for quad in quads if quad.predicate in names), None)  # type: ignore[union-attr]
    return f"/library?q={quote(name)}" if name and kind in {"organization", "project"} else None


def written(triples: Iterable[Triple], name: str, prefixes: Mapping[str, str] | None = None) -> Response:
    """`triples` in the format `name`, with ours and further `prefixes`."""
    known = PREFIXES | dict(prefixes or {})
    body = serialize(dict.fromkeys(triples), format=_FORMATS[name], prefixes=known)
    return Response(body, media_type=_FORMATS[name].media_type + "; charset=utf-8", headers={"Vary": "Accept"})


def _quoted(text: str) -> str:
    """As `perfkg.graph.iri` writes an id, but for one that may be shortened already."""
    return "".join(c if c.isalnum() else quote(c, safe="-._~") for c in text)
