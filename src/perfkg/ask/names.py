"""Names that a library knows, found in a question: organizations by full or short name, projects, years."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

from perfkg import tokens
from perfkg.ask.understanding import Unanswerable
from perfkg.ask.wordlists import pattern
from perfkg.graph import organizations
from perfkg.library import Library
from perfkg.search.spans import Question, plain
from perfkg.text import squeeze

_CONFERENCE = "中国人民政治协商会议"
_YEAR_BEFORE = re.compile(r"^(?:19|20)\d\d年度?")
_LONGEST_SHORT_NAME = 10
_SHORTEST_NAME = 4
_SHORTEST_UNKNOWN = 2
_CHINESE_YEAR = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEARS = re.compile(
    r"(?P<first>(?:19|20)\d\d)年?度?(?:-|~|至|到)(?P<last>(?:19|20)\d\d)年?度?|(?P<one>(?:19|20)\d\d)(?:年度?|(?=[和与、,及]|[两三四五]年))"
    r"|(?<!\d)(?P<short>[12]\d)年度?|(?P<chinese>[一二][〇零○九][〇零○一二三四五六七八九]{2})年度?"
)
_LAST_YEARS = re.compile(r"(?:最近|近|这|前)?(?P<count>[两二三四五2-5])年(?:来|间|里|内|度)?(?!以|后|前|一次|\d)")
_TOWNS = re.compile(r"(?P<count>[两二三四五])个乡镇(?=[的\0\W]|分别|各|哪|一共|总共|共|合计|$)")
_SPAN_OF_YEARS = range(1990, 2100)
_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}


def project_name(name: str) -> str:
    """A project's name without its year and marks, so that a project declared every year is one project."""
    return _YEAR_BEFORE.sub("", plain(name))


@dataclass(frozen=True)
class Names:
    """What the library holds: organizations and projects as written, and years, latest first."""

    organizations: tuple[str, ...]
    projects: tuple[str, ...]
    years: tuple[int, ...]

    @classmethod
    def of(cls, library: Library) -> Names:
        """The names of all current declarations; those of the last change asked after are kept."""
        ledger = library.ledger
        change, kept = ledger.last_change(), _known.get(library)
        if kept and kept[0] == change:
            return kept[1]
        projects = dict.fromkeys(entry.project for entry in ledger.entries() if entry.project)
        made = cls(tuple(name for name, _ in ledger.organizations()), tuple(projects), tuple(ledger.years()))
        _known[library] = change, made
        return made

    def take_organizations(self, question: Question) -> tuple[list[str], str]:
        """The organizations named in the question, and the words that name them, taken."""
        found: list[str] = []
        words: list[str] = []
        if towns := _TOWNS.search(question.rest):
            found = [name for name in self.organizations if name.endswith(("乡人民政府", "镇人民政府"))]
            if len(found) != _NUMBERS.get(towns["count"]):
                raise Unanswerable(f"资料库里有{len(found)}个乡镇，不是{towns['count']}个", towns[0])
            words.append(question.cut(*towns.span()))
        _take_written(question, self._written, found, words, self._area_before)
        for start, end in list(_short_names(question)):
            area = self._area_before(question.rest[:start])
            if whole := self._meant(question.rest[start:end], area):
                words.append(question.cut(_from_county(question, start) - len(area), end))
                found += whole
        _take_written(question, self._areas, found, words, lambda _: "")
        return (list(dict.fromkeys(found)) if set(found) != set(self.organizations) else []), "、".join(words)

    def take_project(self, question: Question) -> tuple[list[str], str]:
        """The project whose whole name stands in the question, as written over the years, and its words, taken."""
        for name, whole in self._project_names:
            if (start := question.rest.find(name)) >= 0:
                return whole, question.cut(start, start + len(name))
        return [], ""

    def take_years(self, question: Question) -> tuple[list[int], str]:
        """The years named, also as a range or as 近三年, in order."""
        found: list[int] = []
        words: list[str] = []
        for match in list(_YEARS.finditer(question.rest)):
            if years := _years(match):
                words.append(question.cut(*match.span()))
                found += years
        if found:
            question.take(re.compile(r"(?<=\0)(?:这|共)?[两三四五]年(?:间|里|来)?"))
        if not found and (last := _LAST_YEARS.search(question.rest)):
            count = _NUMBERS.get(last["count"]) or int(last["count"])
            words.append(question.cut(*last.span()))
            found = list(self.years[:count])
        return sorted(set(found)), "、".join(words)

    @cached_property
    def _project_names(self) -> list[tuple[str, list[str]]]:
        known: dict[str, list[str]] = {}
        for name in self.projects:
            known.setdefault(project_name(name), []).append(name)
        return sorted(
            (item for item in known.items() if len(item[0]) >= _SHORTEST_NAME), key=lambda item: -len(item[0])
        )

    @cached_property
    def _written(self) -> list[tuple[str, list[str]]]:
        """Full names, and names without their area, longest first, each with the organizations it stands for."""
        known: dict[str, list[str]] = {}
        for name in self.organizations:
            folded = squeeze(name)
            short = _own(name)
            for form in {folded, short, *_of_town(short)}:
                if len(form) > 2:
                    known.setdefault(form, []).append(name)
        return sorted(known.items(), key=lambda item: -len(item[0]))

    @cached_property
    def _areas(self) -> list[tuple[str, list[str]]]:
        """The areas that organizations belong to, longest first, each with those whose names hold it."""
        areas = set(filter(None, (organizations.area(squeeze(name)) for name in self.organizations)))
        known = {area: [name for name in self.organizations if area in squeeze(name)] for area in areas}
        return sorted(known.items(), key=lambda item: (-len(item[0]), item[0]))

    def _area_before(self, text: str) -> str:
        """The area that a text ends on, as it is said there (盐边县, 盐边); empty for none."""
        said = (form for area, _ in self._areas for form in (area, area[:-1]) if len(form) > 1)
        return next((form for form in said if text.endswith(form)), "")

    def _meant(self, short: str, area: str) -> list[str]:
        """The organizations that a short name (教体局, 县委办) stands for: those that hold it, else the one it abbreviates.
        With an `area` before it (盐边县政协办) it is one of that area.

        Raises Unanswerable where it may abbreviate several.
        """
        told = {name: squeeze(name) for name in self.organizations}
        fitting = [name for name, full in told.items() if area in full and _stands_for(short, full)]
        if inside := [name for name in fitting if short in squeeze(name)]:
            return inside
        shortest = [name for name in fitting if len(_own(name)) == min(len(_own(one)) for one in fitting)]
        if len(shortest) > 1:
            raise Unanswerable(f"“{short}”可能是{'、'.join(shortest)}，请写全称", short)
        return shortest


