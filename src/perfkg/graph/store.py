"""The graph on disk: a projection of the ledger that knows the last change it has applied."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from perfkg.errors import InvalidLibrary
from perfkg.graph.concepts import catalogue_graph
from perfkg.graph.exports import export
from perfkg.graph.folder import faults, opened, wait_until_closed
from perfkg.graph.names import BASE, iri, term
from perfkg.graph.statements import quads
from perfkg.records import Declaration

if TYPE_CHECKING:
    from perfkg.ledger import Change

_FORMAT = 2
_STATE = term("perfkg:state")
_BULK = 20_000
"""Quads from which on the engine's bulk loader is worth its two extra writes."""
_MERGE = 300_000
"""Quads loaded in bulk before they are merged; after that, merged again whenever they have doubled."""
VOCABULARY = {
    "ontology.ttl": NamedNode("https://perfkg.example/ontology"),
    "schemes.ttl": NamedNode("https://perfkg.example/scheme"),
    "units.ttl": NamedNode("https://perfkg.example/unit"),
}
"""The files of the package `graph` that stand in the store, and the named graph of each."""


class GraphStore:
    """The store in `folder`, or in memory where it is None, with what is `loaded`: another store as N-Quads.

    One process at a time may open a folder with `writing`; readers see a snapshot of their opening. `base` is the IRI
    under which identifiers live.
    """

    def __init__(
        self, folder: Path | None = None, writing: bool = True, base: str = BASE, loaded: IO[bytes] | None = None
    ) -> None:
        """Raises InvalidLibrary if the store is damaged, missing (for a reader), held by another writer,
        or written under another base or by another version: it is then to be deleted and rebuilt.
        """
        self.folder, self.base = folder, base
        self._store: Store | None = opened(folder, writing) if loaded is None else _loaded(loaded)
        self._writing = threading.RLock()
        self._bulked = self._merged = 0
        self._counted: tuple[tuple[int, str | None], int] | None = None
        if self._state("perfkg:unfinished"):
            raise InvalidLibrary("图谱没有写完", str(folder), "如果没有程序正在写它，请重建（perfkg rebuild）")
        made = f"{_FORMAT} {base}"
        if (known := self._state("perfkg:madeAs")) not in (None, made):
            raise InvalidLibrary("图谱由另一个版本或另一种设置写成", str(folder), "请重建")
        if writing and (known is None or self._state("perfkg:vocabulary") != _vocabulary_digest()):
            self._load_vocabulary(made)

    @property
    def store(self) -> Store:
        """The pyoxigraph store itself, for trusted code; queries of users go through perfkg.sparql."""
        if (store := self._store) is not None:
            return store
        # Another one is being put in its place.
        with self._writing:
            if self._store is None:
                self._store = opened(self.folder, True)
            return self._store

    @property
    def change(self) -> int:
        """The number of the last ledger change applied, 0 for none."""
        return int(self._state("perfkg:change") or 0)

    @property
    def state(self) -> tuple[int, str | None]:
        """What the graph was written from: the last change, and the state of the catalogue."""
        return self.change, self.catalogued

    def __len__(self) -> int:
        """The quads; counting takes time in a large graph, so it is done once a state."""
        state = self.state
        if self._counted is None or self._counted[0] != state:
            self._counted = state, len(self.store)
        return self._counted[1]

    def close(self) -> None:
        """Lets the folder go."""
        try:
            if self._bulked:
                self.optimize()
        finally:
            del self._store

    def take(self, folder: Path) -> None:
        """Puts the store that stands closed in `folder` in the place of this one, for all who hold this.

        Who asks meanwhile waits until those who read have read to the end. Raises InvalidLibrary where they do not in
        half a minute: the old one stays.
        """
        assert self.folder is not None
        with self._writing, faults(self.folder):
            self._store, self._counted, self._bulked, self._merged = None, None, 0, 0
            # An engine whose folder is moved writes into what comes in its place.
            wait_until_closed(self.folder)
            os.replace(self.folder, folder.with_name("old"))
            os.replace(folder, self.folder)
            self._store = Store(os.fspath(self.folder))

    def optimize(self) -> None:
        """Merges what bulk loads have left in pieces: queries over much of the graph become several times faster."""
        with faults(self.folder):
            self.store.optimize()
        self._merged, self._bulked = self._merged + self._bulked, 0

    def export(self, path: Path) -> None:
        """Writes the whole graph to a file in the format of its ending: see perfkg.graph.exports.export."""
        with faults(self.folder):
            export(self.store, path)

    def apply(self, changes: Iterable[Change]) -> None:
        """Adds, revises and withdraws what `changes` say, and notes the last number: all of it or nothing.

        Many new declarations at once are written in bulk; if that is cut short, the store is refused when next opened.
        """
        latest = {change.id: change for change in changes}
        if not latest:
            return
        added = [quad for change in latest.values() for quad in self._new(change.declaration)]
        number = _state("perfkg:change", max(change.number for change in latest.values()))
        with faults(self.folder):
            declarations = {iri("declaration", id, self.base) for id in latest}
            gone = self._gone(declarations, {quad.graph_name for quad in added})
            if len(added) > _BULK and not gone:
                self._write((), [_state("perfkg:unfinished", True)])
                self.store.flush()
                with self._writing:
                    self.store.bulk_extend(added)
                self._write((), [number], ["perfkg:change", "perfkg:unfinished"])
                self._bulked += len(added)
                if self._bulked >= max(_MERGE, self._merged):
                    self.optimize()
            else:
                self._write(gone, [*added, number], ["perfkg:change"])

    @property
    def catalogued(self) -> str | None:
        """The state that the catalogue of concepts was written at, as given then; None where there is none."""
        return self._state("perfkg:catalogued")

    def catalogue(self, given: Iterable[Quad], state: str) -> None:
        """Makes the catalogue's graph hold what is `given` and no more, and notes its `state`: all of it or nothing."""
        graph, wanted = catalogue_graph(self.base), set(given)
        with self._writing, faults(self.folder):
            self._put(graph, wanted, state)

    def _put(self, graph: NamedNode, wanted: set[Quad], state: str) -> None:
        known = set(self.store.quads_for_pattern(None, None, None, graph))
        gone, new = known - wanted, wanted - known
        noted = [_state("perfkg:catalogued", state)]
        if len(new) > _BULK:
            self._write([graph] if known else (), [], ["perfkg:catalogued"])
            with self._writing, faults(self.folder):
                self.store.bulk_extend(wanted)
            self._write((), noted)
        else:
            self._write((), [*new, *noted], ["perfkg:catalogued"], gone)

    def _new(self, declaration: Declaration | None) -> Iterator[Quad]:
        return quads(declaration, self.base) if declaration else iter(())

    def _gone(self, declarations: set[NamedNode], kept: set[object]) -> list[NamedNode]:
        """The graphs to drop: those of `declarations`, and of every shared thing that nothing else speaks of."""
        gone = {node for node in declarations if self.store.contains_named_graph(node)}
        edge = list(gone)
        while edge:
            for other in self._shared(edge.pop()):
                if other not in gone and other not in kept and self._orphan(other, gone):
                    gone.add(other)
                    edge.append(other)
        return sorted(gone, key=str)

    def _shared(self, graph: NamedNode) -> list[NamedNode]:
        """The things with a graph of their own under our base that `graph` speaks of."""
        objects = {quad.object for quad in self.store.quads_for_pattern(None, None, None, graph)}
        return [
            node
            for node in objects
            if isinstance(node, NamedNode) and node.value.startswith(self.base) and node != graph
            and self.store.contains_named_graph(node)
        ]  # fmt: skip

    def _orphan(self, node: NamedNode, gone: set[NamedNode]) -> bool:
        speakers = (quad.graph_name for quad in self.store.quads_for_pattern(None, None, node))
        return all(speaker in gone or speaker == node for speaker in speakers)

    def _load_vocabulary(self, made: str) -> None:
        loaded = [quad for name, graph in VOCABULARY.items() for quad in _vocabulary(name, graph)]
        state = [_state("perfkg:madeAs", made), _state("perfkg:vocabulary", _vocabulary_digest())]
        self._write(list(VOCABULARY.values()), loaded + state, ["perfkg:madeAs", "perfkg:vocabulary"])

    def _write(
        self,
        dropped: Sequence[NamedNode],
        added: Iterable[Quad],
        replaced: Sequence[str] = (),
        removed: Iterable[Quad] = (),
    ) -> None:
        """One SPARQL update: the engine's only way to remove and add in one transaction."""
        steps = [f"DROP SILENT GRAPH {graph}" for graph in dropped]
        steps += [f"DELETE WHERE {{ GRAPH {_STATE} {{ {_STATE} {term(name)} ?old }} }}" for name in replaced]
        steps += [f"{verb} DATA {{ {_blocks(some)} }}" for verb, some in (("DELETE", removed), ("INSERT", added))]
        with self._writing, faults(self.folder):
            self.store.update(";\n".join(steps))

    def _state(self, name: str) -> str | None:
        with faults(self.folder):
            found = next(self.store.quads_for_pattern(_STATE, term(name), None, _STATE), None)
        return found.object.value if found and isinstance(found.object, Literal) else None


def _loaded(given: IO[bytes]) -> Store:
    store = Store()
    store.bulk_load(given, RdfFormat.N_QUADS)
    return store


def _state(name: str, value: str | int | bool) -> Quad:
    return Quad(_STATE, term(name), Literal(value), _STATE)


def _vocabulary(file: str, graph: NamedNode) -> Iterator[Quad]:
    for quad in parse((files("graph") / file).read_bytes(), format=RdfFormat.TURTLE):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def _vocabulary_digest() -> str:
    return hashlib.sha256(b"".join((files("graph") / name).read_bytes() for name in VOCABULARY)).hexdigest()


def _blocks(given: Iterable[Quad]) -> str:
    by_graph: dict[object, list[Quad]] = {}
    for quad in dict.fromkeys(given):
        by_graph.setdefault(quad.graph_name, []).append(quad)
    return " ".join(f"GRAPH {graph} {{ {' . '.join(map(_triple, group))} }}" for graph, group in by_graph.items())


def _triple(quad: Quad) -> str:
    return f"{quad.subject} {quad.predicate} {quad.object}"
