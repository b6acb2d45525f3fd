"""The catalogue in the graph: written anew where it has changed, by the process that holds the library."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

from perfkg import tokens
from perfkg.concepts.catalogue import catalogue
from perfkg.concepts.concept import Concept
from perfkg.graph.concepts import ConceptFacts, concept_quads
from perfkg.library import Library

_TABLES = ("wordings.toml", "measures.toml")


def keep(library: Library) -> None:
    """Brings the catalogue in the graph to what the library and its decisions say; nothing where it stands there.

    A process that does not hold the library leaves it to the one that does.
    """
    if not library.holding:
        return
    wanted = _state(library)
    if library.graph.catalogued == wanted:
        return
    found = catalogue(library)
    library.graph.catalogue(concept_quads((facts(one) for one in found.all()), library.graph.base), wanted)


def facts(one: Concept) -> ConceptFacts:
    """What the graph says of a concept."""
    typical = one.spread.typical
    return ConceptFacts(
        id=one.id,
        name=one.name,
        aliases=tuple(alias.name for alias in one.aliases if alias.name != one.name),
        category=one.category,
        unit=typical.unit if typical else None,
        measure=one.measure,
        projects=one.projects,
        organizations=one.organizations,
        lowest=typical.low if typical else None,
        median=typical.median if typical else None,
        highest=typical.high if typical else None,
        indicators=tuple(use.id for use in one.uses),
    )


def _state(library: Library) -> str:
    """Equal where the catalogue must be equal."""
    decided, meaning = library.ledger.decisions.last(), library.meaning
    tables = b"".join((files("graph") / name).read_bytes() for name in _TABLES)
    encoder = meaning.encoder.name if meaning else None
    made_by = json.dumps([tokens.version(), hashlib.sha256(tables).hexdigest(), encoder])
    return f"{library.words.change}.{decided}.{hashlib.sha256(made_by.encode()).hexdigest()[:12]}"
