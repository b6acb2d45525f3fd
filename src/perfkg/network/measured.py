"""What can be compared: every number that the projects of a library set themselves, the latest of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfkg.compare.rows import placed
from perfkg.concepts.matter import matter
from perfkg.concepts.summary import Use
from perfkg.concepts.uses import category_of, uses
from perfkg.concepts.wording import plain
from perfkg.graph import local, organizations
from perfkg.library import Library
from perfkg.records import Hit


@dataclass(frozen=True, slots=True)
class Node:
    """A project over its years, or an organization. `id` is its own part of its IRI (`project/…`, `organization/…`).

    `declaration` is a project's latest one, `projects` how many an organization has here.
    """

    id: str
    kind: str
    label: str
    organization: str | None = None
    years: tuple[int, ...] = ()
    declaration: str | None = None
    projects: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of one project: the indicator (`id`) that states it, as written, and in the `unit` it is compared in.

    `category` is as `category_of` has it; `measure` is what it measures (年度成本), None where no word tells; `matter` and `about` are the words that tell
    what the indicator's and the project's names are about.
    """

    id: str
    project: str
    organization: str | None
    declaration: str
    year: int | None
    category: str | None
    name: str
    value: str
    number: float
    unit: str
    measure: str | None
    matter: frozenset[str]
    about: frozenset[str]

    @property
    def facts(self) -> dict[str, object]:
        """For people and programs: the indicator as it is written."""
        return {
            "indicator": self.id, "name": self.name, "value": self.value, "number": self.number,
            "year": self.year, "declaration": self.declaration,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a network is made from, as of one `change`: the projects and their numbers, and where a declaration
    belongs.
    """

    change: int
    projects: dict[str, Node]
    measured: tuple[Measured, ...]
    of_declaration: dict[str, str]


def sheet(library: Library, year: int | None = None) -> Sheet:
    """What is measured in `library` now, or was in one `year`. Reads the whole ledger when first asked."""
    with uses(library) as known:
        change = known.change
        found = [use for wording in known.wordings.values() for use in wording.values() if year in (None, use.year)]
    found.sort(key=lambda use: (use.year or 0, use.declaration, use.id))
    projects, of_declaration = _projects(found)
    latest: dict[tuple[object, ...], Measured] = {}
    for use in found:
        for one in measured(use.hit(1.0), of_declaration[use.declaration]):
            # They come by year: the last one of the same name stands.
            latest[one.project, one.measure, one.unit, plain(one.name), one.category] = one
    return Sheet(change, projects, tuple(latest.values()), of_declaration)


def measured(hit: Hit, project: str) -> Iterator[Measured]:
    """The numbers of one indicator, those in doubt left out; an interval has none to compare by."""
    about, category = matter(hit.project), category_of(hit.category.concept)
    for one in placed(hit):
        if one.row.number is not None:
            label = one.measure.label if one.measure else None
            who = (
                hit.id,
                project,
                hit.organization,
                hit.declaration,
                hit.year,
                category,
                hit.name or "",
                hit.value or "",
            )
            yield Measured(*who, one.row.number, one.unit, label, matter(one.name), about)


def _projects(found: list[Use]) -> tuple[dict[str, Node], dict[str, str]]:
    """The projects, each named as in its latest year; declarations to their projects."""
    years: dict[object, set[int]] = {}
    last: dict[object, Use] = {}
    for use in found:
        years.setdefault(_owner(use), set()).update({use.year} if use.year else ())
        last[_owner(use)] = use
    named = {owner: _project(use, tuple(sorted(years[owner], reverse=True))) for owner, use in last.items()}
    return {node.id: node for node in named.values()}, {use.declaration: named[_owner(use)].id for use in found}


def _project(use: Use, years: tuple[int, ...]) -> Node:
    name = organizations.project(use.project, use.organization, use.declaration)
    id = local("project", name) if name else local("declaration", use.declaration)
    label = use.project or "（没有项目名称）"
    return Node(id, "project", label, use.organization, years, use.declaration)


def _owner(use: Use) -> object:
    """The project over the years; a form that names none, or no organization, stands for itself."""
    return use.owner if use.project and use.organization else use.declaration
