"""Several queries at once, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from perfkg.errors import PerfkgError
from perfkg.graph.names import BASE, PREFIXES
from perfkg.sparql.faults import InvalidQuery, QueryStopped
from perfkg.sparql.gate import admit
from perfkg.sparql.matching import Find, Resolved, resolve
from perfkg.sparql.process import Process, Result

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
    ) -> None:
        """Starts no process yet; a worker starts with the first query it gets."""
        self.folder, self.memory, self.find, self.slow = folder, memory, find, slow
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
                return worker.ask(job, abandoned)
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
        return worker if worker and worker.alive else Process(self.folder, self.memory)

    def _give_back(self, worker: Process) -> None:
        """The next query finds a worker ready: starting one takes longer than most queries."""
        if self._closed:
            worker.stop()
        else:
            self._idle.put(worker if worker.alive else Process(self.folder, self.memory))

    def warm(self) -> None:
        """Starts a worker and opens the store before anybody asks."""
        with contextlib.suppress(PerfkgError):
            self.query("ASK {}")

    def close(self) -> None:
        """Ends the workers that are idle; those at work end with their query."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                if worker := self._idle.get_nowait():
                    worker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
