"""Where the indicator tables are: their headings, and the lines below that belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from perfkg.reading.layouts import looks, wide, words
from perfkg.reading.layouts.align import Column
from perfkg.reading.layouts.bare import Table, bare_tables
from perfkg.reading.layouts.columns import columns_of, with_levels
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.reading.layouts.rows import names_row
from perfkg.text import squeeze

_LEVELS = {"level1", "level2", "name"}
_CONTENT = {"level1", "level2", "name", "value", "term_value", "actual"}
_OPENERS = {"project", "organization", "department", "implementer"}
_TITLE = re.compile(
    r"绩效.{0,16}(?:目标|自评|指标|评价|申报).{0,12}表|申报表$|绩效.{0,10}表|目标设定的?公示|20\d\d年.{2,40}绩效目标$"
)
_ANNEX = re.compile(r"附件\d*[:：.．].{2,40}表(?:[(（][^()（）]*[)）])?$")
_APPROVAL = re.compile(r"[(（](?:盖章|签字|签章|公章)[)）]|(?:审核|初审|审批|复核)意见")
_UNCOUNTED = ("栏次", "甲", "乙", "丙", "丁")
_FEWEST_NUMBERED = 4
_INSTRUCTIONS = re.compile(r"\s*[^\n:：。]{0,20}(?:填表|填报|填写|编制|编报)(?:说明|须知|要求|指南)\s*(?:[:：\n]|$)")
_FEWEST_IN_ROW = 3
_MOST_BETWEEN_TITLES = 3
_MOST_TITLE = 60
_MOST_HEADING = 30


def is_title(text: str) -> bool:
    """Whether the text is the title of a form."""
    plain = re.sub(r"\s", "", text)
    noted = looks.is_note(plain) and not _ANNEX.match(plain)
    return len(plain) <= _MOST_TITLE and bool(_TITLE.search(plain)) and not noted


def opens_form(line: Line) -> bool:
    """Whether the line names whose form follows: a label 项目名称, 预算单位, 主管部门 …"""
    return any(words.role("labels", piece.text) in _OPENERS for piece in filled(line))


def form_start(lines: Sequence[Line], table: int) -> int:
    """The line where the form begins whose first table begins on line `table`: its title, with a label below it.

    A title of several lines is one: 云岭县2024年绩效目标表 over 绩效目标申报表.
    """
    label = next((number for number in reversed(range(table)) if opens_form(lines[number])), 0)
    titles = [number for number in range(label + 1) if any(is_title(one.text) for one in filled(lines[number]))]
    while len(titles) > 1 and titles[-1] - titles[-2] <= _MOST_BETWEEN_TITLES:
        titles.pop()
    return titles[-1] if titles else 0


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
    return [part for table, end in zip(found, ends, strict=True) for part in _sections(lines, table, end)]


def _sections(lines: Sequence[Line], table: Table, limit: int) -> Iterator[Table]:
    """The table as far as it goes, and again below each further label of a project that has rows under it.

    Headings that stand once over the rows of several projects count for all of them.
    """
    end = _body_end(lines, table.body, limit, table.columns)
    columns = with_levels(table.columns, lines[table.body : limit])
    whole = replace(table, columns=columns, end=end, kind=_kind(lines, table))
    further = []
    while whole.kind == "rows" and end < limit and opens_form(lines[end]):
        start = next((number for number in range(end + 1, limit) if _is_row(lines[number])), limit)
        if start == limit:
            break
        end = _body_end(lines, start, limit, table.columns)
        further.append(replace(whole, headings=(), start=start, body=start, end=end, continues=True))
    if not further or any(any(filled(line)) for line in lines[whole.body : whole.end]):
        yield whole
    yield from further


def _is_row(line: Line) -> bool:
    """Whether the line is beyond doubt a row: a category heading, and enough beside it."""
    pieces = list(filled(line))
    return len(pieces) >= _FEWEST_IN_ROW and bool(words.levels(pieces[0].text))


def side_by_side(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """The lines, or their parts where whole forms stand beside each other with an empty column between them."""
    taken = {
        column
        for line in lines
        for piece in filled(line)
        for column in range(piece.column, piece.column + piece.column_span)
    }
    for gap in sorted(set(range(max(taken, default=0))) - taken):
        halves = [
            [tuple(one for one in line if (one.column > gap) == right) for line in lines] for right in (False, True)
        ]
        if all(any(map(opens_form, half)) and tables(half) for half in halves):
            return [halves[0], *side_by_side(halves[1])]
    return [lines]


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
    while end < len(lines) and (_are_headings(lines[end]) or (headings and _stands_under(lines[end], headings))):
        headings.extend(filled(lines[end]))
        end += 1
    if end == start:
        return None
    columns = columns_of(headings)
    roles = {column.role for column in columns}
    if not roles & _LEVELS or len(roles & _CONTENT) < 2:
        return None
    if end < len(lines) and _numbers_columns(lines[end]):
        headings.extend(filled(lines[end]))
        end += 1
    return Table(columns, tuple(headings), start, end, end, "rows")


def _stands_under(line: Line, headings: Sequence[Piece]) -> bool:
    """Whether all of a line stands under headings that span it, beside headings that are as high as both lines."""
    pieces = list(filled(line))
    above = [piece for piece in headings if pieces and piece.line == pieces[0].line - 1]
    high = any(piece.row_span > 1 for piece in above)
    over = [piece for piece in above if piece.column_span > 1 and piece.row_span == 1]
    under = all(any(one.column <= piece.column < one.column + one.column_span for one in over) for piece in pieces)
    return len(pieces) > 1 and high and under


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


def _body_end(lines: Sequence[Line], start: int, end: int, columns: Sequence[Column]) -> int:
    within = None
    for number in range(start, end):
        cells = list(filled(lines[number]))
        table = cells[0].place.table if cells else None
        another = within is not None and table not in (None, within)
        within = table or within
        if not cells or names_row(cells, columns):
            continue
        first = cells[0].text
        if another and not _is_row(lines[number]):
            return number
        ends = looks.is_note(first) or words.role("ends", first) == "stop"
        if ends and not any(map(_is_row, lines[number + 1 : end])):
            return number
        if is_title(first) or _INSTRUCTIONS.match(first) or _APPROVAL.search(first) or opens_form(lines[number]):
            return number
    return end
