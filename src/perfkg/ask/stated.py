"""What the current declarations of a library state, in columns.

A question about a hundred thousand rows is a look at a few columns; to the graph it is two million steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import ClassVar, TypeVar

import numpy as np

from perfkg.ask.topics import Topic
from perfkg.graph.names import PREFIXES
from perfkg.graph.units import canonical
from perfkg.index.tables import Array, Names, Table
from perfkg.ledger import Change
from perfkg.records import Declaration, Indicator

_REMEMBERED = 100
"""Pieces of topics of which a snapshot remembers what holds them."""

_Any = TypeVar("_Any", bound=Table)


@dataclass(frozen=True)
class Forms(Table):
    """Declarations: texts are numbers of names, -1 for none; no year is 0, money is in yuan, none of it NaN."""

    TYPES: ClassVar = (np.bytes_, np.int32, np.int32, np.int32, np.int32, np.bool_, np.float64, np.float64, np.float64)
    id: Array
    organization: Array
    project: Array
    objective: Array
    year: Array
    evaluation: Array
    total: Array
    fiscal: Array
    other: Array


@dataclass(frozen=True)
class Rows(Table):
    """Indicators: the row of their form, their id, and numbers of names; `concept` is an IRI."""

    TYPES: ClassVar = (np.int32, np.bytes_, np.int32, np.int32, np.int32, np.int32, np.int32)
    form: Array
    id: Array
    concept: Array
    category: Array
    name: Array
    value: Array
    actual: Array


@dataclass(frozen=True)
class Numbers(Table):
    """Targets that are numbers: the row of their indicator, the number in the unit its dimension is compared in, that
    unit, and whether it says how often.
    """

    TYPES: ClassVar = (np.int32, np.float64, np.int32, np.bool_)
    row: Array
    number: Array
    unit: Array
    often: Array


@dataclass(frozen=True)
class Stated:
    """What all declarations state after a `change` of the ledger. Get it from `following.stated`."""

    change: int
    names: Names
    forms: Forms
    rows: Rows
    numbers: Numbers
    _held: dict[tuple[str, bool], Array] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def empty(cls) -> Stated:
        """Before the first change."""
        return cls(0, Names(), Forms.of(()), Rows.of(()), Numbers.of(()))

    @cached_property
    def place(self) -> Array:
        """For every row its place among all by organization, year and id, what is not stated before all else."""
        owners, owner = np.unique(self.forms.organization, return_inverse=True)
        rank = np.argsort(np.argsort([text or "" for text in self.texts(owners)]))
        form = self.rows.form
        return np.argsort(np.lexsort((self.rows.id, self.forms.year[form], rank[owner][form])))

    def texts(self, column: Array) -> list[str | None]:
        """The names of a column of their numbers."""
        known = self.names.known
        return [known[number] if number >= 0 else None for number in column.tolist()]

    def among(self, column: Array, names: Iterable[str]) -> Array:
        """Where a column has one of these names, as a mask."""
        return np.isin(column, self.names.numbers(names))

    def together(self, topic: Topic, columns: Sequence[Array]) -> Array:
        """Where the texts of columns of one length, put together, are about the topic, as a mask."""
        return _met(topic, lambda piece: _either(self._holding(piece, topic.folds)[column] for column in columns))

    def alone(self, topic: Topic, columns: Sequence[Array]) -> Array:
        """Where the text of one of the columns is about the topic by itself, as a mask."""
        held = _met(topic, lambda piece: self._holding(piece, topic.folds))
        return _either(held[column] for column in columns)

    def after(self, changes: Sequence[Change], change: int) -> Stated:
        """With what `changes` say, up to number `change`."""
        last = {one.id: one for one in changes if one.number <= change}
        left, names = self._without(last), self.names
        made = [one.declaration for one in last.values() if one.declaration]
        rows = [(form, row) for form, one in enumerate(made, len(left.forms)) for row in one.indicators]
        numbers = (one for at, (_, row) in enumerate(rows, len(left.rows)) for one in _numbers(at, row, names))
        return Stated(
            change,
            names,
            left.forms.adding(Forms.of(_form(one, names) for one in made)),
            left.rows.adding(Rows.of(_row(form, row, names) for form, row in rows)),
            left.numbers.adding(Numbers.of(numbers)),
        )

    def _without(self, ids: Iterable[str]) -> Stated:
        forms = ~np.isin(self.forms.id, [id.encode() for id in ids])
        if forms.all():
            return self
        rows = forms[self.rows.form]
        numbers = rows[self.numbers.row]
        return replace(
            self,
            forms=self.forms.keeping(forms),
            rows=_renumbered(self.rows.keeping(rows), "form", forms),
            numbers=_renumbered(self.numbers.keeping(numbers), "row", rows),
        )

    def _holding(self, piece: str, folds: bool) -> Array:
        """Which names hold `piece`; the last is none, that of number -1."""
        if (piece, folds) not in self._held:
            if len(self._held) >= _REMEMBERED:
                self._held.clear()
            known = (name.lower() for name in self.names.known) if folds else self.names.known
            self._held[piece, folds] = np.array([*(piece in name for name in known), False])
        return self._held[piece, folds]


def _met(topic: Topic, holding: Callable[[str], Array]) -> Array:
    """For each term all pieces of one way to say it."""
    return _every(_either(_every(map(holding, way)) for way in ways) for ways in topic.terms)


def _every(masks: Iterable[Array]) -> Array:
    return reduce(np.logical_and, masks)


def _either(masks: Iterable[Array]) -> Array:
    return reduce(np.logical_or, masks)


def _renumbered(table: _Any, column: str, kept: Array) -> _Any:
    rank = (np.cumsum(kept) - 1).astype(np.int32)
    return replace(table, **{column: rank[getattr(table, column)]})


def _form(one: Declaration, names: Names) -> tuple[object, ...]:
    texts = map(names.number, (one.organization, one.project, one.objective))
    money = (np.nan if yuan is None else yuan for yuan in (one.funding.total, one.funding.fiscal, one.funding.other))
    return (one.id.encode(), *texts, one.year or 0, one.kind == "self-evaluation", *money)


def _row(form: int, row: Indicator, names: Names) -> tuple[object, ...]:
    concept = PREFIXES["scheme"] + row.category.concept if row.category.concept else None
    texts = (concept, row.category.level2, row.name, row.value, row.actual)
    return form, row.id.encode(), *map(names.number, texts)


def _numbers(at: int, row: Indicator, names: Names) -> Iterator[tuple[object, ...]]:
    for target in row.targets:
        number, unit = canonical(target)
        if number is not None and unit:
            yield at, number, names.number(unit), target.kind == "frequency"
