"""Questions in a sentence: the answer with what it stands on, on a page of its own or above the hits of a search."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.answers import Held, Text
from api.html import page
from api.pages.address import address
from api.pages.forms import categories
from api.waiting import PATIENCE, Waiting
from perfkg.ask import Answer, ask, understood
from perfkg.errors import PerfkgError
from perfkg.library import Library
from perfkg.targets.wording import amount

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
class Part:
    """One part of the understanding as it can be changed: without it (a link), or by choosing or writing another value.

    `choices` are the values to choose from; where there are none and it is `written`, any text will do.
    """

    kind: str
    label: str
    shown: str
    value: str
    without: str
    choices: tuple[str, ...] = ()
    written: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its rows as lines, and where its query can be run again (None for a refusal)."""

    answer: Answer
    lines: tuple[Line, ...]
    again: str | None
    parts: tuple[Part, ...] = ()


@routes.get("/ask")
def asked(
    request: Request,
    library: Held,
    q: Text = "",
    ignore: Annotated[list[Text] | None, Query()] = None,
    year: Text = "",
    organization: Text = "",
    category: Text = "",
    number: Text = "",
    topic: Text = "",
) -> Response:
    """The answer to a question, how it was understood, its rows and its query; each part can be left out or changed."""
    given = {"year": year, "organization": organization, "category": category, "number": number, "topic": topic}
    fixed = {kind: value for kind, value in given.items() if value}
    state: dict[str, Any] = {"q": q, "ignore": ignore or [], **fixed}
    told = None
    if q:
        work = _asking(request, library, q, PATIENCE, ignore or (), fixed)
        if not work.done():
            said = f"正在查 {library.ledger.count():,} 份申报表，大的资料库要几秒。"
            return page(request, "waiting.html", q=q, title=q, said=said)
        answer = work.result()
        told = replace(_told(library, answer), parts=tuple(_parts(library, answer, state)))
    json = address("/api/ask", **state)
    back = address("/ask", q=q) if ignore or fixed else None
    return page(
        request,
        "ask.html",
        q=q,
        told=told,
        examples=_EXAMPLES,
        state=state,
        json=json,
        back=back,
        total=library.ledger.count(),
    )


def _parts(library: Library, answer: Answer, state: dict[str, Any]) -> Iterator[Part]:
    """The chips with what can be done to them; what was ignored comes back by the question alone."""
    choices = {
        "year": [str(year) for year in library.ledger.years()],
        "organization": [name for name, _ in library.ledger.organizations()],
        "category": [label for _, below in categories() for label in below],
    }
    for chip in answer.understood:
        rest = {name: value for name, value in state.items() if name != chip.kind}
        without = address("/ask", **rest | {"ignore": [*state["ignore"], chip.kind]})
        known = tuple(choices.get(chip.kind, ()))
        yield Part(
            chip.kind, chip.label, chip.shown, chip.value, without, known, written=chip.kind in {"number", "topic"}
        )


@routes.get("/ask/above")
def above(request: Request, library: Held, q: Text = "") -> Response:
    """The answer alone, for the page of a search to put above its hits; empty where there is none."""
    told, _ = answered(request, library, q, None)
    return page(request, "above.html", told=told)


def answered(request: Request, library: Library, text: str, patience: float | None) -> tuple[Told | None, bool]:
    """The answer to a text from the search box, where it asks for more than the indicators that a search shows; and
    whether it is still being looked for after `patience` (seconds).
    """
    slots = understood(library, text)
    if not slots or (slots.get("intent") == "list" and slots.get("subject") in {None, "values", "indicators"}):
        return None, False
    work = _asking(request, library, text, patience)
    if not work.done():
        return None, True
    try:
        answer = work.result()
    except PerfkgError:
        return None, False
    return None if answer.refused or not answer.rows else _told(library, answer), False


def _asking(
    request: Request,
    library: Library,
    question: str,
    patience: float | None,
    ignore: Collection[str] = (),
    fixed: Mapping[str, str] = MappingProxyType({}),
) -> Future[Answer]:
    """The work on an answer: many questions are answered in no time, some look through all of a large library."""
    key = ("ask", question, tuple(ignore), tuple(fixed.items()), tuple(library.snapshot.items()))
    waiting: Waiting = request.app.state.waiting
    return waiting.begin(key, lambda: ask(library, question, ignore, fixed), patience)


def _told(library: Library, answer: Answer) -> Told:
    query = answer.query or ""
    again = address("/query", query=query) if query.startswith(("SELECT", "PREFIX")) else None
    shown = answer.rows[:_ROWS]
    owners = {name for name, _ in library.ledger.organizations()} if any("group" in row for row in shown) else set()
    return Told(answer, tuple(_line(row, owners) for row in shown), again)


def _line(row: dict[str, Any], organizations: Collection[str]) -> Line:
    """A group, an indicator or a declaration as one line; a group that is one of `organizations` leads to its forms."""
    number, unit = row.get("number"), row.get("unit")
    figure = amount(number, unit) if number is not None else ""
    if "group" in row:
        group = str(row["group"])
        link = address("/library", organization=group) if group in organizations else None
        return Line(group, f"{len(row.get('declarations', ()))} 份申报表", figure, link)
    of = " · ".join(str(one) for one in (row.get("organization"), row.get("year")) if one)
    link = f"/declarations/{quote(row['declaration'])}" if row.get("declaration") else None
    if row.get("indicator"):
        title = f"{row.get('name') or '（没有填名称）'}：{row.get('value') or '（没有填指标值）'}"
        project = row.get("project") or "（没有项目名称）"
        return Line(title, f"{project} · {of}", "", f"{link}?hit={quote(row['indicator'])}#hit" if link else None)
    total = row.get("total")
    return Line(row.get("project") or "（没有项目名称）", of, figure or (amount(total, "CNY") if total else ""), link)
