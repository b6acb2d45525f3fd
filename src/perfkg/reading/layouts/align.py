"""Which cell of a row belongs under which heading, when merged cells, lost cells and broken lines have moved them.

The cheapest way in order: a cell costs what its text speaks against the heading, what it stands off its column, and
what headings stay empty. One way of counting serves every layout; it is what a person does with a ragged table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.pieces import Piece

# How much it speaks against a reading if a row has nothing under a heading.
_EMPTY = {"name": 1.0, "value": 1.0, "actual": 0.6, "weight": 0.9, "score": 0.8, "sign": 0.6, "unit": 0.5}
_EMPTY_EXPLAIN = 0.3
_VALUES = {"value", "term_value", "actual", "area", "excellent", "good", "fair", "poor", "earlier", "last_year"}
_PROSE = {"note", "explain", "basis"}
_LEVEL_OF = {"level1": 1, "level2": 2, "term_level2": 2}
_MOVED = 1.0
_LEFT_OVER = 7.0
_JOINED = 1.8
_JOINS = {"name", "value", "actual", "note", "explain", "basis"}
_CLOSE = 0.45
_HEADING_ENDS = ("指标", "目标")
_SUITS = 1.0


@dataclass(frozen=True, slots=True)
class Column:
    """A heading of the indicator table: its role, its grid column and what is printed (a township's name, say)."""

    role: str
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fit:
    """For each cell the index of its heading, or None where it fits none; rows begin at the indices in `starts`."""

    columns: tuple[int | None, ...]
    starts: tuple[int, ...]
    doubtful: bool


@dataclass(frozen=True, slots=True)
class _Table:
    placed: bool
    flowing: bool
    family: str | None
    scored: bool


@dataclass(frozen=True, slots=True)
class _Way:
    cost: float
    at: int
    shift: int | None
    unmoved: bool
    steps: tuple[tuple[int | None, bool], ...]
    text: str = ""


def fit(
    cells: Sequence[Piece],
    columns: Sequence[Column],
    *,
    placed: bool,
    flowing: bool = False,
    family: str | None = None,
    within: bool = False,
) -> Fit:
    """The cheapest way to put `cells` under `columns`.

    `placed`: the cells' grid columns mean something. `flowing`: the cells are a stream without rows, so that a new
    row may begin anywhere; otherwise they are one row. `within`: a category merged over the row is the row's.
    """
    table = _Table(placed, flowing, family, any(column.role in ("weight", "score") for column in columns))
    if placed and (straight := _straight(cells, columns, family, within)):
        return straight
    ways = [_Way(0.0, -1, None, True, ())]
    for cell in cells:
        ways = _cheapest([step for way in ways for step in _steps(way, cell, columns, table)])
    ended = sorted(ways, key=lambda way: way.cost + _empty(columns, way.at + 1, len(columns)))
    best = ended[0]
    rest = [way for way in ended[1:] if _names(way, columns) != _names(best, columns)]
    margin = rest[0].cost - best.cost if rest else 9.0
    return Fit(
        tuple(at for at, _ in best.steps),
        tuple(index for index, (_, starts) in enumerate(best.steps) if starts or index == 0),
        not flowing and margin < _CLOSE and not (placed and _in_place(best)),
    )


def _straight(cells: Sequence[Piece], columns: Sequence[Column], family: str | None, within: bool) -> Fit | None:
    """The plain case, quickly: every cell stands under a heading that its text suits.

    A name may say the same as a category (满意度): it is one for certain where the row has its category already, and
    more likely than a moved category where it is no heading's full wording (满意度指标).
    """
    by_column = {column.column: index for index, column in enumerate(columns)}
    places = [by_column.get(cell.column) for cell in cells]
    doubtful = False
    for index, (cell, at) in enumerate(zip(cells, places, strict=True)):
        if at is None:
            return None
        within = within or columns[at].role == "level2"
        if columns[at].role == "name" and words.levels(cell.text):
            if not within and cell.text.endswith(_HEADING_ENDS):
                return None
            after = cells[index + 1].text if index + 1 < len(cells) else ""
            doubtful = doubtful or not (within or looks.is_value(after))
        elif _against(columns[at].role, cell.text, family) > _SUITS:
            return None
    return Fit(tuple(places), (0,), doubtful)


def _in_place(way: _Way) -> bool:
    """Whether every cell stands under its own heading: each step that moves a cell adds to the shift."""
    return way.unmoved and all(at is not None for at, _ in way.steps)


def _names(way: _Way, columns: Sequence[Column]) -> list[str | None]:
    return [columns[at].role if at is not None else None for at, _ in way.steps]


def _cheapest(ways: list[_Way]) -> list[_Way]:
    """The best two ways to each state are enough to know the best and whether another comes close."""
    kept: dict[tuple[int, int | None], list[_Way]] = {}
    for way in sorted(ways, key=lambda way: way.cost):
        rivals = kept.setdefault((way.at, way.shift), [])
        if len(rivals) < 2:
            rivals.append(way)
    return [way for rivals in kept.values() for way in rivals]


def _steps(way: _Way, cell: Piece, columns: Sequence[Column], table: _Table) -> list[_Way]:
    steps = [_Way(way.cost + _LEFT_OVER, way.at, way.shift, way.unmoved, (*way.steps, (None, False)))]
    for at in range(way.at + 1, len(columns)):
        shift = columns[at].column - cell.column if table.placed else None
        cost = (
            _against(columns[at].role, cell.text, table.family)
            + _empty(columns, way.at + 1, at)
            + _moved(way.shift, shift)
            + _points(way, cell, columns[at].role, columns, table)
        )
        steps.append(_Way(way.cost + cost, at, shift, way.unmoved and not shift, (*way.steps, (at, False)), cell.text))
    if table.flowing and way.at >= 0:
        steps.extend(_new_row(way, cell, columns, table.family))
    if not table.placed and way.steps and way.at >= 0 and columns[way.at].role in _JOINS and cell.start:
        cost = _JOINED + _against(columns[way.at].role, cell.text, table.family)
        steps.append(_Way(way.cost + cost, way.at, None, False, (*way.steps, (way.at, False))))
    return steps


def _points(way: _Way, cell: Piece, role: str, columns: Sequence[Column], table: _Table) -> float:
    """What bare numbers say where columns are lost: a score that repeats the weight before it is one."""
    if table.placed or not looks.is_number(cell.text):
        return 0.0
    if role == "score" and way.at >= 0 and columns[way.at].role == "weight" and way.text == cell.text:
        return -0.5
    return 0.3 if table.scored and role in ("value", "actual") else 0.0


def _new_row(way: _Way, cell: Piece, columns: Sequence[Column], family: str | None) -> list[_Way]:
    before = way.cost + _empty(columns, way.at + 1, len(columns))
    return [
        _Way(
            before + _against(columns[at].role, cell.text, family) + _empty(columns, 0, at),
            at,
            None,
            False,
            (*way.steps, (at, True)),
        )
        for at in range(way.at + 1)
    ]


def _moved(before: int | None, now: int | None) -> float:
    if now is None or now == (before or 0):
        return 0.0
    return _MOVED + 0.05 * abs(now - (before or 0))


def _empty(columns: Sequence[Column], start: int, end: int) -> float:
    return sum(
        _EMPTY.get(column.role, _EMPTY_EXPLAIN if column.role == "explain" else 0.0) for column in columns[start:end]
    )


def _against(role: str, text: str, family: str | None) -> float:
    """How much `text` speaks against standing under the heading `role`."""
    if not text:
        return {"side": 0.0, "level1": 1.5, "level2": 1.5, "term_level2": 1.5, "name": 1.2, "value": 0.6}.get(role, 0.0)
    if role == "side":
        return 0.0 if words.role("columns", text) == "side" else 9.0
    if role in _LEVEL_OF:
        return _against_level(role, text, family)
    if role in ("weight", "score"):
        return 0.0 if looks.is_points(text) else 5.0
    if role == "sign":
        return 0.0 if looks.is_sign(text) else 4.0
    if role == "unit":
        return 0.3 if len(text) <= 8 and not any(map(str.isdigit, text)) and not looks.is_sign(text) else 4.0
    return _against_text(role, text)


def _against_level(role: str, text: str, family: str | None) -> float:
    levels = words.levels(text, family)
    return 0.0 if _LEVEL_OF[role] in levels else 3.0 if levels else 5.0 if len(text) < 16 else 8.0


def _against_text(role: str, text: str) -> float:
    heading = 3.0 if words.levels(text) else 0.0
    number = looks.is_number(text)
    if role in ("name", "term_name"):
        numbered = -1.0 if looks.number_before(text) else 0.0
        return heading + numbered + (2.5 if number or looks.is_sign(text) else 1.0 if looks.is_value(text) else 0.0)
    if role in _VALUES:
        numbered = 2.0 if looks.number_before(text) else 0.0
        return heading + numbered + (2.0 if looks.is_sign(text) else 0.0 if looks.is_value(text) else 0.5)
    if role == "extra":
        return heading + 1.5
    return heading + (3.0 if number and role in _PROSE else 0.7 if role in _PROSE else 0.5)
