"""The pages in Chinese: rendered here, improved in the browser by small scripts, complete without them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BeforeValidator, Field

from api.access import actor
from api.answers import Held, Text
from api.html import COOKIE, page
from api.pages import forms, preview
from api.problems import NeedsToken
from api.recording import Imports, uploaded
from perfkg import __version__
from perfkg.errors import UnknownId
from perfkg.search import search as find

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_HITS = 20
_MOST_HITS = 200
_PAGE = 50

_EXAMPLES = ("断网多久修好", "哪些项目有网络维护类指标", "群众满意度", "成本控制在预算内", "按时完成支付")


FormYear = Annotated[Annotated[int, Field(ge=1900, le=2200)] | None, BeforeValidator(lambda text: text or None)]
"""A form sends an empty year for none."""
Version = Annotated[int | None, Query(ge=1, le=10**9)]


@routes.get("/")
def search(
    request: Request,
    library: Held,
    q: Text = "",
    year: FormYear = None,
    organization: Text = "",
    category: Text = "",
    limit: Annotated[int, Query(ge=1, le=_MOST_HITS)] = _HITS,
) -> Response:
    """The search box, and under it the hits; every state has its address."""
    chosen = {"q": q, "year": year, "organization": organization, "category": category}
    common: dict[str, Any] = {
        **chosen,
        "totals": library.ledger.totals(),
        "years": library.ledger.years(),
        "organizations": library.ledger.organizations(),
        "categories": forms.categories(),
        "examples": _EXAMPLES,
    }
    if not q:
        return page(request, "home.html", **common)
    answer = find(library, q, category or None, organization or None, year, limit)
    more = len(answer.hits) == limit < _MOST_HITS
    longer = _query(chosen | {"limit": min(limit + _HITS, _MOST_HITS)})
    return page(request, "search.html", answer=answer, more=f"/?{longer}" if more else None, **common)


@routes.get("/declarations/{id}")
def declaration(request: Request, library: Held, id: Text, hit: Text = "", version: Version = None) -> Response:
    """A declaration laid out like its form, the row of the hit marked, with where it comes from."""
    history = library.ledger.history(id)
    try:
        one = library.ledger.get(id, version)
    except UnknownId:
        if version is not None or not history:
            raise
        raise UnknownId("这份申报表已撤回", id, "撤回前的各个版本仍在台账中，可用 /api/declarations 查看") from None
    rows = forms.rows(one, hit)
    current = max(change["version"] for change in history) if history else 1
    return page(
        request, "declaration.html", one=one, rows=rows, history=history[::-1], version=version, current=current
    )


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
        query=_query({"q": q, "year": year}),
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


def _query(parameters: dict[str, Any]) -> str:
    return urlencode({name: value for name, value in parameters.items() if value})


def _local(target: str) -> str:
    """A path on this server, whatever was asked for."""
    parts: Any = urlsplit(target.replace("\\", "/"))
    return target if not parts.scheme and not parts.netloc and target.startswith("/") else "/"
