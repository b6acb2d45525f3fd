"""What a number measures and which way it is stricter, from the table graph/measures.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from perfkg.errors import InvalidLibrary
from perfkg.text import fold

_DIRECTIONS = {"larger", "smaller", None}


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of the table: `direction` is `larger` or `smaller` is stricter, None where it depends.

    `unit` is what its numbers are shown in, None for the canonical unit of their dimension. `alike` says that all its
    words come to the same in a name, `everywhere` that its numbers are compared whatever they are of.
    """

    id: str
    label: str
    units: tuple[str, ...]
    words: re.Pattern[str]
    direction: str | None = None
    unit: str | None = None
    categories: frozenset[str] = frozenset()
    alike: bool = False
    everywhere: bool = False

    def fits(self, unit: str, category: str | None) -> bool:
        """Whether a number of this canonical unit, in this category (`quality`), can be one of the measure."""
        # A bracket is no pattern here: {人} is a unit.
        return (not self.categories or category in self.categories) and any(
            unit == one or (one.endswith("*") and fnmatchcase(unit, one)) for one in self.units
        )


def measure(unit: str, category: str | None, texts: Iterable[str | None]) -> Measure | None:
    """What a number measures: `texts` are the words beside it, the nearest first. None where no entry fits."""
    possible = [one for one in measures() if one.fits(unit, category)]
    for text in texts:
        folded = fold(text or "")
        for one in possible:
            if one.words.search(folded):
                return one
    return None


@cache
def measures() -> tuple[Measure, ...]:
    """The table, in its order. Raises InvalidLibrary if the file is wrong."""
    text = resources.files("graph").joinpath("measures.toml").read_text("utf-8")
    try:
        return tuple(_measure(id, entry) for id, entry in tomllib.loads(text).items())
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise InvalidLibrary(f"计量口径表有误：{error}", "graph/measures.toml", "请对照文件开头的说明改正") from error


def _measure(id: str, entry: dict[str, object]) -> Measure:
    units, words, categories = (_strings(entry, name) for name in ("units", "words", "categories"))
    if entry.get("direction") not in _DIRECTIONS:
        raise ValueError(f"{id}: direction")
    unit, way = (str(entry[name]) if name in entry else None for name in ("unit", "direction"))
    return Measure(
        id,
        str(entry["label"]),
        units,
        re.compile("|".join(words)),
        way,
        unit,
        frozenset(categories),
        entry.get("alike") is True,
        entry.get("everywhere") is True,
    )


def _strings(entry: dict[str, object], name: str) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list):
        raise ValueError(name)
    return tuple(map(str, value))
