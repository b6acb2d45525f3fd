"""What the declarations say, as rows: what a structured question finds, and the SPARQL that gives the same.

The rows are taken from the columns of `stated`, which needs milliseconds; the query is shown, and pasted into
`perfkg sparql` it gives these rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from typing import Any

import numpy as np

from perfkg.ask import queries
from perfkg.ask.following import stated
from perfkg.ask.names import project_name
from perfkg.ask.stated import Stated
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.index.tables import Array
from perfkg.library import Library
from perfkg.records import Target
from perfkg.search.wanted import bounds


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: a declaration, or one of its indicators with one of its numbers.

    `total` is the project's money in yuan; `number` is in `unit`, the one all of its dimension are compared in.
    """

    declaration: str
    project: str | None
    organization: str | None
    year: int | None
    total: float | None = None
    indicator: str | None = None
    category: str | None = None
    name: str | None = None
    value: str | None = None
    actual: str | None = None
    number: float | None = None
    unit: str | None = None

    @property
    def identity(self) -> tuple[str | None, str]:
        """Whose project this is, and its name without the year: one project over the years."""
        return self.organization, project_name(self.project or self.declaration)


class Query(str):
    """A query as it is shown, and how its rows are found."""

    rows: Callable[[Stated], list[Fact]]

    @classmethod
    def of(cls, text: str, rows: Callable[[Stated], list[Fact]]) -> Query:
        """`rows` gives what the query `text` gives, from the columns."""
        made = cls(text)
        made.rows = rows
        return made


def run(library: Library, query: Query) -> list[Fact]:
    """The rows of one of the queries below."""
    return query.rows(stated(library))


def declarations(slots: Understanding, topic: Topic | None = None, where: str = "name") -> Query:
    """The declarations that pass the filters, and whose name, objective, indicators or any of them hold the topic."""

    def _find(said: Stated) -> list[Fact]:
        passing, total = _scope(said, slots), _money(said, slots)
        if topic:
            passing &= _speaking(said, topic, where)
        if slots.number and slots.measure == "funding" and slots.subject != "organizations":
            passing &= _within(total, slots.number)
        if slots.part and slots.number is None and slots.intent in {"list", "count"}:
            passing &= total > 0
        return sorted(_forms(said, passing.nonzero()[0], total), key=_dearest)

    return Query.of(queries.declarations(slots, topic, where), _find)


def indicators(slots: Understanding, topic: Topic | None = None, numbered: bool = False, where: str = "row") -> Query:
    """The indicators that pass the filters and hold the topic; with their numbers if asked for one, or `numbered`.

    `where` is title (category and name), row (the value as well), project: then the project's name may hold a part
    of the topic, the row the last part (道路项目的满意度); or named: the project's name holds it all.
    """

    def _find(said: Stated) -> list[Fact]:
        passing = _scope(said, slots)[said.rows.form]
        if slots.category:
            passing &= _filed(said, slots.category)
        if topic:
            passing &= _holding(said, topic, where)
        number = slots.number if slots.measure is None else None
        at, targets = _numbered(said, passing, number) if number or numbered else (passing.nonzero()[0], None)
        return list(_rows(said, *_ordered(said, at, targets), _money(said, slots)))

    return Query.of(queries.indicators(slots, topic, numbered, where), _find)


def lacking(slots: Understanding, topic: Topic | None) -> Query:
    """The declarations that pass the filters and have no indicator of the category, or none that holds the topic."""

    def _find(said: Stated) -> list[Fact]:
        passing = _scope(said, slots)
        if slots.about:
            passing &= said.alone(Topic(slots.about), [said.forms.project])
        if slots.scope == "anywhere" and topic:
            passing &= ~_speaking(said, topic, "anywhere")
        else:
            having = np.ones(len(said.rows), np.bool_)
            if slots.category:
                having &= _filed(said, slots.category)
            if topic:
                having &= _holding(said, topic, "row")
            passing &= ~_of_forms(said, having)
        found = _forms(said, passing.nonzero()[0], _money(said, slots))
        return sorted(found, key=lambda fact: (*_first(fact.organization, fact.year), *_first(fact.project)))

    return Query.of(queries.lacking(slots, topic), _find)


def of_rich(query: Query, number: Target) -> Query:
    """The rows of a query in projects with so much money: 资金超过1000万的项目的满意度."""

    def _find(said: Stated) -> list[Fact]:
        rows = query.rows(said)
        totals = np.array([np.nan if row.total is None else row.total for row in rows])
        return [rows[at] for at in _within(totals, number).nonzero()[0].tolist()]

    return Query.of(queries.of_rich(query, number), _find)


TESTS: dict[str, Callable[..., Any]] = {"=": eq, ">=": ge, ">": gt, "<=": le, "<": lt}
"""The comparators as functions, of numbers and of arrays."""


def _within(numbers: Array, wanted: Target) -> Array:
    """Where a number, already in the unit that is compared in, is as wanted; none never is."""
    passing = ~np.isnan(numbers)
    for comparator, bound in (bounds(wanted) or ("", []))[1]:
        passing &= TESTS[comparator](numbers, float(f"{bound:.12g}"))
    return passing


