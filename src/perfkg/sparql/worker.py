"""The child process that evaluates queries: `python -m perfkg.sparql.worker FOLDER MEMORY`.

It reads one job a line from standard input and answers each with a line of JSON and, after it, that many bytes of
result. It cannot write files, has a limit on memory, and dies by itself when a query outlives its time.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, serialize

from perfkg.errors import InvalidLibrary, PerfkgError
from perfkg.graph.names import PREFIXES, term
from perfkg.graph.store import read_only
from perfkg.sparql.faults import InvalidQuery, QueryStopped, ResultTooLarge, syntax_error
from perfkg.sparql.formats import FORMATS

_SOLUTIONS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
_GRAPHS = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD}
_PAUSES = (0.0, 0.05, 0.2, 0.5)
"""Seconds before each further try at a snapshot while the writer merges files."""

_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000


class _Snapshot:
    """The store as it was when last opened; opened anew when its files have changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: object = None
        self._store: Store | None = None

    def store(self) -> Store:
        files = {entry.name: (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in os.scandir(self.folder)}
        if files != self._seen:
            opened = read_only(self.folder)
            if not _state(opened, "perfkg:unfinished"):
                self._store, self._seen = opened, files
            elif self._store is None:
                raise QueryStopped("图谱正在大批写入", None, "请稍后再试")
        assert self._store
        return self._store

    def forget(self) -> None:
        self._seen = self._store = None


class _Bounded(io.BytesIO):
    """Takes up to `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._limit:
            raise OverflowError
        return super().write(data)


def main() -> None:
    """Serves jobs until standard input ends."""
    folder, memory = Path(sys.argv[1]), int(sys.argv[2])
    _confine(memory)
    snapshot, output = _Snapshot(folder), sys.stdout.buffer
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # The default action of this signal ends the process whatever the engine is doing, even if the parent is gone.
        signal.setitimer(signal.ITIMER_REAL, job["timeout"] + 1)
        head, body = _answer(snapshot, job)
        signal.setitimer(signal.ITIMER_REAL, 0)
        output.write(json.dumps(head | {"length": len(body)}).encode() + b"\n" + body)
        output.flush()


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A network namespace of its own has no way out. Where the system forbids making one, the gate stands alone.
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)


def _answer(snapshot: _Snapshot, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        for pause in _PAUSES:
            try:
                return _evaluate(snapshot.store(), job)
            except (OSError, RuntimeError):  # the writer has removed files under the snapshot, or is about to
                snapshot.forget()
                time.sleep(pause)
        return _evaluate(snapshot.store(), job)
    except Exception as error:
        return _fault(_told(error, job)), b""


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


def _evaluate(store: Store, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    default, named, clauses = (job[name] for name in ("default_graphs", "named_graphs", "clauses"))
    for graph in (*default, *named, *(clauses or ())):
        if not _holds(store, graph):
            raise InvalidQuery("图谱里没有这个命名图", graph, "FROM 只能指本资料库里的图")
    chosen = bool(default or named)
    results = store.query(
        job["query"],
        prefixes=PREFIXES,
        # The engine lets the union override FROM.
        use_default_graph_as_union=not chosen and clauses is None,
        default_graph=[NamedNode(graph) for graph in default] if chosen else None,
        named_graphs=[NamedNode(graph) for graph in named] if chosen else None,
    )
    output = _Bounded(job["limit"])
    head: dict[str, Any] = {"change": int(_state(store, "perfkg:change") or 0)}
    if isinstance(results, QueryTriples):
        name = _choose(job["formats"], _GRAPHS)
        serialize(results, output, _GRAPHS[name], prefixes=PREFIXES)
    else:
        name = _choose(job["formats"], _SOLUTIONS)
        results.serialize(output, _SOLUTIONS[name])
    kind = "graph" if name in _GRAPHS else "boolean" if isinstance(results, QueryBoolean) else "solutions"
    return head | {"format": name, "kind": kind}, output.getvalue()


def _choose(wanted: list[str], possible: dict[str, Any]) -> str:
    """The first wanted format that fits; nothing wanted means the first possible."""
    for name in wanted or possible:
        if name in possible:
            return name
    fitting = "、".join(possible)
    raise InvalidQuery(f"这个查询的结果不能写成 {wanted[0]}", f"{FORMATS[wanted[0]]}", f"请用 {fitting}")


def _state(store: Store, name: str) -> str | None:
    state = term("perfkg:state")
    found = next(store.quads_for_pattern(state, term(name), None, state), None)
    return getattr(found.object, "value", None) if found else None


def _holds(store: Store, graph: str) -> bool:
    try:
        return store.contains_named_graph(NamedNode(graph))
    except ValueError:  # no absolute IRI
        return False


def _fault(error: PerfkgError) -> dict[str, Any]:
    place = {name: getattr(error, name) for name in ("line", "column") if hasattr(error, name)}
    parts = {"what": error.what, "where": error.where, "advice": error.advice}
    return {"fault": type(error).__name__, "parts": parts | place}


if __name__ == "__main__":
    main()
