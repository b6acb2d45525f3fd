"""The topic of a question: which words a text must hold to be about it, with their synonyms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from perfkg import tokens
from perfkg.ask.wordlists import names, pattern
from perfkg.text import squeeze

_LONGEST_TERM = 12


@dataclass(frozen=True)
class Topic:
    """A topic as asked. A text is about it if, for each of its terms, it holds all pieces of one way to say it."""

    text: str

    @cached_property
    def terms(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """For each term the ways to say it, the asked one first; a way is the pieces a text must hold."""
        found: list[tuple[tuple[str, ...], ...]] = []
        for part in self.text.split():
            start = 0
            while start < len(part):
                end, others = _longest_group(part, start)
                said = part[start:end]
                ways = (said, *others) if others else (said,)
                # A synonym is held as it is written: 断网 may be said 网络故障, not 故障 here and 网络 there.
                found.append((_pieces(said), *((one,) for one in ways[1:])))
                start = end
        return tuple(found)

    def without(self, unit: str | None) -> Topic:
        """The topic without the word that the unit itself says: 响应时间 in hours is 响应; itself where no word is left."""
        if unit not in names("dimensions"):
            return self
        shorter = " ".join(pattern("dimensions", unit or "").sub(" ", self.text).split())
        return Topic(shorter) if shorter else self

    def holds(self, text: str) -> bool:
        """Whether `text` is about the topic."""
        squeezed = squeeze(text)
        return all(any(all(piece in squeezed for piece in way) for way in ways) for ways in self.terms)

    def share(self, text: str) -> float:
        """How many of the terms the text holds, 0 to 1."""
        squeezed = squeeze(text)
        held = sum(any(all(piece in squeezed for piece in way) for way in ways) for ways in self.terms)
        return held / len(self.terms) if self.terms else 0.0

    def sparql(self, variable: str) -> str:
        """The same condition as a SPARQL expression over the string `variable`."""
        return " && ".join(_either([_every(way, variable) for way in ways]) for ways in self.terms)


def _longest_group(text: str, start: int) -> tuple[int, list[str]]:
    """The longest term from `start` that has synonyms, where it ends, and they; else the stretch up to the next one."""
    for at in range(start, len(text)):
        for end in range(min(len(text), at + _LONGEST_TERM), at + 1, -1):
            if others := _group(text[at:end]):
                return (end, others) if at == start else (at, [])
    return len(text), []


def _group(term: str) -> list[str]:
    others = tokens.alike(term)
    return others if others and term in tokens.alike(others[0]) else []


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
    return tuple(text[a:b] for a, b in zip(bounds, bounds[1:], strict=False) if a < b)


def _every(way: tuple[str, ...], variable: str) -> str:
    return " && ".join(f"CONTAINS({variable}, {quoted(piece)})" for piece in way)


def _either(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else "(" + " || ".join(f"({one})" for one in conditions) + ")"


def quoted(text: str) -> str:
    """A string as SPARQL writes it: nothing in it can become a part of the query."""
    from pyoxigraph import Literal

    return str(Literal(text))
