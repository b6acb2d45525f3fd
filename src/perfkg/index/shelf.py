"""One tantivy index in a folder, which knows the ledger change it stands at.

The change is a document of its own, committed together with the rest: the index cannot say more than it holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from perfkg.errors import InvalidLibrary

_STATE = "#state"
_HEAP = 64_000_000


class Shelf:
    """Documents to add, delete and find; every schema has the fields `id` and `content`."""

    _writer: Any

    def __init__(self, folder: Path, builder: Any, version: str, writing: bool) -> None:
        """Opens the index in `folder`. `builder` brings the other fields; `version` is noted with every change. Raises InvalidLibrary if damaged."""
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("content", stored=True)
        self.folder, self._version = folder, version
        with damage(folder):
            self.schema = builder.build()
            self._open(writing)
            self.change, self._made_with = self._state()

    @property
    def current(self) -> bool:
        """Whether the index is empty or was made as `version` says."""
        return self.change == 0 or self._made_with == self._version

    @property
    def size(self) -> int:
        """How many documents there are."""
        return int(self._searcher.num_docs) - (1 if self.change else 0)

    def close(self) -> None:
        """Ends the writer's threads."""
        if self._writer is not None:
            with damage(self.folder):
                self._writer.wait_merging_threads()
            self._writer = None

    def write(self, gone: Iterable[tuple[str, Any]], documents: Iterable[Any], change: int) -> None:
        """Deletes the documents with the (field, value) pairs of `gone`, then adds; all or nothing, as of `change`."""
        import tantivy

        with damage(self.folder):
            for field, value in gone:
                self._writer.delete_documents_by_term(field, value)
            for document in documents:
                self._writer.add_document(document)
            self._writer.delete_documents_by_term("id", _STATE)
            state = json.dumps([change, self._version]).encode()
            self._writer.add_document(tantivy.Document(id=[_STATE], content=[state]))
            self._writer.commit()
            self.refresh()

    def refresh(self) -> None:
        """Moves to the last committed state (another process may have written)."""
        with damage(self.folder):
            self._index.reload()
            self._searcher = self._index.searcher()
            self.change, self._made_with = self._state()

    def find(self, query: Any, limit: int) -> list[tuple[float, Any]]:
        """The best scores with the addresses of their documents, best first."""
        with damage(self.folder):
            found: list[tuple[float, Any]] = self._searcher.search(
                query, max(1, min(limit, int(self._searcher.num_docs))), count=False
            ).hits
            return found

    def count(self, query: Any) -> int:
        """How many documents a query finds."""
        with damage(self.folder):
            found: Any = self._searcher.search(query, 1)
            return int(found.count)

    def column(self, field: str, addresses: list[Any]) -> list[Any]:
        """The numbers of a fast field (None where a document has none), without opening the documents."""
        with damage(self.folder):
            values: list[Any] = self._searcher.fast_field_values(field, addresses)
            return values

    def contents(self, addresses: Iterable[Any]) -> list[Any]:
        """The JSON contents of documents."""
        with damage(self.folder):
            return [json.loads(self._searcher.doc(address).to_dict()["content"][0]) for address in addresses]

    def frequency(self, field: str, token: str) -> int:
        """How many documents hold a token."""
        return int(self._searcher.doc_freq(field, token))

    def totals(self, query: Any, fields: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """Of each fast field the most frequent values (so many) over the documents of a query."""
        wanted = {field: {"terms": {"field": field, "size": most}} for field, most in fields.items()}
        with damage(self.folder):
            found = self._searcher.aggregate(query, wanted)
            return {
                field: {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found[field]["buckets"]}
                for field in fields
            }

    def _open(self, writing: bool) -> None:
        from tantivy import Index, TextAnalyzerBuilder, Tokenizer

        if not self.folder.is_dir() and not writing:
            self._index = Index(self.schema)
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._index = Index(self.schema, path=str(self.folder))
        self._index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        self._writer = self._index.writer(_HEAP, 1) if writing else None
        self._searcher = self._index.searcher()

    def _state(self) -> tuple[int, str]:
        from tantivy import Query

        hits = self._searcher.search(Query.term_query(self.schema, "id", _STATE), 1).hits
        if not hits:
            if self._searcher.num_docs:
                raise InvalidLibrary("字词索引已损坏", str(self.folder), "将自动重建")
            return 0, ""
        number, made_with = json.loads(self._searcher.doc(hits[0][1]).to_dict()["content"][0])
        return int(number), str(made_with)


@contextmanager
def damage(folder: Path) -> Iterator[None]:
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
