"""The child process that evaluates queries: `python -m perfkg.sparql.worker FOLDER MEMORY`.

It reads one job a line from standard input and answers with the pieces of the result, each after its length, a length
of 0, and a line of JSON that says how many of these bytes count and what they are. It cannot write files, has a limit
on memory, and dies by itself when a query outlives its time.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, serialize

from perfkg.errors import InvalidLibrary, PerfkgError
from perfkg.graph.folder import read_only
from perfkg.graph.names import PREFIXES, term
from perfkg.offline import leave_network
from perfkg.sparql.faults import InvalidQuery, QueryStopped, ResultTooLarge, syntax_error
from perfkg.sparql.formats import FORMATS
from perfkg.sparql.process import FRAME

_SOLUTIONS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
_GRAPHS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
}
_PIECE = 1 << 16
_PAUSES = (0.0, 0.05, 0.2, 0.5)
"""Seconds before each further try at a snapshot while the writer merges files."""

_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class Look:
    """How a store looks from outside: equal as long as it is the same `folder` and nothing in it was written."""

    folder: int
    files: Mapping[str, tuple[int, int]]

    @property
    def size(self) -> int:
        """The bytes it takes on disk."""
        return sum(size for size, _ in self.files.values())


class Snapshot:
    """The store in `folder` as it was when last opened; opened anew when its files have changed.

    It may begin as a `copy` in memory of what the files said when they were `seen`; it is `outdated` when that is left.
    """

    def __init__(self, folder: Path, copy: Store | None = None, seen: Look | None = None) -> None:
        """Opens nothing yet."""
        self.folder = folder
        self._store, self._seen = copy, seen
        self._copied, self.outdated = copy is not None, False

    def store(self) -> Store:
        """The store to answer from. Raises QueryStopped while there is none that is whole."""
        files = look(self.folder)
        if files != self._seen:
            opened = read_only(self.folder)
            if not stated(opened, "perfkg:unfinished"):
                self._store, self._seen, self.outdated = opened, files, self._copied
            elif self._store is None:
                raise QueryStopped("图谱正在大批写入", None, "请稍后再试")
        assert self._store
        return self._store

    def forget(self) -> None:
        """Has the store opened anew next time."""
        self._seen = self._store = None


def look(folder: Path) -> Look:
    """How the store in `folder` looks now. Raises OSError."""
    files = {entry.name: (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in os.scandir(folder)}
    return Look(folder.stat().st_ino, files)


class _Sent(io.RawIOBase):
    """Sends up to `limit` bytes as pieces of the result, and counts them."""

    def __init__(self, limit: int) -> None:
        self._limit, self.length = limit, 0

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Sends one piece. Raises OverflowError over the limit."""
        self.length += len(data)
        if self.length > self._limit:
            raise OverflowError
        sys.stdout.buffer.write(struct.pack(FRAME, len(data)))
        sys.stdout.buffer.write(data)
        return len(data)


def main() -> None:
    """A worker on a store on disk."""
    serve(Snapshot(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[2]))


def serve(snapshot: Snapshot, limit: int, memory: int) -> None:
    """Answers jobs until standard input ends, within `limit` bytes of address space, `memory` of which are for queries."""
    _confine(limit)
    output = sys.stdout.buffer
    begun = address_space()
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # The default action of this signal ends the process whatever the engine is doing, even if the parent is gone.
        signal.setitimer(signal.ITIMER_REAL, job["timeout"] + 1)
        head = _answer(snapshot, job)
        signal.setitimer(signal.ITIMER_REAL, 0)
        # What a greedy query leaves behind must not be the end of the next.
        greedy = address_space() - begun > memory / 4
        head["worn"] = head.get("fault", "InvalidQuery") != "InvalidQuery" or greedy or snapshot.outdated
        output.write(struct.pack(FRAME, 0) + json.dumps(head).encode() + b"\n")
        output.flush()


def address_space() -> int:
    """Bytes of it that are taken, where the system tells."""
    told = Path("/proc/self/statm")
    return int(told.read_text("ascii").split()[0]) * resource.getpagesize() if told.exists() else 0


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leave_network()


