"""The body of an indicator table as rows: for each role the pieces that stand for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.align import Column, fit
from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.beside import period
from perfkg.reading.layouts.pieces import Line, Piece, filled, part
from perfkg.reading.layouts.unglue import Cut, unglue
from perfkg.records import Repair

_LABEL = re.compile(r"([\u4e00-\u9fff()（）、]{2,12})[:：]")
_RUN_OF_DIGITS = re.compile(r"[\d.]{5,}")
_FULL = 5
_LONGEST_STRETCH = 300
_LONGEST_GLUED = 3000
_STOPS = ("total", "stop")
_HEADINGS = ("side", "level1", "level2", "term_level2")
_CARRIED = {"name", "value", "term_name", "term_value"}
_CATEGORIES = {"level2", "term_level2"}


@dataclass(slots=True)
class Row:
    """One row of an indicator table; `cells` by role, `areas` the values of places by the place's name, `others` what stands
    under headings that are no known words.

    `unreadable`: the loose pieces are glued so that nothing tells where to cut.
    """

    cells: dict[str, list[Piece]] = field(default_factory=dict)
    areas: list[tuple[str, Piece]] = field(default_factory=list)
    others: list[tuple[str, Piece]] = field(default_factory=list)
    loose: list[Piece] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    doubtful: bool = False
    unreadable: bool = False

    def has(self, role: str) -> bool:
        """Whether something other than a placeholder stands for the role."""
        return any(not looks.is_placeholder(piece.text) for piece in self.cells.get(role, ()))


def rows(lines: Sequence[Line], table: Table, family: str | None) -> Iterator[Row]:
    """The rows of the table's body, in order. Lines of sums and the like come as rows with loose pieces alone."""
    body = lines[table.body : table.end]
    if table.kind == "stream":
        yield from _flowing(body, table, family)
        return
    if table.kind == "glued":
        yield from _glued(body, table, family)
        return
    placed = _is_placed(body)
    tabled = any(piece.place.table is not None for line in body for piece in filled(line))
    columns = table.columns if placed else _with_room(_with_name(table.columns))
    for part_of_body, own in _blocks(body, columns) if placed else [(body, columns)]:
        spans: list[tuple[Piece, str]] = []
        for line in part_of_body:
            cells = list(filled(line))
            if cells:
                if tabled and cells[0].place.table is None:
                    yield Row(loose=cells)
                    continue
                within = any(role in _CATEGORIES for _, role in _still(spans, cells[0].line))
                row = _row(cells, own, placed, family, within)
                _carry(row, cells, spans)
                yield row


def _blocks(body: Sequence[Line], columns: Sequence[Column]) -> Iterator[tuple[Sequence[Line], Sequence[Column]]]:
    """The table cut where its headings begin again beside themselves: the rows go on from one block to the next."""
    roles = [column.role for column in columns if column.role != "side"]
    width = period(roles)
    starts = [at for at, column in enumerate(columns) if column.role != "side"][::width]
    bounds = [0, *(columns[at].column for at in starts[1:]), None]
    for index, (left, right) in enumerate(itertools.pairwise(bounds)):
        until = starts[index + 1] if right is not None else len(columns)
        own = columns[0 if index == 0 else starts[index] : until]
        yield [_between(line, left or 0, right, first=index == 0) for line in body], own


def _between(line: Line, left: int, right: int | None, *, first: bool) -> Line:
    """The pieces of a line in one block; a line that is no row of the table stays with the first."""
    cells = list(filled(line))
    if cells and words.role("ends", cells[0].text) in (*_STOPS, "aside"):
        return line if first else ()
    return tuple(piece for piece in line if left <= piece.column and (right is None or piece.column < right))


def _row(cells: list[Piece], columns: Sequence[Column], placed: bool, family: str | None, within: bool) -> Row:
    if len(cells) == 1 and looks.is_page_number(cells[0].text):
        return Row(loose=cells)
    if not names_row(cells, columns) and (words.role("ends", cells[0].text) or looks.is_note(cells[0].text)):
        return Row(loose=cells)
    if placed and _is_outside(cells, columns, family):
        return Row(loose=cells)
    if len(cells) == 1 and (role := _heads_rows(cells[0].text, columns, family)):
        return Row({role: cells})
    found = fit(cells, columns, placed=placed, family=family, within=within)
    row = _gather(cells, columns, found.columns)
    row.doubtful = found.doubtful or any(cell.doubtful for cell in cells)
    moved = [cell for cell, at in zip(cells, found.columns, strict=True) if _is_moved(cell, columns, at)]
    if placed and moved:
        first, others = moved[0], f"等{len(moved)}格" if len(moved) > 1 else ""
        reason = f"合并单元格使“{first.text[:20]}”{others}不在表头所在的列，按内容归位"
        row.repairs.append(Repair("moved-cells", reason, before=_columns_of(cells)))
        # On a page without ruled lines the columns are only where the words happen to stand.
        row.doubtful = row.doubtful or (first.place.page is not None and first.place.table is None)
    return row


