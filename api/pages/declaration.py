"""The page of one declaration: laid out like its form, with where it comes from; taken out and put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import actor
from api.answers import Held, Text
from api.html import page
from api.pages import forms
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.errors import UnknownId
from perfkg.library import Library
from perfkg.records import Declaration

routes = APIRouter(prefix="/declarations/{id}")

Version = Annotated[int | None, Query(ge=1, le=10**9)]


@routes.get("")
def declaration(request: Request, library: Held, id: Text, hit: Text = "", version: Version = None) -> Response:
    """A declaration, the row of the hit marked; of one that was withdrawn, how to put it back."""
    history = library.ledger.history(id)
    if version is None and _is_withdrawn(history):
        last = _last(library, id, history)
        return page(request, "withdrawn.html", 404, id=id, last=last, change=history[-1])
    one = library.ledger.get(id, version)
    current = max(change["version"] for change in history) if history else 1
    rows, catalogue = forms.rows(one, hit), known_catalogue(library)
    return page(
        request,
        "declaration.html",
        one=one,
        rows=rows,
        history=history[::-1],
        version=version,
        current=current,
        concepts=catalogue.of_indicator if catalogue else {},
    )


@routes.post("/withdraw")
def withdraw(request: Request, library: Held, id: Text) -> Response:
    """Takes it out of everything but its history, and shows how to put it back."""
    library.withdraw(id, actor(request))
    return RedirectResponse(f"/declarations/{quote(id)}", 303)


@routes.post("/restore")
def restore(request: Request, library: Held, id: Text) -> Response:
    """Puts back what was withdrawn, as it was. Raises UnknownId where there is nothing of the kind."""
    history = library.ledger.history(id)
    if not _is_withdrawn(history):
        raise UnknownId("没有撤回过这份申报表", id, "它可能已经恢复，请在资料库页面核对")
    library.import_declarations([_last(library, id, history)], actor=actor(request))
    return RedirectResponse(f"/declarations/{quote(id)}", 303)


def _is_withdrawn(history: Sequence[Mapping[str, Any]]) -> bool:
    return bool(history) and history[-1]["action"] == "withdraw"


def _last(library: Library, id: str, history: Sequence[Mapping[str, Any]]) -> Declaration:
    return library.ledger.get(id, history[-1]["version"])
