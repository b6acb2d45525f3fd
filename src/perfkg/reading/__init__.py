"""Files → declarations: a format gives grids, a layout is recognised in them, each form becomes a Declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from perfkg.errors import InvalidFile
from perfkg.reading import layouts
from perfkg.reading.forms import declarations
from perfkg.reading.layouts import Form, Traced
from perfkg.records import Declaration, Place

__all__ = ["Outcome", "Traced", "expected", "read", "read_all", "read_data", "trace", "traced", "within"]


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
    try:
        return within(name, data)
    except InvalidFile as error:
        raise InvalidFile(error.what, error.where or name, error.advice) from error


def within(name: str, data: bytes) -> list[Declaration]:
    """As `read_data`, for a caller that says itself which file it is about (`read_all` does)."""
    forms = _forms(name, data)
    made = declarations(forms, name, data)
    full = [one for one in made if one.indicators]
    empty = [one.project or f"{one.source.place}处的表" for one in made if not one.indicators]
    if not full and any(layouts.UNREADABLE in form.notes for form in forms):
        raise InvalidFile("表中各格文字粘连在一起，无法可靠地分开", advice="请提供原来的 Word、Excel 文件")
    if not full and any(form.leftovers for form in forms):
        advice = "请确认三级指标和指标值已填写；若已填写，请提供原来的 Word、Excel 文件"
        raise InvalidFile("有绩效目标表的表头，但没有读出任何指标", advice=advice)
    if not full:
        raise InvalidFile("表中只有表头，没有填写任何指标", advice="请填写三级指标和指标值后再导入")
    if empty:
        notes = (*full[0].notes, f"没有填写任何指标的表未读入：{'、'.join(empty)}")
        full[0] = replace(full[0], notes=notes)
    return full


def trace(name: str, data: bytes) -> list[tuple[Traced, ...]]:
    """For each form of the file what was understood of each piece of text in it, in reading order.

    The pieces together hold every character of the file but spaces. InvalidFile as in `read_data`.
    """
    return [tuple(form.traced) for form in _forms(name, data)]


def traced(name: str, data: bytes) -> list[tuple[Traced, ...]]:
    """As `trace`, in a child process, within the limits of `read_all`. InvalidFile if the child refuses the file."""
    from perfkg.reading import sandbox
    from perfkg.reading.archive import SourceFile

    (outcome,) = sandbox.run(trace, [SourceFile(name, data, "")], 1)
    if outcome.refused:
        raise outcome.refused
    return [tuple(Traced(**{**piece, "place": Place(**piece["place"])}) for piece in form) for form in outcome.result]


def read(path: Path) -> list[Declaration]:
    """The declarations of one file, read in a child process as by `read_all`. InvalidFile if it is refused."""
    found: list[Declaration] = []
    for outcome in read_all([path], workers=1):
        if outcome.refusal:
            raise outcome.refusal
        found.extend(outcome.declarations)
    return found


def read_all(paths: Iterable[Path], workers: int | None = None) -> Iterator[Outcome]:
    """An outcome for every file of the files, folders and archives given, in order, read in child processes.

    Neither a hostile file nor an unreadable one stops the others. UnavailableService if no child can be started.
    """
    from perfkg.reading import archive, sandbox

    for one in sandbox.run(within, archive.files(list(paths)), workers):
        found = tuple(Declaration.from_json(record) for record in one.result or ())
        yield Outcome(one.file.name, found, one.refused)


def expected(paths: Iterable[Path]) -> int | None:
    """How many outcomes `read_all` will give, None where an archive hides how many."""
    from perfkg.reading import archive

    return archive.count(list(paths))


def _forms(name: str, data: bytes) -> list[Form]:
    from perfkg.reading import formats

    joined = layouts.joined(formats.grids(data))
    found = [(grid, layouts.read(grid)) for grid, _ in joined]
    forms = [form for grid, in_grid in found if not grid.hidden for form in in_grid]
    hidden = [grid.name or "" for grid, in_grid in found if grid.hidden and any(form.entries for form in in_grid)]
    others = [grid.name for grid, in_grid in found if grid.name and not in_grid and not grid.hidden]
    if not forms and hidden:
        what = f"绩效目标表在隐藏的工作表里：{'、'.join(hidden)}"
        raise InvalidFile(what, advice="请取消隐藏，确认内容后再导入")
    if not forms:
        letters = sum(len(cell.text) for grid, _ in found for row in grid.rows for cell in row)
        raise formats.without_form(name, data, letters)
    for (_, names), (_, in_grid) in zip(joined, found, strict=True):
        if in_grid and len(names) > 1:
            in_grid[0].notes.append(f"表头和指标分在几个工作表上，合成一份：{'、'.join(names)}")
    if others:
        forms[0].notes.append(f"没有绩效目标表的工作表未读入：{'、'.join(others)}")
    if hidden:
        forms[0].notes.append(f"隐藏的工作表里有绩效目标表，未读入：{'、'.join(hidden)}")
    return forms
