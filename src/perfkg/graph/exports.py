"""The graph as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store, Triple, serialize

from perfkg.errors import InvalidQuestion
from perfkg.graph.names import PREFIXES
from perfkg.outputs import replacing

_DATASETS = {".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG, ".jsonld": RdfFormat.JSON_LD}
_TRIPLES = {".nt": RdfFormat.N_TRIPLES, ".ttl": RdfFormat.TURTLE}
FORMATS = (*_TRIPLES, *_DATASETS)
"""The endings `export` knows. Those that cannot say which named graph a triple is in leave that out."""


def export(store: Store, path: Path) -> None:
    """Writes the whole store to `path`, in the format its ending names (FORMATS), or leaves what was there untouched.

    Raises InvalidQuestion for another ending, InvalidFile if the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InvalidQuestion(
            f"不认得导出格式 {ending or path.name}", None, f"文件名请以 {'、'.join(FORMATS)} 之一结尾"
        )
    with replacing(path) as beside:
        if ending in _DATASETS:
            store.dump(beside, _DATASETS[ending], prefixes=PREFIXES)
        else:
            serialize(_triples(store), beside, _TRIPLES[ending], prefixes=PREFIXES)


def _triples(store: Store) -> Iterator[Triple]:
    """Graph by graph, so that what belongs together stands together. No triple is in two graphs."""
    for graph in store.named_graphs():
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield quad.triple
