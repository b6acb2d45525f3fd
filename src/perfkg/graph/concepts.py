"""The catalogue of indicator concepts as quads: one named graph, which is the SKOS concept scheme as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from perfkg.graph.names import BASE, PREFIXES, iri, term
from perfkg.graph.statements import number, say


@dataclass(frozen=True, slots=True)
class ConceptFacts:
    """What the graph says of a concept: `category` is a scheme's concept, the values are in the canonical `unit`."""

    id: str
    name: str
    aliases: tuple[str, ...]
    category: str | None
    unit: str | None
    measure: str | None
    projects: int
    organizations: int
    lowest: float | None
    median: float | None
    highest: float | None
    indicators: tuple[str, ...]


def catalogue_graph(base: str = BASE) -> NamedNode:
    """The named graph of the catalogue."""
    return NamedNode(f"{base}concepts")


def concept_quads(concepts: Iterable[ConceptFacts], base: str = BASE) -> Iterator[Quad]:
    """All quads of the catalogue; the same concepts give the same quads."""
    graph = catalogue_graph(base)
    yield from say(graph, graph, {"rdf:type": term("skos:ConceptScheme"), "dcterms:title": "指标库"})
    for one in concepts:
        me = iri("concept", one.id, base)
        facts = {
            "rdf:type": (term("skos:Concept"), term("perfkg:IndicatorConcept")),
            "dcterms:identifier": one.id,
            "skos:inScheme": graph,
            "skos:prefLabel": one.name,
            "skos:altLabel": one.aliases,
            "dcterms:subject": NamedNode(PREFIXES["scheme"] + one.category) if one.category else None,
            "perfkg:canonicalUnit": one.unit,
            "perfkg:measure": one.measure,
            "perfkg:projectCount": one.projects,
            "perfkg:organizationCount": one.organizations,
            "perfkg:lowestValue": number(one.lowest),
            "perfkg:medianValue": number(one.median),
            "perfkg:highestValue": number(one.highest),
        }
        yield from say(graph, me, facts)
        for indicator in one.indicators:
            yield Quad(iri("indicator", indicator, base), term("perfkg:concept"), me, graph)
