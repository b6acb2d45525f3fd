"""The tokens of a query, as far as gate and meaning need them: a word in a string, an IRI or a comment is no keyword."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<blank>_:[\w.-]+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w:%-]|\\.|\.+(?=[\w:%\\-]))*)
    | (?P<word>[^\W\d]\w*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<bracket>[(){}\[\]])
    | (?P<sign>\S)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of the query: its `kind` (the groups above), its `text`, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The keyword in capitals; empty for what is none."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """All tokens of `text` with the comments."""
    return (Token(found.lastgroup or "", found.group(), found.start()) for found in _TOKEN.finditer(text))


def position(text: str, start: int) -> tuple[int, int]:
    """The line and column of a character, from 1."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def declared(given: Sequence[Token], prefixes: Mapping[str, str]) -> dict[str, str]:
    """`prefixes` and those that the query declares."""
    known = dict(prefixes)
    for one, following, third in zip(given, given[1:], given[2:], strict=False):
        if one.word == "PREFIX":
            known[following.text.removesuffix(":")] = third.text[1:-1]
    return known


def absolute(token: Token, prefixes: Mapping[str, str]) -> str:
    """The IRI that an iri or a name token means."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local
