"""Units of measure in the graph: the node of a unit, and a target's number as its dimension is compared."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pyoxigraph import NamedNode, RdfFormat, parse

from perfkg.graph.names import term
from perfkg.records import Target
from perfkg.targets import units

_DIGITS = 12


def unit_iri(code: str | None) -> NamedNode | None:
    """The node of a unit code (`h`, `%`, `{人}`), or None for a code composed of several (`CNY/a`)."""
    return _nodes().get(code or "")


def canonical(target: Target) -> tuple[float | None, str | None]:
    """The target's number (of an interval the lower end) in the unit it is compared in, and that unit: 1 d is (24, h).

    (None, None) for a target without a number.
    """
    found = units.canonical(target)
    if found is None:
        return None, None
    # The factors carry 15 digits, so products are right to fewer: 15 min is 0.25 h, not 0.2500000000000005.
    return float(f"{found.number:.{_DIGITS}g}"), found.unit or None


@cache
def _nodes() -> dict[str, NamedNode]:
    triples = parse((files("graph") / "units.ttl").read_bytes(), format=RdfFormat.TURTLE)
    return {
        str(one.object.value): one.subject
        for one in triples
        if one.predicate == term("skos:notation") and isinstance(one.subject, NamedNode)
    }
