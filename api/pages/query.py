"""The page of queries: the named ones to choose from, a query of one's own, and the result as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import Text
from api.html import page
from api.pages import chart
from api.pages.address import address
from api.pages.chart import Chart
from api.sparql import Asked, put
from perfkg.errors import PerfkgError
from perfkg.graph import PREFIXES
from perfkg.sparql import Result, column, named_queries, named_query, recognised
from perfkg.targets.wording import named as named_unit

routes = APIRouter()

SHOWN = 100
"""Rows of a result on a page of it; the files to download have all."""

_GRAPH = 200_000
"""Characters of a graph on the page."""

_START = """# 在这里写查询；下面列出的前缀不用声明。
SELECT ?project ?name ?value {
  ?declaration schema:about/schema:name ?project ; perfkg:indicator ?indicator .
  ?indicator schema:name ?name ; perfkg:value ?value .
} LIMIT 20"""
_SPOKEN_OF = {
    "indicator": ("name", "written", "value", "place"),
    "declaration": ("projectName",),
    "concept": ("conceptName", "name"),
}
"""In the answers of named queries: a column of identifiers, and the columns of which the first that is filled leads there."""

_SAID = {"<=": "≤", ">=": "≥", "<": "＜", ">": "＞", "=": "＝", "~": "约"}

_FILES = {"csv": "CSV", "tsv": "TSV", "json": "JSON", "xml": "XML"}
_GRAPHS = {"ttl": "Turtle", "nt": "N-Triples", "jsonld": "JSON-LD", "rdf": "RDF/XML"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a result: `link` where it stands for something the library has, `number` where it is one."""

    text: str
    link: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A result as the page shows it: the rows of one page of it as cells, or a graph as text; `total` rows in all; what
    can be drawn of it, and the `chart` of what was asked for, or of the likeliest.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    total: int = 0
    number: int = 1
    choices: list[tuple[str, str | None]] = field(default_factory=list)
    chart: Chart | None = None
    graph: str | None = None
    truth: bool | None = None
    seconds: float = 0.0

    @property
    def pages(self) -> int:
        """How many pages the rows take."""
        return max(1, -(-self.total // SHOWN))


@routes.get("/query")
async def query(
    request: Request,
    query: Text = "",
    name: Text = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
    across: Text = "",
    up: Text = "",
) -> Response:
    """The desk: `query` is answered as it stands, `name` with the parameters given by their names.

    `across` and `up` are the columns to draw.
    """
    # A named query that comes as text is the named one all the same.
    chosen, values = recognised(query) or (named_query(name) if name and not query else None, {})
    if chosen and not query:
        values = {one.name: request.query_params.get(one.name, one.default) for one in chosen.parameters}
    table, problem = None, None
    text = query or (chosen.text if chosen else "")
    if text:
        try:
            text = text if query or chosen is None else chosen.bound(values)
            result = await put(request, Asked(text, ("json", "ttl")))
            base = request.app.state.keeper.library.base
            table = await run_sync(_table, result, base, number, (across, up), chosen is not None)
        except PerfkgError as error:
            problem = error
    files = _GRAPHS if table and table.graph is not None else _FILES
    state = {"name": chosen.name, **values} if chosen else {"query": text}
    return await run_sync(
        partial(
            page,
            request,
            "query.html",
            problem.status if problem else 200,
            text=text or _START,
            blank=not text,
            chosen=chosen,
            values=values,
            queries=named_queries(),
            prefixes=PREFIXES,
            table=table,
            called=(lambda variable: column(chosen.name, variable)) if chosen else str,
            drawn={"across": across, "up": up},
            problem=problem,
            here=lambda **more: address("/query", **state, **more),
            downloads=[(label, address("/sparql", query=text, format=kind)) for kind, label in files.items()],
        )
    )


def _table(result: Result, base: str, number: int, drawn: tuple[str, str], named: bool) -> Table:
    """Page `number` of the result, with the chart of the columns `drawn`. What stands under `base` leads to its page; the
    identifiers that a `named` query gives are no columns, but where its names lead.
    """
    if "json" not in result.media_type:
        return Table(graph=result.body.decode("utf-8", "replace")[:_GRAPH], seconds=result.seconds)
    body = json.loads(result.body)
    if "boolean" in body:
        return Table(truth=body["boolean"], seconds=result.seconds)
    columns, found = body["head"]["vars"], body["results"]["bindings"]
    if named:
        columns = [one for one in columns if one not in _SPOKEN_OF]
    shown = found[(number - 1) * SHOWN : number * SHOWN]
    rows = [_row(row, columns, base, named) for row in shown]
    known = [{name: _plain(row[name], base) for name in columns if name in row} for row in found]
    choices = chart.choices(columns, known)
    return Table(
        columns, rows, len(found), number, choices, _drawn(columns, known, choices, drawn), seconds=result.seconds
    )


def _drawn(
    columns: list[str], rows: list[chart.Row], choices: list[tuple[str, str | None]], wanted: tuple[str, str]
) -> Chart | None:
    if not choices:
        return None
    across, up = asked if (asked := (wanted[0], wanted[1] or None)) in choices else choices[0]
    return chart.points(columns, rows, across, up) if up else chart.bars(columns, rows, across)


def _row(row: Mapping[str, dict[str, Any]], columns: list[str], base: str, named: bool) -> list[Cell]:
    cells = {one: _cell(row.get(one), base) for one in columns}
    if named:
        for identifier, leading in _SPOKEN_OF.items():
            at = next((one for one in leading if one in cells and cells[one].text and not cells[one].link), None)
            if at and identifier in row:
                cells[at] = replace(cells[at], link=_cell(row[identifier], base).link)
        for one, said in (("comparator", _SAID.get), ("unit", named_unit)):
            if one in cells and cells[one].text:
                cells[one] = replace(cells[one], text=said(cells[one].text) or cells[one].text)
        if (office := cells.get("organizationName")) and office.text:
            cells["organizationName"] = replace(office, link=address("/library", organization=office.text))
    return list(cells.values())


def _cell(value: dict[str, Any] | None, base: str) -> Cell:
    if value is None:
        return Cell("")
    if value["type"] == "uri":
        return _named(value["value"], base)
    return Cell(value["value"], number=_is_number(value))


def _plain(value: dict[str, Any], base: str) -> tuple[str, float | None]:
    if value["type"] == "uri":
        return _named(value["value"], base).text, None
    try:
        return value["value"], float(value["value"]) if _is_number(value) else None
    except ValueError:
        return value["value"], None


def _is_number(value: dict[str, Any]) -> bool:
    return value.get("datatype", "").rpartition("#")[2] in {"integer", "decimal", "double", "float"}


def _named(iri: str, base: str) -> Cell:
    """An IRI by its prefix; what the library explains or holds leads to it."""
    if iri.startswith(base):
        local = iri.removeprefix(base)
        return Cell(unquote(local), f"/id/{local}")
    for prefix, start in PREFIXES.items():
        if iri.startswith(start):
            rest = iri.removeprefix(start)
            link = {"perfkg": f"/ontology#{rest}", "scheme": f"/scheme/{rest}", "unit": f"/unit/{rest}"}.get(prefix)
            return Cell(f"{prefix}:{unquote(rest)}", link)
    return Cell(unquote(iri))
