"""Search by meaning and by words: hits with reasons, equal texts as one hit with its places where asked for.

The score is .6 closeness of meaning and .4 words, each 0 to 1. Meaning: 1 is the closest text of the library, 0 what
an average text has. Words: BM25 over that of the best text. What the question names beside (an organization, a year)
is preferred, not required. The weights were chosen on the tuning half of the judged questions; see docs/search.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from perfkg.errors import UnknownId
from perfkg.index.documents import Document, documents
from perfkg.index.view import View
from perfkg.library import Library
from perfkg.records import Hit, Json, Reasons
from perfkg.search import ranking
from perfkg.search.hits import facets, grouped_hits, hit, plain_hits
from perfkg.search.numbers import Wanted, kept, wanted
from perfkg.search.pool import candidates
from perfkg.search.question import Chip, Question, understood
from perfkg.search.request import SORTS, Request

__all__ = ["SORTS", "Answer", "Chip", "Hit", "indicator", "more_like", "recall", "search"]

_POOL = 400
"""The hits by words and meaning that are sorted otherwise."""

_NUMBERED = 200
"""The hits by words and meaning, of those that state something measured, among which a wanted number is looked for."""

CLOSE = 0.4
"""Only hits scored at least this share of the best one's are put in another order: farther ones would come first."""

_WORDLESS = "问题里没有可检索的字词，下面的指标未必相干"

_UNRELATED = "库中可能没有相关指标：没有一条的意思与问的相近，下面只是相对最近的"

_ID = re.compile(r"[\w.:/#-]{8,200}")
_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, best first, with the snapshot they were made from and what the asker should know (in Chinese).

    `total` counts the hits that can be paged to, `chips` are what the question was taken to name, `facets` (where asked
    for) how many of the places found are of which year, organization, category and kind of target. `best` is the score of
    the best hit, wherever the page begins; `unrelated` says that even that one is likely about something else.
    """

    hits: tuple[Hit, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()
    total: int = 0
    chips: tuple[Chip, ...] = ()
    facets: Json = field(default_factory=dict)
    best: float = 1.0
    unrelated: bool = False

    def doubts(self, hit: Hit) -> bool:
        """Whether a hit of this answer is likely about something else."""
        return self.unrelated or ranking.doubtful(hit, self.best)


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
    asked = Request(
        text=text,
        category=category,
        organization=organization,
        year=year,
        limit=limit,
        offset=offset,
        ignore=ignore,
        grouped=grouped,
        faceted=faceted,
        numbers=numbers,
        kind=kind,
        sort=sort,
    )
    return _in_order(library, asked, sort) if sort else _closest(library, asked)


def _in_order(library: Library, asked: Request, sort: str) -> Answer:
    """The best hits in another order than the closest first."""
    best = _closest(library, replace(asked, limit=_POOL, offset=0))
    least = CLOSE * max((hit.score for hit in best.hits), default=0.0)
    close = sorted((hit for hit in best.hits if hit.score >= least), key=SORTS[sort])
    shown = tuple(close[asked.offset : asked.offset + asked.limit])
    return replace(best, hits=shown, total=len(close), notices=(f"排序的是最接近的{len(close)}条", *best.notices))


def _closest(library: Library, asked: Request) -> Answer:
    """By id, by number, or by words and meaning."""
    if _ID.fullmatch(asked.text) and (known := _by_id(library, library.words.view, asked.text)):
        hits = tuple(hit(document, 1.0, Reasons(None, None)) for document in known)
        shown = hits[asked.offset : asked.offset + asked.limit]
        return Answer(shown, _snapshot(library, library.words.view), tuple(library.notices), len(hits))
    if asked.numbers and (number := wanted(asked.text, asked.ignore)):
        return _by_number(library, asked, number)
    return _by_words_and_meaning(library, asked)


def _by_number(library: Library, asked: Request, number: Wanted) -> Answer:
    """Of what the rest of the text finds, that whose targets satisfy the number; what words find, if nothing does."""
    among = replace(asked, text=number.topic, limit=_NUMBERED, offset=0, faceted=False, kind=asked.kind or "measured")
    wide = _by_words_and_meaning(library, among)
    if satisfying := kept(wide.hits, number.number):
        chips = (Chip("number", f"数值：{number.words}", number.words), *wide.chips)
        shown = tuple(satisfying[asked.offset : asked.offset + asked.limit])
        return replace(wide, hits=shown, total=len(satisfying), chips=chips, best=satisfying[0].score)
    plainly = _by_words_and_meaning(library, asked)
    unmet = f"没有找到指标值符合“{number.words}”的，下面按文字和意思列出"
    return replace(plainly, notices=(unmet, *plainly.notices))


def _by_words_and_meaning(library: Library, asked: Request) -> Answer:
    view = library.words.view
    filters = asked.filters(library)
    question = understood(library, view, asked.text, asked.ignore)
    pool = candidates(view, library.meaning, question, filters, ranking.MEANING, ranking.SOFT)
    found = ranking.ranked(pool.candidates, len(question.soft) > 0)
    if asked.grouped:
        found = ranking.spread(found)
    make = grouped_hits if asked.grouped else plain_hits
    hits, total = make(view, library.ledger, found, question, filters, asked.offset, asked.limit)
    counted = facets(view, found, filters) if asked.faceted else {}
    notices = (*_warning(question, pool.unrelated), *library.notices) if hits else tuple(library.notices)
    best = found[0][0] if found else 1.0
    return Answer(hits, _snapshot(library, view), notices, total, tuple(question.soft), counted, best, pool.unrelated)


def _warning(question: Question, unrelated: bool) -> tuple[str, ...]:
    """What is to be said of hits that may have nothing to do with the question."""
    if not any(question.terms.values()):
        return (_WORDLESS,)
    return (_UNRELATED,) if unrelated else ()


def _snapshot(library: Library, view: View) -> Json:
    return {**library.snapshot, "change": view.change}


def more_like(library: Library, id: str, limit: int = 10) -> Answer:
    """The indicators most like the recorded one with this id, itself left out. Raises UnknownId."""
    given = indicator(library, id)
    text = "，".join(part for part in (given.category.level2, given.name, given.value) if part)
    if not text:
        return Answer((), library.snapshot, tuple(library.notices))
    answer = search(library, text, limit=limit + 1, grouped=True, numbers=False)
    others = tuple(one for one in answer.hits if one.id != id and id not in {place.id for place in one.places})
    return replace(answer, hits=others[:limit], total=max(0, answer.total - 1), chips=())


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
