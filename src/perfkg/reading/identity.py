"""Identifiers made from content, so that reading the same form twice gives the same declaration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from perfkg.text import squeeze

_LENGTH = 16


def declaration_id(
    organization: str | None, project: str | None, year: int | None, kind: str, *further: str | int
) -> str:
    """16 hexadecimal characters of SHA-256 over the folded parts of the key.

    `further` tells forms apart that have no organization or project (their content) or share a key in a file (an
    ordinal).

    >>> declaration_id("盐边县公安局", "2021年看守所经费", 2021, "declaration")
    '2018a0ce792abbeb'
    >>> declaration_id("盐边县 公安局", "２０２１年看守所经费", 2021, "declaration")
    '2018a0ce792abbeb'
    """
    parts: Iterable[object] = (organization or "", project or "", year or "", kind, *further)
    key = "\x1f".join(squeeze(str(part)) for part in parts)
    return hashlib.sha256(key.encode()).hexdigest()[:_LENGTH]


def indicator_id(declaration: str, position: int) -> str:
    """The id of the indicator at `position` (from 1) of a declaration.

    >>> indicator_id("0123456789abcdef", 3)
    '0123456789abcdef-03'
    """
    return f"{declaration}-{position:02d}"
