"""What stands in for costly parts while others are measured: for the encoder, random projections; for the graph, nothing."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perfkg import encoder, tokens
from perfkg.encoder import Settings
from perfkg.graph import names
from perfkg.library import Library


class StandIn:
    """Random projections of character pairs, with a part that all texts share, as encoders have it."""

    name, dimension = "stand-in", 384

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self._of = chance.normal(size=(8192, self.dimension)).astype(np.float32)
        self._shared = chance.normal(size=self.dimension).astype(np.float32) * 6

    def passages(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Rows of texts."""
        rows = np.stack([self._of[_places(text, len(self._of))].sum(axis=0) for text in texts]) + self._shared
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def query(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The row of a question."""
        return np.asarray(self.passages([text])[0], np.float32)


class NoGraph:
    """Stands where the graph would, always up to date."""

    change = 1 << 60
    base = names.BASE

    def __len__(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing to close."""


def opened(folder: Path, stand_in: bool, without_graph: bool) -> Library:
    """The library in `folder`, with what is to stand in."""
    if stand_in:
        setattr(encoder, "load", lambda _: StandIn())  # noqa: B010
    library = Library(folder, Settings("e5"))
    if without_graph:
        library.projections._graph = NoGraph()  # type: ignore[assignment]
    return library


def _places(text: str, size: int) -> list[int]:
    return [zlib.crc32(token.encode()) % size for token in tokens.grams(text)]
