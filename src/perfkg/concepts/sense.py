"""What a name says as an indicator: its category, what it is counted in, and the words that tell it from others.

Names with the same sense are one indicator. The words that tell nothing are in graph/wordings.toml; what a number
measures is told by graph/measures.toml, and where a measure takes all its words for one (响应, 处理, 修复) they are left
out as well.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from perfkg import tokens
from perfkg.concepts.measures import Measure, measure
from perfkg.errors import InvalidLibrary
from perfkg.records import Target
from perfkg.targets.units import conversion, generic

_PERSONS = {"{人}", "{人次}", "{户}"}
_DATE = "date"
_SATISFIED = "满意"
_WORK_DAY = "{工作日}"
_YEARLY = {"CNY/a": "CNY"}


@dataclass(frozen=True, slots=True)
class Sense:
    """A `category` (as `uses.category_of` has it), a `dimension` (a canonical unit, `date`, or None for what is no
    number), the id of a `measure`, and the `words` that tell it from others.
    """

    category: str | None
    dimension: str | None
    measure: str | None
    words: frozenset[str]

    @property
    def id(self) -> str:
        """Sixteen characters that depend on nothing but what it says."""
        said = "|".join([self.category or "", self.dimension or "", self.measure or "", *sorted(self.words)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Words:
    """graph/wordings.toml: words that tell nothing, those that always tell apart, those of change, everybody who may be
    asked, one for many, and those of one field by its first word.
    """

    empty: frozenset[str]
    apart: frozenset[str]
    change: frozenset[str]
    everybody: frozenset[str]
    same: dict[str, str]
    longer: tuple[tuple[str, str], ...]
    fields: dict[str, re.Pattern[str]]


def dimension(targets: Iterable[Target]) -> str | None:
    """What the first number of a value is counted in: `%`, `h`, `CNY`, `{人}`, `{个}` for things, `date`; None without."""
    for one in targets:
        if one.kind == "period" and not one.doubt:
            return _DATE
        if one.kind in {"quantity", "frequency"} and not one.doubt and (one.value, one.low) != (None, None):
            return _folded(conversion(one.unit or "")[1])
    return None


@lru_cache(200_000)
def sense(category: str | None, text: str, dimension: str | None) -> Sense:
    """What a name in its `plain` form says in a category, where its values are counted in `dimension`."""
    measured = _measure(category, dimension, text)
    if measured and measured.alike:
        text = measured.words.sub(" ", text)
    known = words()
    kept = folded(text.replace("#", " "))
    out = known.empty
    if dimension is None:
        out |= known.change
    if measured and measured.id == "satisfaction":
        out |= known.everybody
    told = frozenset(kept) - out or (frozenset(kept) if not measured else frozenset())
    return Sense(category, dimension, measured.id if measured else None, told)


@lru_cache(200_000)
def folded(text: str) -> tuple[str, ...]:
    """The short words of a text, one for all that say the same."""
    for term, first in words().longer:
        text = text.replace(term, first)
    return tuple(words().same.get(one, one) for one in tokens.short_words(text))


def _measure(category: str | None, dimension: str | None, text: str) -> Measure | None:
    short = (category or "").rpartition("/")[2] or None
    if dimension is None or dimension == _DATE:
        return None
    found = measure(dimension, short, (text,))
    if short and short.endswith("satisfaction") and dimension == "%" and (found is None or found.id != "harm"):
        found = measure("%", short, (_SATISFIED,))
    return found


def _folded(unit: str) -> str:
    unit = _YEARLY.get(unit, "h" if unit == _WORK_DAY else unit)
    if unit.startswith("{") and "/" not in unit:
        return generic(unit) if unit in _PERSONS else "{个}"
    return unit


@cache
def words() -> Words:
    """The table graph/wordings.toml. Raises InvalidLibrary if the file is wrong."""
    text = resources.files("graph").joinpath("wordings.toml").read_text("utf-8")
    try:
        read = tomllib.loads(text)
        empty, apart, change, everybody = (frozenset(read[name]) for name in ("empty", "apart", "change", "everybody"))
        same = {term: group[0] for group in read["same"] for term in group}
        fields = {group[0]: re.compile("|".join(map(re.escape, group))) for group in read["fields"]}
    except (KeyError, TypeError, IndexError, tomllib.TOMLDecodeError) as error:
        raise InvalidLibrary(f"措辞表有误：{error}", "graph/wordings.toml", "请对照文件里的说明改正") from error
    longer = sorted(((term, first) for term, first in same.items() if len(term) > 2), key=lambda pair: -len(pair[0]))
    return Words(empty, apart, change, everybody, same, tuple(longer), fields)
