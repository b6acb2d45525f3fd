"""One worker process, as its parent sees it: asked one query at a time, and killed when it does not answer in time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfkg.errors import InvalidLibrary, PerfkgError
from perfkg.sparql.faults import InvalidQuery, QueryStopped, ResultTooLarge
from perfkg.sparql.formats import FORMATS

_FAULTS: dict[str, type[PerfkgError]] = {
    one.__name__: one for one in (InvalidQuery, ResultTooLarge, QueryStopped, InvalidLibrary)
}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer to a query: its `body` in `format`, `kind` (solutions, boolean, graph), the ledger `change` of
    the snapshot it was made from, and the `seconds` it took.
    """

    body: bytes
    format: str
    kind: str
    change: int
    seconds: float

    @property
    def media_type(self) -> str:
        """For the Content-Type header."""
        return FORMATS[self.format]


class Process:
    """A worker on the store in `folder`, with at most `memory` bytes of address space."""

    def __init__(self, folder: Path, memory: int) -> None:
        """Starts a fresh interpreter, never a fork of a server with threads."""
        self._process = subprocess.Popen(
            # -P keeps the current folder out of the module path.
            [sys.executable, "-P", "-m", "perfkg.sparql.worker", os.fspath(folder), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        self._received = bytearray()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, job: dict[str, Any]) -> Result:
        """The answer to `job` within its `timeout`; whatever goes wrong, no process is left behind at work.

        Raises InvalidQuery, ResultTooLarge, QueryStopped, InvalidLibrary.
        """
        begun = time.monotonic()
        try:
            head, body = self._exchange(job, begun + job["timeout"])
        except TimeoutError:
            self.stop()
            raise QueryStopped(f"查询超过 {job['timeout']:g} 秒，已停止") from None
        except EOFError:
            raise self._death() from None
        except BaseException:
            self.stop()
            raise
        if "fault" in head:
            raise _FAULTS[head["fault"]](**head["parts"])
        return Result(body, head["format"], head["kind"], head["change"], time.monotonic() - begun)

    def stop(self) -> None:
        """Kills the process and gives its pipes back."""
        self._process.kill()
        self._process.wait()
        self._output.close()
        with contextlib.suppress(BrokenPipeError):
            self._input.close()

    def _exchange(self, job: dict[str, Any], deadline: float) -> tuple[dict[str, Any], bytes]:
        try:
            self._input.write(json.dumps(job).encode() + b"\n")
            self._input.flush()
        except BrokenPipeError:
            raise EOFError from None
        while b"\n" not in self._received:
            self._receive(deadline)
        line, _, rest = bytes(self._received).partition(b"\n")
        head = json.loads(line)
        self._received = bytearray(rest)
        while len(self._received) < head["length"]:
            self._receive(deadline)
        body, self._received = bytes(self._received), bytearray()
        return head, body

    def _receive(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        data = os.read(self._output.fileno(), _CHUNK)
        if not data:
            raise EOFError
        self._received += data

    def _death(self) -> PerfkgError:
        """Why the process ended by itself: the parser's stack, or the limit on memory (the engine then aborts)."""
        code = self._process.wait()
        self.stop()
        if code == -signal.SIGSEGV:
            return InvalidQuery("查询太复杂，解析不了", None, "请减少嵌套、UNION 和长串的运算")
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            return QueryStopped("查询用的内存超过上限，已停止")
        return QueryStopped(
            "执行查询的进程意外结束", f"代码 {code}", "请再试一次；如果仍然这样，请检查图谱（perfkg rebuild）"
        )
