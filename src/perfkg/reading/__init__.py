"""Files → declarations: a format gives grids, a layout is recognised in them, each form becomes a Declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfkg.errors import InvalidFile
from perfkg.reading import layouts
from perfkg.reading.forms import declarations
from perfkg.reading.grid import Grid
from perfkg.reading.layouts import Form, Traced
from perfkg.records import Declaration

__all__ = ["Outcome", "Traced", "read", "read_all", "read_data", "trace"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: its declarations, or why it was refused."""

    file: str
    declarations: tuple[Declaration, ...] = ()
    refusal: InvalidFile | None = None


def read_data(name: str, data: bytes) -> list[Declaration]:
    """The declarations in the bytes of a file called `name`, in order.

    InvalidFile if the format cannot be read or the file holds no filled-in declaration.
    """
    found = declarations(_forms(name, data), name, data)
    full = [one for one in found if one.indicators]
    if not full:
        raise _unfilled(name)
    return full


def trace(name: str, data: bytes) -> list[tuple[Traced, ...]]:
    """For each form of the file what was understood of each piece of text in it, in reading order.

    The pieces together hold every character of the file but spaces. InvalidFile as in `read_data`.
    """
    return [tuple(form.traced) for form in _forms(name, data)]


def read(path: Path) -> list[Declaration]:
    """The declarations of one file, read in this process. InvalidFile if there is none or it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidFile("文件打不开", path.name, "请确认文件存在并且有权读取") from error
    return read_data(path.name, data)


def read_all(paths: Iterable[Path]) -> Iterator[Outcome]:
    """An outcome for every file of the files, folders and archives given, each read in a process of its own."""
    for path in paths:
        try:
            yield Outcome(path.name, tuple(read(path)))
        except InvalidFile as refusal:
            yield Outcome(path.name, refusal=refusal)


def _forms(name: str, data: bytes) -> list[Form]:
    forms: list[Form] = []
    for grid in _grids(name, data):
        forms.extend(layouts.read(grid))
    if not forms:
        raise InvalidFile("文件中没有找到绩效目标表", name, "请确认文件里有“三级指标、指标值”等表头的绩效目标表")
    return forms


def _grids(name: str, data: bytes) -> Sequence[Grid]:
    from perfkg.reading import plain

    return [plain.grid(data)]


def _unfilled(name: str) -> InvalidFile:
    return InvalidFile("表中只有表头，没有填写任何指标", name, "请填写三级指标和指标值后再导入")
