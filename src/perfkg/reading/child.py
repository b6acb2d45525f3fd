"""One child process as its parent sees it: the file it is at, its deadline, and what it says."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from perfkg.errors import InvalidFile, UnavailableService
from perfkg.reading import limits
from perfkg.reading.archive import SourceFile
from perfkg.reading.worker import LENGTH
from perfkg.records import Json

_START_SECONDS = 60.0
_END_SECONDS = 2.0
_FILES = 500
_ANSWER_BYTES = 200_000_000
_AS_OFFICE = "请拆分成几个文件，或另存为 .xlsx、.docx 后再导入"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of file `number` (its bytes let go): the JSON `result` of the function, or why it was `refused`."""

    number: int
    file: SourceFile
    result: Any = None
    refused: InvalidFile | None = None


class Child:
    """A process serving `function` (`module:name`); spent once it has ended, failed or read its share of files."""

    def __init__(self, function: str) -> None:
        code = f"from perfkg.reading.worker import serve; serve({function!r})"
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        self.output: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        os.set_blocking(self.output.fileno(), False)
        self._answer = bytearray()
        self._files = 0
        self._last_moment = float("inf")
        self._file: tuple[int, SourceFile] | None = None
        self._is_started = False
        self.deadline = time.monotonic() + _START_SECONDS
        self.is_spent = False

    @property
    def is_free(self) -> bool:
        """Whether it can be given a file."""
        return self._is_started and self._file is None and not self.is_spent

    @property
    def is_starting(self) -> bool:
        """Whether it has not yet said that it is ready."""
        return not self._is_started

    @property
    def is_busy(self) -> bool:
        """Whether it is at a file."""
        return self._file is not None

    def give(self, number: int, file: SourceFile) -> None:
        """Sends a file. Should the process just have ended, `hear` will tell."""
        self._file = number, replace(file, data=b"")
        self._files += 1
        self._last_moment = time.monotonic() + limits.FILE_SECONDS
        self._expect(limits.STEP_SECONDS)
        stream: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        with contextlib.suppress(BrokenPipeError):
            for frame in (file.name.encode("utf-8", "replace"), file.data):
                stream.write(LENGTH.pack(len(frame)))
                stream.write(frame)
            stream.flush()

    def hear(self) -> Outcome | None:
        """Takes in what the process has said; gives the outcome once its file is done, or it has ended."""
        is_open = self._take_in()
        for message in self._messages():
            if "ready" in message:
                self._is_started, self.deadline = True, float("inf")
            elif "step" in message:
                self._expect(float(message["step"]))
            else:
                return self._done(message)
        if len(self._answer) > _ANSWER_BYTES:
            return self._failed("读取的结果过大")
        if is_open:
            return None
        if not self._is_started:
            raise UnavailableService("读取文件的子进程无法启动", advice="请检查安装是否完整")
        return self._failed("读取程序异常中止，可能是文件已损坏，或所需的内存超过上限")

    def stop_if_overdue(self) -> Outcome | None:
        """Gives the outcome of a file that has run out of its time."""
        if time.monotonic() < self.deadline:
            return None
        if not self._is_started:
            raise UnavailableService("读取文件的子进程无法启动", advice="请稍后再试")
        return self._failed("读取超过时间上限")

    def end(self) -> None:
        """Ends the process and all it has started. It is asked first: a conversion has a group and a folder of its own."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()  # type: ignore[union-attr]

    def _expect(self, seconds: float) -> None:
        self.deadline = min(time.monotonic() + seconds, self._last_moment)

    def _take_in(self) -> bool:
        """Reads what there is; whether there may be more."""
        try:
            while chunk := os.read(self.output.fileno(), 1 << 20):
                self._answer += chunk
        except BlockingIOError:
            return True
        return False

    def _messages(self) -> Iterator[Json]:
        while len(self._answer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._answer)[0]
            if len(self._answer) < end:
                return
            message = json.loads(self._answer[LENGTH.size : end])
            del self._answer[:end]
            yield message

    def _done(self, message: Json) -> Outcome | None:
        if self._file is None:
            return None
        (number, file), self._file = self._file, None
        self.deadline = float("inf")
        self.is_spent = bool(message.get("last")) or self._files >= _FILES
        if "trace" in message:
            _log.error("%s: %s", file.name, message["trace"])
        if "refused" not in message:
            return Outcome(number, file, result=message.get("result"))
        what, where, advice = message["refused"]
        return Outcome(number, file, refused=InvalidFile(what, f"{file.name}，{where}" if where else file.name, advice))

    def _failed(self, what: str) -> Outcome | None:
        self.is_spent = True
        if self._file is None:
            return None
        (number, file), self._file = self._file, None
        return Outcome(number, file, refused=InvalidFile(what, file.name, _AS_OFFICE))
