"""What is shown of a network: communities first where it is large, the nodes of one, or what stands around one thing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from perfkg.concepts.matter import matter
from perfkg.errors import UnknownId
from perfkg.library import Library
from perfkg.network import layout
from perfkg.network.communities import Community, communities, strength
from perfkg.network.links import Link, Pair, compared
from perfkg.network.measured import Measured, Node, measured
from perfkg.network.webs import Web, organization_id
from perfkg.search import indicator as find_indicator

MOST = 80
"""Nodes drawn at once, unless another limit is asked for; more are shown by their communities."""

BUBBLES = 48
"""Communities drawn at once."""

_DEEPEST = 6
_BRIDGES = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """A node at its place. `community` is the number of its community in the view, None where it is in none; `step` is
    how many links it is from the centre.
    """

    node: Node
    x: float
    y: float
    strength: float
    degree: int
    community: int | None = None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Bubble:
    """A community as one disc; inside a community, one of its parts."""

    community: Community
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """What joins two communities, by their numbers in the view: how many links, and their weights summed up."""

    source: int
    target: int
    count: int
    weight: float


@dataclass(frozen=True, slots=True)
class View:
    """A drawing and what is told beside it.

    `kind` is `nodes`, `communities`, `around` (a node) or `indicator`. `communities` are those of the nodes, or of the
    bubbles in their order. `inside` leads from the whole to the community that is shown. `more` counts what there was
    no room for. `pairs` are an indicator's.
    """

    kind: str
    nodes: tuple[Drawn, ...] = ()
    links: tuple[Link, ...] = ()
    communities: tuple[Community, ...] = ()
    bubbles: tuple[Bubble, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    centre: str | None = None
    given: Measured | None = None
    pairs: tuple[Pair, ...] = ()
    inside: tuple[Community, ...] = ()
    more: int = 0


def whole(web: Web, limit: int = MOST) -> View:
    """All that is linked: its nodes, or its communities where there are more than `limit`."""
    return _shown(web, web.communities, sum(len(one.nodes) for one in web.communities), limit)


def within(web: Web, member: str, level: int = 1, limit: int = MOST) -> View:
    """The community that `member` is in: its nodes, or its parts where it is large. Level 2 is its part, and so on.

    Raises UnknownId.
    """
    if member not in web.community_of:
        raise _unknown(member, "这个项目或单位不在任何一组里")
    path = [web.communities[web.community_of[member]]]
    while len(path) < min(level, _DEEPEST):
        part = next((one for one in _parts(web, path[-1]) if member in one.nodes), None)
        if part is None or len(part.nodes) == len(path[-1].nodes):
            break
        path.append(part)
    inner = path[-1]
    parts = _parts(web, inner) if len(inner.nodes) > limit else []
    if len(parts) > 1:
        view = _shown(web, parts, len(inner.nodes), limit)
    else:
        view = _nodes(web, [replace(inner, nodes=inner.nodes[:limit])])
        view = replace(view, communities=(inner,), more=len(inner.nodes) - len(view.nodes))
    return replace(view, inside=tuple(path))


def around(web: Web, id: str, depth: int = 1, limit: int = 40) -> View:
    """What is linked to a node, the strongest `limit`, on both sides of it; with `depth` 2 also what is linked to those.

    Raises UnknownId.
    """
    if id not in web.nodes:
        raise _unknown(id)
    near = [link.target if link.source == id else link.source for link in web.of.get(id, ())]
    chosen = {id: 0, **dict.fromkeys(near[:limit], 1)}
    more = len(near) - len(near[:limit])
    if depth > 1:
        # The nearest alone, so that there is room for what is behind them.
        chosen = {id: 0, **dict.fromkeys(near[: limit // 2], 1)}
        further = _further(web, chosen)
        chosen |= dict.fromkeys(further[: limit - len(chosen) + 1], 2)
        more = len({*near, *further} - chosen.keys())
    among = _links(web, chosen)
    if depth > 1 and len(chosen) > 2:
        number = {node: at for at, node in enumerate(chosen)}
        ends = {(number[link.source], number[link.target]): link.weight for link in among}
        at = layout.fit(layout.apart(layout.fit(layout.spread(len(chosen), ends)), 44.0), grow=False)
        places = {node: (round(float(x), 1), round(float(y), 1)) for node, (x, y) in zip(chosen, at, strict=True)}
    else:
        places = dict(zip(chosen, [(layout.WIDTH / 2, layout.HEIGHT / 2), *layout.sides(len(chosen) - 1)], strict=True))
    kept, place = _communities_of(web, chosen)
    drawn = tuple(replace(_drawn(web, node, places[node], place), step=step) for node, step in chosen.items())
    return View("around", drawn, among, kept, centre=id, more=more)


def of_indicator(library: Library, web: Web, id: str, limit: int = 40) -> View:
    """The projects whose indicators can be compared with one, the most alike first, at most `limit`.

    Raises UnknownId.
    """
    hit = find_indicator(library, id)
    project = web.of_declaration.get(hit.declaration, f"declaration/{hit.declaration}")
    own = [one for one in measured(hit, project) if web.owner(one)]
    found: dict[str, Pair] = {}
    for given in own:
        for pair in compared(given, web.measured, web.told, web.owner):
            found.setdefault(web.owner(pair.other), pair)
    ranked = sorted(found, key=lambda node: (-found[node].weight, node))
    kept, place = _communities_of(web, ranked[:limit])
    places = dict(zip(ranked[:limit], layout.sides(min(limit, len(ranked))), strict=True))
    drawn = tuple(replace(_drawn(web, node, places[node], place), step=1) for node in ranked[:limit])
    pairs = tuple(found[node] for node in ranked[:limit])
    return View(
        "indicator",
        drawn,
        (),
        kept,
        centre=id,
        given=own[0] if own else None,
        pairs=pairs,
        more=len(ranked) - len(pairs),
    )


def resolve(web: Web, name: str) -> str:
    """The id of the node that a name of the graph leads to: a project's or an organization's own id, or a
    declaration's. Raises UnknownId.
    """
    kind, _, rest = name.partition("/")
    if name in web.nodes:
        return name
    if kind == "declaration" and rest in web.of_declaration:
        node = web.of_declaration[rest]
        return node if web.view == "projects" else organization_id(_organization(web, rest))
    raise _unknown(name)


def _organization(web: Web, declaration: str) -> str | None:
    return next((one.organization for one in web.measured if one.declaration == declaration), None)


def _shown(web: Web, found: Sequence[Community], count: int, limit: int) -> View:
    return _nodes(web, found) if count <= limit else _bubbles(web, found)


def _nodes(web: Web, found: Sequence[Community]) -> View:
    place = {node: number for number, one in enumerate(found) for node in one.nodes}
    among = _links(web, place)
    if not place:
        return View("nodes")
    at = layout.groups([one.nodes for one in found], {(link.source, link.target): link.weight for link in among})
    return View("nodes", tuple(_drawn(web, node, at[node], place) for node in place), among, tuple(found))


def _bubbles(web: Web, found: Sequence[Community]) -> View:
    shown = found[:BUBBLES]
    place = {node: number for number, one in enumerate(shown) for node in one.nodes}
    bridges = _bridges(web, place)
    ends = {(one.source, one.target): one.weight for one in bridges}
    discs = layout.bubbles([len(one.nodes) for one in shown], ends)
    bubbles = tuple(Bubble(one, *disc) for one, disc in zip(shown, discs, strict=True))
    return View("communities", communities=tuple(found), bubbles=bubbles, bridges=bridges, more=len(found) - len(shown))


def _bridges(web: Web, place: Mapping[str, int]) -> tuple[Bridge, ...]:
    """The strongest of each community: all of them would hide which matter."""
    summed: dict[tuple[int, int], list[float]] = defaultdict(list)
    for one, other in web.links:
        first, second = place.get(one), place.get(other)
        if first is not None and second is not None and first != second:
            summed[min(first, second), max(first, second)].append(web.links[one, other].weight)
    all_ = [Bridge(*ends, len(weights), round(sum(weights), 4)) for ends, weights in sorted(summed.items())]
    kept, counted = [], Counter[int]()
    for bridge in sorted(all_, key=lambda one: (-one.weight, one.source, one.target)):
        if min(counted[bridge.source], counted[bridge.target]) < _BRIDGES:
            kept.append(bridge)
        counted.update((bridge.source, bridge.target))
    return tuple(kept)


def _parts(web: Web, whole: Community) -> list[Community]:
    """The communities within one."""
    words = {node: matter(web.nodes[node].label) for node in whole.nodes}
    return communities(whole.nodes, _links(web, dict.fromkeys(whole.nodes)), words)


def _links(web: Web, among: Mapping[str, object]) -> tuple[Link, ...]:
    found = (link for node in among for link in web.of.get(node, ()) if link.source == node and link.target in among)
    return tuple(sorted(found, key=lambda link: (link.weight, link.source, link.target)))


def _further(web: Web, chosen: Mapping[str, int]) -> list[str]:
    """What is linked to the chosen ones, the strongest first."""
    links = [
        link for node in chosen for link in web.of.get(node, ()) if not {link.source, link.target} <= chosen.keys()
    ]
    strong = strength(links)
    return sorted(strong.keys() - chosen.keys(), key=lambda node: (-strong[node], node))


def _communities_of(
    web: Web, nodes: Mapping[str, object] | Sequence[str]
) -> tuple[tuple[Community, ...], dict[str, int]]:
    """The communities that some nodes are in, the largest first, and which each is in."""
    numbers = sorted({web.community_of[node] for node in nodes if node in web.community_of})
    order = {number: at for at, number in enumerate(numbers)}
    place = {node: order[web.community_of[node]] for node in nodes if node in web.community_of}
    return tuple(web.communities[number] for number in numbers), place


def _drawn(web: Web, node: str, at: layout.Place, place: Mapping[str, int]) -> Drawn:
    strong = round(web.strength.get(node, 0.0), 4)
    return Drawn(web.nodes[node], *at, strong, len(web.of.get(node, ())), place.get(node))


def _unknown(id: str, what: str = "图谱里没有这个项目、单位或指标") -> UnknownId:
    return UnknownId(what, id, "编号可能有误，或者申报表已撤回；也可能被筛选条件排除，请清除条件再看")
