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
    """The noun of a subject standing for itself: 单位 in 哪个单位 and 资金最多的单位, not in 接入单位 or 平台的单位满意度."""
    word = pattern("subjects", subject).pattern
    if subject != "organizations":
        return re.compile(word)
    asked, told = rf"(?:(?<![一-鿿])|(?<=[个些家各每类]))(?:{word})", rf"(?<=的)(?:{word})(?!满意|人员|职工)"
    return re.compile(f"(?:{asked}|{told})")


@cache
def names(group: str) -> tuple[str, ...]:
    """The names of a group, in the order of the file, which is the order they are looked for."""
    return tuple(_lists()[group])


@cache
def _lists() -> dict[str, dict[str, str]]:
    lists: dict[str, dict[str, str]] = tomllib.loads((files("embeddings") / "questions.toml").read_text("utf-8"))
    return lists
