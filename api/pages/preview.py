"""What would be read from a file: each piece of it beside what was understood, before anything is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from api.pages import forms
from perfkg.errors import InvalidFile
from perfkg.reading import Traced, read_all, traced
from perfkg.records import Declaration

ROLES = {
    "title": "标题",
    "year": "年度",
    "label": "栏目名",
    "heading": "表头",
    "project": "项目名称",
    "organization": "预算单位",
    "department": "主管部门",
    "implementer": "实施单位",
    "funding": "资金",
    "objective": "总体目标",
    "term_objective": "中期目标",
    "name": "三级指标",
    "value": "指标值",
    "actual": "完成值",
    "weight": "权重",
    "score": "得分",
    "note": "说明",
    "placeholder": "空行",
    "leftover": "没有用上",
    "organization_code": "单位编码",
    "project_code": "项目编码",
}
"""A piece's role in words."""


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the file: where it stands, and its pieces."""

    place: str
    pieces: tuple[Traced, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A form as it was read, beside the lines it was read from (none where they could not be matched)."""

    declaration: Declaration
    rows: list[forms.Row]
    lines: list[Source]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """A file's forms, or why it cannot be read."""

    file: str
    previews: list[Preview]
    refusal: InvalidFile | None


def read(files: Sequence[tuple[str, bytes]]) -> list[FilePreview]:
    """The preview of each file (name, content)."""
    return [one for file in files for one in _file(*file)]


def _file(name: str, content: bytes) -> Iterator[FilePreview]:
    with tempfile.TemporaryDirectory(prefix="perfkg-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        for outcome in read_all([path]):
            sources = _sources(name, content) if outcome.declarations and outcome.file == name else []
            matched = len(sources) == len(outcome.declarations)
            previews = [
                Preview(one, forms.rows(one), sources[number] if matched else [])
                for number, one in enumerate(outcome.declarations)
            ]
            yield FilePreview(outcome.file, previews, outcome.refusal)


def _sources(name: str, content: bytes) -> list[list[Source]]:
    """The lines of each form that has indicators; a form without is no declaration."""
    try:
        found = traced(name, content)
    except InvalidFile:
        return []
    return [list(_lines(form)) for form in found if any(piece.indicator for piece in form)]


def _lines(form: Sequence[Traced]) -> Iterator[Source]:
    def line(piece: Traced) -> tuple[object, ...]:
        """Which line of the file it stands in."""
        place = piece.place
        return place.sheet, place.page, place.table, place.line, place.row

    for _, group in groupby(form, key=line):
        pieces = tuple(group)
        first = pieces[0].place
        yield Source(str(first.line or first.row or ""), pieces)
