"""Nothing said may be dropped: every part understood must be one that the answer uses, or the question is refused."""

from __future__ import annotations

from collections.abc import Iterator

from perfkg.ask.choose import of_indicators
from perfkg.ask.understanding import LABELS, Unanswerable, Understanding

_RANKED = frozenset({"highest", "lowest", "strict", "loose"})


def refuse_unused(slots: Understanding) -> None:
    """Raises Unanswerable for the first part that the kind of answer the others ask for would leave out."""
    for kind in _unused(slots):
        words = slots.words.get(kind, "")
        raise Unanswerable(f"读懂了“{words or LABELS[kind]}”，但还不能和问题的其余部分合起来回答", words)


def _unused(slots: Understanding) -> Iterator[str]:
    ranked = slots.intent in _RANKED
    if slots.alike:
        yield from _unsearched(slots)
        return
    if slots.intent == "lacking" and slots.number:
        yield "number"
    if (slots.limit or slots.nth) and not (ranked or slots.change):
        yield "limit"
    if slots.by and (slots.intent == "median" or slots.change):
        yield "by"
    plain = slots.intent in {"list", "count"} and slots.by is None
    if slots.number and slots.measure in {"projects", "indicators"} and (slots.category or not plain):
        yield "number"
    if slots.number and slots.measure == "funding" and slots.subject == "organizations" and not plain:
        yield "number"
    if slots.number and slots.measure is None and slots.intent != "lacking" and _counts(slots):
        yield "number"
    if ranked and slots.measure == "funding" and of_indicators(slots) and slots.intent != "lacking":
        yield "measure"


def _counts(slots: Understanding) -> bool:
    """Whether the number says how many (至少两个满意度指标), which no target of a category does."""
    return slots.category is not None and slots.number is not None and slots.number.unit in {"{个}", "{条}", "{项}"}


def _unsearched(slots: Understanding) -> Iterator[str]:
    """Search by meaning knows a topic in one piece, one organization and one year."""
    for kind in ("number", "measure", "without", "unlike", "change", "limit", "by", "kind"):
        if getattr(slots, kind):
            yield kind
    if len((slots.topic or "").split()) > 1:
        yield "topic"
    if len(slots.organizations) > 1:
        yield "organization"
    if len(slots.years) > 1:
        yield "year"
    if slots.intent not in {"list", "count"}:
        yield "intent"
