"""Which nodes belong together: communities (Louvain) and their names, the same for the same library."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from perfkg.concepts.matter import telling
from perfkg.network.links import Link
from perfkg.network.measured import Measured

_SEED = 1
_NAMED_BY = 2
_TOPICS = 3
_BESIDE = 2.5
"""A second word names a community too if it tells at least one such part of what the first tells."""


@dataclass(frozen=True, slots=True)
class Community:
    """Nodes (ids, the best linked first) that have more in common with one another than with others.

    `name` says by what words, `topics` which measures they have in common most. Its `id` is that of its first node:
    any node's id finds the community it is in.
    """

    nodes: tuple[str, ...]
    name: str
    topics: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of its best linked node."""
        return self.nodes[0]


def communities(nodes: Iterable[str], links: Iterable[Link], words: Mapping[str, frozenset[str]]) -> list[Community]:
    """The communities of `nodes`, the largest first; a node without a link among them is in none.

    `words` are those of each node's name.
    """
    import networkx

    among, graph = set(nodes), networkx.Graph()
    inside = [link for link in links if link.source in among and link.target in among]
    # The order decides ties, so it is that of the ids.
    graph.add_nodes_from(sorted({end for link in inside for end in (link.source, link.target)}))
    for link in sorted(inside, key=lambda link: (link.source, link.target)):
        graph.add_edge(link.source, link.target, weight=link.weight)
    found = networkx.community.louvain_communities(graph, weight="weight", seed=_SEED) if len(graph) else []
    place = {node: number for number, some in enumerate(found) for node in some}
    own: dict[int, list[Link]] = defaultdict(list)
    for link in inside:
        if place[link.source] == place[link.target]:
            own[place[link.source]].append(link)
    usual = _holders(graph, inside, words)
    made = [_community(some, own[number], words, usual, len(graph)) for number, some in enumerate(found)]
    return _told_apart(sorted(made, key=lambda one: (-len(one.nodes), one.nodes)))


def strength(links: Iterable[Link]) -> Counter[str]:
    """The weights of all links of each node, summed up."""
    summed: Counter[str] = Counter()
    for link in links:
        summed[link.source] += link.weight  # type: ignore[assignment]
        summed[link.target] += link.weight  # type: ignore[assignment]
    return summed


def _community(
    nodes: Iterable[str],
    links: Sequence[Link],
    words: Mapping[str, frozenset[str]],
    usual: Mapping[str, set[str]],
    total: int,
) -> Community:
    strong = strength(links)
    ordered = tuple(sorted(nodes, key=lambda node: (-strong[node], node)))
    topics: Counter[str] = Counter()
    for pair in (pair for link in links for pair in link.pairs):
        topics[_topic(pair.one, pair.other)] += pair.weight  # type: ignore[assignment]
    ranked = sorted(topics, key=lambda topic: (-topics[topic], topic))[:_TOPICS]
    telling_words = {
        word: len(held) * telling(word) * math.log(len(held) * total / len(ordered) / len(usual[word]))
        for word, held in _holders(ordered, links, words).items()
        if len(held) >= 2
    }
    return Community(ordered, _name(telling_words) or "、".join(ranked[:_NAMED_BY]), tuple(ranked))


def _holders(nodes: Iterable[str], links: Iterable[Link], words: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """Every word with the nodes that have it: in their names, or in common with others."""
    holders: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for word in words[node]:
            holders[word].add(node)
    for link in links:
        for word in {word for pair in link.pairs for word in pair.words}:
            holders[word] |= {link.source, link.target}
    return holders


def _topic(one: Measured, other: Measured) -> str:
    return one.measure or min(one.name, other.name, key=len)


def _name(words: Mapping[str, float]) -> str:
    """The words that tell most of it: that many of its nodes have, and few others."""
    chosen: list[str] = []
    for word in sorted(words, key=lambda word: (-words[word], -len(word), word)):
        alike = any(word in other or other in word for other in chosen)
        if words[word] > 0 and not alike and words[word] * _BESIDE >= words[(chosen or [word])[0]]:
            chosen.append(word)
    return "、".join(chosen[:_NAMED_BY])


def _told_apart(found: Sequence[Community]) -> list[Community]:
    """Of several with one name, the later ones are numbered."""
    seen: Counter[str] = Counter()
    named = []
    for one in found:
        seen[one.name] += 1
        name = one.name if seen[one.name] == 1 else f"{one.name}（{seen[one.name]}）"
        named.append(Community(one.nodes, name, one.topics))
    return named
