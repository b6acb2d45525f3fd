"""What every encoder keeps to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np

    Rows = np.ndarray[Any, np.dtype[np.float32]]
else:
    Rows = Any

T = TypeVar("T")


class Encoder(Protocol):
    """Anything that turns texts into unit rows. `name` identifies its output: same name, same rows."""

    name: str
    dimension: int

    def passages(self, texts: Sequence[str]) -> Rows:
        """Rows of recorded texts, shape (len(texts), dimension)."""

    def query(self, text: str) -> Rows:
        """The row of a question, shape (dimension,)."""


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`items` in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
