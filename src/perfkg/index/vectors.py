"""Unit vectors by key, searched by inner product, on faiss: every row while they are few, cells of them when many."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkg.errors import InvalidLibrary
from perfkg.index import cells
from perfkg.index.gate import Gate

if TYPE_CHECKING:
    from perfkg.encoder import Rows

_FILE, _NUMBERED, _MANIFEST = "vectors.faiss", "keys.npy", "manifest.json"
_PART = 20_000
_REMEMBERED = 8
_log = logging.getLogger(__name__)


class Vectors:
    """Half-precision rows by key; kept in memory, saved whole with a checksum.

    `encoder` names the maker of the rows: rows of another encoder are never mixed in. `change` is the ledger change
    that the rows stand at, set by whoever adds and removes them. When rows have become many, or four times as many as
    cells were learned from, cells are learned in a thread of their own, and take the place of what was there at once.
    """

    def __init__(self, encoder: str, dimension: int) -> None:
        """An empty index."""
        self.encoder, self.dimension = encoder, dimension
        self._index = cells.flat(dimension)
        # In faiss a row has a number, in the order they came, so that a choice of rows can be a map of bits.
        self._numbers: dict[int, int] = {}
        self._numbered: list[int] = []
        self._sum = np.zeros(dimension, np.float64)
        self._gate = Gate()
        self._learning: threading.Thread | None = None
        self._selectors: dict[int, tuple[Any, Any]] = {}
        self.change = self.saved = 0

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
            if about["checksum"] != _checksum(file, folder / _NUMBERED):
                raise ValueError("checksum")
            vectors._read(folder, about)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
            raise InvalidLibrary(f"向量索引已损坏：{error}", str(folder), "请运行 perfkg rebuild") from error
        return vectors

    def _read(self, folder: Path, about: dict[str, Any]) -> None:
        import faiss

        self._index = faiss.read_index(str(folder / _FILE))
        self._sum = np.array(about["sum"], np.float64)
        self._numbered = np.load(folder / _NUMBERED, allow_pickle=False).tolist()
        self._numbers = {self._numbered[number]: number for number in cells.numbers(self._index)}
        self.change = self.saved = int(about["change"])

    @property
    def keys(self) -> frozenset[int]:
        """The keys that have a row."""
        return frozenset(self._numbers)

    @property
    def kind(self) -> str:
        """How it is searched: `flat`, or `ivf-1024/128` for 1024 cells of which 128 are looked into."""
        there = cells.count(self._index)
        return f"ivf-{there}/{there // cells.PROBED}" if there else "flat"

    @property
    def centre(self) -> Rows:
        """The mean row: its inner product with a question is what an average text has."""
        return np.asarray(self._sum / max(1, len(self)), np.float32)

    def __contains__(self, key: int) -> bool:
        return key in self._numbers

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, keys: Sequence[int], rows: Rows) -> None:
        """Adds rows under keys that have none yet; shape (len(keys), dimension)."""
        if not keys:
            return
        with self._gate.writing():
            first = len(self._numbered)
            numbers = np.arange(first, first + len(keys))
            self._index.add_with_ids(np.ascontiguousarray(rows, dtype=np.float32), numbers)
            self._numbers |= zip(keys, numbers.tolist(), strict=True)
            self._numbered += keys
            self._sum += rows.sum(axis=0, dtype=np.float64)
            # A choice made before may be of keys that had no row yet.
            self._selectors.clear()
        if cells.wanted(len(self)) > 2 * cells.count(self._index) and self._learning is None:
            self._learning = threading.Thread(target=self._learn, name="cells")
            self._learning.start()

    def remove(self, keys: Iterable[int]) -> None:
        """Takes the rows of `keys` out."""
        gone = sorted(self._numbers.keys() & keys)
        if gone:
            with self._gate.writing():
                numbers = [self._numbers.pop(key) for key in gone]
                self._sum -= self._rows(numbers).sum(axis=0, dtype=np.float64)
                self._index.remove_ids(np.array(numbers, np.int64))

    def search(self, row: Rows, limit: int, among: Collection[int] | None = None) -> dict[int, float]:
        """The closest keys and their cosine, best first, of all or of those `among`; few of these are all looked at.

        An array given as `among` once more is known already: it must not change.
        """
        if among is not None and not len(among):
            return {}
        with self._gate.reading():
            selector = None if among is None else self._selector(among)
            how = cells.parameters(self._index, selector, None if among is None else len(among))
            return self._closest(row, limit, how)

    def closeness(self, row: Rows, keys: Iterable[int]) -> dict[int, float]:
        """The cosine of `row` with each of `keys` that has a row."""
        with self._gate.reading():
            known = list(self._numbers.keys() & keys)
            found = self._rows([self._numbers[key] for key in known]) @ row
        return dict(zip(known, found.tolist(), strict=True))

    def recall(self, row: Rows, limit: int) -> float:
        """The share of the truly closest `limit` that `search` finds for `row`."""
        with self._gate.reading():
            true = self._closest(row, limit, cells.parameters(self._index, None, 0)).keys()
        return len(true & self.search(row, limit).keys()) / len(true) if true else 1.0

    def settle(self) -> None:
        """Waits for cells that are being learned."""
        learning = self._learning
        if learning is not None:
            learning.join()

    def save(self, folder: Path) -> None:
        """Writes the index and its manifest; a crash in between leaves a checksum that does not fit."""
        import faiss

        if self.saved == self.change:
            return
        folder.mkdir(parents=True, exist_ok=True)
        part, numbered = folder / f"{_FILE}.part", folder / f"{_NUMBERED}.part"
        with self._gate.reading():
            written, change = self._index, self.change
            faiss.write_index(written, str(part))
            with numbered.open("wb") as stream:
                np.save(stream, np.array(self._numbered, np.int64), allow_pickle=False)
            about = {
                "encoder": self.encoder,
                "dimension": self.dimension,
                "change": change,
                "sum": self._sum.tolist(),
                "checksum": _checksum(part, numbered),
            }
        os.replace(part, folder / _FILE)
        os.replace(numbered, folder / _NUMBERED)
        manifest = folder / f"{_MANIFEST}.part"
        manifest.write_text(json.dumps(about), "utf-8")
        os.replace(manifest, folder / _MANIFEST)
        if self._index is written:  # else cells were learned meanwhile
            self.saved = change

    def _closest(self, row: Rows, limit: int, how: Any) -> dict[int, float]:
        import faiss

        # Said in every thread that asks: one question by one thread, so that several are answered at once.
        faiss.omp_set_num_threads(1)
        scores, numbers = self._index.search(row[None, :], min(limit, max(1, len(self))), params=how)
        pairs = zip(numbers[0].tolist(), scores[0].tolist(), strict=True)
        return {self._numbered[number]: score for number, score in pairs if number != -1}

    def _selector(self, among: Collection[int]) -> Any:
        """The choice as faiss wants it; the gate is open for reading, so that no row comes meanwhile."""
        import faiss

        known = self._selectors.get(id(among))
        if known is None:
            keys = among.tolist() if isinstance(among, np.ndarray) else among
            chosen = np.zeros(len(self._numbered), bool)
            chosen[[self._numbers[key] for key in keys if key in self._numbers]] = True
            if len(self._selectors) >= _REMEMBERED:
                self._selectors.clear()
            bits = np.packbits(chosen, bitorder="little")
            # The collection is kept with it: an id is its own as long as it lives.
            known = self._selectors[id(among)] = (among, faiss.IDSelectorBitmap(bits))
        return known[1]

    def _rows(self, numbers: Any) -> Rows:
        if not len(numbers):
            return np.empty((0, self.dimension), np.float32)
        rows: Rows = self._index.reconstruct_batch(np.asarray(numbers, np.int64))
        return rows

    def _learn(self) -> None:
        """Learns cells and takes them into use."""
        try:
            with self._gate.reading():
                numbers = set(self._numbers.values())
            fresh = self._celled(sorted(numbers))
            with self._gate.writing():
                now = set(self._numbers.values())
                fresh.remove_ids(np.array(sorted(numbers - now), np.int64))
                new = sorted(now - numbers)
                fresh.add_with_ids(self._rows(new), np.array(new, np.int64))
                self._index = fresh
                # What was saved of this change has no cells yet.
                self.saved = -1
        except Exception:  # whatever it is, the rows there are go on to be searched as before
            _log.exception("向量索引未能分格，仍逐行检索")
        finally:
            self._learning = None

    def _celled(self, numbers: list[int]) -> Any:
        """An index in cells that has the rows of `numbers`, but for those that are taken out meanwhile."""
        amount = cells.wanted(len(numbers))
        sample = np.random.default_rng(1).permutation(np.array(numbers))[: cells.sampled(amount)]
        fresh = cells.learned(self.dimension, amount, self._there(sample.tolist())[1])
        for start in range(0, len(numbers), _PART):
            there, rows = self._there(numbers[start : start + _PART])
            fresh.add_with_ids(rows, np.array(there, np.int64))
        return fresh

    def _there(self, numbers: list[int]) -> tuple[list[int], Rows]:
        with self._gate.reading():
            there = [number for number in numbers if self._numbers.get(self._numbered[number]) == number]
            return there, self._rows(there)


def _checksum(*files: Path) -> str:
    import hashlib

    found = hashlib.blake2b()
    for file in files:
        with file.open("rb") as stream:
            found.update(hashlib.file_digest(stream, "blake2b").digest())
    return found.hexdigest()
