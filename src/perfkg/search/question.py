"""A question as it is understood: its words with their synonyms, and what in it names an organization, year, …"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from weakref import WeakKeyDictionary

from perfkg import schemes, tokens
from perfkg.errors import InvalidQuestion
from perfkg.index.filters import Filters
from perfkg.index.postings import Terms
from perfkg.index.view import View
from perfkg.library import Library

SYNONYM = 0.4
"""The weight of a synonym's tokens beside those of the words asked."""

_LONGEST = 10_000
_MOST_TERMS = 60
"""Of a long text the rarest tokens are searched for, which are those that tell texts apart."""

_YEAR = re.compile(r"(?<!\d)(20\d\d)年?度?(?!\d)")
_NUMBERS = re.compile(r"[\W_]*\d[\W\d_]*")
_PLACE = re.compile(r"^(.{2,7}?)[省市县区旗州镇乡]")
_SHORT = re.compile("[局委办厅]")
_OFFICE = re.compile(r"(?:局|厅|委|办|部|委员会|管委会|政府|办公室|法院|检察院|中心)$")


@dataclass(frozen=True, slots=True)
class Chip:
    """Words of the question that name an organization, project, category or year: such hits are preferred.

    `text` stands in the question, `label` says what it is taken for.
    """

    kind: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for: `terms` by field of a text, `around` in the words of the context, `soft` filters by chip."""

    text: str
    terms: Mapping[str, Terms]
    around: Terms
    soft: Mapping[Chip, Filters]

    @property
    def open(self) -> bool:
        """Whether it may be about anything: it names no office, project or category, and is more than numbers and years."""
        return all(chip.kind == "year" for chip in self.soft) and not _NUMBERS.fullmatch(_YEAR.sub("0", self.text))


def understood(library: Library, view: View, text: str, ignore: Collection[str] = ()) -> Question:
    """The question in `text`; words in `ignore` name nothing. Raises InvalidQuestion if it is empty or overlong."""
    text = checked(text)
    soft = {chip: filters for chip, filters in _soft(library, view, text) if chip.text not in ignore}
    kept = "，".join(tokens.pieces(text)) or text
    own = {"grams": tokens.grams(kept), "words": _words(text)}
    other = tokens.alike(text)
    like = {
        "grams": [token for term in other for token in tokens.grams(term)],
        "words": [token for term in other for token in tokens.words(term)],
    }
    terms = {
        field: _rarest(view, field, dict.fromkeys(like[field], SYNONYM) | dict.fromkeys(own[field], 1.0))
        for field in own
    }
    return Question(text, terms, dict.fromkeys(own["words"][:_MOST_TERMS], 1.0), soft)


def checked(text: str) -> str:
    """`text` as it can be searched for. Raises InvalidQuestion."""
    # A lone surrogate can come in by a query string and cannot be encoded.
    clean = text.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not clean:
        raise InvalidQuestion("没有要检索的文字", None, "请输入指标名称、指标值或一句话，例如：网络故障多久修好")
    if len(clean) > _LONGEST:
        raise InvalidQuestion(f"检索文字太长（{len(clean)} 字）", None, f"请缩短到 {_LONGEST} 字以内")
    return clean


def _words(text: str) -> list[str]:
    stop = tokens.stopwords()
    return [word for word in tokens.words(text) if word not in stop]


def _rarest(view: View, field: str, terms: dict[str, float]) -> Terms:
    if len(terms) <= _MOST_TERMS:
        return terms
    rarity = {token: weight * view.fields[field].rarity(token) for token, weight in terms.items()}
    kept = sorted(terms, key=lambda token: (-rarity[token], token))[:_MOST_TERMS]
    return {token: terms[token] for token in kept}


def _soft(library: Library, view: View, text: str) -> Iterator[tuple[Chip, Filters]]:
    folded = "".join(tokens.runs(text))
    if len(folded) > 200:
        return
    for year in dict.fromkeys(_YEAR.findall(text)):
        yield Chip("year", f"{year}年度", year), Filters(years=frozenset({int(year)}))
    if label := _category(folded):
        yield Chip("category", label, label), Filters(concepts=schemes.find(_categories()[label]))
    for words, names in _organizations(library, folded).items():
        label = next(iter(names)) if len(names) == 1 else f"{words}（{len(names)} 个单位）"
        yield Chip("organization", label, words), Filters(organizations=names)
    if view.has_project(project := schemes.fold(text)):
        yield Chip("project", text, text), Filters(projects=frozenset({project}))


def _category(folded: str) -> str | None:
    """The longest heading of a scheme that stands in the question."""
    return max((label for label in _categories() if label in folded), key=len, default=None)


@cache
def _categories() -> dict[str, str]:
    """Headings as they stand in folded text, of four characters or more: 质量 alone may be the matter itself."""
    labels = (label for one in schemes.concepts() for label in (one.label, *one.alternatives))
    return {folded: label for label in labels if len(folded := "".join(tokens.runs(label))) >= 4}


def _organizations(library: Library, folded: str) -> dict[str, frozenset[str]]:
    """The words of the question that name organizations, longest first served, with the names."""
    known = _names(library)
    found: dict[str, frozenset[str]] = {}
    start = 0
    while start < len(folded):
        ends = range(min(len(folded), start + 30), start + 1, -1)
        end = next((end for end in ends if folded[start:end] in known), 0)
        if end:
            found[folded[start:end]] = known[folded[start:end]]
        start = end or start + 1
    return found or _abbreviated(known, folded)


def _abbreviated(known: Mapping[str, frozenset[str]], folded: str) -> dict[str, frozenset[str]]:
    """住建局 for 住房和城乡建设局: the characters in their order, the first and last being the name's own."""
    ends = [match.end() for match in _SHORT.finditer(folded)]
    for word in (folded[max(0, end - length) : end] for end in ends for length in (4, 3)):
        shape = re.compile(".{0,6}".join(map(re.escape, word)))
        names = [names for name, names in known.items() if shape.fullmatch(name)]
        if names:
            return {word: frozenset[str]().union(*names)}
    return {}


_Called = dict[str, frozenset[str]]
_cached: WeakKeyDictionary[Library, tuple[int, _Called]] = WeakKeyDictionary()


def organizations(library: Library, part: str) -> frozenset[str]:
    """The names of all organizations of the library that hold `part`, whatever its width and spaces."""
    wanted = "".join(tokens.runs(part))
    # A name is also among what it is called, so that a part of it is a part of some key.
    meant = (names for called, names in _names(library).items() if wanted and wanted in called)
    return frozenset[str]().union(*meant)


def _names(library: Library) -> _Called:
    """What people call the organizations of the library, with all names meant; made anew after a change."""
    change = library.words.change
    if library not in _cached or _cached[library][0] != change:
        called: dict[str, set[str]] = {}
        for name, _ in library.ledger.organizations():
            for words in _called("".join(tokens.runs(name))):
                called.setdefault(words, set()).add(name)
        _cached[library] = (change, {words: frozenset(names) for words, names in called.items()})
    return _cached[library][1]


@lru_cache(100_000)
def _called(name: str) -> frozenset[str]:
    """The whole name; its place with and without 县; its office without what stands before it.

    盐边县公安局 is called 盐边县公安局, 盐边县, 盐边, 公安局.
    """
    called = {name}
    if place := _PLACE.match(name):
        called |= {place[0], place[1]}
    if _OFFICE.search(name):
        starts = tokens.starts(name)
        called |= {name[start:] for start in starts if len(name) - start >= 3 and not _OFFICE.fullmatch(name[start:])}
    return frozenset(called)
