"""What is searched for: the texts of indicators, and the contexts (organization and project) they stand in.

A text or a context that many share is one thing with one key; it is there as long as somebody uses it.
"""

from __future__ import annotations

from collections.abc import Iterable

from perfkg.encoder import passage, text_key
from perfkg.ledger import Change


def texts(changes: Iterable[Change], template: str) -> dict[int, str]:
    """The indicator texts of all declarations in `changes`, by key."""
    found = (
        passage(row.category.level2, row.name, row.value, template)
        for change in changes
        for row in (change.declaration.indicators if change.declaration else ())
    )
    return {text_key(text): text for text in found}


def contexts(changes: Iterable[Change]) -> dict[int, str]:
    """The contexts of all declarations in `changes`, by key; a declaration without either name has none."""
    found = (
        context(change.declaration.organization, change.declaration.project) for change in changes if change.declaration
    )
    return {text_key(text): text for text in found if text}


def context(organization: str | None, project: str | None) -> str:
    """Whose indicator it is, e.g. `云岭县公安局，看守所经费`; empty where neither is known."""
    return "，".join(part for part in (organization, project) if part)
