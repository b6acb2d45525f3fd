"""Groups of comparable targets: one unit, one measure, one matter; one row a project, and what the numbers say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median, quantiles

from perfkg import targets, tokens
from perfkg.compare.rows import Placed, Row
from perfkg.concepts.matter import matter, telling
from perfkg.concepts.measures import Measure, measures
from perfkg.concepts.sense import words
from perfkg.concepts.wording import alike, bare
from perfkg.text import fold

ENOUGH = 5
"""Fewer values than this give no quartiles: they would say more than the data does."""

ALIKE = 0.5
"""Names that share less than this of their character pairs are about something else, where no measure is known."""

_ASKED = {
    "h": re.compile("多久|多长时间|多快|几天|几小时|几个?月|时限|时间|时长"),
    "CNY": re.compile("多少钱|花多少|费用|经费|成本|[价费]$"),
    "%": re.compile("百分之|比例|比率|[率度]$"),
    "{人}": re.compile("多少人|几个?人|人数"),
}
_BEFORE = 0.2

_STRICTER = {">=": "larger", ">": "larger", "<=": "smaller", "<": "smaller"}


@dataclass(frozen=True, slots=True)
class Year:
    """The numbers of one year: how many projects, and their median. Drift shows over these."""

    year: int | None
    count: int
    median: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the given number stands among the other projects' (`of` of them).

    `percentile` is the share of them (0 to 100) that is smaller, equal ones by half. Where the direction is known,
    it is stricter than `stricter_than` of them and looser than `looser_than`; else both are None.
    `said` is all of this in one Chinese sentence.
    """

    number: float
    of: int
    percentile: float | None
    smaller: int
    larger: int
    equal: int
    stricter_than: int | None
    looser_than: int | None
    said: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows in one canonical `unit`, of one `measure` (in Chinese; None: told apart by their names).

    `direction`: `larger` or `smaller` is stricter, None when not known. `quartiles` are the first quartile, median
    and third of the projects' numbers, None under five of them. `note` says what the group does not tell.
    """

    unit: str
    direction: str | None
    quartiles: tuple[float, float, float] | None
    rows: tuple[Row, ...]
    measure: str | None = None
    count: int = 0
    years: tuple[Year, ...] = ()
    standing: Standing | None = None
    note: str | None = None


def gather(found: Iterable[Placed], question: str = "") -> list[list[Placed]]:
    """What can be compared with one another; the first of each group is what the others fit.

    The closest group is first; one of the kind of number the `question` asks for (几天, 多少钱), or of several projects,
    comes before one a little closer.
    """
    groups: list[list[Placed]] = []
    for one in sorted(found, key=lambda one: (-one.row.score, one.row.id)):
        fitting = (group for group in groups if fits(group[0], one))
        if (group := next(fitting, None)) is not None:
            group.append(one)
        else:
            groups.append([one])
    asked = [unit for unit, words in _ASKED.items() if words.search(question)]

    def order(group: list[Placed]) -> float:
        """The closer the lower; of several projects, or of the kind asked for, lower still."""
        several = len({one.owner for one in group}) > 1
        return -group[0].row.score - _BEFORE * (group[0].canonical_unit in asked) - _BEFORE * several

    return sorted(groups, key=order)


def asks(question: str) -> bool:
    """Whether a question asks for a kind of number, be it by what is measured (满意度) or by its unit (几天)."""
    text = fold(question)
    told = (one.words for one in measures() if not one.words.fullmatch(""))
    return any(words.search(text) for words in (*told, *_ASKED.values()))


def fits(first: Placed, other: Placed) -> bool:
    """Whether `other` can be compared with `first`: the same measure in the same unit, or else a name like it."""
    if first.measure != other.measure:
        return False
    if first.measure is not None:
        return targets.comparable(first.target, other.target)
    named = alike(first.name, other.name) >= ALIKE
    return named and targets.comparable(first.target, other.target, same_thing=True)


def related(one: str, other: str) -> bool:
    """Whether two texts have a matter in common, be it by a synonym."""
    return bool(matters(one) & matters(other))


@lru_cache(10_000)
def matters(text: str) -> frozenset[str]:
    """What a text is about, by its words, their synonyms and the field they are of; mere hints where there is no more."""
    found = matter(text) | matter("，".join(tokens.alike(text)))
    fields = {f"〔{name}〕" for name, terms in words().fields.items() if terms.search(fold(text))}
    return frozenset(word for word in found if telling(word) == 1) | fields or found


def says_other(question: str, one: Placed) -> bool:
    """Whether a name measures in other words than the question does, where these words are not all one: 完好率, 合格率."""
    if one.measure is None or one.measure.alike:
        return False
    asked, said = (_measuring(text, one.measure) for text in (question, one.name))
    return bool(asked and said) and not asked & said


def _measuring(text: str, measure: Measure) -> frozenset[str]:
    return frozenset(words().same.get(found[0], found[0]) for found in measure.words.finditer(fold(text)) if found[0])


def group(members: Sequence[Placed], given: float | None = None, given_id: str | None = None) -> Group:
    """The group of `members`; `given` is a number that stands in it, `given_id` the indicator it is from."""
    rows = _rows(members, given_id)
    numbers = [row.number for row in rows if row.number is not None]
    direction = _direction(members)
    quartiles = None
    if len(numbers) >= ENOUGH:
        first, second, third = quantiles(numbers, n=4, method="inclusive")
        quartiles = (first, second, third)
    others = [row.number for row in rows if row.number is not None and not row.given]
    return Group(
        unit=members[0].unit,
        direction=direction,
        quartiles=quartiles,
        rows=rows,
        measure=members[0].measure.label if members[0].measure else None,
        count=len(numbers),
        years=_years(members),
        standing=None if given is None else _standing(given, others, direction),
        note=_note(len(numbers), direction),
    )


def _rows(members: Sequence[Placed], given_id: str | None) -> tuple[Row, ...]:
    """One row a project, the closest first: the given one, else that of the latest year, the others beside it."""
    projects: dict[object, list[Placed]] = defaultdict(list)
    same: dict[tuple[str, str], set[object]] = defaultdict(set)
    for one in members:
        projects[one.owner].append(one)
        same[_words(one.row)].add(one.owner)
    rows = []
    for mine in projects.values():
        mine.sort(key=lambda one: (one.row.id != given_id, -(one.row.year or 0), -one.row.score, one.row.id))
        first, others = mine[0], {(one.row.year, one.row.name, one.row.text): one.point for one in mine}
        others.pop((first.row.year, first.row.name, first.row.text))
        score = max(one.row.score for one in mine)
        copies = len(same[_words(first.row)]) - 1
        is_given = given_id is not None and first.row.id == given_id
        rows.append(replace(first.row, score=score, others=tuple(others.values()), copies=copies, given=is_given))
    return tuple(sorted(rows, key=lambda row: (not row.given, -row.score, row.id)))


def _words(row: Row) -> tuple[str, str]:
    return bare(row.name), bare(row.value)


def _direction(members: Sequence[Placed]) -> str | None:
    """The measure's; else what most targets themselves say, if all bounds are from below, or all from above."""
    if members[0].measure and members[0].measure.direction:
        return members[0].measure.direction
    said = [_STRICTER[one.row.comparator] for one in members if one.row.comparator in _STRICTER]
    return said[0] if len(set(said)) == 1 and 2 * len(said) >= len(members) else None


