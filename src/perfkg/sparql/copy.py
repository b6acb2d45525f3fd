"""A copy of the graph in memory, as the pool sees it: a process that holds it, and workers born with it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import threading
import time
from dataclasses import asdict, dataclass
from typing import IO

from perfkg.sparql.process import started

NUMBER = ">q"
"""How the holder tells the number of a worker, and later its status."""
_SIZE = struct.calcsize(NUMBER)
READY = b"+"
"""What the holder tells once workers can be had."""
SETTING = "PERFKG_GRAPH_COPY"
"""The environment variable with the megabytes a copy may take; 0 for none."""
_SHARE = 8
"""The copy may take one part in so many of the machine's memory."""
_BIRTH = 5.0
"""Seconds until a holder that has made no worker is given up; a busy machine needs some."""
_END = 1.0
"""Seconds until a killed worker is taken for dead."""


@dataclass(frozen=True, slots=True)
class Held:
    """What to hold: the store in `folder` under the `base` IRI, written from the `ledger` (its URL), if it takes at most
    `most` bytes on disk, which is about what it takes in memory; each worker has `memory` bytes for queries.
    """

    folder: str
    base: str
    ledger: str
    most: int
    memory: int


def allowed() -> int:
    """How many bytes a copy may take: what PERFKG_GRAPH_COPY says in megabytes, else an eighth of the machine's memory."""
    said = os.environ.get(SETTING, "").strip()
    if said.isdecimal():
        return int(said) * 1_000_000
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _SHARE


class Copy:
    """The holder of a copy. It begins anew when the graph was replaced, or when it makes no workers any more; a graph
    that is too large is not held.

    Safe to share between threads.
    """

    def __init__(self, held: Held) -> None:
        """Starts the holder; workers can be had some seconds later."""
        self._held, self._lock = held, threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._ready = False
        self._last: Born | None = None
        self._control, theirs = socket.socketpair()
        with theirs:
            self._holder = started("holder", str(theirs.fileno()), pass_fds=[theirs.fileno()])
        self._control.sendall(json.dumps(asdict(self._held)).encode() + b"\n")

    def _end(self) -> None:
        self._ready = False
        self._control.close()
        with self._holder as holder:  # which closes its pipes and waits for it
            holder.kill()

    @property
    def ready(self) -> bool:
        """Whether workers can be had now."""
        with self._lock:
            gone = self._last is not None and self._last.late
            with contextlib.suppress(OSError):
                told = self._control.recv(1, socket.MSG_DONTWAIT)
                self._ready, gone = self._ready or bool(told), gone or not told
            if gone and self._ready:
                self._end()
                self._begin()
            return self._ready

    def worker(self) -> Born:
        """A worker with what the copy holds now. Raises OSError where the holder has gone meanwhile."""
        pipes = [os.pipe() for _ in range(3)]
        (job, ours), (answers, theirs), (status, told) = pipes
        born = Born(os.fdopen(ours, "wb"), os.fdopen(answers, "rb"), status)
        try:
            with self._lock:
                socket.send_fds(self._control, [READY], [job, theirs, told])
                self._last = born
        finally:
            for descriptor in (job, theirs, told):
                os.close(descriptor)
        return born

    def close(self) -> None:
        """Ends the holder; its workers go on."""
        with self._lock:
            self._end()


class Born:
    """A worker born of a holder; to its parent what a subprocess.Popen is."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], status: int) -> None:
        """`status` is a descriptor that tells its number and then, once it has ended, how."""
        self.stdin, self.stdout = stdin, stdout
        self._status, self._told = status, b""
        self._code: int | None = None

    @property
    def late(self) -> bool:
        """Whether it was given up because it was not born in time."""
        return self._code is not None and not self._told

    def born(self) -> bool:
        """Whether it is there, or comes within seconds; then it never will."""
        self._listen(0 if self._told else _BIRTH)
        if not self._told:
            self._close(-signal.SIGKILL)
        return self._code is None

    def poll(self) -> int | None:
        """Its code, a signal as a negative number; None while it runs or is not born yet."""
        self._listen(0)
        return self._code

    def kill(self) -> None:
        """Ends it at once; what is not born yet ends at the end of its input."""
        if self.poll() is None and self._told:
            with contextlib.suppress(ProcessLookupError):
                os.kill(struct.unpack_from(NUMBER, self._told)[0], signal.SIGKILL)

    def wait(self) -> int:
        """Its code, or that of a killed one where it does not end in a second."""
        end = time.monotonic() + _END
        while self._code is None and (left := end - time.monotonic()) > 0:
            self._listen(left)
        self._close(-signal.SIGKILL)
        assert self._code is not None
        return self._code

    def _listen(self, seconds: float) -> None:
        """Hears what there is to hear of it, or what comes first within so many seconds."""
        if self._code is not None:
            return
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        if poll.poll(seconds * 1000):
            heard = os.read(self._status, 2 * _SIZE)
            self._told += heard
            if not heard:  # the holder went before it, and cannot tell
                self._close(-signal.SIGKILL)
            elif len(self._told) == 2 * _SIZE:
                self._close(os.waitstatus_to_exitcode(struct.unpack_from(NUMBER, self._told, _SIZE)[0]))

    def _close(self, code: int) -> None:
        if self._code is None:
            self._code = code
            os.close(self._status)
