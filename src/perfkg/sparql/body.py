"""What a worker sends as a result: in memory while it is small, then in a file without a name."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


class Body:
    """The bytes of a result, of which the process that asked holds at most a megabyte in memory."""

    def __init__(self) -> None:
        """Empty."""
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._start = 0

    def append(self, data: bytes) -> None:
        """Adds `data` at the end. Raises OSError where the disk is full."""
        self._file.seek(0, 2)
        self._file.write(data)

    def keep(self, length: int) -> None:
        """Forgets all but the last `length` bytes: what came before was a try that failed."""
        self._start = self._file.seek(0, 2) - length

    def __len__(self) -> int:
        return self._file.seek(0, 2) - self._start

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, piece by piece."""
        self._file.seek(self._start)
        while piece := self._file.read(_CHUNK):
            yield piece

    def __bytes__(self) -> bytes:
        return b"".join(self)
