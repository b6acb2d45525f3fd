"""Reading in child processes: a file that hangs, crashes or swallows memory costs itself and nothing else.

A child is started once, reads many files, and is killed and replaced when a file runs over its limits. The children
answer in JSON, so that one taken over by a hostile file still cannot make this process run anything.
"""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from perfkg.reading.archive import SourceFile
from perfkg.reading.child import Child, Outcome

_AHEAD = 16
_LONGEST_WAIT_SECONDS = 60.0


def run(
    function: Callable[[str, bytes], Any], files: Iterable[SourceFile], workers: int | None = None
) -> Iterator[Outcome]:
    """Calls `function(name, data)` for each file in a child process and gives the outcomes in the order of the files.

    `function` must be importable by its module and name; its result comes back as `records.as_json` writes it.
    A file it cannot read, or not within the limits, is an outcome too. `workers` children at most, one a processor.
    UnavailableService if no child can be started.
    """
    pool = _Pool(f"{function.__module__}:{function.__qualname__}", workers or min(os.cpu_count() or 1, 8))
    try:
        yield from pool.outcomes(iter(files))
    finally:
        pool.close()


class _Pool:
    """Children by their need, and the files they are at."""

    def __init__(self, function: str, size: int) -> None:
        self._function = function
        self._size = size
        self._children: list[Child] = []

    def outcomes(self, files: Iterator[SourceFile]) -> Iterator[Outcome]:
        """The outcomes in order; no more files are taken than a few for each child."""
        found: dict[int, Outcome] = {}
        taken = given = 0
        upcoming = next(files, None)
        while upcoming or found or any(child.is_busy for child in self._children):
            while upcoming and given - taken < self._size * _AHEAD and self._take(upcoming, given, found):
                given += 1
                upcoming = next(files, None)
            if taken in found:
                yield found.pop(taken)
                taken += 1
            else:
                found.update(self._wait())

    def close(self) -> None:
        """Ends all children."""
        for child in self._children:
            child.end()
        self._children.clear()

    def _take(self, file: SourceFile, number: int, found: dict[int, Outcome]) -> bool:
        """Gives the file to an idle child, if there is one; starts one if there may be more."""
        if file.refused:
            found[number] = Outcome(number, file, refused=file.refused)
            return True
        for child in self._children:
            if child.is_free:
                child.give(number, file)
                return True
        if len(self._children) < self._size and not any(child.is_starting for child in self._children):
            self._children.append(Child(self._function))
        return False

    def _wait(self) -> dict[int, Outcome]:
        """The outcomes of the next thing that happens: an answer, an end, or a limit reached."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                selector.register(child.output, selectors.EVENT_READ, child)
            soonest = min(child.deadline for child in self._children) - time.monotonic()
            events = selector.select(min(max(soonest, 0), _LONGEST_WAIT_SECONDS))
        outcomes = [key.data.hear() for key, _ in events]
        outcomes += [child.stop_if_overdue() for child in self._children]
        for child in [child for child in self._children if child.is_spent]:
            child.end()
            self._children.remove(child)
        return {outcome.number: outcome for outcome in outcomes if outcome}
