"""Several queries at once, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from perfkg.errors import PerfkgError
from perfkg.graph.names import BASE, PREFIXES
from perfkg.sparql.copy import Born, Copy, Held, allowed
from perfkg.sparql.faults import InvalidQuery, QueryStopped
from perfkg.sparql.gate import admit
from perfkg.sparql.matching import Find, Resolved, resolve
from perfkg.sparql.process import Process, Result, on_disk

TIMEOUT = 30.0
"""Seconds a query may run."""
MEMORY = 1 << 30
"""Bytes of address space of a worker."""
LIMIT = 64_000_000
"""Bytes of a result."""
SLOW = 5.0
"""Seconds from which an answered query is noted in the log; a stopped one always is."""

_log = logging.getLogger("perfkg.sparql.slow")
_NOTED = 2000


class Pool:
    """Up to `workers` queries at once on the store in `folder`, each in a process of at most `memory` bytes.

    Queries that took `slow` seconds, or were stopped, are noted in the log perfkg.sparql.slow as lines of JSON.
    `find` answers the searches in queries (see matching); without it they find nothing. Relative IRIs are of `base`.
    With the URL of the `ledger` a pool that was warmed holds a copy of the graph in memory, if it is not too large.

    Safe to share between threads. Workers see new changes with the next query. Queries wait for a free worker in turn.
    """

    def __init__(
        self,
        folder: Path,
        workers: int = 3,
        memory: int = MEMORY,
        find: Find | None = None,
        slow: float = SLOW,
        base: str = BASE,
        ledger: str | None = None,
    ) -> None:
        """Starts no process yet; a worker starts with the first query it gets."""
        self.folder, self.memory, self.find, self.slow = folder, memory, find, slow
        self.ledger = ledger
        self._copy: Copy | None = None
        self.workers, self.base, self._closed = workers, base, False
        self._idle: queue.LifoQueue[Process | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)

    def query(
        self,
        text: str,
        *,
        formats: str | Sequence[str] = (),
        timeout: float = TIMEOUT,
        limit: int = LIMIT,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        abandoned: Callable[[], bool] = lambda: False,
    ) -> Result:
        """Answers `text` within `timeout` seconds and `limit` bytes, in the first of `formats` that fits its form
        (names of FORMATS; none: JSON or Turtle). The graphs are those of the SPARQL protocol, in place of all and of
        those the query names. Once `abandoned` says that nobody waits for the answer any more, the query is stopped.

        Raises InvalidQuery (also where no format fits), ResultTooLarge, QueryStopped, InvalidLibrary.
        """
        asked = admit(text, PREFIXES, self.base)
        resolved = resolve(text, self.find) if self.find else Resolved(text, ())
        job = {
            "query": resolved.text,
            "base": self.base,
            "formats": [formats] if isinstance(formats, str) else list(formats),
            "timeout": timeout,
            "limit": limit,
            "default_graphs": list(default_graphs),
            "named_graphs": list(named_graphs),
            "clauses": asked.graphs,
        }
        worker = self._take(timeout)
        try:
            with self._noted(text):
                return replace(worker.ask(job, abandoned), in_memory=isinstance(worker.child, Born))
        except InvalidQuery as error:
            raise resolved.error(error) from None
        finally:
            self._give_back(worker)

    @contextlib.contextmanager
    def _noted(self, text: str) -> Iterator[None]:
        begun, outcome = time.monotonic(), "answered"
        try:
            yield
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            seconds = round(time.monotonic() - begun, 3)
            if seconds >= self.slow or outcome == QueryStopped.__name__:
                said = {"seconds": seconds, "outcome": outcome, "query": text[:_NOTED]}
                _log.warning("%s", json.dumps(said, ensure_ascii=False))

    def _take(self, patience: float) -> Process:
        try:
            worker = self._idle.get(timeout=patience)
        except queue.Empty:
            raise QueryStopped("正在执行的查询太多，没有轮到这一个", None, "请稍后再试") from None
        try:
            return _ready(worker) or _ready(self._started()) or Process(on_disk(self.folder, self.memory))
        except BaseException:
            self._idle.put(None)
            raise

    def _give_back(self, worker: Process) -> None:
        """The next query finds a worker ready: starting one takes longer than most queries."""
        if self._closed:
            worker.stop()
            return
        if worker.alive and self.in_memory and not isinstance(worker.child, Born):
            worker.stop()
        self._idle.put(worker if worker.alive else self._started())
        if self._closed:  # while it was put back
            self._stop_idle()

    @property
    def in_memory(self) -> bool:
        """Whether a worker that starts now has a copy of the graph in memory."""
        return self._copy is not None and self._copy.ready

    def _started(self) -> Process:
        if self._copy and self._copy.ready:
            with contextlib.suppress(OSError):
                return Process(self._copy.worker())
        return Process(on_disk(self.folder, self.memory))

    def warm(self) -> None:
        """Starts a worker and opens the store before anybody asks; then a copy in memory is made ready."""
        with contextlib.suppress(PerfkgError):
            self.query("ASK {}")
        if self.ledger and (most := allowed()):
            self._copy = Copy(Held(str(self.folder), self.base, self.ledger, most, self.memory))
            if self._closed:
                self._copy.close()

    def close(self) -> None:
        """Ends the workers that are idle; those at work end with their query."""
        self._closed = True
        if self._copy:
            self._copy.close()
        self._stop_idle()

    def _stop_idle(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                if worker := self._idle.get_nowait():
                    worker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _ready(worker: Process | None) -> Process | None:
    """The worker, if it can be asked now."""
    if worker and worker.alive and (not isinstance(worker.child, Born) or worker.child.born()):
        return worker
    if worker:
        worker.stop()
    return None