def _scope(said: Stated, slots: Understanding) -> Array:
    """The forms that pass the filters, as a mask."""
    forms = said.forms
    passing: Array = forms.evaluation == (slots.kind == "self-evaluation")
    if slots.organizations:
        passing &= said.among(forms.organization, slots.organizations)
    if slots.projects:
        passing &= said.among(forms.project, slots.projects)
    if slots.years:
        passing &= np.isin(forms.year, slots.years)
    if slots.unlike:
        passing &= ~said.alone(Topic(slots.unlike), [forms.project])
    if slots.without:
        passing &= ~said.among(forms.organization, slots.without)
    return passing


def _money(said: Stated, slots: Understanding) -> Array:
    forms = said.forms
    parts: dict[str | None, Array] = {None: forms.total, "fiscal": forms.fiscal, "other": forms.other}
    return parts[slots.part]


def _speaking(said: Stated, topic: Topic, where: str) -> Array:
    """The forms that speak of the topic in one text of theirs: in their name, objective, indicators, or anywhere."""
    forms, rows = said.forms, said.rows
    if where in {"name", "objective"}:
        return said.alone(topic, [forms.project if where == "name" else forms.objective])
    inside = _of_forms(said, said.alone(topic, [rows.name, rows.value]))
    return inside if where == "indicators" else inside | said.alone(topic, [forms.project, forms.objective])


def _of_forms(said: Stated, rows: Array) -> Array:
    """The forms of these rows, as a mask."""
    found = np.zeros(len(said.forms), np.bool_)
    found[said.rows.form[rows]] = True
    return found


def _holding(said: Stated, topic: Topic, where: str) -> Array:
    """The rows about the topic, as a mask; `where` is as in `indicators`."""
    rows = said.rows
    texts = [rows.category, rows.name, *([] if where == "title" else [rows.value])]
    if where not in {"project", "named"}:
        return said.together(topic, texts)
    projects = said.forms.project[rows.form]
    if where == "named":
        return said.alone(topic, [projects])
    return said.together(topic.last, texts) & said.together(topic, [projects, *texts])


def _filed(said: Stated, category: str) -> Array:
    """The rows of a category, and those without a second heading whose name tells that they are of it."""
    rows, found = said.rows, said.among(said.rows.concept, queries.concepts(category))
    for word in queries.telling(category):
        found |= (rows.category < 0) & said.alone(Topic(f"“{word}”"), [rows.name])
    return found


def _numbered(said: Stated, passing: Array, wanted: Target | None) -> tuple[Array, Array]:
    """The rows among those passing, once for each of their numbers, and these; -1 for a row without any.

    With a wanted number, those alone that are as wanted.
    """
    numbers = said.numbers
    chosen = passing[numbers.row]
    if wanted:
        unit, _ = bounds(wanted) or ("", [])
        chosen &= said.among(numbers.unit, [unit]) & _within(numbers.number, wanted)
        if wanted.kind == "frequency":
            chosen &= numbers.often
    at = chosen.nonzero()[0]
    if wanted:
        return numbers.row[at], at
    without = passing.copy()
    without[numbers.row[at]] = False
    bare = without.nonzero()[0]
    return np.concatenate([numbers.row[at], bare]), np.concatenate([at, np.full(len(bare), -1)])


def _ordered(said: Stated, at: Array, targets: Array | None) -> tuple[Array, Array | None]:
    """Rows with their numbers by owner, each number of a row once."""
    if targets is None:
        return at[np.argsort(said.place[at])], None
    numbers = said.numbers
    number, unit = (np.append(column, 0)[targets] for column in (numbers.number, numbers.unit))
    order = np.lexsort((unit, number, said.place[at]))
    columns = [column[order] for column in (at, number, unit)]
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return at[order][new], targets[order][new]


def _forms(said: Stated, at: Array, totals: Array) -> Iterator[Fact]:
    return map(Fact, *_owners(said, at, totals))


def _owners(said: Stated, at: Array, totals: Array) -> list[list[Any]]:
    """Of forms: id, project, organization, year and money, one list each."""
    forms = said.forms
    return [
        [id.decode() for id in forms.id[at].tolist()],
        said.texts(forms.project[at]),
        said.texts(forms.organization[at]),
        [year or None for year in forms.year[at].tolist()],
        [None if np.isnan(total) else total for total in totals[at].tolist()],
    ]


def _rows(said: Stated, at: Array, targets: Array | None, totals: Array) -> Iterator[Fact]:
    rows, numbers = said.rows, said.numbers
    columns = _owners(said, rows.form[at], totals)
    columns.append([id.decode() for id in rows.id[at].tolist()])
    columns += [said.texts(column[at]) for column in (rows.category, rows.name, rows.value, rows.actual)]
    if targets is None:
        return map(Fact, *columns)
    stands = targets >= 0
    found = np.where(stands, targets, 0) if len(numbers) else targets
    known = zip(stands.tolist(), numbers.number[found].tolist(), strict=True)
    columns.append([number if there else None for there, number in known])
    columns.append(said.texts(np.where(stands, numbers.unit[found], -1)))
    return map(Fact, *columns)


def _first(*values: str | float | None) -> tuple[object, ...]:
    """Sorts as SPARQL does: what is not there before all else."""
    return tuple(part for value in values for part in (value is not None, 0 if value is None else value))


def _dearest(fact: Fact) -> tuple[object, ...]:
    return fact.total is None, -(fact.total or 0), fact.declaration
