"""The lexical index, which is also the list of what can be found: texts, each once, and the places they stand at.

BM25 runs over the distinct texts, so that a wording used forty thousand times neither fills the answer nor is scored
forty thousand times. A place is one indicator: whose it is, of which year and category, and all that a hit shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfkg import schemes, tokens
from perfkg.encoder import passage, text_key
from perfkg.index import passages
from perfkg.index.shelf import Shelf
from perfkg.ledger import Change
from perfkg.records import Declaration, Indicator, Json, as_json

FIELDS = {"grams": 1.0, "words": 0.5}
"""The fields of a text and their weights: characters with their pairs, and words."""

Terms = Mapping[str, float]
"""Tokens with their weights."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are limited to; an empty field limits nothing. `concepts` are ids as in `2015/quality`."""

    organizations: frozenset[str] | None = None
    concepts: frozenset[str] | None = None
    years: frozenset[int] | None = None
    projects: frozenset[str] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything passes."""
        return all(one is None for one in (self.organizations, self.concepts, self.years, self.projects))


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place found: the keys of its text and context (0 for none), and how well its context fits in words.

    `order` puts places that are otherwise equal in the same order every time.
    """

    address: Any
    key: int
    context: int
    order: int
    score: float


@dataclass(frozen=True, slots=True)
class Document:
    """One indicator as it is shown; `key` and `context` are those of its text and context."""

    id: str
    key: int
    context: int
    content: Json


