"""Meaning inside a query: `?i perfkg:matches "网络维护" ; perfkg:score ?score ; perfkg:limit 20`.

The search is done before the query goes to the engine, and its hits put in the place of the pattern: a VALUES block of
indicators and scores, best first, and `?i a perfkg:Indicator`, which keeps the search within the graphs asked. Done on
tokens, so nothing in a string or a comment is taken for a pattern. `perfkg:score` and `perfkg:limit` belong to the
search where they follow it in the same statement; elsewhere `perfkg:score` is the points of a self-evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import NamedNode

from perfkg.graph.names import term
from perfkg.sparql.faults import InvalidQuery
from perfkg.sparql.lexer import position
from perfkg.sparql.searches import Query, Search

Find = Callable[[str, int], Sequence[tuple[str, float]]]
"""A search: the IRIs and scores of at most so many indicators closest to a text, best first."""

SEARCHES = 10
"""Searches in a query at most."""

_INDICATOR = f"a {term('perfkg:Indicator')}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands in the query in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query whose searches are answered: the `text` for the engine, made from what was `written` by `edits`."""

    written: str
    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """For the engine."""
        parts, done = [], 0
        for edit in self.edits:
            parts += [self.written[done : edit.start], edit.text]
            done = edit.end
        return "".join([*parts, self.written[done:]])

    def error(self, error: InvalidQuery) -> InvalidQuery:
        """An error in `text` as one of the query as written."""
        if not self.edits or error.line is None or error.column is None:
            return error
        before = "".join(line + "\n" for line in self.text.split("\n")[: error.line - 1])
        offset = len(before) + error.column - 1
        for edit in self.edits:
            if offset < edit.start:
                break
            longer = len(edit.text) - (edit.end - edit.start)
            offset = edit.start if offset < edit.start + len(edit.text) else offset - longer
        return InvalidQuery(error.what, None, error.advice, *position(self.written, offset))


def resolve(text: str, find: Find) -> Resolved:
    """`text` with the hits of `find` in place of its searches. Raises InvalidQuery where one is written otherwise."""
    query = Query.of(text)
    searches = list(islice(query.searches(), SEARCHES + 1))
    if len(searches) > SEARCHES:
        query.refuse(searches[-1].verb, f"一个查询里最多 {SEARCHES} 次按意思查找", "请把查询拆成几个")
    edits = [edit for number, one in enumerate(searches) for edit in _edits(query, one, find, number == 0)]
    # Edits at one place keep their order: sorting is stable.
    return Resolved(text, tuple(sorted(edits, key=lambda edit: edit.start)))


def _edits(query: Query, search: Search, find: Find, first: bool) -> Iterator[Edit]:
    """The hits in place of `search`; where the query sets no order, the first search orders the answer too."""
    ordered = first and query.orderable(search)
    score = search.score or (f"?score_{search.verb.start}" if ordered and not query.selects_all() else None)
    start = search.subject.start
    yield Edit(start, start, _values(search.subject.text, score, find(search.text, search.limit)))
    yield Edit(search.verb.start, search.last.end, _INDICATOR)
    yield from (Edit(verb.start, value.end, "") for verb, value in search.options)
    if ordered and score:
        end = query.end_of_pattern()
        yield Edit(end, end, f" ORDER BY DESC({score}) ")


def _values(subject: str, score: str | None, hits: Sequence[tuple[str, float]]) -> str:
    nodes = [(str(NamedNode(iri)), points) for iri, points in hits]
    if score is None:
        return f"VALUES {subject} {{ {' '.join(node for node, _ in nodes)} }} "
    return f"VALUES ({subject} {score}) {{ {' '.join(f'({node} {points!r})' for node, points in nodes)} }} "
