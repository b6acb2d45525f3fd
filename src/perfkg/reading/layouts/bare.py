"""Indicator tables without column headings: prose, lists and fragments that only the category headings give away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.align import Column
from perfkg.reading.layouts.pieces import Line, Piece, filled

_CAPTION = re.compile(r"(?:项目|专项|资金|经费)$")
_WEIGHT = re.compile(r"\s\d+(?:\.\d+)?(?=\s|$)")
_FEWEST_HEADINGS = 3
_FEWEST_VALUES = 0.15


@dataclass(frozen=True, slots=True)
class Table:
    """An indicator table: its headings, the lines they stand on, and the lines of its body (half-open ranges).

    `kind`: `rows`, a line is a row; `stream`, cells one below the other; `glued`, cells not apart at all.
    `caption` is the line that names what a table without headings is about. One that `continues` has the headings of
    the table before it.
    """

    columns: tuple[Column, ...]
    headings: tuple[Piece, ...]
    start: int
    body: int
    end: int
    kind: str
    caption: int | None = None
    continues: bool = False


def bare_tables(lines: Sequence[Line]) -> list[Table]:
    """The tables that begin at a first category heading; a caption before a later one begins another."""
    headed = [number for number, line in enumerate(lines) if _heading(line)]
    if len(headed) < _FEWEST_HEADINGS:
        return []
    starts = [headed[0], *(number for number in headed[1:] if _captioned(lines, number))]
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    columns, kind = _columns(lines[starts[0] :])
    return [
        Table(columns, (), start, start, end, kind, start - 1 if _captioned(lines, start) else None)
        for start, end in zip(starts, ends, strict=True)
    ]


def _heading(line: Line) -> bool:
    first = next(filled(line), None)
    return bool(first and words.levels(first.text))


def _captioned(lines: Sequence[Line], number: int) -> bool:
    """Whether the line before a first-level heading names a project."""
    pieces = list(filled(lines[number - 1])) if number else []
    level = words.levels(next(filled(lines[number])).text)
    return 1 in level and len(pieces) == 1 and bool(_CAPTION.search(words.key(pieces[0].text)))


def _columns(lines: Sequence[Line]) -> tuple[tuple[Column, ...], str]:
    """The columns a table without headings must have, and its kind."""
    texts = [piece.text for line in lines for piece in filled(line) if not words.levels(piece.text)]
    glued = any(piece.start for line in lines for piece in filled(line))
    roles = ["level1", "level2", "name", "value"]
    if glued:
        roles += ["weight"] * any(map(_WEIGHT.search, texts))
    elif sum(map(looks.is_value, texts)) < _FEWEST_VALUES * len(texts):
        roles.pop()
    alone = all(len(list(filled(line))) <= 1 for line in lines)
    kind = "glued" if glued else "stream" if alone else "rows"
    return tuple(Column(role, index, "") for index, role in enumerate(roles)), kind
