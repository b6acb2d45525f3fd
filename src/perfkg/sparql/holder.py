"""The process that holds a copy of the graph in memory: `python -m perfkg.sparql.holder SOCKET`.

What a query reads in much of the graph it reads in memory three to four times as fast as on disk. Workers that are forked
from this process have the copy without a copy of their own, and nothing that goes wrong in them reaches it.

The first line on the socket says what to hold (see Held), then each byte with three descriptors asks for a worker:
standard input, standard output, and one on which its number is told at once and its status when it has ended.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from perfkg.errors import PerfkgError
from perfkg.graph.concepts import catalogue_graph
from perfkg.graph.folder import read_only
from perfkg.graph.store import GraphStore
from perfkg.ledger import Ledger
from perfkg.sparql.copy import NUMBER, READY, Held
from perfkg.sparql.worker import Look, Snapshot, address_space, look, serve, stated

_PAUSE = 0.5
"""Seconds between two looks whether the graph on disk has changed."""
_STEP = 50
"""Changes followed at a time: who asks for a worker waits for no more."""
_TRIES = 30
"""Seconds in which a graph that is being written is tried again."""
_NICE = 10
"""How far reading for the copy stands behind what people wait for."""


class _Lost(Exception):
    """The graph on disk cannot be held, or not be followed any more."""


class _Holder:
    """The copy, and the workers that were born with it."""

    def __init__(self, control: socket.socket, held: Held) -> None:
        self._control, self._held, self._folder = control, held, Path(held.folder)
        self._status: dict[int, int] = {}
        self._seen, self._copy = self._load()
        self._behind = False
        signal.signal(signal.SIGCHLD, self._reap)

    def run(self) -> None:
        """Follows the graph on disk and makes workers until nobody is there to ask."""
        self._control.sendall(READY)
        while True:
            asked, _, _ = select.select([self._control], [], [], 0 if self._behind else _PAUSE)
            word, streams = socket.recv_fds(self._control, 1, 3)[:2] if asked else (READY, [])
            if not word:
                return
            self._follow()
            if streams:
                self._bear(*streams)

    def _load(self) -> tuple[Look, GraphStore]:
        for _ in range(_TRIES):
            seen = look(self._folder)
            if seen.size > self._held.most:
                break
            with suppress(OSError, EOFError, PerfkgError):
                with _read(self._folder, _everything) as given:
                    copy = GraphStore(base=self._held.base, loaded=given)
                return seen, copy
            time.sleep(1)
        raise _Lost

    def _follow(self) -> None:
        seen = look(self._folder)
        if seen == self._seen:
            return
        if seen.folder != self._seen.folder or seen.size > 2 * self._held.most:
            raise _Lost
        # A writer at work changes files under a reader; the next look comes soon.
        with suppress(OSError, EOFError):
            with _read(self._folder, _states) as given:
                change, catalogued, unfinished = json.load(given)
            if unfinished:
                return
            self._behind = not self._apply(change)
            if not self._behind:
                self._catalogue(catalogued)
                self._seen = seen

    def _apply(self, last: int) -> bool:
        """Whether everything up to change `last` is in the copy after this step."""
        with closing(Ledger(self._held.ledger)) as ledger:
            changes = [one for one in ledger.changes(self._copy.change, _STEP) if one.number <= last]
        self._copy.apply(changes)
        return self._copy.change >= last

    def _catalogue(self, state: str | None) -> None:
        if state is None or state == self._copy.catalogued:
            return
        graph = catalogue_graph(self._held.base)
        with _read(self._folder, lambda store, out: _one(store, graph, out)) as given:
            triples = parse(given, RdfFormat.N_TRIPLES)
            wanted = [Quad(one.subject, one.predicate, one.object, graph) for one in triples]
        self._copy.catalogue(wanted, state)

    def _bear(self, source: int, sink: int, status: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        number = os.fork()
        if number == 0:
            self._work(source, sink)
        for stream in (source, sink):
            os.close(stream)
        self._status[number] = status
        _tell(status, number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _work(self, source: int, sink: int) -> None:
        """What a worker does all its life. It keeps its own `status` open, so that its end shows without us as well."""
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            self._control.close()
            for other in self._status.values():
                os.close(other)
            for stream, place in ((source, 0), (sink, 1)):
                os.dup2(stream, place)
                os.close(stream)
            snapshot = Snapshot(self._folder, self._copy.store, self._seen)
            serve(snapshot, address_space() + self._held.memory, self._held.memory)
        finally:
            os._exit(0)

    def _reap(self, *_: object) -> None:
        for number, status in list(self._status.items()):
            ended, code = os.waitpid(number, os.WNOHANG)
            if ended:
                _tell(status, code)
                os.close(self._status.pop(number))


def _tell(status: int, number: int) -> None:
    with suppress(BrokenPipeError):
        os.write(status, struct.pack(NUMBER, number))


@contextmanager
def _read(folder: Path, write: Callable[[Store, IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What a child writes of the store in `folder`. Raises EOFError where it could not.

    The engine starts threads for a store on disk, and a process with threads cannot be forked with safety.
    """
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            os.nice(_NICE)
            with open(sink, "wb") as out:
                write(read_only(folder), out)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(sink)
    try:
        with open(source, "rb") as given:
            yield given
    except (SyntaxError, ValueError) as error:  # what is cut short is not what it should be
        raise EOFError from error
    finally:
        failed = os.waitpid(child, 0)[1] != 0
    if failed:
        raise EOFError


def _everything(store: Store, out: IO[bytes]) -> None:
    store.dump(out, RdfFormat.N_QUADS)


def _one(store: Store, graph: NamedNode, out: IO[bytes]) -> None:
    store.dump(out, RdfFormat.N_TRIPLES, from_graph=graph)


def _states(store: Store, out: IO[bytes]) -> None:
    named = [stated(store, f"perfkg:{name}") for name in ("change", "catalogued", "unfinished")]
    out.write(json.dumps([int(named[0] or 0), *named[1:]]).encode())


def main() -> None:
    """Holds what the first line on the socket says."""
    with socket.socket(fileno=int(sys.argv[1])) as control, suppress(_Lost, BrokenPipeError):
        said = b""
        while not said.endswith(b"\n"):
            said += control.recv(1)
        holder = _Holder(control, Held(**json.loads(said)))
        gc.freeze()
        holder.run()


if __name__ == "__main__":
    main()