class Words:
    """The index in `folder`. Open with `writing` in the one process that holds the library."""

    def __init__(self, folder: Path, template: str, writing: bool) -> None:
        """`template` is the encoder's text of an indicator. Raises InvalidLibrary if the index is damaged."""
        self.folder, self._template = folder, template
        version = f"2|{tokens.version()}|{template}"
        self._texts = Shelf(folder / "texts", _text_schema(), version, writing)
        self._places = Shelf(folder / "places", _place_schema(), version, writing)
        self._passed: dict[tuple[int, Filters], frozenset[int]] = {}

    @property
    def change(self) -> int:
        """The ledger change that both parts stand at."""
        return min(self._texts.change, self._places.change)

    @property
    def current(self) -> bool:
        """Whether the index was made with today's lexicon and template; if not, it must be rebuilt."""
        return self._texts.current and self._places.current

    @property
    def count(self) -> int:
        """How many indicators are indexed."""
        return self._places.size

    @property
    def distinct(self) -> int:
        """How many distinct texts they have."""
        return self._texts.size

    def close(self) -> None:
        """Ends the writers' threads."""
        self._texts.close()
        self._places.close()

    def refresh(self) -> None:
        """Moves to the last committed state (another process may have written)."""
        self._texts.refresh()
        self._places.refresh()

    def apply(self, changes: Sequence[Change], before: Sequence[Change] = ()) -> None:
        """Takes `changes` in; `before` are the versions they took the place of. Applying twice is as once."""
        last = {change.id: change.declaration for change in changes}
        made = (document for declaration in last.values() if declaration for document in self._documents(declaration))
        self._places.write((("declaration", id) for id in last), made, changes[-1].number)
        touched = passages.texts([*before, *changes], self._template)
        held = self.holding("key", touched)
        new = (_text_document(key, text) for key, text in touched.items() if key in held)
        self._texts.write((("key", key) for key in touched), new, changes[-1].number)

    def holding(self, field: str, keys: Iterable[int]) -> set[int]:
        """Those of `keys` that some place has as its `key` (text) or `context`."""
        return {key for key in keys if self._places.find(self._is(field, key), 1)}

    def search(self, terms: Mapping[str, Terms], limit: int, among: Iterable[int] | None = None) -> dict[int, float]:
        """The best texts by BM25, by key, of all or of those `among`; `terms` by field. None for no terms."""
        from tantivy import Occur, Query

        wanted = [(Occur.Should, query) for query in self._terms(terms)]
        if not wanted or limit < 1:
            return {}
        query = Query.boolean_query(wanted)
        if among is not None:
            chosen = Query.const_score_query(Query.term_set_query(self._texts.schema, "key", list(among)), 0.0)
            query = Query.boolean_query([(Occur.Must, chosen), (Occur.Must, query)])
        hits = self._texts.find(query, limit)
        keys = self._texts.column("key", [address for _, address in hits])
        return {int(key): score for key, (score, _) in zip(keys, hits, strict=True) if key is not None}

    def rarity(self, field: str, token: str) -> float:
        """The inverse document frequency of a token, as BM25 has it."""
        import math

        total, holding = max(1, self._texts.size), self._texts.frequency(field, token)
        return math.log(1 + (total - holding + 0.5) / (holding + 0.5))

    def places(
        self,
        keys: Iterable[int] | None,
        filters: Filters,
        limit: int,
        context: Terms | None = None,
        near: Iterable[int] = (),
    ) -> list[Spot]:
        """Places that have one of the texts `keys` (any where None) and pass.

        With `context` or `near`, only those of fitting contexts, best first: a context fits by the words of `context`
        (BM25), or because it is one of those `near` in meaning.
        """
        from tantivy import Occur, Query

        schema = self._places.schema
        must = self._filters(filters)
        if keys is not None:
            wanted = list(keys)
            one = len(wanted) == 1
            must.append(
                _at_no_score(self._is("key", wanted[0]) if one else Query.term_set_query(schema, "key", wanted))
            )
        should = [
            Query.boost_query(Query.term_query(schema, "around", token, "freq"), weight)
            for token, weight in (context or {}).items()
        ]
        close = set(near)
        if close:
            should.append(Query.const_score_query(Query.term_set_query(schema, "context", list(close)), _NEAR))
        if should:
            must.append(Query.boolean_query([(Occur.Should, part) for part in should]))
        if not must:
            return []
        hits = self._places.find(Query.boolean_query([(Occur.Must, part) for part in must]), limit)
        return list(self._spots(hits, close))

    def _spots(self, hits: list[tuple[float, Any]], close: set[int]) -> Iterator[Spot]:
        addresses = [address for _, address in hits]
        columns = (self._places.column(field, addresses) for field in ("key", "context", "order"))
        for (score, address), key, context, order in zip(hits, *columns, strict=True):
            if key is not None:
                own = score - _NEAR if context in close else score
                yield Spot(address, int(key), int(context), int(order), max(0.0, own))

    def keys(self, filters: Filters) -> frozenset[int]:
        """The text keys of the places that pass; the last few filters are remembered until something changes."""
        known = self._passed.get((self._places.change, filters))
        if known is None:
            if len(self._passed) >= _REMEMBERED:
                self._passed.clear()
            known = self._passed[self._places.change, filters] = frozenset(self._keys_of(filters))
        return known

    def _keys_of(self, filters: Filters) -> set[int]:
        query = self._passing(filters)
        addresses = [address for _, address in self._places.find(query, max(1, self.count))]
        return {int(key) for key in self._places.column("key", addresses) if key is not None}

    def standing(self, keys: Iterable[int], filters: Filters) -> set[int]:
        """Those of `keys` (texts) that stand at a place that passes; where copies abound, some may be missed."""
        return {spot.key for spot in self.places(keys, filters, _STANDING)}

    def passing(self, filters: Filters) -> int:
        """How many places pass."""
        return self.count if filters.empty else self._places.count(self._passing(filters))

    def copies(self, key: int, filters: Filters = EVERYTHING) -> int:
        """How many places have the text `key` and pass."""
        from tantivy import Occur, Query

        both = [(Occur.Must, self._is("key", key)), *((Occur.Must, one) for one in self._filters(filters))]
        return self._places.count(Query.boolean_query(both))

    def totals(self, keys: Iterable[int], filters: Filters, fields: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """The most frequent values (so many) of organization, concept, year or kind over the places of texts `keys`."""
        from tantivy import Occur, Query

        chosen = Query.term_set_query(self._places.schema, "key", list(keys))
        both = [(Occur.Must, chosen), *((Occur.Must, one) for one in self._filters(filters))]
        return self._places.totals(Query.boolean_query(both), fields)

    def documents(self, spots: Sequence[Spot]) -> list[Document]:
        """The indicators at `spots`."""
        contents = self._places.contents(spot.address for spot in spots)
        return [
            Document(content["id"], spot.key, spot.context, content)
            for spot, content in zip(spots, contents, strict=True)
        ]

    def get(self, id: str) -> Document | None:
        """The document of one indicator."""
        found = self._by("id", id, 1)
        return found[0] if found else None

    def of_declaration(self, id: str) -> list[Document]:
        """The documents of one declaration, in the order of their ids."""
        return sorted(self._by("declaration", id, 10_000), key=lambda document: document.id)

    def _by(self, field: str, value: str, limit: int) -> list[Document]:
        hits = self._places.find(self._is(field, value), limit)
        return self.documents(list(self._spots(hits, set())))

    def _is(self, field: str, value: Any) -> Any:
        from tantivy import Query

        return Query.term_query(self._places.schema, field, value)

    def _passing(self, filters: Filters) -> Any:
        from tantivy import Occur, Query

        return Query.boolean_query([(Occur.Must, one) for one in self._filters(filters)])

    def _terms(self, terms: Mapping[str, Terms]) -> Iterator[Any]:
        from tantivy import Query

        for field, share in FIELDS.items():
            for token, weight in terms.get(field, {}).items():
                found = Query.term_query(self._texts.schema, field, token, "freq")
                yield Query.boost_query(found, share * weight)

    def _filters(self, filters: Filters) -> list[Any]:
        from tantivy import Query

        wanted = {
            "organization": filters.organizations,
            "concept": filters.concepts,
            "year": filters.years,
            "project": filters.projects,
        }
        return [
            _at_no_score(Query.term_set_query(self._places.schema, field, sorted(values)))
            for field, values in wanted.items()
            if values is not None
        ]

    def _documents(self, declaration: Declaration) -> Iterator[Any]:
        import tantivy

        about = [declaration.project, declaration.organization, declaration.objective]
        around = " ".join(tokens.words(" ".join(part for part in about if part)))
        context = passages.context(declaration.organization, declaration.project)
        shared: dict[str, Any] = {
            "declaration": [declaration.id],
            "context": [text_key(context) if context else 0],
            "around": [around],
        }
        if declaration.organization:
            shared["organization"] = [declaration.organization]
        if declaration.project:
            shared["project"] = [schemes.fold(declaration.project)]
        if declaration.year is not None:
            shared["year"] = [declaration.year]
        for row in declaration.indicators:
            text = passage(row.category.level2, row.name, row.value, self._template)
            content = json.dumps(_content(declaration, row), ensure_ascii=False).encode()
            own = {"id": [row.id], "key": [text_key(text)], "order": [text_key(row.id)], "content": [content]}
            own |= {"concept": _with_parent(row.category.concept), "kind": sorted({t.kind for t in row.targets})}
            yield tantivy.Document(**shared, **own)


_STANDING = 5000
_REMEMBERED = 32
_NEAR = 1000.0
"""Lifts places of contexts that are near in meaning over all that BM25 can give; taken off again."""


def _at_no_score(query: Any) -> Any:
    from tantivy import Query

    return Query.const_score_query(query, 0.0)


def _text_schema() -> Any:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    return builder


def _place_schema() -> Any:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name in ("key", "context", "year"):
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_integer_field("order", fast=True)
    for name in ("organization", "concept", "kind"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("declaration", "project"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("around", tokenizer_name="spaces", index_option="freq")
    return builder


def _text_document(key: int, text: str) -> Any:
    import tantivy

    return tantivy.Document(key=[key], grams=[" ".join(tokens.grams(text))], words=[" ".join(tokens.words(text))])


def _content(declaration: Declaration, indicator: Indicator) -> Json:
    return {
        "id": indicator.id,
        "declaration": declaration.id,
        "project": declaration.project,
        "organization": declaration.organization,
        "year": declaration.year,
        "category": as_json(indicator.category),
        "name": indicator.name,
        "value": indicator.value,
        "targets": as_json(indicator.targets),
    }


def _with_parent(concept: str | None) -> list[str]:
    known = schemes.get(concept) if concept else None
    if known is None:
        return []
    return [known.id, known.parent] if known.parent else [known.id]
