"""The dense side of search: vectors of texts and of contexts, with the encoder that makes them.

A projection of the ledger like the others: it knows the change it stands at and catches up from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from perfkg.encoder import CachedEncoder
from perfkg.index import passages
from perfkg.index.vectors import Vectors
from perfkg.index.view import View
from perfkg.ledger import Change


class Meaning:
    """`texts` and `contexts`, both vectors by key, made by `encoder`."""

    def __init__(self, folder: Path, encoder: CachedEncoder, template: str, afresh: bool = False) -> None:
        """What `folder` has of this encoder and template, or nothing if `afresh`. Raises InvalidLibrary if damaged."""
        self.encoder, self.folder, self._template = encoder, folder, template
        made_by = f"{encoder.name}|{template}"
        self.texts, self.contexts = (
            (None if afresh else Vectors.load(folder / name, made_by, encoder.dimension))
            or Vectors(made_by, encoder.dimension)
            for name in ("texts", "contexts")
        )

    @property
    def change(self) -> int:
        """The ledger change that both stand at."""
        return min(self.texts.change, self.contexts.change)

    def prepare(self, changes: Sequence[Change]) -> None:
        """Encodes the new texts of `changes` into the cache: `apply` is quick then, and nothing is half found long."""
        new = passages.texts(changes, self._template)
        self.encoder.passages([text for key, text in new.items() if key not in self.texts])

    def apply(self, changes: Sequence[Change], before: Sequence[Change], view: View) -> None:
        """Adds what `changes` brought and takes out what stands at no place any more, as `view` (of after) knows."""
        touched = [*before, *changes]
        self._follow(self.texts, passages.texts(touched, self._template), "key", view)
        self._follow(self.contexts, passages.contexts(touched), "context", view)
        self.texts.change = self.contexts.change = changes[-1].number

    def settle(self) -> None:
        """Waits for what is being learned in the background."""
        self.texts.settle()
        self.contexts.settle()

    def save(self) -> None:
        """Writes both."""
        self.texts.save(self.folder / "texts")
        self.contexts.save(self.folder / "contexts")

    def recall(self, questions: Iterable[str], limit: int = 10) -> float:
        """The share of the true `limit` closest texts that the index finds, over `questions`."""
        shares = [self.texts.recall(self.encoder.query(text), limit) for text in questions]
        return sum(shares) / len(shares) if shares else 1.0

    def _follow(self, vectors: Vectors, touched: dict[int, str], column: str, view: View) -> None:
        held = view.holding(column, touched)
        vectors.remove(touched.keys() - held)
        new = [key for key in touched if key in held and key not in vectors]
        vectors.add(new, self.encoder.passages([touched[key] for key in new]))
