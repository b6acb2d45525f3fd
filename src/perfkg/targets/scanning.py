"""One pass over a folded value: its clauses, and in each the numbers and dates that facts stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfkg.targets import comparators
from perfkg.targets.context import Context
from perfkg.targets.expressions import expression, is_time
from perfkg.targets.labels import Range, label
from perfkg.targets.measures import Measure, counts, measure
from perfkg.targets.names import NAMES
from perfkg.targets.numerals import CHINESE
from perfkg.targets.periods import START, Period, period

_SCAN = re.compile(
    rf"(?P<date>{START})|(?P<name>{NAMES})|(?P<number>\d)"
    r"|(?P<each>每|按(?=[月周日季年](?![度计划份期]|工作)|季度)|逐(?=[月季]))|(?P<cut>[，,。;+\n]+)"
    rf"|(?P<chinese>{CHINESE.pattern})"
)
_DIGIT = re.compile(r"\d")
_CUT = re.compile(r"[，,。;+\n]")
_LABELLED = re.compile(r"(?:率|度|比例|占比|比重|数|数量|额|[率度数额例]为|:)$")
_DAY_OF_MONTH = re.compile(r"\d{1,2}[日号](?:[以之]?前)?")
_LATEST = re.compile(r"(?:不[晚迟]于|最[晚迟](?:于|在)?|截[至止](?:到)?|[≤<]=?)$")
_EACH_TIMES = {"两": 2, "2": 2, "三": 3, "3": 3, "四": 4, "4": 4, "五": 5, "5": 5}


@dataclass(frozen=True, slots=True)
class Each:
    """每人每年, 每两周: the units below the line with how many of each, and where it stands."""

    start: int
    end: int
    units: tuple[tuple[str, float], ...]

    @property
    def time(self) -> tuple[str, float] | None:
        """The unit of time and how many of it, where it names a time and nothing else."""
        return self.units[0] if len(self.units) == 1 and is_time(self.units[0][0]) else None


@dataclass(frozen=True, slots=True)
class Core:
    """What a fact stands on, in the folded text: from `start` (comparator and 每月 included) to `end`.

    `inner` is the range of words between 每月, or a comparator, and the number. `comparator` is None where none is
    said, and "" where two contradict each other.
    """

    start: int
    end: int
    inner: Range
    comparator: str | None = None
    measure: Measure | None = None
    period: Period | None = None
    each: Each | None = None


@dataclass(slots=True)
class Clause:
    """A part of the value between separators, with its cores in text order."""

    start: int
    end: int
    cores: list[Core] = field(default_factory=list)


def clauses(text: str, context: Context, year: int | None) -> list[Clause]:
    """The clauses of `text`. One without cores says something in words."""
    scanner = _Scanner(text, context, year)
    at = 0
    while anchor := _SCAN.search(text, at):
        at = scanner.step(anchor)
    scanner.close(len(text))
    return scanner.found


class _Scanner:
    """Goes from anchor to anchor; each kind of anchor says where to go on."""

    def __init__(self, text: str, context: Context, year: int | None) -> None:
        self.text, self.context, self.year = text, context, year
        self.found: list[Clause] = []
        self.clause = Clause(0, 0)
        self.each: Each | None = None
        self.free = 0  # up to here cores have taken the text

    def step(self, anchor: re.Match[str]) -> int:
        """Reads what stands at `anchor` and says where to go on."""
        kind = anchor.lastgroup
        if kind == "name":
            return anchor.end()
        if kind == "cut":
            return self._cut(anchor)
        if kind == "each":
            return self._each(anchor)
        return (kind == "date" and self._date(anchor.start())) or self._number(anchor.start())

    def close(self, end: int) -> None:
        """Ends the clause at `end`."""
        self._drop_each()
        self.clause.end = end
        if end > self.clause.start:
            self.found.append(self.clause)

    def _cut(self, anchor: re.Match[str]) -> int:
        self.close(anchor.start())
        self.clause = Clause(anchor.end(), anchor.end())
        self.free = anchor.end()
        return anchor.end()

    def _add(self, core: Core) -> int:
        self.clause.cores.append(core)
        self.free = core.end
        return core.end

    def _date(self, at: int) -> int | None:
        found = period(self.text, at, self.year)
        if found is None:
            return None
        if found.vague and not self._alone(at, found.end):
            return found.end
        if self.each and self.each.end == at:
            self.each = None  # 每年12月底前 is a deadline
        self._drop_each()
        latest = _LATEST.search(self.text, self.free, at)
        if latest and found.comparator == "=" and found.last:
            found = found._replace(comparator="<=", start=None)
        return self._add(Core(latest.start() if latest else at, found.end, (at, at), period=found))

    def _alone(self, start: int, end: int) -> bool:
        """Whether nothing but helping words stands beside a year in its clause."""
        cut = _CUT.search(self.text, end)
        tail = cut.start() if cut else len(self.text)
        beside = (
            label(self.text, self.free, start) or label(self.text, end, tail) or _DIGIT.search(self.text, end, tail)
        )
        return beside is None

    def _each(self, anchor: re.Match[str]) -> int:
        at = anchor.end()
        times = _EACH_TIMES.get(self.text[at : at + 1], 1)
        at += times != 1
        unit = (expression(self.text, at + 1) if self.text[at : at + 1] == "个" else None) or expression(self.text, at)
        if unit is None or unit[0] == "{个}" or (anchor[0] != "每" and not is_time(unit[0])):
            return anchor.end()
        self._drop_each()
        self.each = Each(anchor.start(), unit[1], tuple((code, times) for code in unit[0].split("/")))
        return unit[1]

    def _drop_each(self) -> None:
        """每月 with no number behind it is a frequency at the head of a clause, and a mere word elsewhere."""
        each, self.each = self.each, None
        if each and each.time and label(self.text, self.clause.start, each.start) is None:
            self._add(Core(each.start, each.end, (each.end, each.end), each=each))

    def _number(self, at: int) -> int:
        text, each = self.text, self.each
        if each and each.time and (day := _DAY_OF_MONTH.match(text, at)):
            self.each = Each(each.start, day.end(), each.units)
            return day.end()
        since = each.end if each else self.free
        found = measure(text, at, self.context, text[since:at])
        if found is None:
            return at + 1
        core = self._core(at, since, found)
        if counts(text, at, found, sign=core.comparator is not None) or self._is_bare(core, found, since):
            self.each = None
            return self._add(core)
        return found.end

    def _core(self, at: int, since: int, found: Measure) -> Core:
        """The core of a measure at `at`, with the comparators before and behind it and before its 每."""
        text, each = self.text, self.each
        below, end = comparators.after(text, found.end)
        if text.startswith("-", at - 1) and found.value is not None and (at - 1 == since or text[at - 2] in "<>=≥≤~"):
            at, found = at - 1, found._replace(value=-found.value)
        elif text.startswith("±", at - 1) and found.value is not None and found.low is None:
            at, found = at - 1, found._replace(low=-found.value)
        above, start, reach = comparators.before(text, since, at)
        above = None if below and text.startswith(comparators.YIELDING, start) else above
        inner = (start + reach, at) if reach else (start, start)
        if each:
            outer, first, _ = comparators.before(text, self.free, each.start)
            above, inner, start = above or outer, (each.end, start), first
        said = {sign for sign in (above, below) if sign is not None} or ({">"} if found.more else set())
        return Core(start, end, inner, comparators.merge(said) if said else None, found, each=each)

    def _is_bare(self, core: Core, found: Measure, since: int) -> bool:
        """Whether a number no unit follows counts: with a sign, alone, scaled (10万), or behind the name of a ratio."""
        if found.unit or found.chinese:
            return False
        ends = core.end == len(self.text) or self.text[core.end] in "，,。;+\n、)"
        before = self.text[since : core.start]
        alone = ends and (label(before, 0, len(before)) is None or bool(_LABELLED.search(before)))
        return found.value is None or core.comparator is not None or found.scaled or alone
