"""Many may read at once, or one may write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """A lock of two kinds. A writer who waits keeps further readers out; neither kind may be taken within the other."""

    def __init__(self) -> None:
        """Open."""
        self._changed = threading.Condition()
        self._readers = self._waiting = 0
        self._written = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Beside other readers."""
        with self._changed:
            self._changed.wait_for(lambda: not self._written and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._written and not self._readers)
            finally:
                self._waiting -= 1
            self._written = True
        try:
            yield
        finally:
            with self._changed:
                self._written = False
                self._changed.notify_all()
