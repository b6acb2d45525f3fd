"""One worker process, as its parent sees it: asked one query at a time, and killed when it does not answer in time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from perfkg.errors import InvalidLibrary, PerfkgError
from perfkg.sparql.body import Body
from perfkg.sparql.faults import InvalidQuery, QueryStopped, ResultTooLarge
from perfkg.sparql.formats import FORMATS

_FAULTS: dict[str, type[PerfkgError]] = {
    one.__name__: one for one in (InvalidQuery, ResultTooLarge, QueryStopped, InvalidLibrary)
}
_CHUNK = 1 << 16
_GLANCE = 0.2
"""Seconds of waiting between two looks whether anybody still waits for the answer."""
FRAME = ">I"
"""How the length of a piece of the result is written before it; none is left at 0, and a line of JSON follows."""


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer to a query: its `content` in `format`, `kind` (solutions, boolean, graph), the ledger `change` of
    the snapshot it was made from, the `seconds` it took, and whether it is from a copy `in_memory`, where rows that are put
    in no order come in another than from disk.
    """

    content: Body
    format: str
    kind: str
    change: int
    seconds: float
    in_memory: bool = False

    @property
    def body(self) -> bytes:
        """All of the content at once."""
        return bytes(self.content)

    @property
    def media_type(self) -> str:
        """For the Content-Type header."""
        return FORMATS[self.format]


class Child(Protocol):
    """What is asked of a running process; a subprocess.Popen is one."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Where it reads jobs."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """Where it writes answers."""

    def poll(self) -> int | None:
        """What it ended with: a code, a signal as a negative number, None while it runs."""

    def kill(self) -> None:
        """Ends it at once."""

    def wait(self) -> int:
        """Waits for its end."""


def started(module: str, *arguments: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """A module of this package in a fresh interpreter, never a fork of a server with threads; with pipes to and from it."""
    return subprocess.Popen(
        # -P keeps the current folder out of the module path.
        [sys.executable, "-P", "-m", f"perfkg.sparql.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        # Each arena of glibc's takes 64 MB of address space: with one a thread, a small limit is reached by chance.
        env=os.environ | {"MALLOC_ARENA_MAX": "1"},
    )


def on_disk(folder: Path, memory: int) -> subprocess.Popen[bytes]:
    """A worker on the store in `folder`, with at most `memory` bytes of address space."""
    return started("worker", os.fspath(folder), str(memory))


class Process:
    """A worker that runs as `child`: one query at a time."""

    def __init__(self, child: Child) -> None:
        """Takes the child over: it ends with this at the latest."""
        self.child = child
        assert child.stdin
        assert child.stdout
        self._input, self._output = child.stdin, child.stdout
        self._received = bytearray()
        self._abandoned: Callable[[], bool] = lambda: False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.child.poll() is None

    def ask(self, job: dict[str, Any], abandoned: Callable[[], bool] = lambda: False) -> Result:
        """The answer to `job` within its `timeout`; whatever goes wrong, no process is left behind at work.

        `abandoned` is asked now and then: whether nobody waits for the answer any more.

        Raises InvalidQuery, ResultTooLarge, QueryStopped, InvalidLibrary.
        """
        begun = time.monotonic()
        try:
            self._abandoned = abandoned
            head, body = self._exchange(job, begun + job["timeout"])
        except TimeoutError:
            self.stop()
            raise QueryStopped(f"查询超过 {job['timeout']:g} 秒，已停止") from None
        except EOFError:
            raise self._death() from None
        except OSError as error:
            self.stop()
            raise QueryStopped("结果写不进临时文件夹", error.strerror, "请清理磁盘后再试") from error
        except BaseException:
            self.stop()
            raise
        if head["worn"]:
            self.stop()
        if "fault" in head:
            raise _FAULTS[head["fault"]](**head["parts"])
        return Result(body, head["format"], head["kind"], head["change"], time.monotonic() - begun)

    def stop(self) -> None:
        """Kills the process and gives its pipes back."""
        self.child.kill()
        self._output.close()
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self.child.wait()

    def _exchange(self, job: dict[str, Any], deadline: float) -> tuple[dict[str, Any], Body]:
        try:
            self._input.write(json.dumps(job).encode() + b"\n")
            self._input.flush()
        except BrokenPipeError:
            raise EOFError from None
        body = Body()
        while size := struct.unpack(FRAME, self._take(struct.calcsize(FRAME), deadline))[0]:
            body.append(self._take(size, deadline))
        while (end := self._received.find(b"\n")) < 0:
            self._receive(deadline)
        head = json.loads(self._take(end + 1, deadline))
        body.keep(head["length"])
        return head, body

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self._received) < size:
            self._receive(deadline)
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _receive(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        while not poll.poll(max(0.0, min(deadline - time.monotonic(), _GLANCE)) * 1000):
            if time.monotonic() >= deadline:
                raise TimeoutError
            if self._abandoned():
                raise QueryStopped("没有人再等这个查询，已停止")
        data = os.read(self._output.fileno(), _CHUNK)
        if not data:
            raise EOFError
        self._received += data

    def _death(self) -> PerfkgError:
        """Why the process ended by itself: the parser's stack, or the limit on memory (the engine then aborts)."""
        code = self.child.wait()
        self.stop()
        if code == -signal.SIGSEGV:
            return InvalidQuery("查询太复杂，解析不了", None, "请减少嵌套、UNION 和长串的运算")
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            return QueryStopped("查询用的内存超过上限，已停止")
        return QueryStopped(
            "执行查询的进程意外结束", f"代码 {code}", "请再试一次；如果仍然这样，请检查图谱（perfkg rebuild）"
        )
