"""Rows whose cells stand glued together, taken apart by what each column can hold: 安装水标尺10≥266米≥266米10.

The cheapest way to cut, as in `align`; that the actual repeats the target and the score the weight speaks for a cut, a
cut within a number against it. Where nothing decides, the text stays whole and the row is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfkg.reading.layouts import costs, looks
from perfkg.reading.layouts.seams import measured, seams

_BREAKS = "\n；;。"
_EDGES = " \t\n；;。，,、：:"
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
_MOST_NAME, _MOST_VALUE, _MOST_EXPLAIN = 90, 40, 60
_EMPTY = {"name": 1.0, "value": 1.0, "actual": 0.8, "weight": 0.8, "score": 0.7}
_EMPTY |= {"sign": 0.2, "unit": 0.2, "explain": 0.3, "note": 0.0, "basis": 0.3}
_EMPTY |= dict.fromkeys(("excellent", "good", "fair", "poor"), 0.5)
_NEW_ROW = 0.5
_VAGUE = 1.0
_WITHIN_NUMBER = 1.0
_FEWEST_DIGITS = 5
_RUN = re.compile(r"\d[\d.]{4,}")
_AS_PRINTED = 1.3
_NUMERIC = ("weight", "actual", "score")

Field = tuple[str, int, int]
_Found = tuple[float, tuple[tuple[Field, ...], ...]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A row: its fields as (role, start, end) in the text, and whether another cut is as likely; `vague` if nothing speaks for it."""

    fields: tuple[Field, ...]
    doubtful: bool
    vague: bool


def unglue(text: str, roles: Sequence[str], *, celled: bool = True) -> list[Cut]:
    """The rows in `text` whose columns are `roles`, from name on. Not `celled`: prose, which never had cells."""
    wanted = tuple(role for role in roles if role in _EMPTY)
    rows = _Cutter(text, wanted, celled).rows()
    return [_checked(text, row, wanted) for row in rows if row]


def _checked(text: str, row: tuple[Field, ...], roles: tuple[str, ...]) -> Cut:
    """The row, its numbers left as printed where a run of digits could be cut in several ways."""
    held = {role: text[start:end] for role, start, end in row}
    numeric = [role for role in roles if role in _NUMERIC]
    run = re.sub(r"\D", "", held.get("value", ""))
    if len(numeric) < 2 or any(role in held for role in numeric) or len(run) < _FEWEST_DIGITS:
        vague = any(costs.of("value", held[role].strip()) >= _VAGUE for role in ("value", "actual") if role in held)
        vague = vague or "name" not in held
        value = held.get("value", "").strip()
        unsure = bool(costs.TREND.fullmatch(value) or costs.SLIPPED.fullmatch(value) or costs.MISREAD.match(value))
        return Cut(row, vague or unsure or (_cuts_number(text, row) and "actual" in roles), vague)
    printed = [field for field in row if field[0] in ("unit", "sign", "value")]
    others = [field for field in row if field not in printed]
    whole = ("value", min(start for _, start, _ in printed), max(end for _, _, end in printed))
    kept = tuple(sorted([*others, whole], key=lambda field: field[1]))
    return Cut(kept, True, "name" not in held)


def _cuts_number(text: str, row: tuple[Field, ...]) -> bool:
    return any(text[end - 1].isdigit() and text[end : end + 1].isdigit() for _, _, end in row)


