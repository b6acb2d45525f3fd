"""The topic of a question: which words a text must hold to be about it, with their synonyms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from perfkg import tokens
from perfkg.ask.wordlists import names, pattern
from perfkg.text import squeeze

_COUNT_WORDS = "频次|频率|次数|人数|数量|个数|场次|金额|总数|成本|费用|经费|费"
_COUNTED = re.compile(rf"(?<=\w\w)(?:{_COUNT_WORDS})$")
_MONEY = re.compile(r"(?:金额|成本|费用|经费|费)$")
_LONGEST_TERM = 6
"""Words in a term that may have synonyms."""


@dataclass(frozen=True)
class Topic:
    """A topic as asked. A text is about it if, for each of its terms, it holds all pieces of one way to say it.

    A part in quotation marks (“2021年全年”) is held as it is.
    """

    text: str

    @cached_property
    def terms(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """For each term the ways to say it, the asked one first; a way is the pieces a text must hold."""
        found: list[tuple[tuple[str, ...], ...]] = []
        for part in self.text.split():
            if part.startswith("“"):
                found.append(((part.strip("“”"),),))
                continue
            words = _words(part)
            while words:
                count, others = _longest_group(words)
                said = "".join(words[:count])
                # A synonym is held as it is written: 断网 may be said 网络故障, not 故障 here and 网络 there.
                found.append((_pieces(said), *((one,) for one in others)))
                words = words[count:]
        return tuple(found)

    @cached_property
    def last(self) -> Topic:
        """The last part of the topic: of 道路的满意度 it is 满意度; of one part its last word."""
        *_, part = self.text.split()
        return Topic(part if part != self.text else _words(part)[-1])

    def without(self, unit: str | None) -> Topic:
        """The topic without the word that the unit itself says: 响应时间 in hours is 响应; itself where no word is left."""
        if unit not in names("dimensions"):
            return self
        shorter = " ".join(pattern("dimensions", unit or "").sub(" ", self.text).split())
        return Topic(shorter) if shorter else self

    @cached_property
    def longest(self) -> Topic:
        """The part of the topic that a single text must hold: of its terms the one with the longest piece."""
        ways = max(self.terms, key=lambda ways: max(map(len, ways[0])))
        return _Said(self.text, tuple((max(way, key=len),) for way in ways))

    @cached_property
    def bare(self) -> Topic:
        """The topic without a last word that only says what is counted: of 演练次数 it is 演练."""
        return Topic(_COUNTED.sub("", self.text) or self.text)

    @cached_property
    def asks_unit(self) -> str:
        """How the unit begins that its last word asks for: 抗体检测费 for money, 送戏下乡场次 for a count; else empty."""
        return "" if self.bare == self else "CNY" if _MONEY.search(self.text) else "{"

    @property
    def is_fund(self) -> bool:
        """Whether a project may be called so as a whole: 人民调解经费."""
        return self.text.endswith(("经费", "资金"))

    @cached_property
    def counts_alone(self) -> bool:
        """Whether its last word only says what is counted (人数): a row that holds no more is of no topic."""
        return bool(re.fullmatch(_COUNT_WORDS, self.last.text))

    @cached_property
    def folds(self) -> bool:
        """Whether capital letters are the same as small ones to it."""
        return any(character.isascii() and character.isalpha() for character in self.text)

    def holds(self, text: str) -> bool:
        """Whether `text` is about the topic."""
        squeezed = squeeze(text).lower()
        return all(any(all(piece in squeezed for piece in way) for way in ways) for ways in self.terms)

    def says(self, text: str) -> bool:
        """Whether `text` holds the topic in the words it was asked in, not in synonyms of them."""
        squeezed = squeeze(text).lower()
        return all(all(piece in squeezed for piece in ways[0]) for ways in self.terms)

    def share(self, text: str) -> float:
        """How many of the terms the text holds, 0 to 1."""
        squeezed = squeeze(text).lower()
        held = sum(any(all(piece in squeezed for piece in way) for way in ways) for ways in self.terms)
        return held / len(self.terms) if self.terms else 0.0

    def sparql(self, variable: str) -> str:
        """The same condition as a SPARQL expression over the string `variable`."""
        if self.folds:
            variable = f"LCASE({variable})"
        return " && ".join(_either([_every(way, variable) for way in ways]) for ways in self.terms)


@dataclass(frozen=True)
class _Said(Topic):
    """A topic of one term with these ways to say it."""

    ways: tuple[tuple[str, ...], ...]

    @cached_property
    def terms(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The one term: a way is the pieces that a text must all hold."""
        return (self.ways,)


def _words(text: str) -> list[str]:
    bounds = [*tokens.starts(text), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)] or [text]


def _longest_group(words: list[str]) -> tuple[int, list[str]]:
    """How many words from the first on are one term that has synonyms, and they; else one word and none."""
    for count in range(min(len(words), _LONGEST_TERM), 0, -1):
        if others := _group("".join(words[:count])):
            return count, others
    return 1, []


def _group(term: str) -> list[str]:
    return [other for other in tokens.synonyms().get(term, ()) if other != term]


def _pieces(text: str) -> tuple[str, ...]:
    """The shortest words in `text`, left to right; what is in no word belongs to the one before it.

    >>> _pieces("农村集中供水率")
    ('农村', '集中', '供水率')
    """
    words = sorted(set(tokens.words(text)), key=len)
    least = [word for number, word in enumerate(words) if not any(shorter in word for shorter in words[:number])]
    cuts: list[int] = []
    at = 0
    while at < len(text):
        word = next((one for one in least if text.startswith(one, at)), None)
        if word:
            cuts.append(at)
        at += len(word or "x")
    bounds = [0, *cuts[1:], len(text)] if cuts else [0, len(text)]
    return tuple(text[a:b] for a, b in pairwise(bounds) if a < b)


def _every(way: tuple[str, ...], variable: str) -> str:
    return " && ".join(f"CONTAINS({variable}, {quoted(piece)})" for piece in way)


def _either(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else "(" + " || ".join(f"({one})" for one in conditions) + ")"


def quoted(text: str) -> str:
    """A string as SPARQL writes it: nothing in it can become a part of the query."""
    from pyoxigraph import Literal

    return str(Literal(text))
