"""The projects of one kind with a project, by their names, and which categories they fill in."""

from __future__ import annotations

from perfkg import schemes
from perfkg.concepts.projects import nearest
from perfkg.concepts.summary import Project
from perfkg.concepts.uses import Uses
from perfkg.library import Library

KINSHIP = 0.3
"""Projects less close than this share of the closest are of another kind."""


def kindred(library: Library, known: Uses, project: str) -> dict[Project, float]:
    """The projects of the kind, with their closeness."""
    close = nearest(library, known, project) if project else {}
    least = KINSHIP * max(close.values(), default=0.0)
    return {one: score for one, score in close.items() if score >= least and score > 0}


def shares(known: Uses, kin: dict[Project, float]) -> dict[str, tuple[float, int]]:
    """Of each category the share of the projects of the kind that fill it in, and their number."""
    counts: dict[str, int] = {}
    for one in kin:
        for id in {key[0] for key in known.projects[one] if key[0]}:
            counts[id] = counts.get(id, 0) + 1
    order = {one.id: number for number, one in enumerate(schemes.concepts())}
    return {id: (counts[id] / len(kin), counts[id]) for id in sorted(counts, key=lambda id: order[id])}
