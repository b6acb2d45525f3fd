"""How answers are given: JSON that can always be written, and the snapshot as an ETag."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field
from starlette.exceptions import HTTPException

from perfkg import __version__
from perfkg.concepts.catalogue import catalogued
from perfkg.library import Library
from perfkg.records import as_json

_OFFICE = "application/vnd.openxmlformats-officedocument"
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}


class Json(Response):
    """JSON with Chinese as it is; what UTF-8 cannot hold (a lone surrogate) is replaced, never a fault."""

    media_type = "application/json"

    def __init__(
        self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str | None = None
    ) -> None:
        """`body` is a record, or anything made of records and plain JSON."""
        text = json.dumps(as_json(body), ensure_ascii=False, allow_nan=False)
        super().__init__(text.encode("utf-8", "replace"), status, dict(headers or {}), media_type)


def library(request: Request) -> Library:
    """The library that this process holds open."""
    held: Library = request.app.state.keeper.library
    return held


def fresh(request: Request) -> None:
    """Notes the snapshot that the answer will be marked with; ends here with 304 when the asker already has it."""
    held = library(request)
    snapshot = held.snapshot
    tag = f'W/"{snapshot["change"]}-{mark(request, snapshot, held.notices, catalogued(held))}"'
    request.state.fresh = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept, Authorization, Cookie"}
    if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        raise HTTPException(304, headers=request.state.fresh)


def answer(request: Request, body: Any) -> Json:
    """`body` as JSON, marked as `fresh` noted before the work began."""
    return Json(body, headers=request.state.fresh)


def download(content: bytes, name: str, headers: Mapping[str, str] | None = None) -> Response:
    """A file to be saved under `name`, whose suffix says what it is."""
    kind = _KINDS[name.rpartition(".")[2]]
    attached = f"attachment; filename*=UTF-8''{quote(name, errors='replace')}"
    return Response(content, media_type=kind, headers={**(headers or {}), "Content-Disposition": attached})


def mark(request: Request, *state: Any) -> str:
    """Twelve characters for an ETag: of the `state` an answer is made from, of the form asked for, and of the program
    that makes it: after an upgrade nobody is shown what the old one said.
    """
    known = json.dumps([__version__, request.headers.get("accept", ""), *state], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:12]


def clean(text: str) -> str:
    """`text` without NUL and other control characters, and without what UTF-8 cannot hold."""
    known = text.encode("utf-8", "replace").decode()
    return "".join(" " if unicodedata.category(c) == "Cc" and c not in "\n\t" else c for c in known).strip()


Held = Annotated[Library, Depends(library)]
Text = Annotated[str, AfterValidator(clean)]
Year = Annotated[int, Query(ge=1900, le=2200, description="年度")]
FormYear = Annotated[Annotated[int, Field(ge=1900, le=2200)] | None, BeforeValidator(lambda text: text or None)]
"""A form sends an empty year for none."""

Limit = Annotated[int, Query(ge=1, le=1000, description="最多几条")]
Offset = Annotated[int, Query(ge=0, le=10**9, description="跳过几条")]
