"""Headings that stand twice in one line: one table beside itself, or the medium term beside the year."""

from __future__ import annotations

from collections.abc import Sequence

_TERM_ROLES = {"level2": "term_level2", "name": "term_name", "value": "term_value"}
_BLOCK = {"name", "value"}


def period(roles: Sequence[str | None]) -> int:
    """After how many headings the same ones begin again; all of them where they do not, or name no indicator.

    >>> period(["level1", "name", "value", "level1", "name", "value"]), period(["level1", "name", "value"])
    (3, 3)
    """
    for width in range(2, len(roles) // 2 + 1):
        block = list(roles[:width])
        if set(block) >= _BLOCK and list(roles) == block * (len(roles) // width):
            return width
    return max(len(roles), 1)


def termed(roles: Sequence[str | None]) -> list[str | None]:
    """Headings that stand twice under one first level, for the medium term and the year: the first of each is the former's."""
    found = list(roles)
    own = [role for role in found if role != "side"]
    twice = period(own) == len(own) and found.count("name") == found.count("value") == 2
    if twice and found.index("value") < len(found) - 1 - found[::-1].index("name"):
        for role, term in _TERM_ROLES.items():
            if found.count(role) == 2:
                found[found.index(role)] = term
    return found
