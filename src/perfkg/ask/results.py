"""What an answer is made of: a sentence, the rows behind it, and the number asked for."""

from __future__ import annotations

from dataclasses import dataclass

from perfkg.records import Json


class Unclear(Exception):
    """The rows do not allow the answer asked for; the message is Chinese."""


@dataclass(frozen=True)
class Result:
    """The sentence, the rows behind it, and the number asked for with its unit, if it is a number."""

    sentence: str
    rows: tuple[Json, ...]
    number: float | None = None
    unit: str | None = None