class _Cutter:
    """Finds the cheapest rows from each place of one text."""

    def __init__(self, text: str, roles: tuple[str, ...], celled: bool) -> None:
        self.text, self.roles = text, roles
        numeric = [index for index, role in enumerate(roles) if role in _NUMERIC]
        self.last = numeric[-1] if len(numeric) > 1 else 0
        self.ahead = [frozenset(roles[index:]) for index in range(len(roles) + 1)]
        self.measured = measured(text) if "explain" in roles else frozenset()
        self.seams = seams(text, roles, celled=celled)
        self.best = lru_cache(maxsize=None)(self._best)

    def rows(self) -> tuple[tuple[Field, ...], ...]:
        """All rows of the text; each place is solved from the end, so that no recursion is deep."""
        for start in range(len(self.text), -1, -1):
            self.best(start, 0, "", "")
        return self.best(0, 0, "", "")[1]

    def _best(self, start: int, index: int, value: str, weight: str) -> _Found:
        """The cheapest rest from `start`, the next field being that of role `index` of the running row."""
        start = self._skipped(start)
        if start >= len(self.text):
            return sum(_EMPTY[role] for role in self.roles[index:] if index), ((),)
        options = list(self._fields(start, index, value, weight)) if index < len(self.roles) else []
        if index:
            options.append(self._next_row(start, index))
        return min(options, key=lambda option: option[0])

    def _skipped(self, start: int) -> int:
        while start < len(self.text) and (self.text[start] in _EDGES or self.text[start].isspace()):
            start += 1
        return start

    def _next_row(self, start: int, index: int) -> _Found:
        between = self.text[self.text.rfind(self.text[:start].rstrip(_EDGES)[-1:], 0, start) + 1 : start]
        cost, rows = self.best(start, 0, "", "")
        free = any(mark in between for mark in _BREAKS)
        left = sum(_EMPTY[role] for role in self.roles[index:])
        return cost + left + (0.0 if free else _NEW_ROW), ((), *rows)

    def _fields(self, start: int, index: int, value: str, weight: str) -> Iterator[_Found]:
        for at in range(index, len(self.roles)):
            role = self.roles[at]
            empty = sum(_EMPTY[other] for other in self.roles[index:at])
            for end in self._ends(role, start):
                text = self.text[start:end].strip()
                own = empty + self._cost(role, start, text, value, weight) + self._edge(end)
                beyond = self._beyond(role, at, text)
                own += _AS_PRINTED - empty if beyond > at + 1 else 0.0
                kept = (text if role == "value" else value, text if role == "weight" else weight)
                cost, rows = self.best(end, beyond, *self._needed(beyond, *kept))
                yield own + cost, (((role, start, end), *rows[0]), *rows[1:])

    def _needed(self, index: int, value: str, weight: str) -> tuple[str, str]:
        """The value and the weight as far as a cell still to come is compared with them: fewer cases to solve."""
        ahead = self.ahead[index]
        return value if "actual" in ahead else "", weight if "score" in ahead else ""

    def _beyond(self, role: str, at: int, text: str) -> int:
        """The role after a field; a run of digits as the value stands for the numbers that ought to follow too."""
        if role == "value" and self.last > at:
            if _RUN.fullmatch(text):
                return self.last + 1
            if costs.SLIPPED.fullmatch(text):
                return self.last + (self.roles[self.last] != "score")
        return at + 1

    def _edge(self, end: int) -> float:
        """What it costs to cut within a number, or within a word of Latin letters."""
        before, after = self.text[end - 1], self.text[end : end + 1]
        return _WITHIN_NUMBER if before.isdigit() and (after.isdigit() or after in list(".%‰")) else 0.0

    def _ends(self, role: str, start: int) -> Iterator[int]:
        """Where a field of the role that begins at `start` can end; never beyond a line or a semicolon."""
        if role in ("weight", "score"):
            found = _NUMBER.match(self.text, start)
            for end in range(start + 1, found.end() + 1) if found else ():
                if self.text[end - 1] != ".":
                    yield end
            return
        most = {"name": _MOST_NAME, "explain": _MOST_EXPLAIN, "sign": 2, "unit": 4}.get(role, _MOST_VALUE)
        for end in range(start + 1, min(start + most, len(self.text)) + 1):
            if self.text[end - 1] in ("\n" if role == "note" else _BREAKS):
                return
            if end in self.seams:
                yield end

    def _cost(self, role: str, start: int, text: str, value: str, weight: str) -> float:
        """What the text costs in its place: repetitions speak for it, a measure within a name against it."""
        own = costs.of(role, text)
        if role == "score":
            return own - (0.5 if weight == text else 0.0)
        if role == "name":
            return own + (1.0 if any(start < end < start + len(text) for end in self.measured) else 0.0)
        if role == "explain" and start in self.measured and not looks.state_end(text, 0):
            return min(own, 0.4 + costs.length(text))
        if role == "actual":
            slipped = 1.0 if costs.SLIPPED.fullmatch(text) else 0.0
            return own + 0.3 + slipped - (1.0 if text == value else 0.0)
        return own
