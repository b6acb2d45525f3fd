"""A file that somebody asked for: written beside its name, and there only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from perfkg.errors import InvalidFile


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it takes the place of `path` only when all is written.

    Raises InvalidFile if it cannot be written: what was there is then untouched.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise InvalidFile(
            f"文件写不进去：{error.strerror or error}",
            str(path),
            "请检查文件夹是否存在、文件是否正被打开、磁盘是否已满",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()
