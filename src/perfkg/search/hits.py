"""From ranked places to what an asker sees: hits with reasons, grouped or each alone, and facets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfkg import schemes, tokens
from perfkg.index.documents import Document, documents, occurrences
from perfkg.index.filters import Filters
from perfkg.index.view import View
from perfkg.ledger import Ledger
from perfkg.records import Category, Hit, Json, Occurrence, Reasons, target_from_json
from perfkg.search.pool import Candidate
from perfkg.search.question import Question

_PLACES = 20
_FACETS = {"year": 10, "organization": 10, "concept": 40, "kind": 10, "measured": 2}
_FACETED = 50
"""The texts whose places are counted by year, organization and so on: what a person would page through."""

Ranked = Sequence[tuple[float, Candidate]]


def grouped_hits(
    view: View, ledger: Ledger, ranked: Ranked, question: Question, filters: Filters, offset: int, limit: int
) -> tuple[tuple[Hit, ...], int]:
    """One hit a text, shown by its best place, and how many there are in all."""
    groups: dict[int, list[tuple[float, Candidate]]] = {}
    for score, one in ranked:
        groups.setdefault(one.key, []).append((score, one))
    shown = list(groups.values())[offset : offset + limit]
    best = documents(view, ledger, [group[0][1].place for group in shown])
    hits = (_group(view, group, document, question, filters) for group, document in zip(shown, best, strict=True))
    return tuple(hits), len(groups)


def plain_hits(
    view: View, ledger: Ledger, ranked: Ranked, question: Question, filters: Filters, offset: int, limit: int
) -> tuple[tuple[Hit, ...], int]:
    """One hit an indicator, and how many there are in all."""
    shown = ranked[offset : offset + limit]
    found = documents(view, ledger, [one.place for _, one in shown])
    hits = (
        hit(document, score, _reasons(question, one, document))
        for document, (score, one) in zip(found, shown, strict=True)
    )
    return tuple(hits), len(ranked)


def hit(document: Document, score: float, reasons: Reasons, count: int = 1, places: Sequence[Occurrence] = ()) -> Hit:
    """A document as a hit."""
    content = document.content
    return Hit(
        id=document.id,
        declaration=content["declaration"],
        project=content["project"],
        organization=content["organization"],
        year=content["year"],
        category=Category(**content["category"]),
        name=content["name"],
        value=content["value"],
        targets=tuple(target_from_json(target) for target in content["targets"]),
        score=round(score, 4),
        reasons=reasons,
        count=count,
        places=tuple(places),
    )


def facets(view: View, ranked: Ranked, filters: Filters) -> Json:
    """How many places of the best texts are of which year, organization, category and kind of target."""
    texts = list(dict.fromkeys(one.text for _, one in ranked))[:_FACETED]
    if not texts:
        return {}
    counted = view.totals(np.array(texts), filters, _FACETS)
    categories: dict[str, int] = {}
    for id, count in counted.pop("concept").items():
        known = schemes.get(id)
        if known is not None and known.level == 2:
            categories[known.label] = categories.get(known.label, 0) + count
    counted["category"] = dict(sorted(categories.items(), key=lambda item: -item[1]))
    return {
        name: [{"value": value, "count": count} for value, count in counts.items()] for name, counts in counted.items()
    }


def _group(view: View, group: Ranked, document: Document, question: Question, filters: Filters) -> Hit:
    score, best = group[0]
    # What is found may be fewer than there are: of a wording used everywhere only the likeliest places are looked at.
    count = view.copies(best.text, filters)
    places = occurrences(view, [one.place for _, one in group[:_PLACES]]) if count > 1 else ()
    return hit(document, score, _reasons(question, best, document), count, places)


def _reasons(question: Question, one: Candidate, document: Document) -> Reasons:
    meaning = None if one.meaning is None else round(one.meaning, 4)
    return Reasons(round(one.words, 4), meaning, _matched(question.text, document.content))


def _matched(text: str, content: Json) -> tuple[str, ...]:
    """The longest stretches of the question, and its synonyms, that stand in the hit, of two characters or more."""
    written = "，".join(
        str(part) for part in (content["category"]["level2"], content["name"], content["value"]) if part
    )
    there = "，".join(tokens.runs(written))
    found: list[str] = []
    for run in tokens.runs(text[:500]):
        start = 0
        while start < len(run):
            end = next((end for end in range(len(run), start + 1, -1) if run[start:end] in there), start + 1)
            if end - start > 1:
                found.append(run[start:end])
            start = end
    own = dict.fromkeys(found)
    like = (term for term in tokens.alike(text[:500]) if term in there and not any(term in one for one in own))
    return tuple(dict.fromkeys([*own, *like]))
