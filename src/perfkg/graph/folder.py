"""Where a store stands: its folder, opened for writing or as it is now, waited for; what the engine says of it, in words."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyoxigraph import Store

from perfkg.errors import InvalidLibrary

_PAUSES = (0.01, 0.02, 0.05, 0.1)
_TRIES = 300
"""Looks, 0.1 s apart, whether anybody still reads a store that is to go."""


def read_only(folder: Path) -> Store:
    """The store in `folder` as it is now; a writer may go on. Raises InvalidLibrary if it is missing or damaged."""
    with faults(folder):
        for pause in _PAUSES:
            # The writer may remove a file it has merged between our reading of the list and our opening of it.
            with suppress(OSError, RuntimeError):
                return Store.read_only(os.fspath(folder))
            time.sleep(pause)
        return Store.read_only(os.fspath(folder))


def wait_until_closed(folder: Path) -> None:
    """Returns when nobody has the store in `folder` open. Raises OSError where somebody still has in half a minute."""
    for _ in range(_TRIES):
        with suppress(OSError):
            Store(os.fspath(folder))
            return
        time.sleep(_PAUSES[-1])
    Store(os.fspath(folder))


def opened(folder: Path | None, writing: bool) -> Store:
    """The store in `folder`, made where it is missing if for `writing`; one in memory where it is None."""
    if folder is None:
        return Store()
    if not writing:
        return read_only(folder)
    with faults(folder):
        return Store(os.fspath(folder))


@contextmanager
def faults(folder: Path | None) -> Iterator[None]:
    """What the engine reports (OSError; RuntimeError for a damaged block), in words."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        where, said = str(folder) if folder else None, str(error).lower()
        if "while lock file" in said or "lock hold" in said:
            raise InvalidLibrary("另一个程序正在写这个图谱", where, "请先停止它") from error
        if "no space" in said:
            raise InvalidLibrary("磁盘已满，图谱没有写入", where, "请腾出空间后再试") from error
        raise InvalidLibrary("图谱已损坏或不存在", where, "请重建（perfkg rebuild）") from error
