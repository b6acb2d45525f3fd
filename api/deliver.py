"""Everything in the library as a file to be saved, and a copy of the ledger; made on disk, sent in pieces."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.answers import Held, Text
from api.shelves import chosen
from perfkg.concepts.projection import keep
from perfkg.errors import InvalidLibrary, InvalidQuestion
from perfkg.library import Library
from perfkg.network.files import export as export_network
from perfkg.report.flat import write_indicators

routes = APIRouter(tags=["资料库"])

_TABLES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_GRAPHS = {
    "ttl": "text/turtle; charset=utf-8",
    "nq": "application/n-quads",
    "jsonld": "application/ld+json",
}
_NETWORK = "application/xml"
Kind = Literal["csv", "xlsx", "ttl", "nq", "jsonld", "graphml"]


@routes.get("/api/export", summary="全部内容，存成文件")
async def export(
    request: Request,
    library: Held,
    format: Annotated[Kind, Query(description="表格 csv、xlsx；图谱 ttl、nq、jsonld；关系网络 graphml")] = "csv",
    q: Annotated[Text, Query(description="项目或单位名称中的一段（只用于表格）")] = "",
    organization: Text = "",
    year: Text = "",
    kind: Text = "",
    doubt: Text = "",
) -> FileResponse:
    """All indicators as a table, or those of the forms chosen; or the whole graph."""
    name = f"perfkg-{datetime.now():%Y%m%d}.{format}"
    if format in _GRAPHS:
        return await _made(request, partial(_graph, library), name, _GRAPHS[format])
    if format == "graphml":
        return await _made(request, partial(export_network, library), name, _NETWORK)
    choice = chosen(q, organization, year, kind, doubt)
    if not await run_sync(partial(library.ledger.count, choice=choice)):
        raise InvalidQuestion("没有符合条件的申报表，没有什么可存", None, "请放宽条件")
    forms = library.ledger.declarations(choice)
    return await _made(request, lambda path: write_indicators(forms, path), name, _TABLES[format])


@routes.post("/api/backup", summary="台账的一份备份")
async def backup(request: Request, library: Held) -> FileResponse:
    """A consistent copy of the ledger, made while it is used: put as ledger.db into an empty folder, it is a library."""
    name = f"perfkg-{datetime.now():%Y%m%d-%H%M}.db"
    return await _made(request, library.ledger.copy, name, "application/vnd.sqlite3")


def _graph(library: Library, path: Path) -> None:
    keep(library)
    library.graph.export(path)


async def _made(request: Request, write: Callable[[Path], None], name: str, kind: str) -> FileResponse:
    """The file that `write` makes at a path; it is gone once it was sent."""
    folder = tempfile.TemporaryDirectory(prefix="perfkg-", ignore_cleanup_errors=True)
    path = Path(folder.name) / name
    try:
        await run_sync(write, path, limiter=request.app.state.readers)
        size = os.stat(path)
    except BaseException as error:
        folder.cleanup()
        if isinstance(error, OSError):
            raise InvalidLibrary("文件做不出来", error.strerror, "请检查临时文件夹所在的磁盘是否已满") from error
        raise
    done = BackgroundTask(folder.cleanup)
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, 200, headers, kind, done, name, size)
