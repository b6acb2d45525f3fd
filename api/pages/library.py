"""The pages of the shelf: what is in the library, what was changed, how it stands, what can be taken away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import access, deliver
from api.answers import Held, Text
from api.html import COOKIE, page
from api.pages.address import address
from api.pages.forms import organizations
from api.recording import Imports
from api.shelves import KINDS, chosen, stand
from perfkg.errors import InvalidQuestion
from perfkg.ledger import ORDERS

routes = APIRouter(prefix="/library")

_PAGE = 50
Number = Annotated[int, Query(alias="page", ge=1, le=10**6)]

_ORDERS = {
    "year": "年度，新的在前",
    "recent": "最近导入",
    "organization": "预算单位",
    "project": "项目名称",
    "total": "资金，多的在前",
    "indicators": "指标条数，多的在前",
    "doubts": "要核对的，多的在前",
}
_DOUBTS = {
    "any": "要核对的",
    "unsure": "有存疑",
    "leftovers": "有没用上的文字",
    "blanks": "有缺项",
    "repairs": "有修正",
    "none": "没有要核对的",
}
_ACTIONS = {"record": "导入", "revise": "更新", "withdraw": "撤回", "restore": "恢复"}
_EXPORTS = (
    ("xlsx", "Excel 表格", "每条指标一行，带单位、项目、资金、来源"),
    ("csv", "CSV 表格", "同上，行数不限，别的软件可读"),
    ("ttl", "Turtle", "知识图谱，人也能读"),
    ("nq", "N-Quads", "知识图谱，带每份申报表的命名图，可再装入图数据库"),
    ("jsonld", "JSON-LD", "知识图谱，给程序用"),
    ("graphml", "GraphML", "项目与单位的关系网络，可用 Gephi 打开"),
)


@routes.get("")
def listed(
    request: Request,
    library: Held,
    imports: Imports,
    q: Text = "",
    organization: Text = "",
    year: Text = "",
    kind: Text = "",
    doubt: Text = "",
    order: Text = "year",
    number: Number = 1,
) -> Response:
    """What is in the library, a page at a time."""
    if order not in ORDERS:
        raise InvalidQuestion("没有这种次序", order[:40], f"可用：{'、'.join(ORDERS)}")
    ledger, choice = library.ledger, chosen(q, organization, year, kind, doubt)
    total = ledger.count(choice=choice)
    filters = {"q": q, "organization": organization, "year": year, "kind": kind, "doubt": doubt}
    asked = filters | {"order": "" if order == "year" else order}
    return page(
        request,
        "library.html",
        filters=filters,
        order=order,
        entries=ledger.listed(choice, order, _PAGE, (number - 1) * _PAGE),
        total=total,
        number=number,
        pages=max(1, -(-total // _PAGE)),
        address=lambda number: address("/library", **asked, page=number if number > 1 else None),
        export=lambda format: address("/api/export", format=format, **filters),
        years=ledger.years(),
        organizations=organizations(library),
        kinds=KINDS,
        orders=_ORDERS,
        doubts={name: (label, ledger_count) for name, label, ledger_count in _counted(library)},
        totals=ledger.totals(),
        notices=library.notices,
        jobs=imports.recent(5),
    )


@routes.get("/log")
def log(request: Request, library: Held, number: Number = 1, withdrawn: bool = False) -> Response:
    """Every change with who and when, or what is withdrawn now, each to be put back."""
    total = library.ledger.count_log(withdrawn)
    return page(
        request,
        "log.html",
        lines=library.ledger.log(_PAGE, (number - 1) * _PAGE, withdrawn),
        withdrawn=withdrawn,
        gone=library.ledger.count_log(True),
        actions=_ACTIONS,
        total=total,
        number=number,
        pages=max(1, -(-total // _PAGE)),
        address=lambda number: address(
            "/library/log", withdrawn="1" if withdrawn else None, page=number if number > 1 else None
        ),
    )


@routes.get("/state")
def state(request: Request, library: Held, recall: bool = False) -> Response:
    """How the library stands, and what can be taken away of it."""
    return _state(request, library, recall, None)


@routes.post("/token")
def token(request: Request, library: Held) -> Response:
    """Makes a new token, shows it this once, and keeps it in this browser."""
    made = access.renew(library.folder)
    answer = _state(request, library, False, made)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, made, max_age=30 * 86400, httponly=True, samesite="strict", secure=secure)
    return answer


@routes.post("/rebuild")
def rebuild(imports: Imports) -> Response:
    """Begins to make the projections anew, and shows how that goes."""
    imports.rebuild()
    return RedirectResponse("/library/state", 303)


@routes.post("/backup")
async def backup(request: Request, library: Held) -> Response:
    """A copy of the ledger as a file."""
    return await deliver.backup(request, library)


def _state(request: Request, library: Held, recall: bool, made: str | None) -> Response:
    keeper, facts = request.app.state.keeper, stand(library, recall)
    # How far the vectors are stands beside them, with a bar.
    facts["notices"] = [one for one in facts["notices"] if one != library.projections.encoding.said]
    return page(
        request,
        "state.html",
        facts=facts,
        trouble=keeper.trouble,
        warm=keeper.warm.is_set(),
        recall=recall,
        made=made,
        job=request.app.state.jobs.rebuilt,
        exports=_EXPORTS,
        local=request.app.state.policy.local,
        open=request.app.state.policy.open,
    )


def _counted(library: Held) -> list[tuple[str, str, int]]:
    counts = library.ledger.doubts()
    return [(name, label, counts[name]) for name, label in _DOUBTS.items()]
