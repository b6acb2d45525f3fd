"""A grid's forms: where one ends and the next begins, and what each says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from perfkg.reading.grid import Grid
from perfkg.reading.layouts import head as heads
from perfkg.reading.layouts import pieces, words
from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.entries import Entry, entry
from perfkg.reading.layouts.levels import Levels
from perfkg.reading.layouts.loosen import loosen
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.reading.layouts.rows import Row, rows
from perfkg.reading.layouts.tables import is_title, opens_form, tables
from perfkg.records import Leftover, Place

_SEPARATORS = re.compile(r"[\s，,。.；;:：、…]+")
_SELF_EVALUATION = ("自评", "自我评价", "评价表")


Roles = dict[Piece, tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Traced:
    """What was understood of a piece of the file: its role, and the indicator (from 1) it belongs to."""

    text: str
    place: Place
    role: str
    indicator: int | None = None


@dataclass(slots=True)
class Form:
    """One form as read, before it gets its identity."""

    head: heads.Head
    entries: list[Entry]
    traced: list[Traced]
    leftovers: list[Leftover]
    notes: list[str] = field(default_factory=list)
    self_evaluation: bool = False

    @property
    def place(self) -> Place:
        """Where the form begins."""
        return self.traced[0].place if self.traced else Place()


def read(grid: Grid) -> list[Form]:
    """The forms of a grid, in order; none if it holds no indicator table."""
    lines = loosen(pieces.lines(grid))
    found = tables(lines)
    return [_form(lines[start:end], start, own) for start, end, own in _forms(lines, found)]


def _forms(lines: Sequence[Line], found: Sequence[Table]) -> Iterator[tuple[int, int, list[Table]]]:
    """The line ranges of the forms with their tables."""
    if not found:
        return
    starts, groups = [0], [[found[0]]]
    for before, table in itertools.pairwise(found):
        opening = _opening(lines, before.body, table.start) if table.caption is None else table.caption
        if opening is None:
            groups[-1].append(table)
        else:
            starts.append(opening)
            groups.append([table])
    yield from zip(starts, [*starts[1:], len(lines)], groups, strict=True)


def _opening(lines: Sequence[Line], start: int, end: int) -> int | None:
    """The line between two tables where a new form begins: its title, or else the label of its project or unit."""
    label = next((number for number in range(start, end) if opens_form(lines[number])), None)
    if label is None:
        return None
    titles = [number for number in range(start, label) if any(is_title(piece.text) for piece in filled(lines[number]))]
    return titles[0] if titles else label


def _form(lines: Sequence[Line], offset: int, own: Sequence[Table]) -> Form:
    roles: Roles = {}
    entries: list[Entry] = []
    inside: set[int] = set()
    texts = [piece.text for line in lines for piece in filled(line)]
    family = words.family(texts)
    for table in own:
        local = _shifted(table, -offset)
        inside.update(range(local.start, local.end))
        roles |= dict.fromkeys(local.headings, ("heading", None))
        _read_table(lines, local, Levels(family), entries, roles)
    head = heads.read(line for number, line in enumerate(lines) if number not in inside)
    for table in own:
        if table.caption is not None:
            head.name_project(next(filled(lines[table.caption - offset])))
    roles |= {piece: (role, None) for piece, role in head.roles.items()}
    traced = list(_traced(lines, roles))
    leftovers = [Leftover(one.text, one.place) for one in traced if one.role == "leftover"]
    actual = any(column.role in ("actual", "score") for table in own for column in table.columns)
    title = " ".join(piece.text for piece in head.titles)
    return Form(head, entries, traced, leftovers, [], actual or any(word in title for word in _SELF_EVALUATION))


def _shifted(table: Table, by: int) -> Table:
    return Table(table.columns, table.headings, table.start + by, table.body + by, table.end + by, table.kind)


def _read_table(lines: Sequence[Line], table: Table, levels: Levels, entries: list[Entry], roles: Roles) -> None:
    for row in rows(lines, table, levels.family):
        made = entry(row, levels)
        if made:
            entries.append(made)
        roles |= _roles(row, len(entries) if made else None)


def _roles(row: Row, number: int | None) -> Roles:
    """What each piece of a row is; `number` is the indicator's, None if the row is none."""
    roles: Roles = dict.fromkeys(row.loose, ("leftover", None))
    for role, cells in row.cells.items():
        heading = role in ("side", "level1", "level2")
        roles |= dict.fromkeys(cells, ("heading", None) if heading else (role if number else "placeholder", number))
    return roles | {piece: ("value", number) for _, piece in row.areas}


def _traced(lines: Sequence[Line], roles: Roles) -> Iterator[Traced]:
    """Every piece of the lines with its role; one that was cut further on stands as its parts."""
    parts: dict[Place, list[Piece]] = {}
    for piece in roles:
        parts.setdefault(piece.place, []).append(piece)
    for piece in (piece for line in lines for piece in filled(line)):
        if piece in roles:
            yield Traced(piece.text, piece.place, *roles[piece])
        else:
            yield from _parts(piece, parts.get(piece.place, ()), roles)


def _parts(piece: Piece, parts: Iterable[Piece], roles: Roles) -> Iterator[Traced]:
    """The parts of a piece that have roles, and what stands between them: marks of separation, or left over."""
    done, end = piece.start, piece.start + len(piece.text)
    inside = [one for one in parts if piece.start <= one.start and one.start + len(one.text) <= end]
    for one in [*sorted(inside, key=lambda one: one.start), None]:
        start = one.start if one else end
        between = piece.text[done - piece.start : start - piece.start].strip()
        if between:
            yield Traced(between, piece.place, "separator" if _SEPARATORS.fullmatch(between) else "leftover")
        if one:
            yield Traced(one.text, one.place, *roles[one])
            done = start + len(one.text)
