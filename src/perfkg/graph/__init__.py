"""The graph: declarations as RDF, stored, validated and exported."""

from perfkg.graph.names import BASE, PREFIXES, iri, local, term
from perfkg.graph.statements import quads
from perfkg.graph.store import VOCABULARY, GraphStore

__all__ = ["BASE", "PREFIXES", "VOCABULARY", "GraphStore", "iri", "local", "quads", "term"]
