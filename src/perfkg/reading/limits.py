"""How much of one file is read before it is refused: files are hostile until read.

The figures leave room for the largest honest files (a department's export of a year, a report of some hundred pages)
and keep the reading of any file under 500 MB of memory.
"""

from __future__ import annotations

from collections.abc import Callable

from perfkg.errors import InvalidFile

FILE_BYTES = 50_000_000
UNPACKED_BYTES = 150_000_000
UNPACKED_RATIO = 100
RATIO_FROM_BYTES = 10_000_000
ARCHIVE_BYTES = 1_000_000_000
MEMBERS = 10_000
NESTED_ARCHIVES = 3
CELLS = 500_000
HIDDEN_CELLS = 20_000
NESTED_TABLES = 20
PAGES = 300
STEP_SECONDS = 8.0
CONVERSION_SECONDS = 60.0
FILE_SECONDS = 300.0
MEMORY_BYTES = 400_000_000
_CELLS_A_STEP = 20_000

_watchers: list[Callable[[float], None]] = []


def watch(watcher: Callable[[float], None]) -> None:
    """From now on `watcher` hears of every step, in place of any other."""
    _watchers[:] = [watcher]


def step(seconds: float = STEP_SECONDS) -> None:
    """Tells whoever watches over the reading that it goes on, and that its next step may take so many `seconds`."""
    for watcher in _watchers:
        watcher(seconds)


def check_unpacked(packed: int, unpacked: int, where: str | None = None) -> None:
    """InvalidFile if so many packed bytes unpack to more than any honest document does."""
    bomb = unpacked > RATIO_FROM_BYTES and unpacked > packed * UNPACKED_RATIO
    if bomb or unpacked > UNPACKED_BYTES:
        what = f"文件解压后有{unpacked / 1e6:.0f} MB，大大超过正常文件"
        raise InvalidFile(what, where, "请确认文件来源；若确是绩效表，请另存为新文件或拆分后再导入")


def check_cells(count: int, where: str | None = None) -> None:
    """InvalidFile if a file has more cells than are read."""
    if count % _CELLS_A_STEP == 0:
        step()
    if count > CELLS:
        raise InvalidFile(f"单元格超过{CELLS}个", where, "请拆分成几个文件后再导入")


def check_nesting(depth: int) -> None:
    """InvalidFile if tables or text boxes stand in one another deeper than any honest form."""
    if depth > NESTED_TABLES:
        raise InvalidFile(f"表格嵌套超过{NESTED_TABLES}层", advice="请在原程序中另存一份再导入")
