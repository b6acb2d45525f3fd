"""Concepts as plain JSON, the same on the command line and over HTTP."""

from __future__ import annotations

from collections import defaultdict

from perfkg.concepts.catalogue import Catalogue
from perfkg.concepts.concept import Concept, Proposal
from perfkg.concepts.deciding import told
from perfkg.concepts.summary import Project, Use
from perfkg.ledger import Decision
from perfkg.records import Json, as_json

MOST_MEMBERS = 200
"""Projects of a concept that are told one by one."""


def brief(one: Concept) -> Json:
    """A line of the catalogue."""
    return {
        "id": one.id,
        "name": one.name,
        "category": {"concept": one.category, "label": one.label},
        "dimension": one.dimension,
        "measure": one.measure,
        "direction": one.direction,
        "indicators": one.indicators,
        "projects": one.projects,
        "organizations": one.organizations,
        "years": list(one.years),
        "wordings": len(one.phrases),
        "state": one.state,
        "proposals": one.proposals,
    }


def whole(known: Catalogue, one: Concept) -> Json:
    """A concept with its wordings, values, members by project, proposals with their evidence, and decisions."""
    spread = one.spread
    return brief(one) | {
        "value": spread.value,
        "spread": list(spread.spread[:MOST_MEMBERS]),
        "typical": as_json(spread.typical),
        "vague": spread.vague,
        "aliases": as_json(one.aliases),
        "members": [_project(owner, uses) for owner, uses in by_project(one)[:MOST_MEMBERS]],
        "proposals": [proposal(known, each) for each in known.proposals_of(one.id)],
        "history": [decision(known, each) for each in known.history(one.id)],
    }


def by_project(one: Concept) -> list[tuple[Project, list[Use]]]:
    """The uses of each project, the latest year first; projects in the order of their organizations."""
    found: dict[Project, list[Use]] = defaultdict(list)
    for use in one.uses:
        found[use.owner].append(use)
    for uses in found.values():
        uses.sort(key=lambda use: (-(use.year or 0), use.id))
    return sorted(found.items(), key=lambda item: (item[0][0] or "", item[0][1]))


def proposal(known: Catalogue, one: Proposal) -> Json:
    """A proposal with the names of both and what speaks for it."""
    evidence: Json = as_json(one.tie)
    sides = {"concept": brief(known.get(one.concept)), "other": brief(known.get(one.other))}
    return sides | {"evidence": {key: value for key, value in evidence.items() if key not in {"core", "other"}}}


def decision(known: Catalogue, one: Decision) -> Json:
    """A decision in words; `idle` where what it was about is no longer there."""
    facts: Json = as_json(one)
    return facts | {"told": told(one), "idle": one.number in known.idle}


def _project(owner: Project, uses: list[Use]) -> Json:
    first = uses[0]
    rows = [
        {"id": use.id, "declaration": use.declaration, "year": use.year, "name": use.name, "value": use.value}
        for use in uses
    ]
    return {"organization": owner[0], "project": first.project, "indicators": rows}
