"""The page of one declaration: laid out like its form, with where it comes from; taken out and put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import actor
from api.answers import Held, Text
from api.html import page
from api.pages import forms
from api.shelves import beside
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.errors import UnknownId
from perfkg.ledger.stamps import local
from perfkg.ledger.writing import WITHDRAW
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.revisions import related

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
def restore(request: Request, library: Held, id: Text, version: Version = None) -> Response:
    """Puts back what was withdrawn, or an earlier version. Raises UnknownId where there is nothing of the kind."""
    if version is None and not _is_withdrawn(library.ledger.history(id)):
        raise UnknownId("没有撤回过这份申报表", id, "它可能已经恢复，请在资料库页面核对")
    library.restore(id, version, actor(request))
    return RedirectResponse(f"/declarations/{quote(id)}", 303)


@routes.get("/changes")
def changes(request: Request, library: Held, id: Text, before: Text = "", after: Text = "") -> Response:
    """This form beside an earlier version of it, or beside the same project's of another year."""
    found = beside(library, id, before, after)
    one = found.after if found else library.ledger.get(id, library.ledger.history(id)[-1]["version"])
    return page(
        request,
        "changes.html",
        id=id,
        one=one,
        found=found,
        before=before or (_named(library, found.before, one) if found else ""),
        after=after or id,
        choices=list(_choices(library, one, id)),
        fields=FIELDS,
    )


FIELDS = {
    "title": "标题",
    "kind": "类型",
    "year": "年度",
    "department": "主管部门",
    "organization": "预算单位",
    "implementer": "实施单位",
    "project": "项目名称",
    "total": "资金总额",
    "fiscal": "财政拨款",
    "other": "其他资金",
    "objective": "总体目标",
    "term_objective": "中期目标",
}
"""What is on the head of a form, in words."""


def _choices(library: Library, one: Declaration, id: str) -> Iterator[tuple[str, str]]:
    """What can stand beside: the versions of the form, and the project's forms of other years."""
    history = library.ledger.history(id)
    versions = sorted({change["version"] for change in history}, reverse=True)
    last = {change["version"]: change for change in history}
    for version in versions:
        named = id if version == versions[0] else f"{id}@{version}"
        yield named, f"{one.year or ''} 年 · 第 {version} 版（{local(last[version]['at'])[:10]}）"
    for entry in related(library.ledger, one):
        if entry.id != id:
            kind = "自评表" if entry.kind == "self-evaluation" else "申报表"
            yield entry.id, f"{entry.year or '无年度'} 年 · {kind}"


def _named(library: Library, before: Declaration, after: Declaration) -> str:
    """How the default earlier form is named among the choices."""
    if before.id != after.id:
        return before.id
    return f"{before.id}@{library.ledger.history(before.id)[-1]['version'] - 1}"


def _is_withdrawn(history: Sequence[Mapping[str, Any]]) -> bool:
    return bool(history) and history[-1]["action"] == WITHDRAW


def _last(library: Library, id: str, history: Sequence[Mapping[str, Any]]) -> Declaration:
    return library.ledger.get(id, history[-1]["version"])
