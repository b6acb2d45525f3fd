"""The drafting page: the form as a form, suggestions and findings beside it; it is kept in the browser."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import Held
from api.html import page
from api.pages import forms

routes = APIRouter()


@routes.get("/draft")
def draft(request: Request, library: Held) -> Response:
    """The empty form; what was written before is filled in by the browser."""
    return page(
        request,
        "draft.html",
        categories=forms.categories(),
        organizations=forms.organizations(library),
        total=library.ledger.count(),
    )
