"""The result file of a text recognition program (boxes with their text, as JSON) → one grid, by geometry.

A scanned form comes as boxes in any order. Boxes under each other are one cell; the table's columns are those of its
header words; a heading that stands in the middle of a merged cell is given the rows around its centre.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading.grid import Cell, Grid
from perfkg.records import Place

_HEADER = re.compile(r"[一二三]级指标|指标值|指标内容|指标名称|目标值")
_LEVEL = re.compile(r"[一二]级指标")
_GAP = 0.2
"""Of a line's height: less stands between two lines of one cell than between two cells."""


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of text and the rectangle it stands in, in pixels from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return (self.top + self.bottom) / 2

    @property
    def center(self) -> float:
        """How far right its centre stands."""
        return (self.left + self.right) / 2


def grids(data: bytes) -> tuple[Grid, ...]:
    """One grid; empty where no box has text. Raises InvalidFile where the JSON holds no boxes."""
    boxes = [box for item in _items(json.loads(data)) if (box := _box(item))]
    if not boxes:
        raise InvalidFile("这是 JSON 数据，不是绩效表", advice="请另存为 .docx、.xlsx 或文本后再导入")
    header = _header(boxes)
    if header is None:
        return (Grid(_numbered(_bands(_cells(boxes)))),)
    foot = max(box.bottom for box in header)
    above = [box for box in boxes if box.bottom <= foot and box not in header]
    below = [box for box in boxes if box.bottom > foot]
    columns = sorted(header, key=lambda box: box.center)
    rows = [*_bands(_cells(above)), [(box, at, 1) for at, box in enumerate(columns, 1)], *_body(below, columns)]
    return (Grid(_numbered(rows)),)


def _items(value: object) -> list[Mapping[str, Any]]:
    for key in ("documents", "document", "result", "boxes"):
        if isinstance(value, dict) and key in value:
            return _items(value[key])
    if isinstance(value, list) and value and all(isinstance(item, dict) and "document" in item for item in value):
        return [box for item in value for box in _items(item)]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _box(item: Mapping[str, Any]) -> Box | None:
    text = item.get("transcription", item.get("text"))
    corners = item.get("points", item.get("box", item.get("bbox")))
    if not isinstance(text, str) or not text.strip() or not isinstance(corners, list):
        return None
    flat = [number for corner in corners for number in (corner if isinstance(corner, list) else [corner])]
    if len(flat) < 4 or len(flat) % 2 or not all(isinstance(number, (int, float)) for number in flat):
        return None
    return Box(text.strip(), min(flat[::2]), min(flat[1::2]), max(flat[::2]), max(flat[1::2]))


def _header(boxes: Sequence[Box]) -> list[Box] | None:
    """The boxes of the line that has the most header words, three at least."""
    named = [box for box in boxes if _HEADER.search(box.text)]
    lines = [[other for other in named if other.top < box.middle < other.bottom] for box in named]
    best = max(lines, key=len, default=[])
    return best if len(best) >= 3 else None


def _cells(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that stand close under each other, as one."""
    made: list[Box] = []
    for box in sorted(boxes, key=lambda box: (box.top, box.left)):
        over = next((at for at, cell in enumerate(made) if _continues(cell, box)), None)
        if over is None:
            made.append(box)
            continue
        cell = made[over]
        edges = min(cell.left, box.left), cell.top, max(cell.right, box.right), max(cell.bottom, box.bottom)
        made[over] = Box(cell.text + box.text, *edges)
    return made


def _continues(cell: Box, box: Box) -> bool:
    height = box.bottom - box.top
    beside = min(cell.right, box.right) - max(cell.left, box.left)
    aligned = abs(cell.left - box.left) < height / 2
    return aligned and beside > 0 and -height / 2 < box.top - cell.bottom < _GAP * height


Placed = tuple[Box, int, int]
"""A cell, its column and how many rows it spans."""


def _bands(cells: Iterable[Box]) -> list[list[Placed]]:
    """Cells of one height side by side."""
    rows: list[list[Box]] = []
    for cell in sorted(cells, key=lambda cell: cell.middle):
        if rows and abs(rows[-1][0].middle - cell.middle) < (cell.bottom - cell.top) / 2:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [[(cell, at, 1) for at, cell in enumerate(sorted(row, key=lambda one: one.left))] for row in rows]


def _body(boxes: Iterable[Box], header: Sequence[Box]) -> list[list[Placed]]:
    by_column: list[list[Box]] = [[] for _ in range(len(header) + 1)]
    for box in boxes:
        nearest = min(range(len(header)), key=lambda at: abs(header[at].center - box.center))
        outside = box.right < header[0].left
        by_column[0 if outside else nearest + 1].append(box)
    columns = [_cells(column) for column in by_column]
    base = max(columns, key=len)
    rows: list[list[Placed]] = [[] for _ in base]
    for at, cells in enumerate(columns):
        spread = cells is not base and (at == 0 or bool(_LEVEL.search(header[at - 1].text)))
        groups = _shared(cells, base) if spread and len(cells) <= len(base) else _nearest(cells, base)
        for cell, first, count in groups:
            rows[first].append((cell, at, count))
    return rows


def _nearest(cells: Iterable[Box], base: Sequence[Box]) -> list[tuple[Box, int, int]]:
    return [(cell, min(range(len(base)), key=lambda row: abs(base[row].middle - cell.middle)), 1) for cell in cells]


def _shared(cells: Sequence[Box], base: Sequence[Box]) -> list[tuple[Box, int, int]]:
    """Shares the rows of `base` out to `cells` in order, so that each cell stands nearest the middle of its rows."""

    @cache
    def best(cell: int, row: int) -> tuple[float, tuple[int, ...]]:
        """How far off the cells from `cell` on stand at best in the rows from `row` on, and where each ends."""
        if cell == len(cells):
            return (0.0, ()) if row == len(base) else (float("inf"), ())
        choices = []
        for end in range(row + 1, len(base) - (len(cells) - cell - 1) + 1):
            off = abs((base[row].top + base[end - 1].bottom) / 2 - cells[cell].middle)
            cost, ends = best(cell + 1, end)
            choices.append((off + cost, (end, *ends)))
        return min(choices, default=(float("inf"), ()))

    starts = (0, *best(0, 0)[1])
    return [(cell, start, end - start) for cell, start, end in zip(cells, starts, starts[1:], strict=False)]


def _numbered(rows: Iterable[Sequence[Placed]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        tuple(
            Cell(cell.text, column, Place(row=number, column=column + 1), span)
            for cell, column, span in sorted(row, key=lambda placed: placed[1])
        )
        for number, row in enumerate(rows, 1)
    )
