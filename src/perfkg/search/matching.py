"""Search as a SPARQL query asks it: `?i perfkg:matches "网络维护"`."""

from __future__ import annotations

from collections.abc import Sequence

from perfkg.graph import iri
from perfkg.library import Library
from perfkg.search import search
from perfkg.sparql import Find


def finder(library: Library) -> Find:
    """What answers the searches in a query: every indicator by itself, as `search` ranks them over `library`."""

    def find(text: str, limit: int) -> Sequence[tuple[str, float]]:
        """The IRIs of the indicators nearest to `text`, each with its score."""
        hits = search(library, text, limit=limit, grouped=False).hits
        return [(iri("indicator", hit.id, library.base).value, hit.score) for hit in hits]

    return find
