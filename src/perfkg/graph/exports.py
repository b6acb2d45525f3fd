"""The graph as a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, Triple, serialize

from perfkg.errors import InvalidLibrary, InvalidQuestion
from perfkg.graph.names import PREFIXES
from perfkg.graph.networks import communities, joined

_DATASETS = {".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG, ".jsonld": RdfFormat.JSON_LD}
_TRIPLES = {".nt": RdfFormat.N_TRIPLES, ".ttl": RdfFormat.TURTLE}
_NETWORKS = {".graphml": "write_graphml", ".gexf": "write_gexf"}
FORMATS = (*_TRIPLES, *_DATASETS, *_NETWORKS)
"""The endings `export` knows. Those that cannot say which named graph a triple is in leave that out."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NETWORK = """
SELECT ?organization ?organizationName ?project ?projectName ?declaration ?year ?indicator ?name ?value ?category {
    ?declaration a perfkg:Declaration ; perfkg:indicator ?indicator .
    OPTIONAL { ?declaration perfkg:year ?year }
    OPTIONAL { ?declaration schema:about ?project . ?project schema:name ?projectName }
    OPTIONAL { ?declaration perfkg:organization ?organization . ?organization skos:prefLabel ?organizationName }
    OPTIONAL { ?indicator schema:name ?name }
    OPTIONAL { ?indicator perfkg:value ?value }
    OPTIONAL { ?indicator dcterms:subject/skos:notation ?category }
}"""


def export(store: Store, path: Path) -> None:
    """Writes the whole store to `path`, in the format its ending names (FORMATS), or leaves what was there untouched.

    .graphml and .gexf hold the network.
    Raises InvalidQuestion for another ending, InvalidLibrary if the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InvalidQuestion(
            f"不认得导出格式 {ending or path.name}", None, f"文件名请以 {'、'.join(FORMATS)} 之一结尾"
        )
    with _replacing(path) as beside:
        if ending in _DATASETS:
            store.dump(beside, _DATASETS[ending], prefixes=PREFIXES)
        elif ending in _TRIPLES:
            serialize(_triples(store), beside, _TRIPLES[ending], prefixes=PREFIXES)
        else:
            import networkx

            getattr(networkx, _NETWORKS[ending])(network(store), beside)


def network(store: Store) -> Any:
    """A networkx DiGraph: organization → project → declaration → indicator, with labels, years, values, categories.

    Projects with comparable indicators are joined (edges of kind `comparable`, with `weight`, `shared` and `topics`)
    and know their `community` by name: see perfkg.graph.networks.
    """
    graph = _hierarchy(store)
    between = joined(store)
    for one, other, about in between.edges(data=True):
        said = _NOT_XML.sub("", "、".join(topic.name for topic in about["topics"]))
        facts = {"weight": about["weight"], "shared": about["shared"], "topics": said}
        graph.add_edge(*sorted((one, other)), kind="comparable", **facts)
    for community in communities(between):
        for project in community.projects:
            graph.nodes[project]["community"] = _NOT_XML.sub("", community.name)
    return graph


def _hierarchy(store: Store) -> Any:
    import networkx

    graph = networkx.DiGraph()
    rows = store.query(_NETWORK, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    for row in rows:
        cell = {name.value: _plain(row[name]) for name in rows.variables if row[name] is not None}
        chain = [
            ("organization", {"label": cell.get("organizationName", "")}),
            ("project", {"label": cell.get("projectName", "")}),
            ("declaration", {"label": cell.get("projectName", ""), "year": cell.get("year", "")}),
            ("indicator", {"label": cell.get("name", ""), **_known(cell, "value", "category")}),
        ]
        present = [(cell[kind], kind, about) for kind, about in chain if kind in cell]
        for node, kind, about in present:
            graph.add_node(node, kind=kind, **about)
        for (above, _, _), (below, kind, _) in pairwise(present):
            graph.add_edge(above, below, kind=kind)
    return graph


def _plain(node: object) -> str:
    return _NOT_XML.sub("", node.value) if isinstance(node, Literal | NamedNode) else ""


def _known(cell: dict[str, str], *names: str) -> dict[str, str]:
    return {name: cell[name] for name in names if name in cell}


def _triples(store: Store) -> Iterator[Triple]:
    """Graph by graph, so that what belongs together stands together. No triple is in two graphs."""
    for graph in store.named_graphs():
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield quad.triple


@contextmanager
def _replacing(path: Path) -> Iterator[str]:
    """A name beside `path` to write to; it takes the place of `path` only when all is written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield os.fspath(beside)
        beside.replace(path)
    except OSError as error:
        raise InvalidLibrary("文件写不进去", str(path), "请检查文件夹是否存在、是否可写、磁盘是否已满") from error
    finally:
        with suppress(OSError):
            beside.unlink()