def _years(members: Sequence[Placed]) -> tuple[Year, ...]:
    """By year, one number a project: the closest."""
    known: dict[int | None, dict[object, float]] = defaultdict(dict)
    for one in members:
        if one.row.number is not None:
            known[one.row.year].setdefault(one.owner, one.row.number)
    ordered = sorted(known, key=lambda year: year or 0)
    return tuple(Year(year, len(known[year]), median(known[year].values())) for year in ordered)


def _standing(number: float, others: Sequence[float], direction: str | None) -> Standing:
    smaller = sum(other < number for other in others)
    larger = sum(other > number for other in others)
    equal = len(others) - smaller - larger
    percentile = round(100 * (smaller + equal / 2) / len(others), 1) if others else None
    stricter = {"smaller": larger, "larger": smaller}.get(direction or "")
    looser = {"smaller": smaller, "larger": larger}.get(direction or "")
    if not others:
        said = "没有其他项目可以对照"
    elif direction is None:
        said = f"大于{smaller}个项目，小于{larger}个，相同{equal}个（不知道大还是小更严，不作松紧判断）"
    else:
        said = f"严于{stricter}个项目，宽于{looser}个，相同{equal}个"
    return Standing(number, len(others), percentile, smaller, larger, equal, stricter, looser, said)


def _note(count: int, direction: str | None) -> str | None:
    notes = [] if count >= ENOUGH else [f"只有{count}个项目的数，不足{ENOUGH}个，不作分位统计"]
    if direction is None:
        notes.append("从现有资料看不出大还是小更严")
    return "；".join(notes) or None
