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
def noun(subject: str) -> re.Pattern[str]:
    """The noun of a subject standing for itself: 单位 in 哪个单位 and 资金最多的单位, not in 接入单位."""
    word = pattern("subjects", subject).pattern
    return re.compile(rf"(?:(?<![一-鿿])|(?<=[的个些家各每类]))(?:{word})" if subject == "organizations" else word)


@cache
def names(group: str) -> tuple[str, ...]:
    """The names of a group, in the order of the file, which is the order they are looked for."""
    return tuple(_lists()[group])


@cache
def _lists() -> dict[str, dict[str, str]]:
    lists: dict[str, dict[str, str]] = tomllib.loads((files("embeddings") / "questions.toml").read_text("utf-8"))
    return lists
