"""Two declarations side by side: two versions of one form, or a project's forms of two years.

Rows are paired by what they say: the same name in the same category, then the same name, then the names that are most
alike. A row without a partner was added or removed; of a paired row each field that differs is told, word by word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from perfkg import tokens
from perfkg.concepts.wording import alike, bare, undated
from perfkg.ledger import Choice, Entry, Ledger
from perfkg.records import Declaration, Indicator

ALIKE = 0.6
"""From which likeness of their names two rows of one category are taken for one row that was reworded."""

_FIELDS = ("title", "kind", "year", "department", "organization", "implementer", "project")
_FUNDING = ("total", "fiscal", "other")
_OBJECTIVES = ("term_objective", "objective")
_ROW = ("level1", "level2", "name", "value", "weight", "actual", "score", "note")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `change` is same, removed (only before) or added (only after)."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, as it was and as it is; numbers in yuan. `pieces` are the words of both, where texts."""

    field: str
    before: str | float | None
    after: str | float | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row: `change` is same, changed, added or removed; `fields` are those that differ in a changed one."""

    change: str
    before: Indicator | None
    after: Indicator | None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """What differs between two declarations: fields of the head, rows in the order of the later form, and counts."""

    before: Declaration
    after: Declaration
    fields: tuple[FieldChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are same, changed, added and removed."""
        kinds = [row.change for row in self.rows]
        return {kind: kinds.count(kind) for kind in ("same", "changed", "added", "removed")}

    @property
    def alike(self) -> bool:
        """Whether they say the same."""
        return not self.fields and all(row.change == "same" for row in self.rows)


def between(before: Declaration, after: Declaration) -> Revision:
    """What differs between two declarations."""
    heads = [_field(name, getattr(before, name), getattr(after, name)) for name in (*_FIELDS, *_OBJECTIVES)]
    money = [_field(name, getattr(before.funding, name), getattr(after.funding, name)) for name in _FUNDING]
    order = [*heads[: len(_FIELDS)], *money, *heads[len(_FIELDS) :]]
    return Revision(before, after, tuple(filter(None, order)), tuple(_rows(before.indicators, after.indicators)))


def related(ledger: Ledger, one: Declaration) -> list[Entry]:
    """The current declarations of the same organization and project in any year, latest first.

    A year in a project's name does not tell projects apart. None where the form names no project or organization.
    """
    name = undated(one.project)
    if not name or one.organization is None:
        return []
    found = ledger.listed(Choice(one.organization), "year")
    return [entry for entry in found if undated(entry.project) == name]


def pieces(before: str | None, after: str | None) -> tuple[Piece, ...]:
    """The words of two texts: what both have, what only the earlier and what only the later has.

    >>> [(one.change, one.text) for one in pieces("故障24小时修复", "故障4小时修复")]
    [('same', '故障'), ('removed', '24'), ('added', '4'), ('same', '小时修复')]
    """
    first, second = _words(before or ""), _words(after or "")
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(first[a:b])))
            continue
        found += [Piece("removed", "".join(first[a:b]))] if b > a else []
        found += [Piece("added", "".join(second[c:d]))] if d > c else []
    return tuple(found)


def _words(text: str) -> list[str]:
    """The text cut where words begin; nothing of it is lost."""
    edges = sorted({0, len(text), *tokens.starts(text)}) if text else [0]
    return [text[start:end] for start, end in pairwise(edges)]


def _field(name: str, before: Any, after: Any) -> FieldChange | None:
    if before == after:
        return None
    texts = all(one is None or isinstance(one, str) for one in (before, after))
    return FieldChange(name, before, after, pieces(before, after) if texts else ())


def _rows(before: Sequence[Indicator], after: Sequence[Indicator]) -> Iterator[RowChange]:
    """Rows of the later form in their order; a removed one stands after the one it stood after."""
    partner = _paired(before, after)
    gone = [one for one in before if one.id not in {other.id for other in partner.values()}]
    place = {one.id: number for number, one in enumerate(before)}
    reached = -1
    for row in after:
        other = partner.get(row.id)
        if other is not None and place[other.id] > reached:
            reached = place[other.id]
            while gone and place[gone[0].id] < reached:
                yield RowChange("removed", gone.pop(0), None)
        yield _row(other, row)
    yield from (RowChange("removed", one, None) for one in gone)


def _row(before: Indicator | None, after: Indicator) -> RowChange:
    if before is None:
        return RowChange("added", None, after)
    changes = (_field(name, _cell(before, name), _cell(after, name)) for name in _ROW)
    fields = tuple(filter(None, changes))
    return RowChange("changed" if fields else "same", before, after, fields)


def _cell(row: Indicator, name: str) -> Any:
    return getattr(row.category if name.startswith("level") else row, name)


def _paired(before: Sequence[Indicator], after: Sequence[Indicator]) -> dict[str, Indicator]:
    """The earlier row of each later row that has one, by the later one's id."""
    found: dict[str, Indicator] = {}
    left = {one.id: one for one in before}
    waiting = list(after)
    for key in (_whole, _name_and_place, _name_alone):
        waiting = list(_by_key(key, left, waiting, found))
    for row, other in _likest(left.values(), waiting):
        if row.id not in found and other.id in left:
            found[row.id] = left.pop(other.id)
    return found


def _by_key(
    key: Callable[[Indicator], Any],
    left: dict[str, Indicator],
    waiting: Iterable[Indicator],
    found: dict[str, Indicator],
) -> Iterator[Indicator]:
    """Pairs rows of equal key, in order; gives those that find no partner."""
    by_key: dict[Any, list[Indicator]] = {}
    for one in left.values():
        by_key.setdefault(key(one), []).append(one)
    for row in waiting:
        same = by_key.get(key(row))
        if key(row) is None or not same:
            yield row
        else:
            found[row.id] = left.pop(same.pop(0).id)


def _whole(row: Indicator) -> Any:
    return row.category.concept, row.category.level2, row.name, row.value


def _name_and_place(row: Indicator) -> Any:
    return (row.category.concept or row.category.level2, bare(row.name)) if row.name else None


def _name_alone(row: Indicator) -> Any:
    return bare(row.name) or None


def _likest(before: Iterable[Indicator], after: Iterable[Indicator]) -> list[tuple[Indicator, Indicator]]:
    """Pairs of one category whose names are alike enough, the likest first."""
    likeness = {
        (row.id, one.id): (alike(row.name, one.name), row, one)
        for row in after
        for one in before
        if (row.category.concept or row.category.level2) == (one.category.concept or one.category.level2)
    }
    enough = [pair for pair in likeness.values() if pair[0] >= ALIKE]
    return [(row, one) for _, row, one in sorted(enough, key=lambda pair: -pair[0])]
