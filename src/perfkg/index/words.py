"""The lexical index: BM25 over characters and words, on tantivy. It is also the list of what can be found.

One document an indicator, with all that a hit shows; one document of state, committed together with the rest, so that
the index always knows which ledger change it stands at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfkg import schemes, tokens
from perfkg.encoder import passage, text_key
from perfkg.errors import InvalidLibrary
from perfkg.ledger import Change
from perfkg.records import Declaration, Indicator, Json, as_json

_STATE = "#state"
_HEAP = 64_000_000
_ALL = 10_000_000

FIELDS = {"grams": 1.0, "words": 0.5, "context": 0.2}
"""The searched fields and their weights: characters, words, and the words of project, organization and objective."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are limited to; an empty field limits nothing. `concepts` are ids as in `2015/quality`."""

    organizations: frozenset[str] | None = None
    concepts: frozenset[str] | None = None
    years: frozenset[int] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything passes."""
        return self.organizations is None and self.concepts is None and self.years is None


_EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Document:
    """One indicator as it is found: `score` is BM25 (0 where no word matched), `key` that of its text's vector."""

    id: str
    key: int
    score: float
    content: Json


class Words:
    """The index in `folder`. Open with `writing` in the one process that holds the library."""

    _writer: Any

    def __init__(self, folder: Path, template: str, writing: bool) -> None:
        """`template` is the encoder's text of an indicator. Raises InvalidLibrary if the index is damaged."""
        self.folder, self._template = folder, template
        self._version = f"{tokens.version()}|{template}"
        with _damage(folder):
            self._open(writing)
            self.change, self._made_with = self._state()

    @property
    def current(self) -> bool:
        """Whether the index was made with today's lexicon and template; if not, it must be rebuilt."""
        return self.change == 0 or self._made_with == self._version

    def close(self) -> None:
        """Ends the writer's threads."""
        if self._writer is not None:
            with _damage(self.folder):
                self._writer.wait_merging_threads()
            self._writer = None

    def apply(self, changes: Sequence[Change]) -> None:
        """Takes `changes` in, all or none."""
        import tantivy

        with _damage(self.folder):
            for change in changes:
                self._writer.delete_documents_by_term("declaration", change.id)
                if change.declaration:
                    for document in self._documents(change.declaration):
                        self._writer.add_document(document)
            self._writer.delete_documents_by_term("id", _STATE)
            state = json.dumps([changes[-1].number, self._version]).encode()
            self._writer.add_document(tantivy.Document(id=[_STATE], content=[state]))
            self._writer.commit()
            self.refresh()

    def refresh(self) -> None:
        """Moves to the last committed state (another process may have written)."""
        with _damage(self.folder):
            self._index.reload()
            self._searcher = self._index.searcher()
            self.change, self._made_with = self._state()

    def search(self, text: str, filters: Filters, limit: int) -> list[Document]:
        """The best documents by words, best first; none for a text without a token."""
        terms = self._terms(text)
        if not terms:
            return []
        from tantivy import Occur, Query

        query = [(Occur.Must, Query.boolean_query(terms)), *self._filters(filters)]
        return self._found(Query.boolean_query(query), limit)

    def of_texts(self, keys: Iterable[int], text: str, filters: Filters, limit: int) -> list[Document]:
        """The documents whose text has one of `keys`, scored by `text`'s words, in no useful order."""
        from tantivy import Occur, Query

        chosen = Query.const_score_query(Query.term_set_query(self._schema, "key", list(keys)), 0.0)
        query = [(Occur.Must, chosen), *self._filters(filters), *self._terms(text)]
        return self._found(Query.boolean_query(query), limit)

    def texts(self, keys: Iterable[int]) -> dict[int, str]:
        """The texts that stand behind `keys`."""
        found = self.of_texts(keys, "", Filters(), _ALL)
        return {document.key: _passage(document.content, self._template) for document in found}

    def keys(self, filters: Filters = _EVERYTHING) -> set[int]:
        """The text keys of the documents that pass."""
        from tantivy import Occur, Query

        query = Query.boolean_query([(Occur.Must, Query.exists_query("key")), *self._filters(filters)])
        with _damage(self.folder):
            hits = self._searcher.search(query, max(1, self.count), count=False).hits
            values = self._searcher.fast_field_values("key", [address for _, address in hits])
            return {int(value) for value in values if value is not None}

    def holding(self, keys: Iterable[int]) -> set[int]:
        """Those of `keys` that some document has."""
        from tantivy import Query

        with _damage(self.folder):
            found = {key: Query.term_query(self._schema, "key", key) for key in keys}
            return {key for key, query in found.items() if self._searcher.search(query, 1, count=False).hits}

    def get(self, id: str) -> Document | None:
        """The document of one indicator."""
        from tantivy import Query

        found = self._found(Query.term_query(self._schema, "id", id), 1)
        return found[0] if found else None

    @property
    def count(self) -> int:
        """How many indicators are indexed."""
        return int(self._searcher.num_docs) - (1 if self.change else 0)

    def _open(self, writing: bool) -> None:
        from tantivy import Index, TextAnalyzerBuilder, Tokenizer

        self._schema = _schema()
        if not self.folder.is_dir() and not writing:
            self._index = Index(self._schema)
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._index = Index(self._schema, path=str(self.folder))
        self._index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        self._writer = self._index.writer(_HEAP, 1) if writing else None
        self._searcher = self._index.searcher()

    def _state(self) -> tuple[int, str]:
        from tantivy import Query

        hits = self._searcher.search(Query.term_query(self._schema, "id", _STATE), 1).hits
        if not hits:
            if self._searcher.num_docs:
                raise InvalidLibrary("字词索引已损坏", str(self.folder), "将自动重建")
            return 0, ""
        number, made_with = json.loads(self._searcher.doc(hits[0][1]).to_dict()["content"][0])
        return int(number), str(made_with)

    def _documents(self, declaration: Declaration) -> Iterator[Any]:
        import tantivy

        context = [declaration.project, declaration.organization, declaration.objective]
        shared = " ".join(tokens.words(" ".join(part for part in context if part)))
        for indicator in declaration.indicators:
            text = passage(indicator.category.level2, indicator.name, indicator.value, self._template)
            content = _content(declaration, indicator)
            fields: dict[str, Any] = {
                "id": [indicator.id],
                "declaration": [declaration.id],
                "key": [text_key(text)],
                "grams": [" ".join(tokens.grams(text))],
                "words": [" ".join(tokens.words(text))],
                "context": [shared],
                "concept": _with_parent(indicator.category.concept),
                "content": [json.dumps(content, ensure_ascii=False).encode()],
            }
            if declaration.organization:
                fields["organization"] = [declaration.organization]
            if declaration.year is not None:
                fields["year"] = [declaration.year]
            yield tantivy.Document(**fields)

    def _terms(self, text: str) -> list[tuple[Any, Any]]:
        from tantivy import Occur, Query

        cut = {"grams": tokens.grams(text), "words": tokens.words(text)}
        cut["context"] = cut["words"]
        stop = tokens.stopwords()
        return [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, token, "freq"), weight))
            for field, weight in FIELDS.items()
            for token in dict.fromkeys(cut[field])
            if token not in stop
        ]

    def _filters(self, filters: Filters) -> list[tuple[Any, Any]]:
        from tantivy import Occur, Query

        wanted = {"organization": filters.organizations, "concept": filters.concepts, "year": filters.years}
        return [
            (Occur.Must, Query.const_score_query(Query.term_set_query(self._schema, field, sorted(values)), 0.0))
            for field, values in wanted.items()
            if values is not None
        ]

    def _found(self, query: Any, limit: int) -> list[Document]:
        with _damage(self.folder):
            hits = self._searcher.search(query, max(1, min(limit, int(self._searcher.num_docs))), count=False).hits
            return [_document(score, self._searcher.doc(address).to_dict()) for score, address in hits]


