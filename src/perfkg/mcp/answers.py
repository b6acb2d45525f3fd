"""Small answers for an agent: what it can cite, and nothing it has to wade through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfkg import schemes
from perfkg.compare import Group
from perfkg.library import Library
from perfkg.records import Hit, Indicator, Json
from perfkg.review import Report


def origin(library: Library, notices: tuple[str, ...] = ()) -> Json:
    """What an answer was made from, and what the asker should know."""
    return {"snapshot": library.snapshot, **({"notices": list(notices)} if notices else {})}


def place(one: Any) -> Json:
    """Where something stands: its id, project, organization and year."""
    return {name: getattr(one, name) for name in ("id", "project", "organization", "year")}


def hit(one: Hit) -> Json:
    """A hit, with why it was found."""
    return {
        **place(one),
        "declaration": one.declaration,
        "category": one.category.level2 or one.category.level1,
        "name": one.name,
        "value": one.value,
        "score": round(one.score, 3),
        "matched": one.reasons.matched,
        "count": one.count,
    }


def row(one: Indicator) -> Json:
    """A row of a form, with what was read from its value."""
    filled = {name: value for name in ("actual", "weight", "score") if (value := getattr(one, name)) is not None}
    return {
        "id": one.id,
        "category": " · ".join(filter(None, (one.category.level1, one.category.level2))),
        "name": one.name,
        "value": one.value,
        "targets": one.targets,
        **filled,
        "unsure": one.unsure,
    }


def group(one: Group, limit: int) -> Json:
    """A group of comparable targets, with its first `limit` rows."""
    rows = [
        {**place(row), "value": row.value, "number": row.number, "low": row.low, "high": row.high} for row in one.rows
    ]
    return {
        "measure": one.measure,
        "unit": one.unit,
        "quartiles": one.quartiles,
        "projects": len(one.rows),
        "rows": rows[:limit],
    }


def report(one: Report) -> Json:
    """What a review has to say against a form; what passed is left out."""
    told = ("rule", "verdict", "severity", "message", "quote", "advice", "basis")
    findings = [
        {name: getattr(found, name) for name in told} | {"place": str(found.place)}
        for found in one.findings
        if found.verdict in {"fail", "deferred"}
    ]
    return {"project": one.declaration.project, "organization": one.declaration.organization, "findings": findings}


def categories() -> Mapping[str, list[str]]:
    """The labels of each scheme's second level, by scheme and first level."""
    found: dict[str, list[str]] = {}
    tops = {one.id: one.label for one in schemes.concepts() if one.level == 1}
    for one in schemes.concepts():
        if one.parent in tops:
            found.setdefault(f"{one.scheme} {tops[one.parent]}", []).append(one.label)
    return found
