"""The words of questions, which are data: embeddings/questions.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def pattern(group: str, name: str) -> re.Pattern[str]:
    """The words called `name` in `group`, as one expression."""
    return re.compile(_lists()[group][name])


@cache
def names(group: str) -> tuple[str, ...]:
    """The names of a group, in the order of the file, which is the order they are looked for."""
    return tuple(_lists()[group])


@cache
def _lists() -> dict[str, dict[str, str]]:
    lists: dict[str, dict[str, str]] = tomllib.loads((files("embeddings") / "questions.toml").read_text("utf-8"))
    return lists
