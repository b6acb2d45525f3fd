"""The pages in Chinese: rendered here, improved in the browser by small scripts, complete without them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import actor
from api.answers import Held, Text
from api.html import COOKIE, page
from api.pages import ask, compare, concepts, declaration, draft, network, preview, query, review, search
from api.pages.address import FormYear, address
from api.problems import NeedsToken
from api.recording import Imports, uploaded
from perfkg import __version__

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
for _module in (search, ask, compare, concepts, draft, review, network, query, declaration):
    routes.include_router(_module.routes)

_PAGE = 50


@routes.get("/library")
def library_(
    request: Request,
    library: Held,
    imports: Imports,
    q: Text = "",
    year: FormYear = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
) -> Response:
    """What is in the library, a page at a time."""
    total = library.ledger.count(None, year, q or None)
    entries = library.ledger.entries(None, year, _PAGE, (number - 1) * _PAGE, q or None)
    return page(
        request,
        "library.html",
        text=q,
        year=year,
        entries=entries,
        total=total,
        number=number,
        pages=max(1, -(-total // _PAGE)),
        query=address("", q=q, year=year).lstrip("?"),
        years=library.ledger.years(),
        totals=library.ledger.totals(),
        notices=library.notices,
        jobs=imports.recent(5),
    )


@routes.get("/read")
def read(request: Request) -> Response:
    """Where a file is chosen, to be looked at before it is imported."""
    return page(request, "read.html", previews=None, roles=preview.ROLES)


@routes.post("/read")
async def read_files(request: Request) -> Response:
    """Each piece of the files beside what was understood of it; nothing is recorded."""
    files = await uploaded(request)
    previews = await run_sync(preview.read, files, limiter=request.app.state.readers)
    return page(request, "read.html", previews=previews, roles=preview.ROLES)


@routes.post("/library/import")
async def import_(request: Request, imports: Imports) -> Response:
    """Queues an import and shows its progress."""
    job = imports.submit(await uploaded(request), actor(request))
    return RedirectResponse(f"/imports/{job.id}", 303)


@routes.get("/imports/{id}")
def imported(request: Request, imports: Imports, id: Text) -> Response:
    """How an import goes, or went."""
    return page(request, "import.html", job=imports.get(id))


@routes.get("/login")
def login(request: Request, next: Text = "/") -> Response:
    """Where the token is given."""
    return page(request, "login.html", next=_local(next), wrong=False)


@routes.post("/login")
def let_in(request: Request, token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:
    """Keeps the token in this browser, where it is the right one."""
    if not request.app.state.policy.knows(token.strip()):
        return page(request, "login.html", NeedsToken.status, next=_local(next), wrong=True)
    answer = RedirectResponse(_local(next), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token.strip(), max_age=30 * 86400, httponly=True, samesite="strict", secure=secure)
    return answer


@routes.get("/logout")
def let_out(request: Request) -> Response:
    """Forgets the token in this browser."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@routes.get("/docs")
def docs(request: Request) -> Response:
    """The API, tried from the browser."""
    return page(request, "docs.html", version=__version__)


def _local(target: str) -> str:
    """A path on this server, whatever was asked for."""
    parts: Any = urlsplit(target.replace("\\", "/"))
    return target if not parts.scheme and not parts.netloc and target.startswith("/") else "/"
