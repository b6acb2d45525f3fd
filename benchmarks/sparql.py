"""How fast is the graph, against rdflib's memory store?

Generates declarations with the shape of the real ones, loads them into both, and asks both the same analyst's
questions: ours over HTTP of a server that holds the library, as users do, without and with its copy of the graph in
memory; rdflib in its own memory, in the same run. The times are those of the copy.
Then single declarations are imported, to see whether that slows with the size of the library.

    python benchmarks/sparql.py --indicators 10000 100000 --patience 30
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from declarations import ROWS, declarations
from pyoxigraph import RdfFormat, Store, serialize

from perfkg import sparql
from perfkg.encoder import Settings
from perfkg.graph import PREFIXES, GraphStore, quads
from perfkg.ledger import Change
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.sparql.copy import SETTING

BATCH = 200
SINGLE = 15
"""Declarations imported by themselves."""
POINTS = {
    "an indicator by its id": """
        SELECT ?p ?o { <https://perfkg.example/id/indicator/17.3> ?p ?o FILTER(?p != perfkg:concept) }""",
    "a project's indicators over the years": """
        SELECT ?year ?name ?value { ?d perfkg:projectAsWritten "网络运行维护项目8" ; perfkg:year ?year ;
            perfkg:indicator ?i . ?i schema:name ?name ; perfkg:value ?value }""",
}
QUESTIONS = {
    "one organization's indicators": """
        SELECT ?name ?value { ?d perfkg:organization/skos:prefLabel "第7县公安局" ; perfkg:indicator ?i .
            ?i schema:name ?name ; perfkg:value ?value }""",
    "satisfaction by organization and year": sparql.named_query("satisfaction").text,
    "cost against funding": sparql.named_query("cost-against-funding").text,
    "indicators by category": sparql.named_query("categories").text,
    "response times over units": sparql.named_query("response-times").bound({}),
    "funding by organization": sparql.named_query("funding-by-organization").text,
}


def load_file(folder: Path, triples: bytes) -> float:
    """Seconds to load N-Triples into an engine store on disk, as rdflib does into memory."""
    begun = time.perf_counter()
    Store(str(folder)).bulk_load(triples, RdfFormat.N_TRIPLES)
    return time.perf_counter() - begun


def load_declarations(folder: Path, given: list[Declaration]) -> float:
    """Seconds from declarations to a graph on disk that can be asked, as a rebuild does it."""
    begun = time.perf_counter()
    store = GraphStore(folder)
    changes = [Change(number, "record", one.id, 1, one) for number, one in enumerate(given, start=1)]
    for start in range(0, len(changes), BATCH):
        store.apply(changes[start : start + BATCH])
    store.close()
    return time.perf_counter() - begun


def load_rdflib(triples: bytes) -> tuple[Any, float]:
    """The graph, and the seconds it took to make from N-Triples, rdflib's fastest syntax."""
    import rdflib

    begun = time.perf_counter()
    graph = rdflib.Graph().parse(data=triples, format="nt")
    return graph, time.perf_counter() - begun


def import_singly(library: Library, given: list[Declaration]) -> list[float]:
    """Seconds of each import of one declaration: ledger, word index and graph."""
    times = []
    for one in given:
        begun = time.perf_counter()
        library.import_declarations([one])
        times.append(time.perf_counter() - begun)
    return times


