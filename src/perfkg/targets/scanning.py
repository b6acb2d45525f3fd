"""One pass over a folded value: its clauses, and in each the numbers and dates that facts stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfkg.targets import comparators
from perfkg.targets.context import Context
from perfkg.targets.expressions import expression, is_time
from perfkg.targets.labels import label
from perfkg.targets.measures import Measure, counts, measure
from perfkg.targets.names import NAMES
from perfkg.targets.numerals import CHINESE
from perfkg.targets.periods import START, Period, period

_SCAN = re.compile(
    rf"(?P<date>{START})|(?P<name>{NAMES})|(?P<number>\d)"
    r"|(?P<each>每|[按逐](?=[月周日季年](?![度计划份期]|工作)|季度))|(?P<cut>[，,。;+\n]+)"
    rf"|(?P<chinese>{CHINESE.pattern})"
)
_CUT = re.compile(r"[，,。;+\n]")
_LABELLED = re.compile(r"(?:率|度|比例|占比|比重|数|数量|额|[率度数额例]为|:)$")
_DAY_OF_MONTH = re.compile(r"\d{1,2}[日号](?:[以之]?前)?")
_LATEST = re.compile(r"(?:不[晚迟]于|最[晚迟](?:于|在)?|截[至止](?:到)?)$")
_EACH_TIMES = {"两": 2, "2": 2, "三": 3, "3": 3, "四": 4, "4": 4, "五": 5, "5": 5}


@dataclass(slots=True)
class Core:
    """What a fact stands on, in the folded text: from `start` (comparator or 每月 included) to `end`.

    `inner` is the range of words between 每月 or a comparator and the number; `each` what 每… names, with how many of it.
    """

    start: int
    end: int
    inner: tuple[int, int]
    comparator: str | None = "="
    measure: Measure | None = None
    period: Period | None = None
    each: tuple[tuple[str, int], ...] = ()


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
        self.each: tuple[int, int, tuple[tuple[str, int], ...]] | None = None
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
        return (kind == "date" and self._date(anchor.start())) or self._number(anchor)

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
        self._drop_each()
        latest = _LATEST.search(self.text, self.free, at)
        if latest and found.comparator == "=" and found.last:
            found = found._replace(comparator="<=", start=None)
        start = latest.start() if latest else at
        return self._add(Core(start, found.end, (at, at), found.comparator, period=found))

    def _alone(self, start: int, end: int) -> bool:
        """Whether nothing but helping words stands beside a year in its clause."""
        cut = _CUT.search(self.text, end)
        tail = self.text[end : cut.start() if cut else len(self.text)]
        return label(self.text[self.free : start]) is None and label(tail) is None

    def _each(self, anchor: re.Match[str]) -> int:
        at = anchor.end()
        times = _EACH_TIMES.get(self.text[at : at + 1], 1)
        at += times != 1
        unit = (expression(self.text, at + 1) if self.text[at : at + 1] == "个" else None) or expression(self.text, at)
        if unit is None or unit[0] == "{个}" or (anchor[0] != "每" and not is_time(unit[0])):
            return anchor.end()
        self._drop_each()
        self.each = (anchor.start(), unit[1], tuple((code, times) for code in unit[0].split("/")))
        return unit[1]

    def _drop_each(self) -> None:
        """每月 with no number behind it is a frequency at the head of a clause, and a mere word elsewhere."""
        if self.each is None:
            return
        start, end, each = self.each
        self.each = None
        if len(each) == 1 and is_time(each[0][0]) and label(self.text[self.clause.start : start]) is None:
            self._add(Core(start, end, (end, end), each=each))

    def _number(self, anchor: re.Match[str]) -> int:
        text, at = self.text, anchor.start()
        is_day = _DAY_OF_MONTH.match(text, at) if self.each and is_time(self.each[2][-1][0]) else None
        if is_day:
            return is_day.end()
        before = text[self.free : at]
        found = measure(text, at, self.context, before)
        if found is None:
            return at + 1
        sign, signed, inner = comparators.before(before)
        sign_after, end = comparators.after(text, found.end)
        if not (counts(text, at, found, sign=bool(sign or sign_after)) or self._is_bare(found, sign or sign_after, before, end)):
            return found.end
        start = self.free + signed
        return self._add(self._core(found, [sign, sign_after], start, end, (start + inner, at) if inner else (at, at)))

    def _core(self, found: Measure, signs: list[str | None], start: int, end: int, inner: tuple[int, int]) -> Core:
        each: tuple[tuple[str, int], ...] = ()
        if self.each:
            inner = (self.each[1], start) if inner[0] == inner[1] else inner
            start, _, each = self.each
            self.each = None
        said = {sign for sign in signs if sign is not None}
        said |= {">"} if found.more and not said else set()
        return Core(start, end, inner, comparators.merge(said) if said else None, measure=found, each=each)

    def _is_bare(self, found: Measure, sign: str | None, before: str, end: int) -> bool:
        """Whether a number no unit follows counts: with a sign, alone, scaled (10万), or behind the name of a ratio."""
        if found.unit or found.chinese:
            return False
        ends = end == len(self.text) or _CUT.match(self.text, end) is not None or self.text[end] in "、)"
        alone = ends and (not before or label(before) is None or bool(_LABELLED.search(before)))
        return found.value is None or bool(sign) or found.scaled or alone
