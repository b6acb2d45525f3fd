"""The wordings near in meaning to what is typed: the two indexes asked for texts alone, as quick as a keystroke asks.

A search also weighs projects, organizations and years, which a few typed characters do not name.
"""

from __future__ import annotations

from perfkg import tokens
from perfkg.concepts.summary import Key
from perfkg.concepts.uses import Uses
from perfkg.library import Library
from perfkg.search.question import SYNONYM
from perfkg.search.ranking import MEANING

_TEXTS = 200


def near(
    library: Library, known: Uses, text: str, wanted: frozenset[str | None] | None, least: float
) -> dict[Key, float]:
    """The wordings of the `wanted` categories and how near they are (0 to 1), as a search scores; from `least` on."""
    words, meaning = _by_words(library, text), _by_meaning(library, text)
    share = MEANING if meaning else 0.0
    found: dict[Key, float] = {}
    for one in words.keys() | meaning.keys():
        key = known.of_text.get(one)
        score = share * meaning.get(one, 0.0) + (1 - share) * words.get(one, 0.0)
        if key in known.wordings and score >= least and (wanted is None or key[0] in wanted):
            found[key] = max(score, found.get(key, 0.0))
    return found


def _by_words(library: Library, text: str) -> dict[int, float]:
    """Texts by their key; 1 is the best of all."""
    like = tokens.alike(text)
    terms = {
        field: dict.fromkeys((token for other in like for token in cut(other)), SYNONYM) | dict.fromkeys(cut(text), 1.0)
        for field, cut in (("grams", tokens.grams), ("words", tokens.words))
    }
    scores = library.words.view.search(terms, _TEXTS)
    best = max(scores.values(), default=0.0) or 1.0
    return {key: score / best for key, score in scores.items()}


def _by_meaning(library: Library, text: str) -> dict[int, float]:
    """Texts by their key; 1 is the closest of all, 0 what an average text has. Empty without an encoder."""
    meaning = library.meaning
    if meaning is None or not len(meaning.texts):
        return {}
    row = meaning.encoder.query(text)
    usual, scores = float(row @ meaning.texts.centre), meaning.texts.search(row, _TEXTS)
    span = max(max(scores.values(), default=usual) - usual, 1e-6)
    return {key: max(0.0, (score - usual) / span) for key, score in scores.items()}
