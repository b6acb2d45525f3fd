"""Search by meaning and by words: hits with reasons.

The score is .7 closeness of meaning and .3 BM25, each brought to 0..1 over the candidates of this question; measured
on judged questions, this linear mix is better than reciprocal ranks and than either channel alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfkg import schemes, tokens
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.index.words import Document, Filters
from perfkg.library import Library
from perfkg.records import Category, Hit, Json, Reasons, target_from_json

MEANING = 0.7
"""The share of meaning in the score; the rest is words."""

_LONGEST = 10_000
_POOL = 200
_COPIES = 20
"""How many places of one equal text are looked at for each vector found."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, best first, with the snapshot they were made from and what the asker should know (in Chinese)."""

    hits: tuple[Hit, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()


def search(
    library: Library,
    text: str,
    category: str | None = None,
    organization: str | None = None,
    year: int | None = None,
    limit: int = 10,
) -> Answer:
    """The indicators closest to `text`. `category` is a word for it (质量指标, 产出), `organization` a part of a name.

    Raises InvalidQuestion for an empty or overlong text and for a category that no scheme knows.
    """
    text = _checked(text)
    if limit < 1:
        raise InvalidQuestion("条数应当是正整数", str(limit), "例如 --limit 10")
    filters = _filters(library, category, organization, year)
    documents, closeness = _candidates(library, text, filters)
    ranked = sorted(_scored(text, documents, closeness), key=lambda hit: (-hit.score, hit.id))
    return Answer(tuple(ranked[:limit]), library.snapshot, tuple(library.notices))


def indicator(library: Library, id: str) -> Hit:
    """One indicator as a hit of score 1. Raises UnknownId."""
    document = library.words.get(id)
    if document is None:
        raise UnknownId("资料库里没有这个指标", id, "编号可能有误，或申报表已撤回")
    return _hit(document, 1.0, Reasons(None, None))


def _checked(text: str) -> str:
    # A lone surrogate can come in by a query string and cannot be encoded.
    clean = text.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not clean:
        raise InvalidQuestion("没有要检索的文字", None, "请输入指标名称、指标值或一句话，例如：网络故障多久修好")
    if len(clean) > _LONGEST:
        raise InvalidQuestion(f"检索文字太长（{len(clean)} 字）", None, f"请缩短到 {_LONGEST} 字以内")
    return clean


def _filters(library: Library, category: str | None, organization: str | None, year: int | None) -> Filters:
    concepts = organizations = None
    if category:
        concepts = schemes.find(category)
        if not concepts:
            known = "、".join(dict.fromkeys(one.label for one in schemes.concepts()))
            raise InvalidQuestion("没有这个指标类别", category, f"可用的类别有：{known}")
    if organization:
        wanted = schemes.fold(organization)
        names = (name for name, _ in library.ledger.organizations())
        organizations = frozenset(name for name in names if wanted in schemes.fold(name))
    return Filters(organizations, concepts, None if year is None else frozenset({year}))


def _candidates(library: Library, text: str, filters: Filters) -> tuple[list[Document], dict[int, float] | None]:
    """The documents that either channel proposes, and the cosine of their texts (None without an encoder)."""
    by_words = library.words.search(text, filters, _POOL)
    engine, vectors = library.encoder, library.vectors
    if engine is None or vectors is None:
        return by_words, None
    row = engine.query(text)
    closeness = vectors.search(row, _POOL, None if filters.empty else library.words.keys(filters))
    by_meaning = library.words.of_texts(closeness, text, filters, _POOL * _COPIES)
    closeness |= vectors.closeness(row, {document.key for document in by_words} - closeness.keys())
    return list({document.id: document for document in (*by_meaning, *by_words)}.values()), closeness


def _scored(text: str, documents: Iterable[Document], closeness: dict[int, float] | None) -> list[Hit]:
    found = list(documents)
    most = max((document.score for document in found), default=0.0) or 1.0
    share = MEANING if closeness is not None else 0.0
    near = _spread(closeness or {})
    hits = []
    for document in found:
        words, meaning = document.score / most, near.get(document.key, 0.0)
        reasons = Reasons(
            round(words, 4), round(meaning, 4) if closeness is not None else None, _matched(text, document.content)
        )
        hits.append(_hit(document, share * meaning + (1 - share) * words, reasons))
    return hits


def _spread(closeness: dict[int, float]) -> dict[int, float]:
    if not closeness:
        return {}
    low, high = min(closeness.values()), max(closeness.values())
    return {key: (value - low) / (high - low or 1.0) for key, value in closeness.items()}


def _matched(text: str, content: Json) -> tuple[str, ...]:
    """The longest stretches of the question that stand in the hit, of two characters or more."""
    written = "，".join(
        str(part) for part in (content["category"]["level2"], content["name"], content["value"]) if part
    )
    there = "，".join(tokens.runs(written))
    found: list[str] = []
    for run in tokens.runs(text):
        start = 0
        while start < len(run):
            end = start + 1
            # Grown while it fits: a question may be as long as a book, a hit is a line.
            while end < len(run) and run[start : end + 1] in there:
                end += 1
            if end - start > 1:
                found.append(run[start:end])
            start = end
    return tuple(dict.fromkeys(found))


def _hit(document: Document, score: float, reasons: Reasons) -> Hit:
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
    )
