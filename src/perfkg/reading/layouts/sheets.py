"""Forms filled in on several sheets of a workbook: whose they are and the money on one, the indicators on the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfkg.reading.grid import Grid
from perfkg.reading.layouts import words
from perfkg.reading.layouts.loosen import loosen
from perfkg.reading.layouts.pieces import Line, filled, lines
from perfkg.reading.layouts.tables import opens_form, tables


def joined(grids: Sequence[Grid]) -> list[tuple[Grid, tuple[str, ...]]]:
    """The sheets, each with its name; those of one form as one grid, with all their names.

    A sheet that names a project and has no indicators is the head of the sheets after it, as far as they name none.
    """
    if len(grids) < 2:
        return [(grid, (grid.name or "",)) for grid in grids]
    found: list[tuple[Grid, tuple[str, ...]]] = []
    is_open = False
    for grid in grids:
        own = loosen(lines(grid))
        has_table = bool(tables(own))
        if is_open and has_table and not grid.hidden and not any(map(opens_form, own)):
            before, names = found[-1]
            found[-1] = replace(before, rows=before.rows + grid.rows), (*names, grid.name or "")
            continue
        found.append((grid, (grid.name or "",)))
        is_open = not grid.hidden and not has_table and any(map(_names_project, own))
    return found


def _names_project(line: Line) -> bool:
    return any(words.role("labels", piece.text) == "project" for piece in filled(line))
