"""How pages are made: templates that escape everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import wording
from perfkg import __version__
from perfkg.errors import PerfkgError
from perfkg.ledger import stamps
from perfkg.library import Library
from perfkg.targets.wording import amount

COOKIE = "perfkg_token"
"""Holds the token for a browser that has given it."""

PLACES = (
    ("/", "检索", ("/ask",)),
    ("/compare", "可比", ()),
    ("/concepts", "指标库", ()),
    ("/draft", "填报助手", ()),
    ("/review", "审核", ("/reviews",)),
    ("/network", "图谱", ()),
    ("/query", "SPARQL", ()),
    ("/library", "资料库", ("/declarations", "/imports", "/read")),
)
"""The places of the frame: address, name, and what else is under it."""

BELOW = (("/guide", "使用说明"), ("/ontology", "本体"), ("/docs", "接口"))
"""What the foot of every page leads to."""


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of `template`."""
    known: dict[str, Any] = {"request": request, "path": request.url.path, "places": PLACES, "q": ""}
    known |= {"below": BELOW, "program": __version__, "change": _change(request)}
    known["known"] = COOKIE in request.cookies
    body = _templates.get_template(template).render(known | context)
    headers = {"Cache-Control": "no-cache", "Vary": "Cookie, X-Requested-With"}
    return HTMLResponse(body.encode("utf-8", "replace"), status, headers)


def said_here(notices: Iterable[str], library: Library) -> list[str]:
    """The notices of an answer, without those on the state of the library: these stand on the page of the library."""
    return [one for one in notices if one not in library.notices]


def message(request: Request, title: str, error: PerfkgError, headers: Mapping[str, str]) -> Response:
    """A page that says what happened, where, and what to do."""
    answer = page(request, "message.html", error.status, title=title, error=error)
    answer.headers.update(headers)
    return answer


def _change(request: Request) -> int | None:
    """The number of the ledger's last change that this page can show."""
    keeper = getattr(request.app.state, "keeper", None) if "app" in request.scope else None
    return None if keeper is None else keeper.library.snapshot["change"]


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "amount": amount,
    "local": stamps.local,
    "marked": wording.marked,
    "ten_thousands": wording.ten_thousands,
    "underlined": wording.underlined,
    "understood": wording.understood,
    "who": stamps.who,
}