def names_row(cells: Sequence[Piece], columns: Sequence[Column]) -> bool:
    """Whether a row begins in the column of the names, right of the categories: 预算执行率 there is an indicator.

    填报人： there is none.
    """
    name = next((column.column for column in columns if column.role == "name"), 0)
    first = cells[0]
    ends = words.role("ends", first.text)
    labels = ends == "total" or (ends == "stop" and first.text.endswith((":", "：")))
    return len(cells) > 1 and first.column == name > columns[0].column and not labels


def _heads_rows(text: str, columns: Sequence[Column], family: str | None) -> str | None:
    """The level of a category heading that stands over the rows, in a table without a column for it."""
    known = words.levels(text, family)
    level = 2 if known == {2} or (2 in known and text.startswith(("(", "（"))) else 1
    role = f"level{level}"
    return role if known and not any(column.role == role for column in columns) else None


def _is_outside(cells: Sequence[Piece], columns: Sequence[Column], family: str | None) -> bool:
    """Whether the line is no row of the table: what stands where category headings do is none.

    It is text alone, a label (制表人：), or a cell merged over the column at the side, which the rows leave empty.
    """
    first = cells[0]
    in_levels = columns[0].role in _HEADINGS and first.column <= columns[0].column
    if not in_levels or words.levels(first.text, family) or looks.number_before(first.text):
        return False
    label = _LABEL.match(first.text)
    over_side = columns[0].role == "side" and first.column_span > 1 and words.role("columns", first.text) != "side"
    return len(cells) == 1 or over_side or bool(label and not words.levels(label.group(1), family))


def _flowing(body: Sequence[Line], table: Table, family: str | None) -> Iterator[Row]:
    cells = [piece for line in body for piece in line]
    blanks = any(not piece.text for piece in cells)
    cells = [piece for piece in cells if piece.text or blanks]
    stop = next((i for i, cell in enumerate(cells) if words.role("ends", cell.text) in _STOPS), len(cells))
    columns = _with_score(table.columns)
    for stretch in _stretches(cells[:stop], family):
        found = fit(stretch, columns, placed=False, flowing=True, family=family)
        for start, end in zip(found.starts, [*found.starts[1:], len(stretch)], strict=False):
            yield _gather(stretch[start:end], columns, found.columns[start:end])
    if rest := [cell for cell in cells[stop:] if cell.text]:
        yield Row(loose=rest)


def _stretches(cells: Sequence[Piece], family: str | None) -> Iterator[Sequence[Piece]]:
    """The stream cut before category headings, where rows begin in any case, and at a length nobody fills."""
    start = 0
    for index in range(1, len(cells)):
        begins = words.levels(cells[index].text, family) and not words.levels(cells[index - 1].text, family)
        if begins or index - start >= _LONGEST_STRETCH:
            yield cells[start:index]
            start = index
    if cells:
        yield cells[start:]


def _glued(body: Sequence[Line], table: Table, family: str | None) -> Iterator[Row]:
    """Rows out of category headings and the glued texts between them."""
    roles = [column.role for column in _with_name(table.columns) if column.role not in ("side", "level1", "level2")]
    headings: dict[str, list[Piece]] = {}
    run: list[Piece] = []
    cells = (piece for line in body for piece in filled(line))
    for piece in cells:
        known = words.levels(piece.text, family)
        ended = words.role("ends", piece.text)
        if not known and not ended:
            if not looks.is_placeholder(piece.text):
                run.append(piece)
            continue
        yield from _ungluing(run, roles, headings, bool(table.headings))
        run = []
        if ended:
            break
        role = "level2" if 2 in known and ("level1" in headings or 1 not in known) else "level1"
        headings[role] = [piece]
    else:
        yield from _ungluing(run, roles, headings, bool(table.headings))
        return
    yield Row(loose=[piece, *cells])


