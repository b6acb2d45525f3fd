"""What every format becomes: rows of cells with their places. Layouts see nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from perfkg.records import Place


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell as its program shows it, at grid `column` (from 0), spanning merged rows and columns."""

    text: str
    column: int
    place: Place
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """One stream of rows: a sheet, or a whole document with paragraphs as one-cell rows between its tables.

    A merged cell stands once, at its top left corner, with its spans. Empty cells may be left out or given with
    empty text. `name` is the sheet's name, if any.
    """

    rows: tuple[tuple[Cell, ...], ...]
    name: str | None = None
