"""Tables that lie on their side, their headings below each other and an indicator a column, set upright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfkg.reading.layouts import words
from perfkg.reading.layouts.pieces import Line, Piece, filled

_FEWEST_HEADINGS = 3
_NEEDED = {"name", "value"}


def upright(lines: Sequence[Line]) -> list[Line]:
    """The lines, with every table that lies on its side turned: a line an indicator, below a line of headings."""
    done: list[Line] = []
    number = 0
    while number < len(lines):
        end = _end(lines, number)
        turned = _turned(lines[number:end]) if end else [lines[number]]
        number = end or number + 1
        done += [_at(line, len(done) + below) for below, line in enumerate(turned)]
    return done


def _heading(line: Line) -> Piece | None:
    """The heading a lying line begins with, if no other cell of it is one: then it stands over columns."""
    pieces = [piece for piece in filled(line) if words.role("columns", piece.text) != "side"]
    roles = [words.role("columns", piece.text) for piece in pieces[:2]]
    return pieces[0] if len(roles) == 2 and roles[0] and not roles[1] else None


def _end(lines: Sequence[Line], start: int) -> int | None:
    """The line after the lying table that begins on line `start`, if one does."""
    found: list[Piece] = []
    roles: set[str | None] = set()
    for line in lines[start:]:
        heading = _heading(line)
        role = words.role("columns", heading.text) if heading else None
        if heading is None or role in roles or (found and heading.column != found[0].column):
            break
        found.append(heading)
        roles.add(role)
    whole = len(found) >= _FEWEST_HEADINGS and roles >= _NEEDED and roles & {"level1", "level2"}
    return start + len(found) if whole else None


def _turned(lines: Sequence[Line]) -> list[Line]:
    """Lines as columns and columns as lines; merged cells stay merged the other way."""
    headings = [heading for line in lines if (heading := _heading(line))]
    right = headings[0].column
    bodies = [[piece for piece in filled(line) if piece.column > right] for line in lines]
    columns = sorted({piece.column for body in bodies for piece in body})
    turned: list[list[Piece]] = [[replace(one, column=at + 1, row_span=1) for at, one in enumerate(headings)]]
    turned[0] += [replace(one, column=0) for line in lines for one in filled(line) if one.column < right]
    turned += [[] for _ in columns]
    for at, body in enumerate(bodies):
        for piece in body:
            reach = sum(piece.column <= column < piece.column + piece.column_span for column in columns)
            cell = replace(piece, column=at + 1, row_span=max(reach, 1), column_span=piece.row_span)
            turned[1 + columns.index(piece.column)].append(cell)
    return [tuple(sorted(line, key=lambda piece: piece.column)) for line in turned]


def _at(line: Line, number: int) -> Line:
    return line if all(piece.line == number for piece in line) else tuple(replace(one, line=number) for one in line)
