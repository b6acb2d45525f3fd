"""Questions in a sentence: the answer with what it stands on, on a page of its own or above the hits of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.answers import Held, Text
from api.html import page
from api.pages.address import address
from api.wording import amount
from perfkg.ask import Answer, ask
from perfkg.errors import PerfkgError
from perfkg.library import Library

routes = APIRouter()

_EXAMPLES = (
    "资金最多的项目是哪个？",
    "各单位资金合计多少？",
    "哪些项目没有满意度指标？",
    "哪些项目有网络故障的指标？",
    "平均满意度是多少？",
)
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A row behind an answer: what it is, of whom, its figure, and where it stands."""

    title: str
    of: str
    figure: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its rows as lines, and where its query can be run again (None for a refusal)."""

    answer: Answer
    lines: tuple[Line, ...]
    again: str | None


@routes.get("/ask")
def asked(request: Request, library: Held, q: Text = "") -> Response:
    """The answer to a question, how it was understood, its rows and its query."""
    return page(request, "ask.html", q=q, told=_told(ask(library, q)) if q else None, examples=_EXAMPLES)


def answered(library: Library, text: str) -> Told | None:
    """The answer to a text from the search box, where it asks for more than the indicators that a search shows."""
    try:
        answer = ask(library, text)
    except PerfkgError:
        return None
    slots = {one.kind: one.value for one in answer.understood}
    only_searched = slots.get("intent") == "list" and slots.get("subject") in {None, "values", "indicators"}
    return None if answer.refused or not answer.rows or only_searched else _told(answer)


def _told(answer: Answer) -> Told:
    query = answer.query or ""
    again = address("/query", query=query) if query.startswith(("SELECT", "PREFIX")) else None
    return Told(answer, tuple(_line(row) for row in answer.rows[:_ROWS]), again)


def _line(row: dict[str, Any]) -> Line:
    """A group, an indicator or a declaration as one line."""
    number, unit = row.get("number"), row.get("unit")
    figure = amount(number, unit) if number is not None else ""
    if "group" in row:
        return Line(str(row["group"]), f"{len(row.get('declarations', ()))} 份申报表", figure, None)
    of = " · ".join(str(one) for one in (row.get("organization"), row.get("year")) if one)
    link = f"/declarations/{quote(row['declaration'])}" if row.get("declaration") else None
    if row.get("indicator"):
        title = f"{row.get('name') or '（没有填名称）'}：{row.get('value') or '（没有填指标值）'}"
        project = row.get("project") or "（没有项目名称）"
        return Line(title, f"{project} · {of}", "", f"{link}?hit={quote(row['indicator'])}#hit" if link else None)
    total = row.get("total")
    return Line(row.get("project") or "（没有项目名称）", of, figure or (amount(total, "CNY") if total else ""), link)