def _schema() -> Any:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name in ("id", "declaration"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("organization", "concept"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    builder.add_integer_field("key", stored=True, indexed=True, fast=True)
    builder.add_integer_field("year", indexed=True, fast=True)
    builder.add_bytes_field("content", stored=True)
    return builder.build()


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


def _passage(content: Json, template: str) -> str:
    return passage(content["category"]["level2"], content["name"], content["value"], template)


def _with_parent(concept: str | None) -> list[str]:
    known = schemes.get(concept) if concept else None
    if known is None:
        return []
    return [known.id, known.parent] if known.parent else [known.id]


def _document(score: float, fields: dict[str, list[Any]]) -> Document:
    return Document(fields["id"][0], fields["key"][0], score, json.loads(fields["content"][0]))


@contextmanager
def _damage(folder: Path) -> Iterator[None]:
    """tantivy's failures as damage of the index, which the library answers by rebuilding it."""
    try:
        yield
    except (ValueError, OSError, KeyError) as error:
        raise InvalidLibrary(f"字词索引已损坏：{error}", str(folder), "请运行 perfkg rebuild") from error
    except BaseException as error:
        # A truncated segment panics inside tantivy; the binding's PanicException derives from BaseException.
        if type(error).__name__ != "PanicException":
            raise
        raise InvalidLibrary("字词索引已损坏", str(folder), "请运行 perfkg rebuild") from error
