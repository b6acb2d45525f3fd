"""Whether anything found is likely to be about what is asked, or is merely the nearest that there is.

Chosen on the tuning half of the judged questions and of embeddings/judgements/unrelated.txt; see docs/search.md. The
figures are those of the encoder that has the phrasebook: of another nothing can be told.
"""

from __future__ import annotations

import math

from perfkg.encoder.phrasebook import Asked, Phrasebook

HELD = 0.25
"""What holds this share of the words asked for is related, whatever the encoder has of it."""

UNLIKE = 0.54
"""A question less like all questions of the phrasebook than this cosine asks for no indicator."""

CHANCE = 0.038
"""How much nearer than usual the nearest of many texts is by chance: so much times √(2 ln n) for n of them."""


def unrelated(book: Phrasebook | None, asked: Asked, closest: float, texts: int) -> bool:
    """Whether the text whose cosine to what is `asked` is `closest`, of so many `texts`, is unlikely to be meant.

    False without a phrasebook.
    """
    if book is None or asked.likeness is None:
        return False
    nearer = closest - float(asked.row @ book.usual)
    return asked.likeness < UNLIKE or nearer < CHANCE * math.sqrt(2 * math.log(max(texts, 1)))
