"""The pages in Chinese: rendered here, improved in the browser by small scripts, complete without them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.answers import Text
from api.html import COOKIE, page
from api.pages import ask, compare, concepts, declaration, draft, guide, intake, library, network, query, review, search
from api.problems import NeedsToken
from perfkg import __version__

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
for _module in (search, ask, compare, concepts, draft, review, network, query, library, intake, declaration, guide):
    routes.include_router(_module.routes)


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
