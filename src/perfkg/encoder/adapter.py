"""What the network has learned about our texts: a small addition to each of its matrices, from `embeddings/adapter.npz`.

An addition is the product of two narrow matrices (`down`, width x rank, and `up`, rank x outputs; float16). With them come
the rows that the network with the additions gives for the fixed texts, computed where it was trained: what is built from
them here has to agree. `embeddings/adapter.json` says what it was trained on; `training/` trains it.
"""

from __future__ import annotations

import io
from importlib import resources
from typing import TYPE_CHECKING, Any

from perfkg.encoder.contract import Rows

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PARTS = ("q", "k", "v", "ao", "fi", "fo")
"""The matrices of a layer that have an addition: those of attention, its output, feed-forward in and out."""


class Adapter:
    """Additions by the name of the matrix (`l0.q`), and `sample`, the rows of the fixed texts."""

    def __init__(self, data: bytes) -> None:
        """From the file's content. Raises ValueError or BadZipFile if it is not one of ours."""
        import numpy as np

        with np.load(io.BytesIO(data), allow_pickle=False) as read:
            self._factors = {name: read[name].astype(np.float32) for name in read.files}
        if "sample" not in self._factors:
            raise ValueError("the adapter has no rows of the fixed texts")
        self.sample: Rows = self._factors.pop("sample")

    def addition(self, name: str) -> Array | float:
        """What is added to the matrix `name`, shape (width, outputs); 0.0 where nothing is."""
        if f"{name}.down" not in self._factors:
            return 0.0
        down, up = self.factors(name)
        product: Array = down @ up
        return product

    def factors(self, name: str) -> tuple[Array, Array]:
        """The two narrow matrices of the addition to `name`. Raises KeyError where nothing is added."""
        return self._factors[f"{name}.down"], self._factors[f"{name}.up"]


def content() -> bytes:
    """The file that is shipped."""
    return resources.files("embeddings").joinpath("adapter.npz").read_bytes()


def write(factors: dict[str, tuple[Array, Array]], sample: Rows) -> bytes:
    """The content of a file of these factors by name of the matrix: what `Adapter` reads."""
    import numpy as np

    named = {
        f"{name}.{side}": one for name, both in factors.items() for side, one in zip(("down", "up"), both, strict=True)
    }
    made = io.BytesIO()
    arrays: dict[str, Any] = {name: one.astype(np.float16) for name, one in named.items()}
    np.savez_compressed(made, sample=sample, **arrays)
    return made.getvalue()