@contextmanager
def served(folder: Path, copy: bool) -> Iterator[http.client.HTTPConnection]:
    """A connection to a server over the library in `folder`, once it has its copy of the graph in memory, or without."""
    command = [sys.executable, "-m", "perfkg.cli", "serve", "--port", "0", "--library", str(folder)]
    environment = os.environ | {"PERFKG_ENCODER": "none", SETTING: "4000" if copy else "0"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr
        address = next(found for line in server.stderr if (found := re.search(r"at http://([\d.]+):(\d+)", line)))
        connection = http.client.HTTPConnection(address[1], int(address[2]), timeout=200)
        try:
            while copy and b"perfkg_graph_in_memory 1" not in _read(connection, "/metrics"):
                time.sleep(0.5)
            yield connection
        finally:
            connection.close()
            server.terminate()


def _read(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


def ask_ours(connection: http.client.HTTPConnection, query: str) -> tuple[float, int]:
    """The median of five answers in seconds after a first, and how many lines the answer has; none if it was stopped."""
    times, lines = [], 0
    connection.close()  # the server has done so since the question before; it opens anew by itself
    for _ in range(6):
        begun = time.perf_counter()
        headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
        connection.request("POST", "/sparql", query.encode(), headers)
        answer = connection.getresponse()
        lines = answer.read().count(b"\r\n")
        assert answer.status in (200, 503), (answer.status, query)
        times.append(time.perf_counter() - begun)
        if answer.status == 503:
            return times[-1], 0
    return statistics.median(times[1:]), lines


def ask_rdflib(graph: Any, query: str, patience: int) -> tuple[float, int]:
    """The seconds of one answer and its lines; `patience` seconds and no line if it takes longer."""
    begun = time.perf_counter()
    try:
        with _alarm(patience):
            lines = graph.query(query, initNs=PREFIXES).serialize(format="csv").count(b"\r\n")
    except TimeoutError:
        return float(patience), 0
    return time.perf_counter() - begun, lines


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def report(indicators: int, seed: int, patience: int) -> None:
    """Prints the table."""
    *given, last = declarations(indicators // ROWS + SINGLE, seed)
    given, single = given[: indicators // ROWS], [*given[indicators // ROWS :], last]
    vocabulary = [quad.triple for quad in GraphStore().store]
    triples = serialize(
        [*vocabulary, *{quad.triple for one in given for quad in quads(one)}], format=RdfFormat.N_TRIPLES
    )
    assert triples
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, built = load_file(folder / "file", triples), load_declarations(folder / "graph", given)
        with Library(folder / "library", Settings("none")) as library:
            library.import_declarations(given)
        graph, theirs = load_rdflib(triples)
        print(f"{len(given) * ROWS} indicators, {len(graph)} triples, seed {seed}\n")
        print("| what | on disk | in memory | rdflib | times |\n|---|---|---|---|---|")
        print(f"| load the same N-Triples | {ours:.1f} s | | {theirs:.1f} s | {theirs / ours:.1f} |")
        print(f"| from declarations to a graph | {built:.1f} s | | | |", flush=True)
        _compare(folder / "library", graph, patience)
        del graph
        with Library(folder / "library", Settings("none")) as library:
            times = import_singly(library, single)
        print(f"| import one declaration, median (worst) of {len(times)} "
              f"| {statistics.median(times) * 1000:.0f} ms ({max(times) * 1000:.0f} ms) | | | |\n", flush=True)  # fmt: skip


def _compare(library: Path, graph: Any, patience: int) -> None:
    asked, ours = POINTS | QUESTIONS, []
    for copy in (False, True):
        with served(library, copy) as connection:
            ours.append({what: ask_ours(connection, query) for what, query in asked.items()})
    ratios = []
    for what, query in asked.items():
        (disk, lines), (memory, same) = (answers[what] for answers in ours)
        other, other_lines = ask_rdflib(graph, query, patience)
        assert len({lines, same, other_lines} - {0}) <= 1, (what, lines, same, other_lines)
        if what in QUESTIONS:
            ratios.append(other / memory)
        cells = [f"{seconds * 1000:.1f} ms{'' if count else ' +'}"
                 for seconds, count in ((disk, lines), (memory, same), (other, other_lines))]  # fmt: skip
        print(f"| {what} | {' | '.join(cells)} | {other / memory:.0f} |", flush=True)
    print(f"| median of the {len(ratios)} questions | | | | {statistics.median(ratios):.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, nargs="+", default=[10_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=int, default=60, help="seconds granted to rdflib for a question")
    arguments = parser.parse_args()
    for size in arguments.indicators:
        report(size, arguments.seed, arguments.patience)
    print("+ stopped at that time without an answer")
