"""Units of measure in the graph: the unit node of a code, and a target's number in its dimension's canonical unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from perfkg.graph.names import term
from perfkg.records import Target

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of `graph/units.ttl`: how many (`factor`) of its dimension's `canonical` unit it makes."""

    iri: NamedNode
    factor: float
    canonical: str


def unit_iri(code: str | None) -> NamedNode | None:
    """The node of a unit code (`h`, `%`, `{人}`), or None for a code composed of several."""
    found = units().get(code or "")
    return found.iri if found else None


def canonical(target: Target) -> tuple[float | None, str | None]:
    """The target's number in the unit its dimension is compared in, and that unit: 1 d is (24, h).

    (None, None) where there is no single number or the unit has no dimension.
    """
    unit = units().get(target.unit or "")
    if target.kind != "quantity" or target.value is None or unit is None:
        return None, None
    # The factors carry 15 digits, so products are right to fewer: 15 min is 0.25 h, not 0.2500000000000005.
    return float(f"{target.value * unit.factor:.{_DIGITS}g}"), unit.canonical


@cache
def units() -> dict[str, Unit]:
    """All units by their code."""
    facts: dict[NamedNode, dict[NamedNode, NamedNode | Literal]] = {}
    for quad in parse((files("graph") / "units.ttl").read_bytes(), format=RdfFormat.TURTLE):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            facts.setdefault(quad.subject, {})[quad.predicate] = quad.object
    return {
        about[term("skos:notation")].value: _unit(iri, about, facts)
        for iri, about in facts.items()
        if term("skos:notation") in about
    }


def _unit(
    iri: NamedNode,
    about: dict[NamedNode, NamedNode | Literal],
    facts: dict[NamedNode, dict[NamedNode, NamedNode | Literal]],
) -> Unit:
    """A counter has no dimension: it is compared with its like alone."""
    factor = about.get(term("qudt:conversionMultiplier"))
    dimension = about.get(term("perfkg:dimension"))
    code = about[term("skos:notation")].value
    if isinstance(dimension, NamedNode) and dimension in facts:
        code = facts[dimension][term("perfkg:canonicalUnit")].value
    return Unit(iri, float(Decimal(factor.value)) if factor else 1.0, code)
