"""A grid's forms: where one ends and the next begins, and what each says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from perfkg.reading.grid import Grid
from perfkg.reading.layouts import head as heads
from perfkg.reading.layouts import looks, pieces, wide, words
from perfkg.reading.layouts.bare import Table
from perfkg.reading.layouts.entries import Entry, entry
from perfkg.reading.layouts.flat import Group, groups, is_flat
from perfkg.reading.layouts.levels import Levels
from perfkg.reading.layouts.loosen import loosen
from perfkg.reading.layouts.numbers import unnumbered
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.reading.layouts.rows import Row, rows
from perfkg.reading.layouts.several import several
from perfkg.reading.layouts.simplify import is_traditional, simplified
from perfkg.reading.layouts.tables import form_start, is_title, opens_form, side_by_side, tables
from perfkg.reading.layouts.upright import upright
from perfkg.records import Leftover, Place, Repair

_SEPARATORS = re.compile(r"[\s，,。.；;:：、…]*(?:[(（]?\d{1,2}[)）.．、]|[①-⑳])?[\s，,。.；;:：、…]*")
_TERM = re.compile(r"(?:长期|中期|中长期)绩效")
_ROLE_NAMES = {
    "title": "表名",
    "year": "年度",
    "label": "栏目名",
    "heading": "表头或指标类别",
    "placeholder": "空白占位",
    "separator": "分隔",
    "leftover": "未归入",
    "project": "项目名称",
    "project_code": "项目编码",
    "organization": "预算单位",
    "organization_code": "单位编码",
    "department": "主管部门",
    "implementer": "实施单位",
    "objective": "年度目标",
    "term_objective": "中长期目标",
    "funding": "项目资金",
    "name": "三级指标",
    "value": "指标值",
    "term_name": "中期指标",
    "term_value": "中期指标值",
    "sign": "指标性质",
    "unit": "度量单位",
    "actual": "完成值",
    "weight": "权重",
    "score": "得分",
    "note": "备注",
    "explain": "指标解释",
    "extra": "指标解释",
    "basis": "确定依据",
    "excellent": "评价标准“优”",
    "good": "评价标准“良”",
    "fair": "评价标准“中”",
    "poor": "评价标准“差”",
    "earlier": "前年的值",
    "last_year": "上年的值",
}
UNREADABLE = "有的各格文字粘连在一起，无法可靠地分开，留在未归入的文字里"
_SELF_EVALUATION = ("自评", "自我评价", "评价表")


Roles = dict[Piece, tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Traced:
    """What was understood of a piece of the file: its role, and the indicator (from 1) it belongs to."""

    text: str
    place: Place
    role: str
    indicator: int | None = None

    @property
    def understood(self) -> str:
        """The role in Chinese, with the indicator's number: 第3条指标的指标值."""
        name = _ROLE_NAMES.get(self.role, self.role)
        return f"第{self.indicator}条指标的{name}" if self.indicator else name


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
    lines = pieces.lines(grid)
    written = {piece.place: piece.text for line in lines for piece in filled(line)}
    if traditional := is_traditional(written.values()):
        lines = [tuple(replace(piece, text=simplified(piece.text)) for piece in line) for line in lines]
    lines = upright(loosen(lines))
    forms: list[Form] = []
    for part in side_by_side(lines):
        for start, end, own in _forms(part, tables(part)):
            made = _form(part[start:end], start, own)
            if own[0].continues and forms:
                made[0].head.share(forms[-1].head)
            forms += made
    if traditional:
        for form in forms:
            _note_simplified(form, written)
    return forms


def _note_simplified(form: Form, written: dict[Place, str]) -> None:
    """Keeps what was written where the text was put into simplified characters."""
    form.notes.append("原文是转换成的繁体字，已还原为简体")
    for one in form.entries:
        reason = "原文是繁体字，已还原为简体"
        one.repairs.append(Repair("simplified", reason, before=written.get(one.place), after=one.name))


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


def _form(lines: Sequence[Line], offset: int, own: Sequence[Table]) -> list[Form]:
    """The form of these lines, or the forms of a flat export in them."""
    family = words.family(piece.text for line in lines for piece in filled(line))
    tables = [_shifted(table, -offset) for table in own]
    head = _head(lines, tables)
    for table in tables:
        if table.caption is not None:
            head.name_project(next(filled(lines[table.caption])))
    roles: Roles = {piece: (role, None) for piece, role in (*head.roles.items(), *head.other_roles.items())}
    for table in tables:
        roles |= dict.fromkeys(table.headings, ("heading", None))
    if len(tables) == 1 and is_flat(tables[0]):
        read = wide.rows(lines, tables[0]) if tables[0].kind == "wide" else rows(lines, tables[0], family)
        found = groups(read, tables[0])
        for group in found:
            group.head.share(head)
        return _flat(lines, tables[0], found, family, roles)
    entries: list[Entry] = []
    glued = False
    levels = Levels(family)
    for before, table in zip([None, *tables], tables, strict=False):
        found_rows = list(rows(lines, table, family))
        glued = glued or any(row.unreadable for row in found_rows)
        levels = levels if before and _goes_on(before, table) else Levels(family)
        entries += _read(found_rows, levels, len(entries), _term(table), roles)
    unnumbered(entries)
    form = _made(head, entries, list(_traced(lines, roles, _by_place(roles))), tables)
    form.notes += [UNREADABLE] * glued
    return [form]


