"""A grid as lines of pieces: cells, or parts of cells where a text glued several together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from perfkg.reading.grid import Grid
from perfkg.records import Place


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with its place. `line` and `column` are the grid's, from 0; `start` is where it begins in its cell."""

    text: str
    place: Place
    line: int
    column: int
    row_span: int = 1
    column_span: int = 1
    start: int = 0
    doubtful: bool = False


Line = tuple[Piece, ...]


def lines(grid: Grid) -> list[Line]:
    """The grid's cells as pieces, a line a row; empty cells stay, for they say that something is empty."""
    return [
        tuple(
            Piece(
                cell.text.strip(),
                cell.place,
                number,
                cell.column,
                cell.row_span,
                cell.column_span,
                doubtful=cell.doubtful,
            )
            for cell in row
        )
        for number, row in enumerate(grid.rows)
    ]


def filled(line: Line) -> Iterator[Piece]:
    """The pieces that hold text."""
    return (piece for piece in line if piece.text)


def part(piece: Piece, start: int, end: int, index: int = 0) -> Piece:
    """The piece's text from `start` to `end`, without blanks around it, `index` columns further on."""
    text = piece.text[start:end]
    lead = len(text) - len(text.lstrip())
    return replace(piece, text=text.strip(), start=piece.start + start + lead, column=piece.column + index)
