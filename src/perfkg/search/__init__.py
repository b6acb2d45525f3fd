"""Search by meaning and by words: hits with reasons, equal texts as one hit with its places where asked for.

The score is .6 closeness of meaning and .4 words, each 0 to 1. Meaning: 1 is the closest text of the library, 0 what
an average text has. Words: BM25 over that of the best text. What the question names beside (an organization, a year)
is preferred, not required. The weights were chosen on the tuning half of the judged questions; see docs/search.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from perfkg import schemes
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.index.documents import Document, documents
from perfkg.index.filters import Filters
from perfkg.index.tables import KINDS
from perfkg.index.view import View
from perfkg.library import Library
from perfkg.records import Hit, Json, Reasons
from perfkg.search.hits import facets, grouped_hits, hit, plain_hits
from perfkg.search.numbers import kept, wanted
from perfkg.search.pool import Candidate, candidates
from perfkg.search.question import Chip, checked, organizations, understood

__all__ = ["SORTS", "Answer", "Chip", "Hit", "indicator", "more_like", "recall", "search"]

MEANING = 0.6
"""The share of meaning in the score; the rest is words."""

SOFT = 0.1
"""What fitting a chip adds; a category's chip adds nothing, as its words stand in the text and count there."""

_POOL = 400
"""The hits by words and meaning that are sorted otherwise."""

_NUMBERED = 200
"""The hits by words and meaning, of those that state something measured, among which a wanted number is looked for."""

SPREAD = 0.02
"""What each further indicator of one project loses after its first two, so that a grouped answer shows several projects."""

_ALLOWED, _MOST = 2, 5

CLOSE = 0.4
"""Only hits scored at least this share of the best one's are put in another order: farther ones would come first."""

SORTS: Mapping[str, Callable[[Hit], tuple[bool | int | str, ...]]] = {
    "newest": lambda hit: (-(hit.year or 0),),
    "oldest": lambda hit: (hit.year is None, hit.year or 0),
    "organization": lambda hit: (hit.organization is None, hit.organization or "", -(hit.year or 0)),
    "project": lambda hit: (hit.project is None, hit.project or "", -(hit.year or 0)),
}
"""Orders of the best hits besides the closest first; those without a name or a year stand last."""

_MEASURED = {"measured": True, "unmeasured": False}

_WORDLESS = "问题里没有可检索的字词，下面是向量上最近的指标，未必相干"