def _answer(snapshot: Snapshot, job: dict[str, Any]) -> dict[str, Any]:
    try:
        for pause in _PAUSES:
            try:
                return _evaluate(snapshot.store(), job)
            except (OSError, RuntimeError):  # the writer has removed files under the snapshot, or is about to
                snapshot.forget()
                time.sleep(pause)
        return _evaluate(snapshot.store(), job)
    except Exception as error:
        return _fault(_told(error, job)) | {"length": 0}


def _told(error: Exception, job: dict[str, Any]) -> PerfkgError:
    """The error in words for the author of the query."""
    if isinstance(error, PerfkgError):
        return error
    if isinstance(error, SyntaxError):
        return syntax_error(str(error))
    if isinstance(error, OverflowError):
        return ResultTooLarge(f"结果超过 {job['limit'] / 1e6:g} MB，没有给出", None, "请加 LIMIT，或缩小范围分几次查")
    if isinstance(error, MemoryError):
        return QueryStopped("查询用的内存超过上限，已停止")
    if isinstance(error, OSError) or "Corruption" in str(error):
        return InvalidLibrary("图谱读不出来", None, "请重建（perfkg rebuild）")
    return InvalidQuery("查询不能执行", str(error)[:200], "请检查用到的函数")


def _evaluate(store: Store, job: dict[str, Any]) -> dict[str, Any]:
    default, named, clauses = (job[name] for name in ("default_graphs", "named_graphs", "clauses"))
    chosen = bool(default or named)
    for graph in (*default, *named) if chosen else clauses or ():
        if not _holds(store, graph) and not (chosen and _elsewhere(graph, job["base"])):
            raise InvalidQuery("图谱里没有这个命名图", graph, "FROM 只能指本资料库里的图")
    results = store.query(
        job["query"],
        prefixes=PREFIXES,
        base_iri=job["base"],
        # The engine lets the union override FROM.
        use_default_graph_as_union=not chosen and clauses is None,
        default_graph=[NamedNode(graph) for graph in default] if chosen else None,
        named_graphs=[NamedNode(graph) for graph in named] if chosen else None,
    )
    solutions = not isinstance(results, QueryTriples)
    name = _choose(job["formats"], _SOLUTIONS if solutions else _GRAPHS)
    sent = _Sent(job["limit"])
    output = io.BufferedWriter(sent, _PIECE)
    if isinstance(results, QueryTriples):
        serialize(results, output, _GRAPHS[name], prefixes=PREFIXES)
    else:
        results.serialize(output, _SOLUTIONS[name])
    output.flush()
    kind = "boolean" if isinstance(results, QueryBoolean) else "solutions" if solutions else "graph"
    change = int(stated(store, "perfkg:change") or 0)
    return {"format": name, "kind": kind, "change": change, "length": sent.length}


def _choose(wanted: list[str], possible: dict[str, Any]) -> str:
    """The first wanted format that fits; nothing wanted means the first possible."""
    for name in wanted or possible:
        if name in possible:
            return name
    fitting = "、".join(possible)
    raise InvalidQuery(f"这个查询的结果不能写成 {wanted[0]}", f"{FORMATS[wanted[0]]}", f"请用 {fitting}")


def stated(store: Store, name: str) -> str | None:
    """What the store says of its own `name`; None where it does not."""
    state = term("perfkg:state")
    found = next(store.quads_for_pattern(state, term(name), None, state), None)
    return getattr(found.object, "value", None) if found else None


def _holds(store: Store, graph: str) -> bool:
    try:
        return store.contains_named_graph(NamedNode(graph))
    except ValueError:  # no absolute IRI
        return False


def _elsewhere(graph: str, base: str) -> bool:
    """Whether the web may have it: named by the protocol, it is an empty graph here, as nothing is fetched."""
    return _WEB.fullmatch(graph) is not None and not graph.startswith((base, *PREFIXES.values()))


def _fault(error: PerfkgError) -> dict[str, Any]:
    place = {name: getattr(error, name) for name in ("line", "column") if hasattr(error, name)}
    parts = {"what": error.what, "where": error.where, "advice": error.advice}
    return {"fault": type(error).__name__, "parts": parts | place}


if __name__ == "__main__":
    main()
