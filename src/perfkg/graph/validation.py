"""Whether a declaration in the graph is what the shapes of `graph/shapes.ttl` say it should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pyoxigraph import RdfFormat, Triple, serialize

from perfkg.graph.names import BASE
from perfkg.graph.statements import quads
from perfkg.records import Declaration

if TYPE_CHECKING:
    import rdflib


@dataclass(frozen=True, slots=True)
class Violation:
    """One shape not met: the `node` it is about, the Chinese `message`, the `shape` (its name in shapes.ttl), and the
    `severity`: violation, or warning where the form is only incomplete.
    """

    node: str
    shape: str
    severity: str
    message: str


def validate(declaration: Declaration, base: str = BASE) -> list[Violation]:
    """What `declaration` violates, worst first. It is checked in memory, by itself."""
    return violations(quad.triple for quad in quads(declaration, base))


def violations(triples: Iterable[Triple]) -> list[Violation]:
    """What the graph of `triples` violates, worst first."""
    import pyshacl
    import rdflib

    data = rdflib.Graph()
    data.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=_shapes(), inplace=True)
    shacl = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    found = {_violation(report, one, shacl) for one in report.subjects(rdflib.RDF.type, shacl.ValidationResult)}
    return sorted(found, key=lambda one: (one.severity != "violation", one.node, one.shape))


def _violation(report: Any, one: Any, shacl: Any) -> Violation:
    return Violation(
        node=str(report.value(one, shacl.focusNode)),
        shape=str(report.value(one, shacl.sourceShape)).rsplit("/", 1)[-1],
        severity=str(report.value(one, shacl.resultSeverity)).rsplit("#", 1)[-1].lower(),
        message=str(report.value(one, shacl.resultMessage)),
    )


@cache
def _shapes() -> rdflib.Graph:
    import rdflib

    return rdflib.Graph().parse(data=(files("graph") / "shapes.ttl").read_bytes(), format="turtle")
