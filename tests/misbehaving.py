"""What a child process may do wrong while it reads a file, for the tests of the sandbox: the file's name says which."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading import formats, limits
from perfkg.records import Place


def read(name: str, data: bytes) -> Any:
    """Hangs, crashes and so on by `name`; else the number of grids, rows and characters."""
    if name == "slow":
        for _ in range(3):
            limits.step(2)
            time.sleep(1)
    elif name == "hang":
        limits.step(1)
        time.sleep(60)
    elif name == "crash":
        os.abort()
    elif name == "greedy":
        return len([b"x" * 1_000_000 for _ in range(100_000)])
    elif name == "quoting":
        raise ValueError(data.decode() * 3)
    elif name == "connecting":
        with socket.create_connection(("127.0.0.1", int(data)), 2):
            return "connected"
    elif name == "faulty":
        raise KeyError(name)
    elif name == "refused":
        raise InvalidFile("读不了", "第3页", "请重做")
    elif name == "place":
        return [Place(page=3)]
    elif name == "noisy":
        print("to standard output")
    return len(data)


def shape(name: str, data: bytes) -> list[int]:
    """How many grids, cells and characters `formats` finds."""
    grids = formats.grids(data)
    cells = [cell.text for grid in grids for row in grid.rows for cell in row]
    return [len(grids), len(cells), sum(map(len, cells))]
