"""No text is encoded twice: rows are kept beside the ledger, by encoder and text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from perfkg.encoder.contract import Encoder, Rows, parts
from perfkg.encoder.phrasebook import Asked, Phrasebook
from perfkg.encoder.settings import LONGEST
from perfkg.ledger.encodings import Encodings
from perfkg.text import simplified

_PART = 320
"""Texts encoded between two commits: about a second's work, all that a crash can lose."""


def digest(text: str) -> bytes:
    """The key of a text in the cache."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def text_key(text: str) -> int:
    """The key of a text in the indexes: 63 bits of its digest (two of a million texts collide with chance 5e-8)."""
    return int.from_bytes(digest(text)[:8]) >> 1


class CachedEncoder:
    """An encoder that looks a passage up before it computes it."""

    def __init__(self, encoder: Encoder, cache: Encodings) -> None:
        """`cache` is the ledger's."""
        self.encoder, self.cache = encoder, cache
        self.phrasebook: Phrasebook | None = getattr(encoder, "phrasebook", None)
        self.name, self.dimension = encoder.name, encoder.dimension

    def query(self, text: str) -> Rows:
        """The row of a question; not kept."""
        return self.encoder.query(_encodable(text))

    def asked(self, text: str) -> Asked:
        """A question about indicators: drawn towards how forms say it, where the encoder has a phrasebook."""
        row = self.query(text)
        return self.phrasebook.drawn(row) if self.phrasebook else Asked(row)

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Rows:
        """Rows of `texts` in their order; `progress` is told how many texts of the missing ones are done."""
        import numpy as np

        keys = [digest(text) for text in texts]
        found = {key: row for key, row in self.cache.find(self.name, set(keys)).items() if self._sound(row)}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        for part in parts(sorted(missing.items(), key=lambda item: len(item[1])), _PART):
            rows = self.encoder.passages([_encodable(text) for _, text in part])
            # Rounded as the cache gives it back, so that a row does not depend on who computed it.
            new = {key: row.astype(np.float16).astype(np.float32) for (key, _), row in zip(part, rows, strict=True)}
            self.cache.keep(self.name, new)
            found |= new
            if progress:
                progress(len(part))
        return np.stack([found[key] for key in keys]) if keys else np.empty((0, self.dimension), np.float32)

    def _sound(self, row: Rows) -> bool:
        """Whether a kept row can be this encoder's; a damaged one is computed again."""
        return row.shape == (self.dimension,) and abs(float(row @ row) - 1) < 0.01


def _encodable(text: str) -> str:
    """`text` cut to length and simplified, without what C stumbles over: NUL and halves of surrogate pairs."""
    return simplified(text[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode())