def _ungluing(
    run: Sequence[Piece], roles: Sequence[str], headings: dict[str, list[Piece]], celled: bool
) -> Iterator[Row]:
    """The rows in a run of glued texts; the first takes the headings printed before it."""
    text = "\n".join(piece.text for piece in run)
    if len(text) > _LONGEST_GLUED:
        yield Row({**headings}, loose=list(run))
        headings.clear()
        return
    cuts = unglue(text, roles, celled=celled) if run else []
    if _RUN_OF_DIGITS.search(text) and sum(found.vague for found in cuts) * 2 > len(cuts):
        yield Row({**headings}, loose=list(run), unreadable=True)
        headings.clear()
        return
    for found in cuts:
        row = Row({**headings}, doubtful=found.doubtful)
        headings.clear()
        for role, start, end in found.fields:
            row.cells.setdefault(role, []).extend(_parts_of(run, start, end))
        whole = text[found.fields[0][1] : found.fields[-1][2]]
        row.repairs.append(Repair("unglued", "原文各格粘连在一起，按内容分开", before=whole, after=_shown(text, found)))
        yield row
    if not cuts and headings:
        yield Row({**headings})
        headings.clear()


def _parts_of(run: Sequence[Piece], start: int, end: int) -> Iterator[Piece]:
    """The parts of the pieces that stand at `start` to `end` of their joined text."""
    offset = 0
    for piece in run:
        if offset < end and start < offset + len(piece.text):
            yield part(piece, max(0, start - offset), min(len(piece.text), end - offset))
        offset += len(piece.text) + 1


def _shown(text: str, found: Cut) -> str:
    return " | ".join(text[start:end].strip() for _, start, end in found.fields)


def _with_score(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """A self-evaluation has a score even where its heading stands elsewhere (自评得分 over the whole form)."""
    roles = {column.role for column in columns}
    if "actual" in roles and not roles & {"score", "weight"}:
        return (*columns, Column("score", len(columns), ""))
    return columns


def _gather(cells: Sequence[Piece], columns: Sequence[Column], places: Sequence[int | None]) -> Row:
    row = Row()
    for cell, at in zip(cells, places, strict=True):
        if not cell.text:
            continue
        if at is None:
            row.loose.append(cell)
        elif columns[at].role == "area":
            row.areas.append((columns[at].text, cell))
        elif columns[at].role == "other":
            row.others.append((columns[at].text, cell))
        else:
            row.cells.setdefault(columns[at].role, []).append(cell)
    return row


def _is_moved(cell: Piece, columns: Sequence[Column], at: int | None) -> bool:
    return at is not None and not cell.column <= columns[at].column < cell.column + max(cell.column_span, 1)


def _columns_of(cells: Sequence[Piece]) -> str:
    return " | ".join(f"第{cell.column + 1}列：{cell.text[:20]}" for cell in cells)


def _is_placed(body: Sequence[Line]) -> bool:
    """Whether grid columns mean something: somewhere a cell is empty with another after it, or cells are merged."""
    rows = [cells for line in body if (cells := list(filled(line)))]
    pairs = [pair for cells in rows for pair in itertools.pairwise(cells)]
    gaps = any(after.column - before.column > 1 or before.row_span > 1 for before, after in pairs)
    full = len(rows) > 1 and all(len(cells) >= _FULL for cells in rows) and len({len(cells) for cells in rows}) == 1
    return gaps or full or len({cells[0].column for cells in rows}) > 1


def _with_name(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns with one for the name, where the headings leave it out: every indicator has one."""
    last = max((at for at, column in enumerate(columns) if column.role in ("level1", "level2")), default=-1)
    if last < 0 or any(column.role == "name" for column in columns):
        return columns
    return (*columns[: last + 1], Column("name", columns[last].column + 1, ""), *columns[last + 1 :])


def _with_room(columns: tuple[Column, ...]) -> list[Column]:
    """The columns with room for an explanation after the name, which some forms print without a heading."""
    room: list[Column] = []
    for column in columns:
        room.append(column)
        if column.role == "name" and not any(other.role == "explain" for other in columns):
            room.append(Column("extra", column.column, ""))
    return room


def _carry(row: Row, cells: Sequence[Piece], spans: list[tuple[Piece, str]]) -> None:
    """Names and values merged over several rows count for each of them."""
    if not cells:
        return
    line = cells[0].line
    spans[:] = _still(spans, line)
    for piece, role in spans:
        if role in _CARRIED and role not in row.cells and any(other in row.cells for other in ("name", "value")):
            row.cells[role] = [piece]
            row.repairs.append(
                Repair("merged-cell", f"“{piece.text[:20]}”所在的单元格合并了几行，对每行都算", after=piece.text)
            )
    spans.extend(
        (piece, role)
        for role in _CARRIED | _CATEGORIES
        for piece in row.cells.get(role, ())
        if piece.row_span > 1 and piece.line == line
    )


def _still(spans: Sequence[tuple[Piece, str]], line: int) -> list[tuple[Piece, str]]:
    """Of merged cells those that reach down to a line."""
    return [(piece, role) for piece, role in spans if piece.line + piece.row_span > line]
