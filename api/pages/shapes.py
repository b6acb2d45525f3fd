"""What the graph's own constraints (SHACL, graph/shapes.ttl) say of the forms of an import, for its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfkg.graph import BASE
from perfkg.graph.validation import Violation, validate
from perfkg.library import Library
from perfkg.records import Declaration, Indicator

MOST = 200
"""Forms that are checked for one page: some ten milliseconds of processor each."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is not as the graph wants it: a warning is only something not filled in. `rows` are the indicators."""

    message: str
    warning: bool
    rows: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A form of which something is said."""

    form: Declaration
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What is said of the first `total` forms of an import; `left` are too many to look at."""

    forms: tuple[Checked, ...]
    total: int
    left: int

    @property
    def worse(self) -> int:
        """How many forms lack more than something not filled in."""
        return sum(any(not said.warning for said in one.said) for one in self.forms)


def check(library: Library, outcomes: Sequence[tuple[str, int | None]]) -> Check:
    """What the graph says of the first MOST forms, each by id and version."""
    looked = outcomes[:MOST]
    forms = (library.ledger.get(id, version) for id, version in looked)
    found = (Checked(form, tuple(_said(form))) for form in forms)
    return Check(tuple(one for one in found if one.said), len(looked), len(outcomes) - len(looked))


def _said(form: Declaration) -> Iterator[Said]:
    """One line a message, the worst first; rows that share it together."""
    rows = {row.id: row for row in form.indicators}
    found: dict[str, list[Violation]] = {}
    for one in validate(form):
        found.setdefault(one.message, []).append(one)
    for message, those in found.items():
        # An indicator's own node ends with its id, those of its targets and repairs with `id.number`.
        ids = (one.node.removeprefix(BASE).partition("/")[2] for one in those)
        about = (rows.get(id) or rows.get(id.rpartition(".")[0]) for id in ids)
        named = tuple({row.id: row for row in about if row}.values())
        yield Said(message, all(one.severity == "warning" for one in those), named)
