"""The order of candidates: the score of each, and where many of one project stand together, some of them put back."""

from __future__ import annotations

from collections import Counter

from perfkg.records import Hit
from perfkg.search.pool import Candidate

MEANING = 0.7
"""The share of meaning in the score; the rest is words."""

SOFT = 0.1
"""What fitting a chip adds; a category's chip adds nothing, as its words stand in the text and count there."""

SPREAD = 0.02
"""What each further indicator of one project loses after its first two, so that a grouped answer shows several projects."""

_ALLOWED, _MOST = 2, 5

FAR, FAR_IN_MEANING = 0.5, 0.7
"""Shares of the best score under which a hit is doubtful: any, or one that hardly shares a word with the question."""

_WORDLESS = 0.05


def ranked(found: list[Candidate], named: bool) -> list[tuple[float, Candidate]]:
    """Best first; the score is of 1, whatever the question names beside."""
    scored = []
    for one in found:
        share = MEANING if one.meaning is not None else 0.0
        score = share * (one.meaning or 0.0) + (1 - share) * one.words
        if named:
            score = min(1.0, score + SOFT * len(one.fits))
        scored.append((score, one))
    return _sorted(scored)


def spread(found: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The same, the third and further indicators of a project put a little back. A project that was asked for is not."""
    before: Counter[int] = Counter()
    scored = []
    for score, one in found:
        if one.context and not one.fits:
            more = min(_MOST, max(0, before[one.context] - _ALLOWED + 1))
            score -= SPREAD * more
            before[one.context] += 1
        scored.append((score, one))
    return _sorted(scored)


def _sorted(scored: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].key, pair[1].order))


def doubtful(hit: Hit, best: float) -> bool:
    """Whether a hit is likely about something else, `best` being the score of the first: so it is in 93 of 100 judged cases.

    Counted on the tuning half of the judged questions; see docs/search.md.
    """
    wordless = hit.reasons.words is not None and hit.reasons.words < _WORDLESS
    return hit.score < (FAR_IN_MEANING if wordless else FAR) * best
