"""Wordings that past projects used, for the drafter: merged where they say the same, each with its sources."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Hit, Json
from perfkg.search import search
from perfkg.text import fold

_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wording: its most used `value`, how many projects `support` it, the `spread` of values, and the hits."""

    name: str
    value: str | None
    support: int
    spread: tuple[str, ...]
    evidence: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What `suggest` gives, best first."""

    suggestions: tuple[Suggestion, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()


def suggest(
    library: Library, project: str, category: str | None = None, text: str | None = None, limit: int = 10
) -> Suggestions:
    """Wordings for a project and category; those that continue the `text` typed so far come first.

    Raises InvalidQuestion where neither a project nor a text is given, or the category is unknown.
    """
    question = "，".join(part.strip() for part in (text, project) if part and part.strip())
    if not question:
        raise InvalidQuestion("没有项目名称，也没有已输入的文字", None, "请至少给出一项，例如 --project 网络运行维护费")
    answer = search(library, question, category=category, limit=_CANDIDATES, grouped=False)
    merged: dict[str, list[Hit]] = defaultdict(list)
    for hit in answer.hits:
        if hit.name:
            merged[fold(hit.name)].append(hit)
    typed = fold(text or "")
    # Python's sort is stable: within each class the order of the best hit stays.
    ranked = sorted(merged.items(), key=lambda item: _continues(item[0], typed))
    found = tuple(_suggestion(hits) for _, hits in ranked[:limit])
    return Suggestions(found, answer.snapshot, answer.notices)


def _continues(name: str, typed: str) -> int:
    if not typed or name.startswith(typed):
        return 0
    return 1 if typed in name else 2


def _suggestion(hits: Sequence[Hit]) -> Suggestion:
    values = Counter(hit.value for hit in hits if hit.value)
    common = values.most_common()
    name = Counter(hit.name for hit in hits if hit.name).most_common(1)[0][0]
    return Suggestion(
        name=name,
        value=common[0][0] if common else None,
        support=len({(hit.organization, hit.project) for hit in hits}),
        spread=tuple(value for value, _ in common),
        evidence=tuple(hits),
    )
