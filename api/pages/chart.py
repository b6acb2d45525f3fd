"""A drawing of a result with numbers: bars of one column, or points of two; made here, so that it needs no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from perfkg.targets.wording import amount

WIDTH, LABEL, MARGIN, STEP, HEIGHT = 880, 220, 90, 26, 360
"""In units of the drawing: its width, the room for labels at the left and numbers at the right, a bar with the space
to the next, and the height of points.
"""
BARS, POINTS = 40, 2000
"""Rows that are drawn at most, the first of the result."""

_CHARACTERS = 14
"""Chinese characters of a label."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar from `x` that is `width` long, or a point at (`x`, `y`); `label` and `said` tell what and how much."""

    x: float
    y: float
    width: float
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn of the column `across`, or of `across` against `up`: its marks, how high it is, how many rows were
    left out, the line of zero, and the `ends` of the axes as text (lowest and highest across, lowest and highest up).
    """

    across: str
    up: str | None
    marks: tuple[Mark, ...]
    height: float
    left_out: int
    zero: float
    ends: tuple[str, ...] = ()


Row = dict[str, tuple[str, float | None]]
"""The columns of a row that are bound: each as text, and as a number where it is one."""


def numeric(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The columns that hold numbers alone, those of years last."""
    found = [column for column in columns if _numbers(rows, column)]
    return sorted(found, key=lambda column: _years(rows, column))


def choices(columns: Sequence[str], rows: Sequence[Row]) -> list[tuple[str, str | None]]:
    """What can be drawn, the likeliest first: each column of numbers, then pairs of them."""
    numbers = numeric(columns, rows) if len(rows) > 1 else []
    return [(one, None) for one in numbers] + list(combinations(numbers[:3], 2))


def bars(columns: Sequence[str], rows: Sequence[Row], across: str) -> Chart:
    """A bar for each of the first rows that have a number in the column `across`."""
    known = [row for row in rows if across in row]
    drawn = known[:BARS]
    numbers = [_number(row, across) for row in drawn]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    scale = (WIDTH - LABEL - MARGIN) / ((high - low) or 1)
    zero = LABEL - low * scale
    years = [column for column in numeric(columns, rows) if _years(rows, column)]
    # Of an organization over the years, each bar tells its year.
    said = [*years, *(column for column in columns if column not in numeric(columns, rows))] or list(columns)
    said = [column for column in said if column != across] or [column for column in columns if column != across]
    marks = tuple(
        Mark(
            zero + min(number, 0) * scale,
            index * STEP,
            abs(number) * scale,
            _label(row, said),
            f"{_full(row, said)}：{amount(number, None)}",
        )
        for index, (row, number) in enumerate(zip(drawn, numbers, strict=True))
    )
    return Chart(across, None, marks, len(marks) * STEP, len(known) - len(drawn), zero)


def points(columns: Sequence[str], rows: Sequence[Row], across: str, up: str) -> Chart:
    """A point for each of the first rows that have numbers in both columns."""
    known = [row for row in rows if across in row and up in row]
    drawn = known[:POINTS]
    xs, ys = ([_number(row, column) for row in drawn] for column in (across, up))
    said = [column for column in columns if column not in numeric(columns, rows)]
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 60
    marks = tuple(
        Mark(
            MARGIN + width * _share(x, xs),
            20 + height * (1 - _share(y, ys)),
            0,
            "",
            f"{_full(row, said)}：{across} {amount(x, None)}，{up} {amount(y, None)}",
        )
        for row, x, y in zip(drawn, xs, ys, strict=True)
    )
    ends = tuple(amount(end, None) for axis in (xs, ys) for end in (min(axis), max(axis))) if drawn else ()
    return Chart(across, up, marks, HEIGHT, len(known) - len(drawn), MARGIN, ends)


def _numbers(rows: Sequence[Row], column: str) -> list[float]:
    """The numbers in a column that holds nothing else; none for another."""
    found = [row[column][1] for row in rows if column in row]
    known = [number for number in found if number is not None and math.isfinite(number)]
    return known if len(known) == len(found) else []


def _years(rows: Sequence[Row], column: str) -> bool:
    return all(_is_year(number) for number in _numbers(rows, column))


def _number(row: Row, column: str) -> float:
    return row[column][1] or 0.0


def _share(number: float, of: Sequence[float]) -> float:
    low, high = min(of), max(of)
    return (number - low) / (high - low) if high > low else 0.5


def _full(row: Row, columns: Sequence[str]) -> str:
    return " · ".join(row[column][0] for column in columns if column in row)


def _label(row: Row, columns: Sequence[str]) -> str:
    text = _full(row, columns)
    if _width(text) <= 2 * _CHARACTERS:
        return text
    while _width(text) > 2 * _CHARACTERS - 2:
        text = text[:-1]
    return text + "…"


def _width(text: str) -> int:
    """In halves of a Chinese character."""
    return sum(1 if character.isascii() else 2 for character in text)


def _is_year(number: float) -> bool:
    return float(number).is_integer() and _FIRST_YEAR <= number <= _LAST_YEAR
