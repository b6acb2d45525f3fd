"""The child process that reads hostile files: takes one after another, within limits, and answers in JSON.

Frames both ways are eight bytes of length and that many bytes. A file comes as two frames, its name and its content;
the answers to it are any number of `{"step": seconds}` and one `{"result": …}` or `{"refused": […]}`. A child whose
memory has grown ends after its answer, which says so (`last`).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from perfkg.errors import InvalidFile
from perfkg.offline import leave_network
from perfkg.reading import limits
from perfkg.records import Json, as_json

LENGTH = struct.Struct(">Q")
_FILES_WRITTEN_BYTES = 1_000_000_000


def serve(name: str) -> None:
    """Answers on standard output, for every file on standard input, what the function `name` (`module:name`) gives."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    leave_network()
    function = _function(name)
    limit_resources()
    limits.watch(lambda seconds: send(answers, {"step": seconds}))
    send(answers, {"ready": True})
    while (given := receive(requests)) is not None:
        data = receive(requests)
        answer = _answer(function, given.decode(), data or b"")
        del data
        is_last = _peak_bytes() > limits.MEMORY_BYTES / 2
        send(answers, {**answer, "last": is_last})
        if is_last:
            return


def limit_resources() -> None:
    """Caps the memory of this process and the files it writes, where the system can; no core dumps."""
    if sys.platform == "win32":
        return
    import resource

    for kind, size in (
        (resource.RLIMIT_DATA, limits.MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, _FILES_WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (size if hard < 0 else min(size, hard), hard))


def _peak_bytes() -> int:
    """The most memory this process has held, where the system tells (the peak of getrusage is its parent's too)."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def send(stream: IO[bytes], message: Json) -> None:
    """Writes one frame of JSON."""
    content = json.dumps(message).encode()
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Reads one frame; None at the end."""
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _function(name: str) -> Callable[[str, bytes], Any]:
    module, _, attribute = name.partition(":")
    function: Any = importlib.import_module(module)
    for part in attribute.split("."):
        function = getattr(function, part)
    return function  # type: ignore[no-any-return]


def _answer(function: Callable[[str, bytes], Any], name: str, data: bytes) -> Json:
    try:
        return {"result": as_json(function(name, data))}
    except InvalidFile as error:
        return {"refused": [error.what, error.where, error.advice]}
    except MemoryError:
        return {"refused": ["读取所需的内存超过上限", None, "请拆分成几个文件后再导入"]}
    except Exception as error:  # A fault of ours must cost one file, not the import.
        what = f"读取时出错（{type(error).__name__}）"
        advice = "请另存为 .xlsx、.docx 或文本后再试；仍不行请把文件发给维护者"
        # Where it happened, without what the error says: that may quote the form, and logs are not for that.
        return {"refused": [what, None, advice], "trace": "".join(traceback.format_tb(error.__traceback__, limit=-5))}
