"""What changes the library: imports as jobs, rebuilding, and withdrawals. All of it behind the token (see api.access)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from api.access import actor
from api.answers import Held, Json, Text, clean
from api.events import stream
from api.jobs import Job, Jobs
from perfkg.errors import InvalidFile
from perfkg.records import as_json

routes = APIRouter(prefix="/api", tags=["导入"])

_DEEPEST = 6
FILES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    }
}
"""What a form of files looks like in the description of the API."""


def jobs(request: Request) -> Jobs:
    """The imports of this process."""
    held: Jobs = request.app.state.jobs
    return held


Imports = Annotated[Jobs, Depends(jobs)]


@routes.post("/declarations", status_code=202, summary="导入文件", openapi_extra=FILES)
async def record(request: Request, imports: Imports) -> Json:
    """Queues the import of one or more files; gives the job."""
    job = imports.submit(await uploaded(request, folders=True), actor(request))
    return Json(_plain(job), 202, {"Location": f"/api/jobs/{job.id}"})


@routes.get("/jobs/{id}", summary="一次导入的进度")
def job(imports: Imports, id: Text) -> Json:
    """How far an import is, or how it ended."""
    return Json(_plain(imports.get(id)))


@routes.get("/jobs/{id}/events", summary="一次导入的进度（事件流）")
async def events(request: Request, imports: Imports, id: Text) -> StreamingResponse:
    """Server-sent events: `progress` while it runs, `end` when it has ended; each carries the job."""
    return stream(request, imports.get(id), _plain)


@routes.post("/rebuild", status_code=202, summary="从台账重做图谱和索引")
def rebuild(imports: Imports) -> Json:
    """Makes the projections anew while the old ones answer; gives the job."""
    job = imports.rebuild()
    return Json(_plain(job), 202, {"Location": f"/api/jobs/{job.id}"})


@routes.delete("/declarations/{id}", summary="撤回一份申报表")
def withdraw(request: Request, library: Held, id: Text) -> Json:
    """Takes a declaration out of everything but its history."""
    return Json({"withdrawn": id, "change": library.withdraw(id, actor(request))})


async def uploaded(request: Request, folders: bool = False) -> list[tuple[str, bytes]]:
    """Name and content of every file in a form, whatever its field is called; with `folders`, a file of a chosen
    folder is named within it. Raises InvalidFile if there is none.
    """
    async with request.form() as form:
        files = [part for _, part in form.multi_items() if isinstance(part, UploadFile) and part.filename]
        found = [(_file_name(part.filename or "", folders), await part.read()) for part in files]
    if not found:
        raise InvalidFile("没有收到文件", None, "请选择申报表文件（.txt .docx .xlsx .xls .pdf .html）再上传")
    return found


def _file_name(given: str, folders: bool) -> str:
    """The name, or with `folders` the path below the folder chosen, with nothing a file system objects to."""
    parts = clean(given).replace("\\", "/").replace("\n", " ").replace("\t", " ").split("/")
    kept = [part for part in map(_kept, parts[-_DEEPEST if folders else -1 :]) if part]
    return "/".join(kept) or "未命名"


def _kept(part: str) -> str:
    """One part of a name, short enough; nothing of a part that only points elsewhere."""
    stem, dot, suffix = part.rpartition(".")
    short = stem.encode()[:150].decode("utf-8", "ignore") + dot + suffix.encode()[:20].decode("utf-8", "ignore")
    return "" if not short.strip(". ") or short.endswith(":") else short


def _plain(one: Job) -> dict[str, Any]:
    return {key: value for key, value in as_json(one).items() if key != "step"}
