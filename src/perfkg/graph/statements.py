"""A Declaration as quads, by one function.

A declaration and all that is its own stand in one named graph, named like the declaration. What several declarations
speak of (organization, project, area, year) stands once, in a graph of its own named like itself, and is stated from
its name alone; so no triple is in two graphs, and a query over all graphs counts nothing twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from perfkg.graph import organizations
from perfkg.graph.names import BASE, PREFIXES, iri, term
from perfkg.graph.units import canonical, unit_iri
from perfkg.records import Declaration, Funding, Indicator, Repair, Target

_DATE = term("xsd:date")
_DECIMAL = term("xsd:decimal")
_DECIMAL_LIMIT = 1e18

_TARGETS = {
    "quantity": "perfkg:QuantityTarget",
    "period": "perfkg:PeriodTarget",
    "frequency": "perfkg:FrequencyTarget",
    "trend": "perfkg:TrendTarget",
    "state": "perfkg:StateTarget",
    "boolean": "perfkg:BooleanTarget",
    "reference": "perfkg:ReferenceTarget",
    "scope": "perfkg:ScopeTarget",
}


def quads(declaration: Declaration, base: str = BASE) -> Iterator[Quad]:
    """All quads of `declaration` under the base IRI `base`. No blank nodes; the same declaration gives the same quads.

    Text stands as written, in strings; money is in yuan; numbers are decimals.
    """
    me = iri("declaration", declaration.id, base)
    yield from say(me, me, _of_declaration(declaration, base))
    yield from _source(me, declaration, base)
    yield from _funding(me, declaration, base)
    yield from _repairs(me, me, declaration.id, declaration.repairs, base)
    for position, indicator in enumerate(declaration.indicators, start=1):
        yield from _indicator(me, indicator, position, base)
    yield from _around(declaration, base)


def _of_declaration(declaration: Declaration, base: str) -> dict[str, Any]:
    evaluated = declaration.kind == "self-evaluation"
    return {
        "rdf:type": (term("perfkg:Declaration"), term("perfkg:SelfEvaluation") if evaluated else None),
        "dcterms:identifier": declaration.id,
        "dcterms:title": declaration.title,
        "perfkg:year": declaration.year,
        "time:hasTime": _year(declaration.year, base),
        "perfkg:organization": _organization(declaration.organization, base),
        "perfkg:organizationAsWritten": declaration.organization,
        "perfkg:department": _organization(declaration.department, base),
        "perfkg:implementer": _organization(declaration.implementer, base),
        "perfkg:organizationCode": declaration.organization_code or organizations.code(declaration.organization or ""),
        "schema:about": _project(declaration, base),
        "perfkg:projectAsWritten": declaration.project,
        "perfkg:projectCode": declaration.project_code,
        "perfkg:objective": declaration.objective,
        "perfkg:termObjective": declaration.term_objective,
        "perfkg:indicator": tuple(iri("indicator", one.id, base) for one in declaration.indicators),
        "perfkg:leftover": tuple(one.text for one in declaration.leftovers),
        "skos:note": declaration.notes,
    }


def _source(graph: NamedNode, declaration: Declaration, base: str) -> Iterator[Quad]:
    source = iri("source", declaration.id, base)
    yield from say(graph, graph, {"prov:wasDerivedFrom": source})
    facts = {
        "rdf:type": (term("prov:Entity"), term("schema:DigitalDocument")),
        "schema:name": declaration.source.file,
        "schema:sha256": declaration.source.sha256,
        "perfkg:place": str(declaration.source.place) or None,
    }
    yield from say(graph, source, facts)


def _funding(graph: NamedNode, declaration: Declaration, base: str) -> Iterator[Quad]:
    funding = declaration.funding
    if funding == Funding():
        return
    node = iri("funding", declaration.id, base)
    yield from say(graph, graph, {"perfkg:funding": node})
    facts = {
        "rdf:type": term("schema:MonetaryAmount"),
        "schema:currency": "CNY",
        "schema:value": number(funding.total),
        "perfkg:fiscalFunding": number(funding.fiscal),
        "perfkg:otherFunding": number(funding.other),
        "perfkg:asWritten": funding.text,
    }
    yield from say(graph, node, facts)


def _indicator(graph: NamedNode, indicator: Indicator, position: int, base: str) -> Iterator[Quad]:
    me = iri("indicator", indicator.id, base)
    concept = indicator.category.concept
    facts = {
        "rdf:type": term("perfkg:Indicator"),
        "dcterms:identifier": indicator.id,
        "schema:position": position,
        "schema:name": indicator.name,
        "dcterms:subject": NamedNode(PREFIXES["scheme"] + concept) if concept else None,
        "perfkg:level1": indicator.category.level1,
        "perfkg:level2": indicator.category.level2,
        "perfkg:value": indicator.value,
        "perfkg:actual": indicator.actual,
        "perfkg:weight": number(indicator.weight),
        "perfkg:score": number(indicator.score),
        "skos:note": indicator.note,
        "perfkg:place": str(indicator.place) or None,
        "perfkg:unsure": True if indicator.unsure else None,
    }
    yield from say(graph, me, facts)
    yield from _repairs(graph, me, indicator.id, indicator.repairs, base)
    for at, target in enumerate(indicator.targets, start=1):
        yield from _target(graph, me, iri("target", f"{indicator.id}.{at}", base), target)


def _target(graph: NamedNode, owner: NamedNode, me: NamedNode, target: Target) -> Iterator[Quad]:
    yield from say(graph, owner, {"perfkg:target": me})
    canonical_value, unit = canonical(target)
    facts = {
        "rdf:type": (term("perfkg:Target"), term(_TARGETS[target.kind])),
        "perfkg:asWritten": target.text,
        "perfkg:comparator": target.comparator,
        "qudt:numericValue": number(target.value),
        "schema:minValue": number(target.low),
        "schema:maxValue": number(target.high),
        "qudt:ucumCode": target.unit,
        "qudt:hasUnit": unit_iri(target.unit),
        "perfkg:canonicalValue": number(canonical_value),
        "perfkg:canonicalUnit": unit,
        "rdfs:label": target.label,
        "schema:startDate": _date(target.start),
        "schema:endDate": _date(target.end),
        "perfkg:doubt": target.doubt,
    }
    yield from say(graph, me, facts)


def _repairs(graph: NamedNode, owner: NamedNode, id: str, repairs: tuple[Repair, ...], base: str) -> Iterator[Quad]:
    for at, repair in enumerate(repairs, start=1):
        me = iri("repair", f"{id}.{at}", base)
        yield from say(graph, owner, {"perfkg:repair": me})
        facts = {
            "rdf:type": term("perfkg:Repair"),
            "perfkg:rule": repair.rule,
            "perfkg:reason": repair.reason,
            "perfkg:before": repair.before,
            "perfkg:after": repair.after,
        }
        yield from say(graph, me, facts)


def _around(declaration: Declaration, base: str) -> Iterator[Quad]:
    """What other declarations may speak of as well, each thing in its own graph."""
    for name in {declaration.organization, declaration.department, declaration.implementer} - {None}:
        yield from _of_organization(name or "", base)
    if project := _project(declaration, base):
        facts = {
            "rdf:type": term("schema:Project"),
            "schema:name": organizations.fold(declaration.project or ""),
            "schema:sponsor": _organization(declaration.organization, base),
        }
        yield from say(project, project, facts)
    if (year := _year(declaration.year, base)) and declaration.year:
        facts = {
            "rdf:type": term("time:DateTimeInterval"),
            "schema:startDate": _date(f"{declaration.year:04}-01-01"),
            "schema:endDate": _date(f"{declaration.year:04}-12-31"),
        }
        yield from say(year, year, facts)


def _of_organization(name: str, base: str) -> Iterator[Quad]:
    me = _organization(name, base)
    if me is None:
        return
    name = organizations.formal(name)
    whole, area = organizations.whole(name), organizations.area(name)
    place = iri("area", area, base) if area else None
    facts = {
        "rdf:type": term("org:FormalOrganization"),
        "skos:prefLabel": name,
        "org:subOrganizationOf": _organization(whole, base),
        "schema:areaServed": place,
    }
    yield from say(me, me, facts)
    if place:
        yield from say(place, place, {"rdf:type": term("schema:AdministrativeArea"), "schema:name": area})
    if whole:
        yield from _of_organization(whole, base)


def _organization(name: str | None, base: str) -> NamedNode | None:
    folded = organizations.formal(name) if name else ""
    return iri("organization", folded, base) if folded else None


def _project(declaration: Declaration, base: str) -> NamedNode | None:
    id = organizations.project(declaration.project, declaration.organization, declaration.id)
    return iri("project", id, base) if id else None


def _year(year: int | None, base: str) -> NamedNode | None:
    return iri("year", f"{year:04}", base) if year else None


def _date(text: str | None) -> Literal | None:
    return Literal(text, datatype=_DATE) if text else None


def say(graph: NamedNode, subject: NamedNode, facts: Mapping[str, Any]) -> Iterator[Quad]:
    """Each fact that is known, as a quad; a tuple says several."""
    for name, value in facts.items():
        predicate = term(name)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                yield Quad(subject, predicate, one if isinstance(one, NamedNode | Literal) else Literal(one), graph)


def number(value: float | None) -> Literal | None:
    """A decimal, which adds up exactly, in the form the engine keeps; outside the range of decimals a double."""
    if value is None:
        return None
    if not math.isfinite(value) or abs(value) >= _DECIMAL_LIMIT:
        return Literal(float(value))
    text = format(Decimal(repr(value)), "f")
    return Literal(text.rstrip("0").rstrip(".") if "." in text else text, datatype=_DECIMAL)
