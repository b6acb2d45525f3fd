"""When two wordings say the same: names without what does not tell them apart."""

from __future__ import annotations

import re
from functools import lru_cache

from perfkg import tokens
from perfkg.text import fold

ALIKE = 0.6
"""Names that share less than this of their character pairs are about something else."""

_SIGNS = re.compile(r"[\W_]+")
_DATE = re.compile(r"20\d\d(?:[-至~]20\d\d)?(?:年度?)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_EMPTY = re.compile("保障|保证|确保|提高|提升|完成|情况|指标|工作|经费|费用?|专项|项目|资金|运行|年度?")
_LONGEST_TERM = 12


def bare(text: str | None) -> str:
    """Folded text without spaces and signs.

    >>> bare("“村医通” 专网租赁费：")
    '村医通专网租赁费'
    """
    return _SIGNS.sub("", fold(text or "")).lower()


def undated(project: str | None) -> str:
    """A project's name without its year: 2021年看守所经费 and 2022年看守所经费 are one project."""
    return bare(_DATE.sub("", fold(project or "")))


@lru_cache(200_000)
def plain(name: str) -> str:
    """One form of all names that say the same: numbers as #, every synonym as the first word of its group.

    >>> plain("县代表154人经费") == plain("县代表160人 经费"), plain("群众的满意度") == plain("群众的满意率")
    (True, True)
    """
    text = _NUMBER.sub("#", undated(name))
    groups, found, start = tokens.synonyms(), "", 0
    edges: set[int] | None = None
    while start < len(text):
        ends = range(min(len(text), start + _LONGEST_TERM), start + 1, -1)
        possible = [end for end in ends if text[start:end] in groups]
        if possible and edges is None:
            # 保障房 is no word of 保障房地产市场.
            edges = {*tokens.starts(text), len(text)}
        end = next((end for end in possible if edges and start in edges and end in edges), start + 1)
        term = text[start:end]
        found += groups[term][0] if term in groups else term
        start = end
    return found


def alike(one: str | None, other: str | None) -> float:
    """How much of their character pairs two names share (Dice, 0 to 1), synonyms as one and empty words aside."""
    first, second = pairs(one or ""), pairs(other or "")
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


@lru_cache(50_000)
def pairs(name: str) -> frozenset[str]:
    """The character pairs of a name's `plain` form; of a name of empty words alone, those too."""
    text = plain(name)
    kept = _EMPTY.sub("", text)
    text = kept if len(kept) > 1 else text
    return frozenset(text[at : at + 2] for at in range(max(1, len(text) - 1))) if text else frozenset()
