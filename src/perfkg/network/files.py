"""A network as a file for other programs: GraphML, and GEXF for Gephi with the places of the drawing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from perfkg.graph import PREFIXES
from perfkg.library import Library
from perfkg.network.links import Link
from perfkg.network.views import View
from perfkg.network.webs import Web, web
from perfkg.outputs import replacing

FORMATS = {".graphml": "write_graphml", ".gexf": "write_gexf"}
"""The endings of networks, and what writes them."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HIERARCHY = """
SELECT ?organization ?organizationName ?project ?projectName ?declaration ?year ?indicator ?name ?value ?category {
    ?declaration a perfkg:Declaration ; perfkg:indicator ?indicator .
    OPTIONAL { ?declaration perfkg:year ?year }
    OPTIONAL { ?declaration schema:about ?project . ?project schema:name ?projectName }
    OPTIONAL { ?declaration perfkg:organization ?organization . ?organization skos:prefLabel ?organizationName }
    OPTIONAL { ?indicator schema:name ?name }
    OPTIONAL { ?indicator perfkg:value ?value }
    OPTIONAL { ?indicator dcterms:subject/skos:notation ?category }
}"""


def view_bytes(shown: Web, view: View, ending: str, base: str) -> bytes:
    """What is shown, as a file of an ending of FORMATS; the ids are IRIs under `base`."""
    import networkx

    graph = networkx.Graph()
    for one in view.nodes:
        known: dict[str, Any] = {
            "kind": one.node.kind,
            "label": one.node.label,
            "organization": one.node.organization or "",
        }
        known |= {"years": "、".join(map(str, one.node.years)), "x": one.x, "y": one.y}
        known |= {"community": view.communities[one.community].name} if one.community is not None else {}
        _add(graph, base + one.node.id, known)
    for number, bubble in enumerate(view.bubbles):
        some: dict[str, Any] = {
            "kind": "community",
            "label": bubble.community.name,
            "size": len(bubble.community.nodes),
        }
        _add(graph, f"community/{number}", some | {"x": bubble.x, "y": bubble.y})
    for link in view.links:
        graph.add_edge(base + link.source, base + link.target, **_comparable(link))
    for bridge in view.bridges:
        ends = (f"community/{bridge.source}", f"community/{bridge.target}")
        graph.add_edge(*ends, weight=bridge.weight, shared=bridge.count)
    if view.kind == "indicator" and view.centre and view.given:
        centre = f"{base}indicator/{view.centre}"
        _add(graph, centre, {"kind": "indicator", "label": view.given.name, "value": view.given.value})
        for pair in view.pairs:
            graph.add_edge(
                centre, base + shown.owner(pair.other), weight=round(pair.weight, 4), value=_clean(pair.other.value)
            )
    return _written(graph, ending)


def export(library: Library, path: Path) -> None:
    """Writes all organizations, projects, declarations and indicators, and which projects have comparable ones.

    Those edges are of kind `comparable`, with `weight`, `shared` and `topics`; a project knows its `community` by name.
    Raises InvalidFile if the file cannot be written: what was there is then untouched.
    """
    graph, between = _hierarchy(library.graph.store), web(library)
    base = library.graph.base
    for link in between.links.values():
        graph.add_edge(base + link.source, base + link.target, kind="comparable", **_comparable(link))
    for community in between.communities:
        for node in community.nodes:
            _add(graph, base + node, {"community": community.name})
    with replacing(path) as beside:
        beside.write_bytes(_written(graph, path.suffix.lower()))


def _hierarchy(store: Store) -> Any:
    """Organization → project → declaration → indicator, with labels, years, values, categories."""
    import networkx

    graph = networkx.DiGraph()
    rows = store.query(_HIERARCHY, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    for row in rows:
        cell = {name.value: _plain(row[name]) for name in rows.variables if row[name] is not None}
        chain: list[tuple[str, dict[str, str]]] = [
            ("organization", {"label": cell.get("organizationName", "")}),
            ("project", {"label": cell.get("projectName", "")}),
            ("declaration", {"label": cell.get("projectName", ""), "year": cell.get("year", "")}),
            ("indicator", {"label": cell.get("name", ""), **_known(cell, ("value", "category"))}),
        ]
        present = [(cell[kind], kind, about) for kind, about in chain if kind in cell]
        for node, kind, about in present:
            graph.add_node(node, kind=kind, **about)
        for (above, _, _), (below, kind, _) in pairwise(present):
            graph.add_edge(above, below, kind=kind)
    return graph


def _comparable(link: Link) -> dict[str, object]:
    topics = dict.fromkeys(pair.one.measure or pair.one.name for pair in link.pairs)
    return {"weight": link.weight, "shared": len(link.pairs), "topics": _clean("、".join(topics))}


def _written(graph: Any, ending: str) -> bytes:
    import networkx

    file = io.BytesIO()
    getattr(networkx, FORMATS[ending])(graph, file)
    return file.getvalue()


def _add(graph: Any, node: str, about: dict[str, Any]) -> None:
    graph.add_node(node, **{name: _clean(value) if isinstance(value, str) else value for name, value in about.items()})


def _plain(node: object) -> str:
    return _clean(node.value) if isinstance(node, Literal | NamedNode) else ""


def _known(cell: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: cell[name] for name in names if name in cell}


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_XML.sub("", text)