def _take_written(
    question: Question,
    known: Iterable[tuple[str, list[str]]],
    found: list[str],
    words: list[str],
    before: Callable[[str], str],
) -> None:
    """Takes what is `known` by a name out of the question: what it stands for to `found`, what was said to `words`.

    Behind an area, as `before` finds it, a name stands for those of that area alone: 芦汀民政局.
    """
    for name, whole in known:
        while (start := question.rest.find(name)) >= 0:
            area = before(question.rest[:start])
            inside = [one for one in whole if area in squeeze(one)]
            first = start - len(area) if inside else start
            words.append(question.cut(_from_county(question, first), start + len(name)))
            found += inside or whole


def _from_county(question: Question, start: int) -> int:
    """Where a name begins with 县 before it, as 县信访局 is our 信访局."""
    return start - 1 if re.search(r"(?<![一-鿿])[县市区]$", question.rest[:start]) else start


def _of_town(name: str) -> Iterator[str]:
    """白鹭镇人民政府 is said 白鹭镇 and 白鹭镇政府."""
    if re.search(r"[乡镇]人民政府$", name):
        yield from (name.removesuffix("人民政府"), f"{name.removesuffix('人民政府')}政府")


def unknown_organization(question: Question) -> str | None:
    """Words that name an organization which the library does not know."""
    ending = pattern("organizations", "unknown").pattern
    found = re.search(
        rf"(?<![布格当结全])(?<![哪各每])(?![哪各每])[一-鿿]{{1,7}}?(?:{ending})(?!部|面|势|限)", question.rest
    )
    return found[0] if found and len(found[0]) > _SHORTEST_UNKNOWN else None


def _short_names(question: Question) -> Iterator[tuple[int, int]]:
    """Where a short name may stand: from a word's beginning, 务中心 of 服务中心 is none."""
    starts = set(tokens.starts(question.text))
    for ending in pattern("organizations", "endings").finditer(question.rest):
        for start in range(max(0, ending.end() - _LONGEST_SHORT_NAME), ending.end() - 2):
            if start in starts and "\0" not in question.rest[start : ending.end()]:
                yield start, ending.end()


def _own(name: str) -> str:
    """A name without the area it begins with."""
    folded = squeeze(name)
    area = organizations.area(folded)
    own = folded.split(area, 1)[1] if area else folded
    return f"政协{own}" if folded.startswith(_CONFERENCE) else own


def _stands_for(short: str, name: str) -> bool:
    area, own = organizations.area(name) or "", _own(name)
    if own.startswith("政协") and "协" not in short:
        # 县委办 is of the other committee.
        return False
    ends = (own, own.removesuffix("公室"), own.removesuffix("员会"), own.removesuffix("人民政府"))
    # 县委办 is 盐边县委员会办公室: the last word of the area may count as the first of the name.
    return any(_abbreviates(short, start + one) for one in ends for start in ("", area[-1:]))


def _abbreviates(short: str, name: str) -> bool:
    """Whether the characters of `short` stand in this order in `name`, from its first or all together, to its last."""
    if not name or short[-1] != name[-1] or not (short[0] == name[0] or short in name):
        return False
    at = iter(name)
    return all(character in at for character in short)


def _years(match: re.Match[str]) -> Iterable[int]:
    if match["first"]:
        first, last = sorted((int(match["first"]), int(match["last"])))
        return range(first, last + 1)
    said = match["one"] or (match["chinese"] or "").translate(_CHINESE_YEAR) or f"20{match['short']}"
    year = int(said)
    return [year] if year in _SPAN_OF_YEARS else []


_known: WeakKeyDictionary[Library, tuple[int, Names]] = WeakKeyDictionary()
