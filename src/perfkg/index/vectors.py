"""The dense index: one unit vector a distinct text, on faiss. Which texts there are is known by the word index."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfkg.errors import InvalidLibrary

if TYPE_CHECKING:
    import numpy as np

    Rows = np.ndarray[Any, np.dtype[np.float32]]

_FILE, _MANIFEST = "vectors.faiss", "manifest.json"


class Vectors:
    """Rows by text key, searched by inner product; kept in memory, saved whole with a checksum.

    `encoder` names the maker of the rows: rows of another encoder are never mixed in. `change` is the ledger change
    that the rows stand at, set by whoever adds and removes them.
    """

    def __init__(self, encoder: str, dimension: int) -> None:
        """An empty index; half-precision rows, exact search."""
        import faiss

        self.encoder, self.dimension = encoder, dimension
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._index = faiss.IndexIDMap2(flat)
        self._keys: set[int] = set()
        self._lock = threading.Lock()
        self.change = self._saved = 0

    @classmethod
    def load(cls, folder: Path, encoder: str, dimension: int) -> Vectors | None:
        """The index saved in `folder`; None where there is none for this encoder. Raises InvalidLibrary if damaged."""
        import faiss

        manifest, file = folder / _MANIFEST, folder / _FILE
        if not manifest.exists() and not file.exists():
            return None
        vectors = cls(encoder, dimension)
        try:
            about = json.loads(manifest.read_text("utf-8"))
            if (about["encoder"], about["dimension"]) != (encoder, dimension):
                return None
            if about["checksum"] != _checksum(file):
                raise ValueError("checksum")
            vectors._index = faiss.read_index(str(file))
            vectors.change = vectors._saved = int(about["change"])
            vectors._keys = set(faiss.vector_to_array(vectors._index.id_map).tolist())
        except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
            raise InvalidLibrary(f"向量索引已损坏：{error}", str(folder), "请运行 perfkg rebuild") from error
        return vectors

    @property
    def keys(self) -> frozenset[int]:
        """The text keys that have a row."""
        return frozenset(self._keys)

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Sequence[int], rows: Rows) -> None:
        """Adds rows under keys that have none yet; shape (len(keys), dimension)."""
        import numpy as np

        if not keys:
            return
        with self._lock:
            self._index.add_with_ids(np.ascontiguousarray(rows, dtype=np.float32), np.array(keys, dtype=np.int64))
            self._keys.update(keys)

    def remove(self, keys: Iterable[int]) -> None:
        """Takes the rows of `keys` out."""
        import numpy as np

        gone = self._keys.intersection(keys)
        if gone:
            with self._lock:
                self._index.remove_ids(np.array(sorted(gone), dtype=np.int64))
                self._keys -= gone

    def search(self, row: Rows, limit: int, among: set[int] | None = None) -> dict[int, float]:
        """The closest text keys and their cosine, among the given ones or all."""
        import faiss
        import numpy as np

        if among is not None and len(among) <= limit:
            return self.closeness(row, among)
        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.array(sorted(among), dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)
        with self._lock:
            scores, keys = self._index.search(row[None, :], min(limit, max(1, len(self))), params=parameters)
        return {int(key): float(score) for key, score in zip(keys[0], scores[0], strict=True) if key != -1}

    def closeness(self, row: Rows, keys: Iterable[int]) -> dict[int, float]:
        """The cosine of `row` with each of `keys` that has a row."""
        known = sorted(self._keys.intersection(keys))
        with self._lock:
            return {key: float(self._index.reconstruct(key) @ row) for key in known}

    def save(self, folder: Path) -> None:
        """Writes the index and its manifest; a crash in between leaves a checksum that does not fit."""
        import faiss

        if self._saved == self.change:
            return
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_FILE}.part"
        with self._lock:
            faiss.write_index(self._index, str(part))
            about = {
                "encoder": self.encoder,
                "dimension": self.dimension,
                "change": self.change,
                "checksum": _checksum(part),
            }
            os.replace(part, folder / _FILE)
            manifest = folder / f"{_MANIFEST}.part"
            manifest.write_text(json.dumps(about), "utf-8")
            os.replace(manifest, folder / _MANIFEST)
            self._saved = self.change


def _checksum(file: Path) -> str:
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()
