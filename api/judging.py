"""Reviews over HTTP: files as they come, or a form as it is being written. Nothing is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import Held, Json, download
from api.problems import TooLarge
from api.recording import FILES, uploaded
from perfkg.errors import InvalidFile
from perfkg.library import Library
from perfkg.reading import Outcome, read_all
from perfkg.report import review_bytes
from perfkg.review import Report, review

routes = APIRouter(prefix="/api", tags=["审核"])

MOST = 300
"""Forms that are reviewed at once."""

Format = Annotated[Literal["json", "docx", "xlsx", "html"], Query(description="json，或审核意见表的文件格式")]


@dataclass(frozen=True, slots=True)
class Judged:
    """A report for each form that could be read, and the files that could not, with the reason."""

    reports: tuple[Report, ...]
    refused: tuple[tuple[str, InvalidFile], ...]


@routes.post("/review", summary="审核申报表", openapi_extra=FILES)
async def review_files(request: Request, library: Held, format: Format = "json") -> Response:
    """A report for each form in the files; with `format`, the 审核意见表 of all that could be read as a file.

    The header `Perfkg-Refused` counts the files that could not be read.
    """
    files = await uploaded(request)
    judged = await run_sync(judge, library, files, limiter=request.app.state.readers)
    refused = {"Perfkg-Refused": str(len(judged.refused))}
    if format != "json":
        if not judged.reports:
            raise judged.refused[0][1]
        content = await run_sync(review_bytes, judged.reports, f".{format}")
        return download(content, f"审核意见表.{format}", refused)
    return Json(_plain(judged, library), headers=refused | {"Cache-Control": "no-store"})


def judge(library: Library, files: Sequence[tuple[str, bytes]]) -> Judged:
    """The reports on all forms of `files` (name, content). Raises TooLarge for more forms than `MOST`."""
    reports: list[Report] = []
    refused: list[tuple[str, InvalidFile]] = []
    for outcome in outcomes(files):
        if outcome.refusal:
            refused.append((outcome.file, outcome.refusal))
        if len(reports) + len(outcome.declarations) > MOST:
            raise TooLarge("要审核的申报表太多", None, f"一次最多审核 {MOST} 份，请分几次上传")
        reports += [review(one, library) for one in outcome.declarations]
    return Judged(tuple(reports), tuple(refused))


def outcomes(files: Sequence[tuple[str, bytes]]) -> Iterator[Outcome]:
    """What becomes of each of `files` (name, content), as it is read, in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="perfkg-") as folder:
        paths = [Path(folder) / str(number) / name for number, (name, _) in enumerate(files)]
        for path, (_, content) in zip(paths, files, strict=True):
            path.parent.mkdir()
            path.write_bytes(content)
        yield from read_all(paths)


def _plain(judged: Judged, library: Library) -> dict[str, Any]:
    refused = [{"file": file, "reason": str(error)} for file, error in judged.refused]
    return {"reports": judged.reports, "refused": refused, "snapshot": library.snapshot}