_ID = re.compile(r"[\w.:/#-]{8,200}")
_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, best first, with the snapshot they were made from and what the asker should know (in Chinese).

    `total` counts the hits that can be paged to, `chips` are what the question was taken to name, `facets` (where asked
    for) how many of the places found are of which year, organization, category and kind of target.
    """

    hits: tuple[Hit, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()
    total: int = 0
    chips: tuple[Chip, ...] = ()
    facets: Json = field(default_factory=dict)


def search(
    library: Library,
    text: str,
    category: str | None = None,
    organization: str | None = None,
    year: int | None = None,
    limit: int = 10,
    offset: int = 0,
    ignore: Collection[str] = (),
    grouped: bool = False,
    faceted: bool = False,
    numbers: bool = True,
    kind: str | None = None,
    sort: str | None = None,
) -> Answer:
    """The indicators closest to `text`, or those of an indicator's or declaration's id.

    `category` is a word for it (质量指标, 产出), `organization` a part of a name. `ignore` are the texts of chips to be
    taken for plain words. `grouped` makes indicators of equal text one hit, shown by the best of them, and puts many of one
    project a little back; `faceted` counts places for the facets. A number in `text` (不超过2小时, 每月2次) is compared with
    the targets of what the rest of it finds: only what satisfies it is given, if anything does; without `numbers` it is
    mere text. `kind` is a kind of target (period), or measured or unmeasured; `sort` orders the best by one of SORTS
    rather than by closeness.
    Raises InvalidQuestion for an empty or overlong text, for a category that no scheme knows, a kind or an order that
    there is not.
    """
    text = checked(text)
    if limit < 1 or offset < 0:
        raise InvalidQuestion("条数应当是正整数，跳过的条数不小于零", f"{limit}、{offset}", "例如 --limit 10")
    if sort:
        key = _sorting(sort)
        best = search(library, text, category, organization, year, _POOL, 0, ignore, grouped, faceted, numbers, kind)
        least = CLOSE * max((hit.score for hit in best.hits), default=0.0)
        close = [hit for hit in best.hits if hit.score >= least]
        hits, said = tuple(sorted(close, key=key)), f"排序的是最接近的{len(close)}条"
        return replace(best, hits=hits[offset : offset + limit], total=len(hits), notices=(said, *best.notices))
    filters = _filters(library, category, organization, year, kind)
    view = library.words.view
    snapshot = {**library.snapshot, "change": view.change}
    if _ID.fullmatch(text) and (known := _by_id(library, view, text)):
        hits = tuple(hit(document, 1.0, Reasons(None, None)) for document in known)
        return Answer(hits[offset : offset + limit], snapshot, tuple(library.notices), len(hits))
    if numbers and (asked := wanted(text, ignore)):
        narrowed = (_NUMBERED, 0, ignore, grouped, faceted, False, kind or "measured")
        wide = search(library, asked.topic, category, organization, year, *narrowed)
        if satisfying := kept(wide.hits, asked.number):
            chips = (Chip("number", f"数值：{asked.words}", asked.words), *wide.chips)
            shown = tuple(satisfying[offset : offset + limit])
            return replace(wide, hits=shown, total=len(satisfying), chips=chips, facets={})
        unmet = f"没有找到指标值符合“{asked.words}”的，下面按文字和意思列出"
        asked_plainly = (limit, offset, ignore, grouped, faceted, False, kind)
        plainly = search(library, text, category, organization, year, *asked_plainly)
        return replace(plainly, notices=(unmet, *plainly.notices))
    question = understood(library, view, text, ignore)
    found = candidates(view, library.meaning, question, filters, MEANING, SOFT)
    ranked = _ranked(found, len(question.soft) > 0)
    if grouped:
        ranked = _spread(ranked)
    make = grouped_hits if grouped else plain_hits
    hits, total = make(view, library.ledger, ranked, question, filters, offset, limit)
    wordless = () if any(question.terms.values()) or not hits else (_WORDLESS,)
    return Answer(
        hits,
        snapshot,
        (*wordless, *library.notices),
        total,
        tuple(question.soft),
        facets(view, ranked, filters) if faceted else {},
    )


def more_like(library: Library, id: str, limit: int = 10) -> Answer:
    """The indicators most like the recorded one with this id, itself left out. Raises UnknownId."""
    given = indicator(library, id)
    text = "，".join(part for part in (given.category.level2, given.name, given.value) if part)
    if not text:
        return Answer((), library.snapshot, tuple(library.notices))
    answer = search(library, text, limit=limit + 1, grouped=True, numbers=False)
    others = tuple(one for one in answer.hits if one.id != id and id not in {place.id for place in one.places})
    return Answer(others[:limit], answer.snapshot, answer.notices, max(0, answer.total - 1))


def indicator(library: Library, id: str) -> Hit:
    """One indicator as a hit of score 1. Raises UnknownId."""
    view = library.words.view
    place = view.place(id)
    if place is None:
        raise UnknownId("资料库里没有这个指标", id, "编号可能有误，或申报表已撤回")
    return hit(documents(view, library.ledger, [place])[0], 1.0, Reasons(None, None))


def recall(library: Library, sample: int = _SAMPLE) -> float | None:
    """The share of the ten truly closest texts that the vector index finds, over names of the library's own texts.

    None where there is no encoder. Compares every row, so it takes seconds on a large library.
    """
    meaning = library.meaning
    if meaning is None:
        return None
    keys = sorted(meaning.texts.keys)
    chosen = keys[:: max(1, len(keys) // sample)][:sample]
    view = library.words.view
    places, _, sizes = view.places_of(view.rows(chosen))
    found = documents(view, library.ledger, places[np.cumsum(sizes) - sizes].tolist())
    names = [document.content["name"] or document.content["value"] for document in found]
    return meaning.recall([name for name in names if name])


def _by_id(library: Library, view: View, text: str) -> list[Document]:
    place = view.place(text)
    places = view.of_declaration(text).tolist() if place is None else [place]
    return documents(view, library.ledger, places)


def _sorting(sort: str) -> Callable[[Hit], tuple[bool | int | str, ...]]:
    if sort not in SORTS:
        raise InvalidQuestion("没有这种排序", sort, f"可用的排序有：{'、'.join(SORTS)}")
    return SORTS[sort]


def _filters(
    library: Library, category: str | None, organization: str | None, year: int | None, kind: str | None
) -> Filters:
    concepts = named = None
    if category:
        concepts = schemes.find(category)
        if not concepts:
            known = "、".join(dict.fromkeys(one.label for one in schemes.concepts()))
            raise InvalidQuestion("没有这个指标类别", category, f"可用的类别有：{known}")
    if organization:
        named = organizations(library, organization)
    if kind and kind not in {*KINDS, *_MEASURED}:
        raise InvalidQuestion("没有这种指标值", kind, f"可用的有：{'、'.join((*_MEASURED, *KINDS))}")
    kinds = frozenset({kind}) if kind and kind not in _MEASURED else None
    years = None if year is None else frozenset({year})
    return Filters(named, concepts, years, kinds=kinds, measured=_MEASURED.get(kind or ""))


def _ranked(found: list[Candidate], named: bool) -> list[tuple[float, Candidate]]:
    """Best first; the score is of 1, whatever the question names beside."""
    scored = []
    for one in found:
        share = MEANING if one.meaning is not None else 0.0
        score = share * (one.meaning or 0.0) + (1 - share) * one.words
        if named:
            score = min(1.0, score + SOFT * len(one.fits))
        scored.append((score, one))
    return _sorted(scored)


def _spread(ranked: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The same, the third and further indicators of a project put a little back. A project that was asked for is not."""
    before: Counter[int] = Counter()
    spread = []
    for score, one in ranked:
        if one.context and not one.fits:
            more = min(_MOST, max(0, before[one.context] - _ALLOWED + 1))
            score -= SPREAD * more
            before[one.context] += 1
        spread.append((score, one))
    return _sorted(spread)


def _sorted(scored: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].key, pair[1].order))