def _head(lines: Sequence[Line], tables: Sequence[Table]) -> heads.Head:
    """The head from the form's title to its last table; what stands before and below only adds whose it is.

    A department's budget as it is published has tables of other kinds before its forms, in other units of money.
    """
    start, end = form_start(lines, tables[0].start), tables[-1].end
    inside = {number for table in tables for number in range(table.start, table.end)}
    own = itertools.groupby(range(start, end), key=lambda number: number in inside)
    head = heads.read([lines[number] for number in run] for is_inside, run in own if not is_inside)
    for others in (lines[:start], lines[end:]):
        head.complete(heads.read([others]))
    return head


def _flat(lines: Sequence[Line], table: Table, found: Sequence[Group], family: str | None, roles: Roles) -> list[Form]:
    """A form for each project of a flat export; what stands around the rows belongs to the first."""
    forms: list[Form] = []
    owners: dict[int, int] = {}
    for number, group in enumerate(found):
        cells = [piece for row in group.rows for cells in row.cells.values() for piece in cells]
        entries = _read(group.rows, Levels(family), 0, None, roles)
        roles |= {piece: (role, None) for piece, role in group.head.roles.items()}
        owners |= {piece.line: number for piece in (*cells, *group.head.roles)}
        forms.append(_made(group.head, entries, [], [table]))
    shares: list[list[Line]] = [[] for _ in forms]
    for line in lines:
        shares[owners.get(line[0].line, 0) if line else 0].append(line)
    parts = _by_place(roles)
    for form, share in zip(forms, shares, strict=True):
        form.traced = list(_traced(share, roles, parts))
        form.leftovers = _left(form.traced)
    return forms


def _made(head: heads.Head, entries: list[Entry], traced: list[Traced], tables: Sequence[Table]) -> Form:
    evaluated = any(column.role in ("actual", "score") for table in tables for column in table.columns)
    title = " ".join(piece.text for piece in head.titles)
    return Form(head, entries, traced, _left(traced), [], evaluated or any(word in title for word in _SELF_EVALUATION))


def _left(traced: Sequence[Traced]) -> list[Leftover]:
    return [Leftover(one.text, one.place) for one in traced if one.role == "leftover"]


def _term(table: Table) -> str | None:
    """What is printed beside a table of long-term indicators, to be noted with each of them."""
    return next((piece.text for piece in table.headings if _TERM.match(words.key(piece.text))), None)


def _goes_on(before: Table, table: Table) -> bool:
    """Whether the headings are only printed again, as at the head of a page: the levels above still hold."""
    printed, again = ([(one.role, words.key(one.text)) for one in part.columns] for part in (before, table))
    return bool(table.headings) and printed == again


def _shifted(table: Table, by: int) -> Table:
    caption = None if table.caption is None else table.caption + by
    return replace(table, start=table.start + by, body=table.body + by, end=table.end + by, caption=caption)


def _read(found: Iterable[Row], levels: Levels, before: int, term: str | None, roles: Roles) -> list[Entry]:
    """The indicators of a table's rows; `before` of the form's stand in tables before it."""
    entries: list[Entry] = []
    for row in itertools.chain.from_iterable(map(several, found)):
        made = entry(row, levels)
        if made:
            made.note = "；".join(text for text in (term, made.note) if text) or None
            entries.append(made)
        roles |= _roles(row, before + len(entries) if made else None)
    for one, after in itertools.pairwise(entries):
        if _is_one_in_two_lines(one, after):
            one.unsure = after.unsure = True
    return entries


def _is_one_in_two_lines(one: Entry, after: Entry) -> bool:
    """Whether two entries may be one whose cells stand in lines of their own, on a page without ruled lines."""
    by_lines = all(entry.place.page and entry.place.table is None for entry in (one, after))
    return by_lines and bool(one.name) != bool(one.value) and bool(one.name) == bool(after.value) != bool(after.name)


def _roles(row: Row, number: int | None) -> Roles:
    """What each piece of a row is; `number` is the indicator's, None if the row is none."""
    roles: Roles = dict.fromkeys(row.loose, ("leftover", None))
    for role, cells in row.cells.items():
        if role in ("side", "level1", "level2", "term_level2"):
            roles |= dict.fromkeys(cells, ("heading", None))
        elif role == "number" or not number:
            roles |= {cell: ("placeholder" if looks.is_placeholder(cell.text) else "leftover", None) for cell in cells}
        else:
            roles |= dict.fromkeys(cells, (role, number))
    roles |= {piece: ("note" if number else "leftover", number) for _, piece in row.others}
    return roles | {piece: ("value", number) for _, piece in row.areas}


def _by_place(roles: Roles) -> dict[Place, list[Piece]]:
    parts: dict[Place, list[Piece]] = {}
    for piece in roles:
        parts.setdefault(piece.place, []).append(piece)
    return parts


def _traced(lines: Sequence[Line], roles: Roles, parts: dict[Place, list[Piece]]) -> Iterator[Traced]:
    """Every piece of the lines with its role; one that was cut further on stands as its parts."""
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
