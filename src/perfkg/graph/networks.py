"""Projects as a network: joined where they have comparable indicators, in communities named by what they share.

Two indicators are comparable here if they have the same name and numbers of the same canonical unit. The more projects
use a name (群众满意度), the less it says about any two of them; one that more than COMMON use joins nobody.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions, Store

from perfkg.errors import UnknownId
from perfkg.graph.names import PREFIXES
from perfkg.records import Json

COMMON = 50
"""Projects from which on a name joins nobody."""

_SEED = 1
_NAMED_BY = 3
_ROWS = """
SELECT ?project ?label ?owner ?topic ?unit ?number ?written ?year {
    %s
    ?indicator schema:name ?topic ; perfkg:value ?written ; perfkg:target ?target .
    ?target perfkg:canonicalUnit ?unit ; perfkg:canonicalValue ?number .
    ?declaration perfkg:indicator ?indicator ; schema:about ?project .
    ?project schema:name ?label .
    OPTIONAL { ?project schema:sponsor/skos:prefLabel ?owner }
    OPTIONAL { ?declaration perfkg:year ?year }
} ORDER BY ?year ?indicator ?target"""
_AROUND = """
    { SELECT DISTINCT ?topic ?unit {
        { %(node)s ^schema:about/perfkg:indicator ?own } UNION { BIND(%(node)s AS ?own) }
        ?own schema:name ?topic ; perfkg:target/perfkg:canonicalUnit ?unit
    } }"""
_OF = "SELECT ?project { { ?d schema:about %(node)s ; schema:about ?project } UNION { ?d perfkg:indicator %(node)s ; schema:about ?project } } LIMIT 1"


@dataclass(frozen=True, slots=True)
class Topic:
    """What two projects share: an indicator's `name`, the `unit` it is compared in, and how `close` the two are, from
    .5 (as far apart as numbers can be) to 1 (the same). `holders` is how many projects have it.
    """

    name: str
    unit: str
    close: float
    holders: int

    @property
    def weight(self) -> float:
        """How much it joins: its closeness where no others have it, half of it where four have, and so on."""
        return self.close / math.log2(self.holders)


@dataclass(frozen=True, slots=True)
class Community:
    """Projects (IRIs) that share more with one another than with others, and the `topics` they share most."""

    projects: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """For people."""
        return "、".join(self.topics)


def joined(store: Store, around: str | None = None) -> Any:
    """A networkx Graph of projects (by IRI, with `label` and `owner`), joined where they have comparable indicators.

    An edge has `topics` (a tuple of Topic), `shared` (how many) and `weight` (the sum of theirs). Of a project
    or an indicator `around`, only what is compared with its own is looked at.
    """
    import networkx

    pattern = _AROUND % {"node": NamedNode(around)} if around else ""
    graph, holders = networkx.Graph(), defaultdict[tuple[str, str], dict[str, float]](dict)
    for row in _rows(store, _ROWS % pattern):
        graph.add_node(row["project"], label=row["label"], owner=row.get("owner", ""))
        # Rows come by year: the latest number of a project stands.
        holders[row["topic"], row["unit"]][row["project"]] = float(row["number"])
    for one, other, topics in _pairs(holders):
        graph.add_edge(one, other, topics=topics, shared=len(topics), weight=round(sum(t.weight for t in topics), 4))
    return graph


def communities(graph: Any) -> list[Community]:
    """The communities of two projects or more in a `joined` graph, the largest first (Louvain)."""
    import networkx

    found = networkx.community.louvain_communities(graph, weight="weight", seed=_SEED)
    named = [_community(graph, one) for one in found if len(one) > 1]
    return sorted(named, key=lambda one: (-len(one.projects), one.projects))


def neighbourhood(store: Store, node: str, limit: int = 40) -> Json:
    """What stands around a project or an indicator (its IRI), as JSON to draw: the projects that have most comparable
    with it, with what they share. Raises UnknownId.
    """
    centre = next(iter(_rows(store, _OF % {"node": NamedNode(node)})), None)
    if centre is None:
        raise UnknownId("图谱里没有这个项目或指标", node, "编号可能有误，或申报表已撤回")
    graph, me = joined(store, node), centre["project"]
    near = sorted(graph[me], key=lambda one: (-graph[me][one]["weight"], one))[:limit] if me in graph else []
    kept = graph.subgraph([me, *near]) if near else graph.subgraph([me] if me in graph else [])
    return {
        "centre": me,
        "nodes": [{"id": one, **kept.nodes[one]} for one in (me, *near) if one in kept],
        "edges": [_edge(one, other, about) for one, other, about in sorted(kept.edges(data=True), key=lambda e: e[:2])],
        "more": max(0, graph.degree(me) - len(near)) if me in graph else 0,
    }


def _pairs(holders: dict[tuple[str, str], dict[str, float]]) -> Iterator[tuple[str, str, tuple[Topic, ...]]]:
    between: dict[tuple[str, str], list[Topic]] = defaultdict(list)
    for (name, unit), numbers in sorted(holders.items()):
        if len(numbers) <= COMMON:
            for one, other in combinations(sorted(numbers), 2):
                between[one, other].append(Topic(name, unit, _closeness(numbers[one], numbers[other]), len(numbers)))
    for (one, other), topics in between.items():
        yield one, other, tuple(topics)


def _closeness(one: float, other: float) -> float:
    """1 for the same, .5 and half the smaller number's share of the larger otherwise."""
    if one == other:
        return 1.0
    low, high = sorted((abs(one), abs(other)))
    return round(0.5 + (0.5 * low / high if one * other > 0 else 0.0), 4)


def _community(graph: Any, projects: Iterable[str]) -> Community:
    among = graph.subgraph(projects)
    shared: dict[str, float] = defaultdict(float)
    for _, _, about in among.edges(data=True):
        for topic in about["topics"]:
            shared[topic.name] += topic.weight
    ranked = sorted(shared, key=lambda name: (-shared[name], name))
    return Community(tuple(sorted(among)), tuple(ranked[:_NAMED_BY]))


def _edge(one: str, other: str, about: Json) -> Json:
    topics = [{"name": topic.name, "unit": topic.unit, "close": topic.close} for topic in about["topics"]]
    return {"source": one, "target": other, "weight": about["weight"], "shared": about["shared"], "topics": topics}


def _rows(store: Store, query: str) -> Iterator[dict[str, str]]:
    found = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    for row in found:
        yield {name.value: row[name].value for name in found.variables if row[name] is not None}
