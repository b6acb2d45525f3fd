"""The named queries over HTTP: which there are, and the answer to one of them, as SPARQL results."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import Json, Text, clean
from api.sparql import Asked, answered, unchanged, wanted
from perfkg.sparql import named_queries, named_query

routes = APIRouter(prefix="/api/queries", tags=["SPARQL"])

_OWN = {"format"}


@routes.get("", summary="现成的查询")
def queries() -> Json:
    """All named queries: the question each answers, its parameters, its text."""
    return Json({"queries": named_queries()})


@routes.get("/{name}", summary="现成查询的结果")
async def run(
    request: Request,
    name: Text,
    format: Annotated[str | None, Query(description="json、xml、csv、tsv；不给时按 Accept")] = None,
) -> Response:
    """The answer to one; its parameters are given by their names, those left out have their defaults."""
    given = {key: clean(value) for key, value in request.query_params.items() if key not in _OWN}
    asked = Asked(named_query(name).bound(given), wanted(request, format))
    return unchanged(request) or await answered(request, asked)
