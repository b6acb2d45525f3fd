"""Answers as files: a review as .docx, .xlsx and .html, any answer as .xlsx and .csv.

    write_reviews(reports, path)      one document with a section a form
    write_table(table, path)          rows with their sources
    table_of(answer)                  the table of a search, a comparison or suggestions
    form_bytes(declaration, suffix)   a declaration as the form that offices fill in

The kind of file is that of the path's suffix. No text of a form can become a formula, and none can break the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from perfkg.errors import InvalidQuestion
from perfkg.outputs import replacing
from perfkg.records import Declaration
from perfkg.report import form, page, sheets, word
from perfkg.report.tables import Table, table_of
from perfkg.review import Report

__all__ = [
    "REVIEW_SUFFIXES",
    "TABLE_SUFFIXES",
    "Table",
    "check_review_suffix",
    "form_bytes",
    "review_bytes",
    "table_bytes",
    "table_of",
    "write_reviews",
    "write_table",
]

_Maker = TypeVar("_Maker")
_REVIEWS: Mapping[str, Callable[[Sequence[Report]], bytes]] = {
    ".docx": word.reviews,
    ".xlsx": sheets.reviews,
    ".html": page.reviews,
}
_TABLES: Mapping[str, Callable[[Table], bytes]] = {".xlsx": sheets.table, ".csv": sheets.csv}
_FORMS: Mapping[str, Callable[[Declaration], bytes]] = {".docx": form.word, ".xlsx": form.sheet}
REVIEW_SUFFIXES = tuple(_REVIEWS)
TABLE_SUFFIXES = tuple(_TABLES)


def check_review_suffix(path: Path) -> None:
    """Raises InvalidQuestion where no review can be written to a file of this name: before the work, not after."""
    _of(_REVIEWS, path.suffix)


def review_bytes(reports: Sequence[Report], suffix: str) -> bytes:
    """The 审核意见表 of all `reports` in the format of `suffix` (`.docx`). Raises InvalidQuestion for another suffix."""
    return _of(_REVIEWS, suffix)(reports)


def form_bytes(declaration: Declaration, suffix: str) -> bytes:
    """A declaration as the form it came from, or will be: `.docx` or `.xlsx`. Raises InvalidQuestion."""
    return _of(_FORMS, suffix)(declaration)


def table_bytes(table: Table, suffix: str) -> bytes:
    """A table in the format of `suffix` (`.csv`, with a mark so that Excel reads it). Raises InvalidQuestion."""
    return _of(_TABLES, suffix)(table)


def write_reviews(reports: Sequence[Report], path: Path) -> None:
    """Writes the 审核意见表 of all `reports` to `path`. Raises InvalidQuestion, and InvalidFile where it cannot write."""
    _write(path, review_bytes(reports, path.suffix))


def write_table(table: Table, path: Path) -> None:
    """Writes a table to `path`. Raises InvalidQuestion, and InvalidFile where it cannot write."""
    _write(path, table_bytes(table, path.suffix))


def _of(makers: Mapping[str, _Maker], suffix: str) -> _Maker:
    made = makers.get(suffix.lower())
    if made is None:
        raise InvalidQuestion("不能写成这种文件", suffix or "（没有扩展名）", f"文件名请以 {'、'.join(makers)} 结尾")
    return made


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as beside:
        beside.write_bytes(content)
