"""The terms that a query may use, as the files of the package `graph` explain them: for readers and for editors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from perfkg.graph.names import BASE, PREFIXES, term

_KINDS = {
    "owl:Class": "class",
    "owl:ObjectProperty": "property",
    "owl:DatatypeProperty": "property",
    "owl:NamedIndividual": "individual",
    "skos:Concept": "category",
    "skos:ConceptScheme": "scheme",
    "perfkg:Dimension": "dimension",
    "perfkg:Counter": "unit",
    "qudt:Unit": "unit",
}
_ALIGNED = ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "rdfs:seeAlso")


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its `iri`, its `name` as a query writes it (`perfkg:value`, `<https://…>`), its `kind`, its `label` and
    `comment` by language (zh, en), `examples`, and by name what it relates to.
    """

    iri: str
    name: str
    kind: str
    label: Mapping[str, str]
    comment: Mapping[str, str]
    examples: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    aligned: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@cache
def ontology() -> tuple[Term, ...]:
    """The own terms of ontology.ttl, in its order."""
    return tuple(one for one in _terms("ontology.ttl") if one.name.startswith("perfkg:"))


@cache
def borrowed() -> tuple[Term, ...]:
    """The terms of others that the graph uses, with what they say here."""
    return tuple(one for one in _terms("ontology.ttl") if one.kind == "borrowed")


@cache
def categories() -> tuple[Term, ...]:
    """The category schemes, each before its categories."""
    return tuple(_terms("schemes.ttl"))


@cache
def measures() -> tuple[Term, ...]:
    """The dimensions and the units of measure."""
    return tuple(_terms("units.ttl"))


def context(base: str = BASE) -> dict[str, Any]:
    """The JSON-LD context of a declaration's JSON, whose identifiers live under `base`."""
    text = (files("graph") / "context.jsonld").read_text("utf-8")
    told: dict[str, Any] = json.loads(text.replace(BASE, base))
    return told


def short(iri: str) -> str:
    """An IRI as a query writes it: by its prefix, or in angle brackets where its end is no local name."""
    for prefix, start in PREFIXES.items():
        local = iri.removeprefix(start)
        if local != iri and local.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{local}"
    return f"<{iri}>"


def _terms(file: str) -> Iterable[Term]:
    about: dict[str, list[Triple]] = {}
    for quad in parse((files("graph") / file).read_bytes(), format=RdfFormat.TURTLE):
        if isinstance(quad.subject, NamedNode):
            about.setdefault(quad.subject.value, []).append(quad.triple)
    for iri, triples in about.items():
        if (kind := _kind(triples)) is not None:
            yield _term(iri, kind, triples)


def _kind(triples: list[Triple]) -> str | None:
    types = {one.object for one in triples if one.predicate == term("rdf:type")}
    if not types and any(one.predicate == term("skos:scopeNote") for one in triples):
        return "borrowed"
    if not types and any(one.predicate == term("perfkg:dimension") for one in triples):
        return "unit"
    return next((kind for name, kind in _KINDS.items() if term(name) in types), None)


def _term(iri: str, kind: str, triples: list[Triple]) -> Term:
    def texts(*names: str) -> dict[str, str]:
        """What the properties say, by language."""
        wanted = {term(name) for name in names}
        found = [one.object for one in triples if one.predicate in wanted]
        return {one.language or "": one.value for one in found if isinstance(one, Literal)}

    def related(*names: str) -> tuple[str, ...]:
        """What the properties lead to, by short name."""
        wanted = {term(name) for name in names}
        return tuple(_shown(one.object) for one in triples if one.predicate in wanted)

    return Term(
        iri,
        short(iri),
        kind,
        texts("rdfs:label", "skos:prefLabel") or texts("skos:notation"),
        texts("rdfs:comment", "skos:scopeNote", "skos:definition"),
        related("skos:example"),
        related("rdfs:subClassOf", "rdfs:subPropertyOf", "skos:broader", "perfkg:dimension"),
        related("rdfs:domain"),
        related("rdfs:range"),
        related(*_ALIGNED),
        related("skos:altLabel"),
    )


def _shown(node: Any) -> str:
    if isinstance(node, NamedNode):
        return short(node.value)
    assert not isinstance(node, BlankNode)
    return str(node.value)
