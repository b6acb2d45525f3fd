"""Text to the numbers of its pieces, with as much of the vocabulary as our texts need."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from perfkg.encoder.weights import Vocabulary

if TYPE_CHECKING:
    import numpy as np

    Ids = np.ndarray[Any, np.dtype[np.int64]]

QUERY, PASSAGE = "query: ", "passage: "
"""What the model was trained to see before a question and before what answers it."""

_START, _END, _UNKNOWN, _SPECIAL = 0, 2, 3, 4
_SPACE = "▁"
_USUAL = -11.0
"""Log probability from which on a Latin piece longer than two letters is kept."""

_HAN = re.compile("[㐀-鿿豈-﫿𠀀-𳎟]")


def kept(vocabulary: Vocabulary) -> list[int]:
    """The numbers of the pieces that Chinese budget texts are made of; about a tenth of all.

    Chinese characters, digits, punctuation, signs and units, all short or usual Latin pieces, and the two prefixes.
    """
    return [
        number
        for number, (piece, score) in enumerate(zip(vocabulary.pieces, vocabulary.scores, strict=True))
        if number < _SPECIAL or _needed(piece.replace(_SPACE, ""), score)
    ]


class Tokenizer:
    """Cuts a text as the model was trained to see it."""

    def __init__(self, saved: bytes) -> None:
        """From what `save` gave."""
        from tokenizers import Tokenizer as Engine

        read = json.loads(saved)
        self._characters = {int(code): text for code, text in read["characters"].items()}
        self._engine = Engine.from_str(json.dumps(read["pieces"]))

    def ids(self, text: str) -> Ids:
        """The numbers of the pieces of `text`, shape (1, pieces)."""
        import numpy as np

        plain = re.sub(" {2,}", " ", text.translate(self._characters))
        return np.array([self._engine.encode(plain).ids], np.int64)


def save(vocabulary: Vocabulary, numbers: list[int], length: int) -> bytes:
    """A tokenizer of the pieces with these numbers, as a file. It cuts a text off at `length` pieces."""
    from tokenizers import Tokenizer as Engine
    from tokenizers import models, pre_tokenizers, processors

    pieces = [(vocabulary.pieces[number], vocabulary.scores[number]) for number in numbers]
    engine = Engine(models.Unigram(pieces, _UNKNOWN))
    engine.pre_tokenizer = pre_tokenizers.Metaspace()
    ends = [(pieces[number][0], number) for number in (_START, _END)]
    engine.post_processor = processors.TemplateProcessing(f"{ends[0][0]} $A {ends[1][0]}", special_tokens=ends)
    engine.enable_truncation(length)
    return json.dumps({"characters": vocabulary.characters, "pieces": json.loads(engine.to_str())}).encode()


def _needed(piece: str, score: float) -> bool:
    if piece in QUERY or piece in PASSAGE:
        return True
    letters = [character for character in piece if not _everywhere(character)]
    if not all(character.isascii() for character in letters):
        return False
    return len(letters) <= 2 or score > _USUAL


@cache
def _everywhere(character: str) -> bool:
    """Whether it occurs in Chinese texts of any kind: Chinese, a digit of ours, a mark, a sign, a unit."""
    if unicodedata.category(character) == "Nd":
        return character.isascii()
    return unicodedata.category(character)[0] in "PSN" or bool(_HAN.match(character))
