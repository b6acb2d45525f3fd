"""The headings of an indicator table as columns: what each is for, also where its words were not met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfkg.reading.layouts import words
from perfkg.reading.layouts.align import Column
from perfkg.reading.layouts.beside import termed
from perfkg.reading.layouts.pieces import Line, Piece, filled

_CONTENTS = {"指标内容", "绩效指标内容"}
_FOLLOWS = {"level2": "name", "sign": "value"}
_YEARLY = {"value", "actual"}
_KEPT_OVER = {"note", "explain"}
_FEWEST_LEVELS = 2
_SHARE_OF_LEVELS = 0.6

Roles = list[str | None]


def columns_of(headings: Sequence[Piece]) -> tuple[Column, ...]:
    """The headings as columns. One that is no known word is a place's column where the table has no value column."""
    roles: Roles = [words.role("columns", piece.text) for piece in headings]
    if "name" not in roles and "side" in roles[1:]:
        roles[roles.index("side", 1)] = "name"
    roles = _supposed(_past(_explained(roles, headings), headings), headings)
    if "excellent" in roles and "value" not in roles:
        roles[roles.index("excellent")] = "value"
    if "project" in roles and "objective" not in roles:
        roles = ["objective" if _is_goal(role, piece) else role for role, piece in zip(roles, headings, strict=True)]
    roles = termed(roles)
    unknown = "other" if "value" in roles else "area"
    under = [role or _under(piece, headings, roles) for role, piece in zip(roles, headings, strict=True)]
    columns = [Column(role or unknown, piece.column, piece.text) for role, piece in zip(under, headings, strict=True)]
    columns = _graded(columns, headings)
    upper = sum(piece.line == headings[0].line for piece in headings)
    return tuple(_flattened(columns, headings, upper) if 2 <= upper < len(columns) else columns)


def with_levels(columns: tuple[Column, ...], body: Sequence[Line]) -> tuple[Column, ...]:
    """The columns, those before the name with unknown headings being levels if category headings stand in them."""
    roles = [column.role for column in columns]
    if "name" not in roles:
        return columns
    found = list(columns)
    for at, column in enumerate(columns[: roles.index("name")]):
        if column.role in ("other", "area") and (level := _level(column, body)) and level not in roles:
            found[at] = replace(column, role=level)
    return tuple(found)


def _level(column: Column, body: Sequence[Line]) -> str | None:
    """The level of the category headings that stand under a heading, if that is what stands there."""
    cells = [piece.text for line in body for piece in filled(line) if piece.column == column.column]
    levels = [known for text in cells if (known := words.levels(text))]
    if len(levels) < _FEWEST_LEVELS or len(levels) < _SHARE_OF_LEVELS * len(cells):
        return None
    return "level1" if sum(1 in known for known in levels) > sum(2 in known for known in levels) else "level2"


def _supposed(roles: Roles, headings: Sequence[Piece]) -> Roles:
    """Headings not met before by what they follow or how they end, for what no other heading is for: 年底完成值."""
    found = list(roles)
    if "value" not in found and "name" in found and "side" in found[found.index("name") :]:
        found[found.index("side", found.index("name"))] = "value"
    for at, piece in enumerate(headings):
        before = found[at - 1] if at else None
        if found[at] is None and (supposed := _FOLLOWS.get(before or "") or words.role_by_ending(piece.text)):
            found[at] = supposed if supposed not in found else None
    return found


def _past(roles: Roles, headings: Sequence[Piece]) -> Roles:
    """Of several years side by side the last one's is meant: 2023年完成值 beside 2024年目标值."""
    years = [words.year_before(piece.text) for piece in headings]
    last = max(filter(None, years), default=0)
    return [
        "last_year" if year and year < last and role in _YEARLY else role
        for role, year in zip(roles, years, strict=True)
    ]


def _under(piece: Piece, headings: Sequence[Piece], roles: Sequence[str | None]) -> str | None:
    """What an unknown heading is for by the one that spans it: parts of a value are values, of a reason reasons."""
    for over, role in zip(headings, roles, strict=True):
        if over.line < piece.line and over.column <= piece.column < over.column + over.column_span > over.column + 1:
            return "area" if role == "value" else "other" if role in _KEPT_OVER else None
    return None


def _is_goal(role: str | None, heading: Piece) -> bool:
    """Whether the heading of an export means the project's objective; on a form the same word stands beside the table."""
    return role == "side" and words.key(heading.text).endswith("目标")


def _explained(roles: Sequence[str | None], headings: Sequence[Piece]) -> Roles:
    """指标内容 says what the indicator means where another column, 三级指标, has its name."""
    named = {words.key(piece.text) for role, piece in zip(roles, headings, strict=True) if role == "name"}
    if not named - _CONTENTS:
        return list(roles)
    found = zip(roles, headings, strict=True)
    return ["explain" if words.key(piece.text) in _CONTENTS else role for role, piece in found]


def _graded(columns: list[Column], headings: Sequence[Piece]) -> list[Column]:
    """优 良 中 差 where 评价标准 stands, which is the heading over them, if only their order is known."""
    grades = [column for column in columns if column.text in ("优", "良", "中", "差")]
    over = [column for column in columns if words.key(column.text).endswith("评价标准")]
    if len(grades) < 2 or not over or any(piece.column_span > 1 for piece in headings):
        return columns
    rest = [column for column in columns if column not in grades]
    at = rest.index(over[0])
    return [*rest[:at], *grades, *rest[at + 1 :]]


def _flattened(columns: list[Column], headings: Sequence[Piece], upper: int) -> list[Column]:
    """Headings of two storeys as one: by column where a cell spans those below; else 符号, 单位 go around the value."""
    spanning = [piece for piece in headings[:upper] if piece.column_span > 1]
    if spanning:
        lower = {column.column for column in columns[upper:]}
        covered = {p.column for p in spanning if lower & set(range(p.column, p.column + p.column_span))}
        kept = [column for column in columns[:upper] if column.column not in covered]
        return sorted([*kept, *columns[upper:]], key=lambda column: column.column)
    below = columns[upper:]
    rest = [column for column in below if column.role not in ("sign", "unit")]
    flat: list[Column] = []
    for column in columns[:upper]:
        if column.role == "value" and any(other.role == "value" for other in below):
            flat += below
        elif column.role == "value":
            signs, units = ([other for other in below if other.role == role] for role in ("sign", "unit"))
            flat += [*signs, column, *units]
        elif not (column.role == "score" and rest):
            flat.append(column)
    return flat + [column for column in rest if column not in flat]
