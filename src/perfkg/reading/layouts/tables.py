"""Where the indicator tables are: their headings, and the lines below that belong to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from perfkg.reading.layouts import wide, words
from perfkg.reading.layouts.align import Column
from perfkg.reading.layouts.bare import Table, bare_tables
from perfkg.reading.layouts.beside import termed
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.text import squeeze

_LEVELS = {"level1", "level2", "name"}
_CONTENT = {"level1", "level2", "name", "value", "term_value", "actual"}
_CONTENTS = {"指标内容", "绩效指标内容"}
_OPENERS = {"project", "organization", "department", "implementer"}
_TITLE = re.compile(
    r"绩效.{0,16}(?:目标|自评|指标|评价|申报).{0,12}表|申报表$|绩效.{0,10}表|目标设定的?公示|20\d\d年.{2,40}绩效目标$"
)
_APPROVAL = re.compile(r"[(（](?:盖章|签字|签章|公章)[)）]|(?:审核|初审|审批|复核)意见")
_NOTE = re.compile(r"^(?:注|说明|备注|附件)\d*[:：.．]")
_UNCOUNTED = ("栏次", "甲", "乙", "丙", "丁")
_FEWEST_NUMBERED = 4
_INSTRUCTIONS = re.compile(r"\s*[^\n:：。]{0,20}(?:填表|填报|填写|编制|编报)(?:说明|须知|要求|指南)\s*(?:[:：\n]|$)")
_MOST_TITLE = 60
_MOST_HEADING = 30


def is_title(text: str) -> bool:
    """Whether the text is the title of a form."""
    plain = re.sub(r"\s", "", text)
    return len(plain) <= _MOST_TITLE and bool(_TITLE.search(plain)) and not _NOTE.match(plain)


def opens_form(line: Line) -> bool:
    """Whether the line names whose form follows: a label 项目名称, 预算单位, 主管部门 …"""
    return any(words.role("labels", piece.text) in _OPENERS for piece in filled(line))


def tables(lines: Sequence[Line]) -> list[Table]:
    """All indicator tables, in order, each with its body as far as it goes."""
    found: list[Table] = []
    number = 0
    while number < len(lines):
        table = _table_at(lines, number) or wide.table_at(lines, number)
        if table:
            found.append(table)
            number = table.body
        else:
            number += 1
    if not found:
        return bare_tables(lines[: _instructions(lines)])
    ends = [table.start for table in found[1:]] + [len(lines)]
    return [
        replace(table, end=_body_end(lines, table.body, end), kind=_kind(lines, table))
        for table, end in zip(found, ends, strict=True)
    ]


def _instructions(lines: Sequence[Line]) -> int:
    """The line where instructions for filling the form in begin: what they say of the categories is no table."""
    heads = (number for number, line in enumerate(lines) if any(_INSTRUCTIONS.match(one.text) for one in filled(line)))
    return next(heads, len(lines))


def _table_at(lines: Sequence[Line], start: int) -> Table | None:
    """The table whose headings begin on line `start`: on one line, or one below the other."""
    if not any(words.role("columns", piece.text) for piece in filled(lines[start])):
        return None
    headings: list[Piece] = []
    end = start
    while end < len(lines) and _are_headings(lines[end]):
        headings.extend(filled(lines[end]))
        end += 1
    if end == start:
        return None
    columns = _columns(headings)
    roles = {column.role for column in columns}
    if not roles & _LEVELS or len(roles & _CONTENT) < 2:
        return None
    if end < len(lines) and _numbers_columns(lines[end]):
        headings.extend(filled(lines[end]))
        end += 1
    return Table(columns, tuple(headings), start, end, end, "rows")


def _numbers_columns(line: Line) -> bool:
    """Whether the line only numbers the columns, as tables of a budget do: 1 2 3 4, or 甲 乙 1 2 3."""
    texts = [squeeze(piece.text) for piece in filled(line)]
    counted = [text for text in texts if text not in _UNCOUNTED]
    return len(texts) >= _FEWEST_NUMBERED and counted == [str(number) for number in range(1, len(counted) + 1)]


def _kind(lines: Sequence[Line], table: Table) -> str:
    """How the table's cells stand, by its headings: side by side, one below the other, or glued together."""
    if table.kind == "wide":
        return table.kind
    touching = sum(
        before.place == after.place and before.start + len(before.text) == after.start
        for before, after in pairwise(table.headings)
    )
    if touching >= 2:
        return "glued"
    first = next((piece for line in lines[table.body :] for piece in filled(line)), None)
    alone = all(len(list(filled(line))) <= 1 for line in lines[table.start : table.body])
    if first and first.place == table.headings[-1].place:
        return "stream"
    return "stream" if table.body - table.start > 2 and alone else "rows"


def _are_headings(line: Line) -> bool:
    """Whether a line holds headings: all of it, or a fair part where the rest are names of places."""
    pieces = list(filled(line))
    known = [role for piece in pieces if (role := words.role("columns", piece.text))]
    if not pieces or any(len(piece.text) > _MOST_HEADING for piece in pieces):
        return False
    return len(known) == len(pieces) or (len(known) >= 3 and len(set(known) & _CONTENT) >= 2)


def _columns(headings: Sequence[Piece]) -> tuple[Column, ...]:
    """The headings as columns. One that is no known word is a place's column where the table has no value column."""
    roles = [words.role("columns", piece.text) for piece in headings]
    if "name" not in roles and "side" in roles[1:]:
        roles[roles.index("side", 1)] = "name"
    roles = _explained(roles, headings)
    if "excellent" in roles and "value" not in roles:
        roles[roles.index("excellent")] = "value"
    if "project" in roles and "objective" not in roles:
        roles = ["objective" if _is_goal(role, piece) else role for role, piece in zip(roles, headings, strict=True)]
    roles = termed(roles)
    unknown = "note" if "value" in roles else "area"
    columns = [Column(role or unknown, piece.column, piece.text) for role, piece in zip(roles, headings, strict=True)]
    columns = _graded(columns, headings)
    upper = sum(piece.line == headings[0].line for piece in headings)
    return tuple(_flattened(columns, headings, upper) if 2 <= upper < len(columns) else columns)


def _is_goal(role: str | None, heading: Piece) -> bool:
    """Whether the heading of an export means the project's objective; on a form the same word stands beside the table."""
    return role == "side" and words.key(heading.text).endswith("目标")


def _explained(roles: Sequence[str | None], headings: Sequence[Piece]) -> list[str | None]:
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


def _body_end(lines: Sequence[Line], start: int, end: int) -> int:
    for number in range(start, end):
        first = next(filled(lines[number]), None)
        if first and (_NOTE.match(first.text) or words.role("ends", first.text) == "stop" or is_title(first.text)):
            return number
        if first and (opens_form(lines[number]) or _APPROVAL.search(first.text)):
            return number
    return end
