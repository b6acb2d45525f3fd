"""What every format becomes: rows of cells with their places. Layouts see nothing else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from perfkg.records import Place


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell as its program shows it, at grid `column` (from 0), spanning merged rows and columns.

    `doubtful`: the file does not say for certain that the text is one cell, or which rows it counts for.
    """

    text: str
    column: int
    place: Place
    row_span: int = 1
    column_span: int = 1
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One stream of rows: a sheet, or a whole document with paragraphs as one-cell rows between its tables.

    A merged cell stands once, at its top left corner, with its spans. Empty cells may be left out or given with
    empty text. `name` is the sheet's name, if any. A `hidden` sheet is not read, but a form in it must not go unsaid.
    """

    rows: tuple[tuple[Cell, ...], ...]
    name: str | None = None
    hidden: bool = False


def packed(rows: Mapping[int, Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows by their number → rows in order, without empty cells and rows; row spans then count the rows left."""
    filled = {number: [cell for cell in rows[number] if cell.text] for number in sorted(rows)}
    numbers = [number for number, cells in filled.items() if cells]
    return tuple(
        tuple(
            replace(cell, row_span=bisect_right(numbers, number + cell.row_span - 1) - index)
            if cell.row_span > 1
            else cell
            for cell in sorted(filled[number], key=lambda cell: cell.column)
        )
        for index, number in enumerate(numbers)
    )
