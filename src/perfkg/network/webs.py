"""A whole network: nodes, links, communities; made once for a state of the library and kept while it is asked for."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from weakref import WeakKeyDictionary

from perfkg.concepts.matter import matter
from perfkg.concepts.uses import categories
from perfkg.errors import InvalidQuestion
from perfkg.graph import local, organizations
from perfkg.library import Library
from perfkg.network.communities import Community, communities, strength
from perfkg.network.links import Link, Telling, links
from perfkg.network.measured import Measured, Node, Sheet, sheet

View = Literal["projects", "organizations"]
"""What the nodes are."""

_KEPT = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of a library is looked at: a part of the organization's name, a year, a category (its label or a word
    of it), and the `least` weight of a link.
    """

    view: View = "projects"
    organization: str = ""
    year: int | None = None
    category: str = ""
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Web:
    """Nodes by id, their links by their ends, and the communities, the largest first."""

    change: int
    view: View
    nodes: Mapping[str, Node]
    links: Mapping[tuple[str, str], Link]
    communities: tuple[Community, ...]
    measured: tuple[Measured, ...]
    told: Telling
    community_of: Mapping[str, int]
    strength: Mapping[str, float]
    of: Mapping[str, tuple[Link, ...]]
    of_declaration: Mapping[str, str]
    projects: Mapping[str, Node]

    @property
    def alone(self) -> list[Node]:
        """The nodes without a link, by organization and name."""
        found = (node for id, node in self.nodes.items() if id not in self.of)
        return sorted(found, key=lambda node: (node.organization or "", node.label, node.id))

    def owner(self, one: Measured) -> str:
        """The id of the node that has a number."""
        return one.project if self.view == "projects" else organization_id(one.organization)


def web(library: Library, choice: Choice = Choice()) -> Web:
    """The network of what is chosen, as searches see the library now. May take seconds when first asked for.

    Raises InvalidQuestion for a category that no scheme knows.
    """
    with _making:
        kept = _kept.setdefault(library, OrderedDict())
        key = (library.words.change, choice)
        if key not in kept:
            for old in [other for other in kept if other[0] != key[0]]:
                del kept[old]
            kept[key] = _made(library, choice)
        kept.move_to_end(key)
        while len(kept) > _KEPT:
            kept.popitem(last=False)
        return kept[key]


def organization_id(name: str | None) -> str:
    """The id of the node of an organization, "" for none."""
    folded = organizations.formal(name) if name else ""
    return local("organization", folded) if folded else ""


def _made(library: Library, choice: Choice) -> Web:
    whole = _sheet(library, choice.year)
    owner, nodes = _nodes(whole, choice.view)
    measured = [one for one in whole.measured if owner(one)]
    told = Telling(measured, owner)
    nodes = {id: node for id, node in nodes.items() if choice.organization in (node.organization or "")}
    chosen = [one for one in measured if owner(one) in nodes]
    if choice.category:
        covered = categories(choice.category)
        if not covered:
            raise InvalidQuestion("没有这一类指标", choice.category, "例如：质量指标、产出、满意度")
        chosen = [one for one in chosen if one.category in covered]
    found = {ends: link for ends, link in links(chosen, owner, told).items() if link.weight >= choice.least}
    words = {id: matter(node.label) for id, node in nodes.items()}
    grouped = tuple(communities(nodes, found.values(), words))
    of: dict[str, list[Link]] = defaultdict(list)
    for link in sorted(found.values(), key=lambda link: (-link.weight, link.source, link.target)):
        of[link.source].append(link)
        of[link.target].append(link)
    place = {node: number for number, one in enumerate(grouped) for node in one.nodes}
    return Web(
        whole.change, choice.view, nodes, found, grouped, tuple(chosen), told, place, strength(found.values()),
        {node: tuple(own) for node, own in of.items()}, whole.of_declaration, whole.projects,
    )  # fmt: skip


def _sheet(library: Library, year: int | None) -> Sheet:
    """The sheet last asked for serves the other views and filters of the same state."""
    kept = _sheets.get(library)
    if kept is None or (kept[0], kept[1].change) != (year, library.words.change):
        kept = _sheets[library] = (year, sheet(library, year))
    return kept[1]


def _nodes(whole: Sheet, view: View) -> tuple[Callable[[Measured], str], dict[str, Node]]:
    if view == "projects":
        return (lambda one: one.project), whole.projects
    return (lambda one: organization_id(one.organization)), _organizations(whole.projects.values())


def _organizations(projects: Iterable[Node]) -> dict[str, Node]:
    """The organizations of the projects, with the years of any."""
    counted: Counter[str] = Counter()
    found: dict[str, Node] = {}
    for project in projects:
        id, name = organization_id(project.organization), organizations.formal(project.organization or "")
        if id:
            counted[id] += 1
            years = {*project.years, *(found[id].years if id in found else ())}
            found[id] = Node(id, "organization", name, name, tuple(sorted(years, reverse=True)))
    return {id: replace(node, projects=counted[id]) for id, node in found.items()}


_kept: WeakKeyDictionary[Library, OrderedDict[tuple[int, Choice], Web]] = WeakKeyDictionary()
_sheets: WeakKeyDictionary[Library, tuple[int | None, Sheet]] = WeakKeyDictionary()
_making = threading.Lock()
