"""The page of queries: the named ones to choose from, a query of one's own, and the result as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import Text
from api.html import page
from api.pages.address import address
from api.sparql import Asked, put
from perfkg.errors import PerfkgError
from perfkg.graph import PREFIXES
from perfkg.sparql import Result, named_queries, named_query

routes = APIRouter()

SHOWN = 500
"""Rows of a result on the page; the files to download have all."""

_START = """# 在这里写查询；下面列出的前缀不用声明。
SELECT ?project ?name ?value {
  ?declaration schema:about/schema:name ?project ; perfkg:indicator ?indicator .
  ?indicator schema:name ?name ; perfkg:value ?value .
} LIMIT 20"""
_FILES = {"csv": "CSV", "json": "JSON", "xml": "XML"}
_GRAPHS = {"ttl": "Turtle", "jsonld": "JSON-LD"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a result: `link` where it stands for something the library has, `number` where it is one."""

    text: str
    link: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A result as the page shows it: rows of cells, or a graph as text; `total` rows there are in all."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    total: int = 0
    graph: str | None = None
    truth: bool | None = None
    seconds: float = 0.0


@routes.get("/query")
async def query(request: Request, query: Text = "", name: Text = "") -> Response:
    """The desk: `query` is answered as it stands, `name` with the parameters given by their names."""
    chosen = named_query(name) if name else None
    values = {one.name: request.query_params.get(one.name, one.default) for one in chosen.parameters} if chosen else {}
    table, problem = None, None
    text = query or (chosen.text if chosen else "")
    if text:
        try:
            text = text if query or chosen is None else chosen.bound(values)
            result = await put(request, Asked(text, ("json", "ttl")))
            table = await run_sync(_table, result)
        except PerfkgError as error:
            problem = error
    files = _GRAPHS if table and table.graph is not None else _FILES
    return page(
        request,
        "query.html",
        status=problem.status if problem else 200,
        text=text or _START,
        chosen=chosen,
        values=values,
        queries=named_queries(),
        prefixes=PREFIXES,
        table=table,
        problem=problem,
        downloads=[(label, address("/sparql", query=text, format=kind)) for kind, label in files.items()],
    )


def _table(result: Result) -> Table:
    """The result for people; a graph's text is cut like its rows would be."""
    if "json" not in result.media_type:
        return Table(graph=result.body.decode("utf-8", "replace")[: SHOWN * 200], seconds=result.seconds)
    body = json.loads(result.body)
    if "boolean" in body:
        return Table(truth=body["boolean"], seconds=result.seconds)
    columns, found = body["head"]["vars"], body["results"]["bindings"]
    rows = [[_cell(row.get(one)) for one in columns] for row in found[:SHOWN]]
    return Table(columns, rows, len(found), seconds=result.seconds)


def _cell(value: dict[str, Any] | None) -> Cell:
    if value is None:
        return Cell("")
    if value["type"] == "uri":
        return _named(value["value"])
    kind = value.get("datatype", "").rpartition("#")[2]
    return Cell(value["value"], number=kind in {"integer", "decimal", "double", "float"})


def _named(iri: str) -> Cell:
    """An IRI by its prefix; one of the library's own things leads to it."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start):
            return Cell(f"{prefix}:{unquote(iri[len(start) :])}")
    path = urlsplit(iri).path
    if "/id/" in path:
        local = path[path.index("/id/") :]
        return Cell(unquote(local.removeprefix("/id/")), link=local)
    return Cell(unquote(iri))
