"""Lines of text that are no table of indicators → rows of cells, cut at wide gaps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from perfkg.reading import typeset
from perfkg.reading.grid import Cell
from perfkg.reading.layouts import looks, words
from perfkg.reading.typeset import Line, Printed
from perfkg.reading.unruled.drawing import Row
from perfkg.records import Place

_TOLERANCE = 3.0
_OVERLAP = 0.2


def rows(texts: Sequence[Printed]) -> list[Row]:
    """Lines as rows: cut into cells where they have wide gaps, the cells in the columns they stand under.

    Lines half a line apart are one row, a cell of two lines standing beside cells of one.
    """
    cut = [(text, typeset.segments(text.line)) for text in texts]
    bands = _bands([part for _, parts in cut if len(parts) > 1 for part in parts])
    wide = max((len(parts) for _, parts in cut), default=0) <= len(bands)
    found: list[Row] = []
    for run in _interlocked(cut):
        columns = [_columns(own, bands if wide else []) for _, own in run]
        if len(run) > 1 and all(columns):
            parts = [part for _, own in run for part in own]
            found.append(_in_columns(run[0][0], parts, [at for own in columns for at in own]))
            continue
        if len(run) > 1 and (stacked := _stacked([own for _, own in run])):
            found.append(_in_columns(run[0][0], *stacked))
            continue
        for (text, own), places in zip(run, columns, strict=True):
            found.append(_in_columns(text, own, places or range(len(own))))
    return found


def _columns(parts: Sequence[Line], bands: list[float]) -> list[int]:
    """The columns that the parts of one line stand in, each in its own; none if they do not."""
    found = [bisect_right(bands, part.left + _TOLERANCE) - 1 for part in parts]
    return found if len(set(found)) == len(found) and min(found, default=-1) >= 0 else []


def _stacked(run: Sequence[Sequence[Line]]) -> tuple[list[Line], list[int]] | None:
    """The parts of interlocked lines and their columns, if those over each other are one text broken over lines.

    None if two of them are labels or amounts by themselves: then a cell stands beside the edge between two rows.
    """
    parts = [part for own in run for part in own]
    bands = _bands(parts)
    columns = [bisect_right(bands, part.left + _TOLERANCE) - 1 for part in parts]
    for at in set(columns):
        texts = [part.text.strip() for part, column in zip(parts, columns, strict=True) if column == at]
        if sum(map(_is_whole, texts)) > 1:
            return None
    return parts, columns


def _is_whole(text: str) -> bool:
    known = any(words.role(group, text) for group in ("labels", "money", "columns")) and len(text) > 1
    return known or looks.is_number(text)


def _interlocked(cut: Iterable[tuple[Printed, list[Line]]]) -> list[list[tuple[Printed, list[Line]]]]:
    """The lines, those together that reach into each other's height."""
    runs: list[list[tuple[Printed, list[Line]]]] = []
    bottom = 0.0
    for text, parts in cut:
        line = text.line
        deep = bottom - line.top > _OVERLAP * line.size
        if runs and deep and text.page == runs[-1][-1][0].page:
            runs[-1].append((text, parts))
        else:
            runs.append([(text, parts)])
            bottom = 0.0
        bottom = max(bottom, line.bottom)
    return runs


def _in_columns(text: Printed, parts: Sequence[Line], columns: Sequence[int]) -> list[Cell]:
    """The cells of a row; those of one column, from top to bottom, are one text."""
    place = Place(page=text.page, line=text.number)
    found: dict[int, str] = {}
    for at, part in sorted(zip(columns, parts, strict=True), key=lambda pair: (pair[0], pair[1].top)):
        before, more = found.get(at, ""), part.text.strip()
        found[at] = before + typeset.between(before, more) + more
    return [Cell(whole, at, replace(place, column=at + 1)) for at, whole in found.items()]


def _bands(parts: Sequence[Line]) -> list[float]:
    """The left edges of the columns that the parts of lines stand in: overlapping parts are in one."""
    edges: list[float] = []
    right = float("-inf")
    for part in sorted(parts, key=lambda part: part.left):
        if part.left > right:
            edges.append(part.left)
        right = max(right, part.right)
    return edges
