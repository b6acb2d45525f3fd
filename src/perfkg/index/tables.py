"""The columns of what can be found, one array a property: texts, forms (declarations) and places (indicators)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from perfkg import schemes
from perfkg.encoder import passage, text_key
from perfkg.index import passages
from perfkg.ledger import Change
from perfkg.records import Declaration

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Table:
    """Columns of equal length, of the `TYPES` of numpy."""

    TYPES: ClassVar[tuple[Any, ...]] = ()

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """From rows of values, one for each column."""
        columns = list(zip(*rows, strict=True)) or [()] * len(cls.TYPES)
        return cls(*(np.array(column, kind) for column, kind in zip(columns, cls.TYPES, strict=True)))

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def columns(self) -> dict[str, Array]:
        """The columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def adding(self, other: Self) -> Self:
        """With the rows of `other` after its own."""
        pairs = zip(self.columns().values(), other.columns().values(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in pairs)) if len(other) else self

    def keeping(self, kept: Array) -> Self:
        """With the rows alone that the mask `kept` names."""
        return type(self)(*(column[kept] for column in self.columns().values()))


@dataclass(frozen=True)
class Texts(Table):
    """What is searched: `key` is that of the text, as in the vectors."""

    TYPES: ClassVar = (np.int64,)
    key: Array


@dataclass(frozen=True)
class Forms(Table):
    """Whose and of which year: numbers of names, -1 for none; `folded` is the project's as `schemes.fold` has it."""

    TYPES: ClassVar = (np.int64, np.bytes_, np.int32, np.int32, np.int32, np.int32, np.int32, np.int64)
    key: Array
    id: Array
    version: Array
    organization: Array
    project: Array
    folded: Array
    year: Array
    context: Array


@dataclass(frozen=True)
class Places(Table):
    """Indicators: rows of their form and text, position in the form, concept (a name), kinds of target (bits).

    `order` is a number of the id's own: it puts equals in the same order every time.
    """

    TYPES: ClassVar = (np.int32, np.int32, np.int32, np.int32, np.uint16, np.int64, np.bytes_)
    form: Array
    text: Array
    position: Array
    concept: Array
    kinds: Array
    order: Array
    id: Array


KINDS = ("quantity", "period", "frequency", "trend", "state", "boolean", "reference", "scope")
"""The kinds of target, as bits from the lowest."""

MEASURED = frozenset({"quantity", "period", "frequency"})
"""The kinds that state something that can be measured."""


class Names:
    """Strings by number. Grows only, so that what is made from one state to the next can share it."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        """The names of a saved index, in their order."""
        self.known = list(known)
        self._numbers = {name: number for number, name in enumerate(self.known)}

    def number(self, name: str | None) -> int:
        """The number of a name, a new one where it needs one; -1 for none."""
        if not name:
            return -1
        if name not in self._numbers:
            self._numbers[name] = len(self.known)
            self.known.append(name)
        return self._numbers[name]

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The numbers of those that have one."""
        return [self._numbers[name] for name in names if name in self._numbers]

    def name(self, number: int) -> str | None:
        """The name of a number."""
        return self.known[number] if number >= 0 else None


def form_row(change: Change, declaration: Declaration, names: Names) -> tuple[Any, ...]:
    """A row of Forms."""
    context = passages.context(declaration.organization, declaration.project)
    return (
        text_key(change.id),
        change.id.encode(),
        change.version,
        names.number(declaration.organization),
        names.number(declaration.project),
        names.number(schemes.fold(declaration.project) if declaration.project else None),
        declaration.year or 0,
        text_key(context) if context else 0,
    )


def place_rows(
    declaration: Declaration, form: int, texts: Mapping[int, int], template: str, names: Names
) -> Iterator[tuple[Any, ...]]:
    """Rows of Places; `form` is the row of the declaration, `texts` has the row of every text's key."""
    for position, row in enumerate(declaration.indicators):
        text = text_key(passage(row.category.level2, row.name, row.value, template))
        known = schemes.get(row.category.concept) if row.category.concept else None
        stated = {target.kind for target in row.targets}
        kinds = sum(1 << bit for bit, kind in enumerate(KINDS) if kind in stated)
        concept = names.number(known.id if known else None)
        yield form, texts[text], position, concept, kinds, text_key(row.id), row.id.encode()
