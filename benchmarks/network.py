"""How long the network of a large library takes, what it needs, and whether others are answered meanwhile.

`python benchmarks/network.py --projects 5000` makes a library of invented declarations (benchmarks/libraries.py), a form
a project, without an encoder; then, over the application itself: the network made anew, again, its views, and how long
another request (/health) waits at most while it is made.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from fastapi.testclient import TestClient
from libraries import declarations

from api.app import create
from perfkg import targets
from perfkg.encoder import Settings
from perfkg.library import Library
from perfkg.records import Declaration

YEAR = 2023
_BATCH = 500


def main() -> None:
    """Prints one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--library", type=Path, help="one made before, kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.library or Path(scratch) / "library"
        with Library(folder, Settings("none")) as library:
            if not library.ledger.count():
                forms = islice(_forms(), given.projects)
                while batch := list(islice(forms, _BATCH)):
                    library.import_declarations(batch)
        _measure(folder)


def _measure(folder: Path) -> None:
    with TestClient(create(Library(folder, Settings("none"))), base_url="http://127.0.0.1") as client:
        while not client.app.state.keeper.warm.is_set():  # type: ignore[attr-defined]
            time.sleep(0.1)
        before, waits, ended = _memory(), list[float](), threading.Event()
        other = threading.Thread(target=_ask_meanwhile, args=(client, ended, waits))
        other.start()
        _told("network made anew", lambda: client.get("/api/network"))
        ended.set()
        other.join()
        waits.sort()
        print(f"/health meanwhile: median {1000 * waits[len(waits) // 2]:.0f} ms, longest {1000 * waits[-1]:.0f} ms")
        print(f"memory: {_memory() - before} MB more at most")
        body = client.get("/api/network").json()
        print(f"{body['total']}, kind {body['kind']}")
        one = body["communities"][0]["id"]
        for name, path in {
            "the whole": "/network",
            "a community": f"/network?community={one}",
            "around a project": f"/network?around={one}",
            "two links around": f"/network?around={one}&depth=2",
            "one looked for": "/network?find=公安",
        }.items():
            _told(f"page: {name}", lambda path=path: client.get(path))  # type: ignore[misc]
        _told("organizations made anew", lambda: client.get("/api/network?view=organizations"))


def _ask_meanwhile(client: TestClient, ended: threading.Event, waits: list[float]) -> None:
    while not ended.wait(0.05):
        began = time.perf_counter()
        client.get("/health")
        waits.append(time.perf_counter() - began)


def _told(name: str, ask: Callable[[], object]) -> None:
    began, spent = time.perf_counter(), time.process_time()
    ask()
    print(f"{name}: {time.perf_counter() - began:.2f} s, of CPU {time.process_time() - spent:.2f} s", flush=True)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _forms() -> Iterator[Declaration]:
    for one in declarations(10**9):
        if one.year == YEAR:
            rows = (replace(row, targets=targets.read(row.value, row.name, one.year)) for row in one.indicators)
            yield replace(one, indicators=tuple(rows))


if __name__ == "__main__":
    main()
