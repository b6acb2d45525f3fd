"""Unit vectors by key, searched by inner product, on faiss: every row while they are few, cells of them when many."""

from __future__ import annotations

import heapq
import json
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfkg.errors import InvalidLibrary

if TYPE_CHECKING:
    import numpy as np

    Rows = np.ndarray[Any, np.dtype[np.float32]]

FEW = 50_000
"""Up to so many rows every row is looked at; that takes about 3 ms."""

_FILE, _MANIFEST = "vectors.faiss", "manifest.json"
_EXACT = 20_000
"""Up to so many chosen rows are compared one by one, which misses none."""

_PROBED = 8
"""One cell of so many is looked into; measured by `recall`."""

_PER_CELL = 40
"""Rows a cell is learned from."""


class Vectors:
    """Half-precision rows by key; kept in memory, saved whole with a checksum.

    `encoder` names the maker of the rows: rows of another encoder are never mixed in. `change` is the ledger change
    that the rows stand at, set by whoever adds and removes them.
    """

    def __init__(self, encoder: str, dimension: int) -> None:
        """An empty index."""
        import faiss
        import numpy as np

        self.encoder, self.dimension = encoder, dimension
        faiss.omp_set_num_threads(1)
        self._index = _flat(dimension)
        self._keys: set[int] = set()
        self._sum = np.zeros(dimension, np.float64)
        self._lock = threading.RLock()
        self.change = self._saved = 0

    @classmethod
    def load(cls, folder: Path, encoder: str, dimension: int) -> Vectors | None:
        """The index saved in `folder`; None where there is none for this encoder. Raises InvalidLibrary if damaged."""
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
            vectors._read(file, about)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
            raise InvalidLibrary(f"向量索引已损坏：{error}", str(folder), "请运行 perfkg rebuild") from error
        return vectors

    def _read(self, file: Path, about: dict[str, Any]) -> None:
        import faiss
        import numpy as np

        self._index = faiss.read_index(str(file))
        if hasattr(self._index, "nlist"):
            self._index.nprobe = self._index.nlist // _PROBED
        self._sum = np.array(about["sum"], np.float64)
        self._keys = set(_keys(self._index))
        self.change = self._saved = int(about["change"])

    @property
    def keys(self) -> frozenset[int]:
        """The keys that have a row."""
        return frozenset(self._keys)

    @property
    def kind(self) -> str:
        """How it is searched: `flat`, or `ivf-1024/64` for 1024 cells of which 64 are looked into."""
        cells = getattr(self._index, "nlist", 0)
        return f"ivf-{cells}/{self._index.nprobe}" if cells else "flat"

    @property
    def centre(self) -> Rows:
        """The mean row: its inner product with a question is what an average text has."""
        import numpy as np

        return np.asarray(self._sum / max(1, len(self)), np.float32)

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def __bool__(self) -> bool:
        return True

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
            self._sum += rows.sum(axis=0, dtype=np.float64)
            self._learn()

    def remove(self, keys: Iterable[int]) -> None:
        """Takes the rows of `keys` out."""
        import numpy as np

        gone = sorted(self._keys.intersection(keys))
        if gone:
            with self._lock:
                self._sum -= self._rows(gone).sum(axis=0, dtype=np.float64)
                self._index.remove_ids(np.array(gone, dtype=np.int64))
                self._keys.difference_update(gone)

    def search(self, row: Rows, limit: int, among: Collection[int] | None = None) -> dict[int, float]:
        """The closest keys and their cosine, of all or of those `among`; few of these are compared one by one."""
        import faiss
        import numpy as np

        if among is not None and len(among) <= max(limit, _EXACT):
            found = self.closeness(row, among)
            return dict(heapq.nlargest(limit, found.items(), key=lambda item: item[1]))
        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.fromiter(among, np.int64, len(among)))
            flat = self.kind == "flat"
            wanted = {"sel": selector} if flat else {"sel": selector, "nprobe": self._index.nprobe}
            parameters = (faiss.SearchParameters if flat else faiss.SearchParametersIVF)(**wanted)
        with self._lock:
            scores, keys = self._index.search(row[None, :], min(limit, max(1, len(self))), params=parameters)
        return {int(key): float(score) for key, score in zip(keys[0], scores[0], strict=True) if key != -1}

    def closeness(self, row: Rows, keys: Iterable[int]) -> dict[int, float]:
        """The cosine of `row` with each of `keys` that has a row."""
        known = list(self._keys.intersection(keys))
        with self._lock:
            found = self._rows(known) @ row
        return dict(zip(known, found.tolist(), strict=True))

    def recall(self, row: Rows, limit: int) -> float:
        """The share of the truly closest `limit` that `search` finds for `row`."""
        import numpy as np

        keys = np.fromiter(self._keys, np.int64, len(self))
        if not len(keys):
            return 1.0
        parts = np.array_split(keys, max(1, len(keys) // 100_000))
        closeness = np.concatenate([self._rows(part) @ row for part in parts])
        true = set(np.concatenate(parts)[np.argsort(-closeness)[:limit]].tolist())
        return len(true & self.search(row, limit).keys()) / len(true)

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
                "sum": self._sum.tolist(),
                "checksum": _checksum(part),
            }
            os.replace(part, folder / _FILE)
            manifest = folder / f"{_MANIFEST}.part"
            manifest.write_text(json.dumps(about), "utf-8")
            os.replace(manifest, folder / _MANIFEST)
            self._saved = self.change

    def _rows(self, keys: Any) -> Rows:
        import numpy as np

        if not len(keys):
            return np.empty((0, self.dimension), np.float32)
        rows: Rows = self._index.reconstruct_batch(np.asarray(keys, np.int64))
        return rows

    def _learn(self) -> None:
        """Learns cells when there are many rows, and anew when four times as many as were learned from."""
        import numpy as np

        cells = getattr(self._index, "nlist", 0)
        wanted = _cells(len(self))
        if len(self) <= FEW or wanted <= 2 * cells:
            return
        keys = np.fromiter(self._keys, np.int64, len(self))
        sample = np.random.default_rng(1).choice(keys, min(len(keys), _PER_CELL * wanted), replace=False)
        fresh = _celled(self.dimension, wanted)
        with _all_threads():
            fresh.train(self._rows(sample))
            for part in np.array_split(keys, len(keys) // 20_000 + 1):
                fresh.add_with_ids(self._rows(part), part)
        self._index = fresh


def _flat(dimension: int) -> Any:
    import faiss

    rows = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap2(rows)


def _celled(dimension: int, cells: int) -> Any:
    import faiss

    centres = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        centres, dimension, cells, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    centres.this.disown()
    index.own_fields = True
    index.set_direct_map_type(faiss.DirectMap.Hashtable)
    index.nprobe = cells // _PROBED
    index.cp.niter, index.cp.spherical = 8, True
    return index


@contextmanager
def _all_threads() -> Iterator[None]:
    """One question is answered by one thread, so that several are answered at once; learning takes all there are."""
    import faiss

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(1)


def _cells(count: int) -> int:
    """About the square root of the rows, as a power of two: 256 for 50,000 rows, 1024 for a million."""
    return 1 << (max(1, count).bit_length() // 2)


def _keys(index: Any) -> list[int]:
    import faiss

    if not hasattr(index, "nlist"):
        found: list[int] = faiss.vector_to_array(index.id_map).tolist()
        return found
    lists = index.invlists
    sizes = [(cell, lists.list_size(cell)) for cell in range(index.nlist)]
    return [int(key) for cell, size in sizes if size for key in faiss.rev_swig_ptr(lists.get_ids(cell), size)]


def _checksum(file: Path) -> str:
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()
