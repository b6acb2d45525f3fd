"""How what people ask is said on forms: questions of `embeddings/pairs.jsonl` as rows, each with that of its wordings.

A question in everyday words is drawn towards the wordings of those it is most like. `embeddings/phrasebook.npz` holds the
rows as the encoder e5 gives them, in integers of eight bits; `training/phrasebook.py` makes it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from perfkg.encoder.contract import Rows

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PULL = 0.6
"""What the wordings count beside the question itself; chosen on the tuning half of the judged questions, as the others."""

NEAREST = 3
"""Of so many groups of the book the wordings are taken."""

SHARPNESS = 0.03
"""By so much less cosine a group counts e times less than the nearest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The row that a question is searched with, and its cosine to the nearest question of the book, None without one."""

    row: Rows
    likeness: float | None = None


class Phrasebook:
    """The rows of the questions, the group of each, and the row of the wordings of each group."""

    def __init__(self, data: bytes) -> None:
        """From the file's content. Raises ValueError or BadZipFile if it is not one of ours."""
        import numpy as np

        with np.load(io.BytesIO(data), allow_pickle=False) as read:
            if missing := {"questions", "group", "wordings", "adapter"} - set(read.files):
                raise ValueError(f"the phrasebook has no {missing}")
            self.questions, self.wordings = (_unit(read[name]) for name in ("questions", "wordings"))
            self._begins = np.flatnonzero(np.diff(read["group"], prepend=-1))
            self.adapter = str(read["adapter"])
        self.usual: Rows = self.wordings.mean(axis=0)
        """The mean of the wordings: its inner product with a question is what an indicator has that is about anything."""

    def drawn(self, row: Rows) -> Asked:
        """The row of a question, drawn towards the wordings of the questions it is most like; a unit row, too."""
        import numpy as np

        alike = np.maximum.reduceat(self.questions @ row, self._begins)
        nearest = np.argsort(-alike, kind="stable")[:NEAREST]
        share = np.exp((alike[nearest] - alike[nearest[0]]) / SHARPNESS)
        found: Rows = row + np.float32(PULL) * ((share / share.sum()) @ self.wordings[nearest])
        return Asked(found / np.linalg.norm(found), float(alike[nearest[0]]))


def shipped() -> Phrasebook:
    """The one that is shipped, which belongs to the adapter beside it."""
    return Phrasebook(resources.files("embeddings").joinpath("phrasebook.npz").read_bytes())


def write(questions: Rows, group: Array, wordings: Rows, adapter: str) -> bytes:
    """The content of a file of these unit rows, `group` the number of each question's group, in rising order.

    `adapter` is the checksum of what the encoder had learned that gave the rows.
    """
    import numpy as np

    made = io.BytesIO()
    np.savez_compressed(
        made,
        questions=_eight_bits(questions),
        group=group.astype(np.int32),
        wordings=_eight_bits(wordings),
        adapter=np.array(adapter),
    )
    return made.getvalue()


def _eight_bits(rows: Rows) -> Array:
    import numpy as np

    found: Array = np.rint(rows / np.abs(rows).max(axis=1, keepdims=True) * 127).astype(np.int8)
    return found


def _unit(rows: Array) -> Rows:
    import numpy as np

    numbers = rows.astype(np.float32)
    found: Rows = numbers / np.linalg.norm(numbers, axis=1, keepdims=True)
    return found
