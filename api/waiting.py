"""Work that may outlast the patience of a page: done beside it, each piece once however many ask, and kept a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

PATIENCE = 0.3
"""Seconds after which a page comes without what it waits for, says so, and asks again."""

_WORKERS = 2
_KEPT = 64


class Waiting:
    """The work of this process that pages wait for."""

    def __init__(self) -> None:
        """Nothing is done yet."""
        self._known: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="waiting")

    def begin(self, key: Hashable, make: Callable[[], Any], patience: float | None) -> Future[Any]:
        """The work `key`, which is `make`, begun if it is not known; waited for `patience` seconds, to its end if None.

        What is done is kept under its key, which must say all that it depends on; what fails is not kept.
        """
        with self._lock:
            work = self._known.get(key)
            if work is None:
                work = self._known[key] = self._workers.submit(make)
            self._known.move_to_end(key)
            for old in [one for one, other in self._known.items() if other.done()][:-_KEPT]:
                del self._known[old]
        wait([work], patience)
        if work.done() and work.exception() is not None:
            with self._lock:
                self._known.pop(key, None)
        return work

    def close(self) -> None:
        """Drops what has not begun."""
        self._workers.shutdown(wait=False, cancel_futures=True)
