"""A question read a word at a time: what has been understood is taken, what is left in the end is the topic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfkg.text import squeeze

_QUOTES = re.compile("[\"'《》]")
_GAP = "\0"


def plain(question: str) -> str:
    """A question as it is read: folded, without spaces and quotation marks."""
    return _QUOTES.sub("", squeeze(question))


class Question:
    """The text of a question; `rest` is the same text with everything taken blotted out, in the same places."""

    def __init__(self, text: str) -> None:
        """`text` is folded, without spaces."""
        self.text = self.rest = text

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """The first match of `pattern` in the rest, taken; None without one."""
        found = pattern.search(self.rest)
        return self.cut(*found.span()) if found and found[0] else None

    def take_all(self, pattern: re.Pattern[str]) -> list[str]:
        """All matches of `pattern` in the rest, taken."""
        return [self.cut(*found.span()) for found in list(pattern.finditer(self.rest)) if found[0]]

    def cut(self, start: int, end: int) -> str:
        """Takes a stretch and gives its text."""
        self.rest = self.rest[:start] + _GAP * (end - start) + self.rest[end:]
        return self.text[start:end]

    def holds(self, pattern: re.Pattern[str]) -> str | None:
        """The first match of `pattern` in the whole text, taken or not."""
        found = pattern.search(self.text)
        return found[0] if found else None

    def pieces(self) -> Iterator[str]:
        """What nothing has taken, a stretch at a time."""
        for piece in re.split(rf"[{_GAP}\W_]+", self.rest):
            if piece:
                yield piece
