"""The catalogue of indicator concepts over HTTP: read by anybody, decided about with the token (see api.access)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, BaseModel, Field

from api.access import actor
from api.answers import Held, Json, Limit, Offset, Text, answer, clean, fresh
from api.waiting import PATIENCE, Waiting
from perfkg.concepts import deciding
from perfkg.concepts.catalogue import Catalogue, catalogue, find
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.concepts.telling import brief, decision, whole
from perfkg.errors import InvalidQuestion, UnavailableService
from perfkg.ledger import Decision
from perfkg.library import Library

routes = APIRouter(prefix="/api", tags=["指标库"])

Line = Annotated[str, Field(max_length=2000), AfterValidator(clean)]
Number = Annotated[int, Field(ge=0, le=10**12)]


class Decided(BaseModel):
    """A decision; `seen` is the number of the last one that was known of (`decided` of the answer)."""

    action: Literal["merge", "split", "rename", "reject", "confirm", "refuse"]
    other: Line | None = None
    phrases: Annotated[list[Line], Field(max_length=1000)] = []
    name: Line = ""
    seen: Number | None = None


class Undone(BaseModel):
    """What taking a decision back needs to know."""

    seen: Number | None = None


@routes.get("/concepts", summary="指标库：意思相同的指标归成的概念", dependencies=[Depends(fresh)])
def concepts(
    request: Request,
    library: Held,
    q: Annotated[Text, Query(description="名称或其他说法中的一段")] = "",
    category: Annotated[Text | None, Query(description="指标类别，例如：质量指标、产出")] = None,
    state: Annotated[
        Literal["computed", "decided", "rejected"] | None, Query(description="算出的、人定的、已否决的")
    ] = None,
    doubtful: Annotated[bool, Query(description="只要有待确认的")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Json:
    """A page of the catalogue, the most used first; 503 while the first one is being made."""
    known = ready(request, library)
    found = find(library, q, category or None, state, doubtful)
    rows = [brief(one) for one in found[offset : offset + limit]]
    facts = {"total": len(found), "offset": offset, "limit": limit, "decided": known.decided, "encoder": known.encoder}
    return answer(request, {"concepts": rows, **facts, "change": known.change, "snapshot": library.snapshot})


@routes.get("/concepts/{id}", summary="一个概念", dependencies=[Depends(fresh)])
def concept(request: Request, library: Held, id: Text) -> Json:
    """Its wordings, values, members by project, what may belong in it and why, and what people decided; 503 while the
    first catalogue is being made.
    """
    known = ready(request, library)
    body = whole(known, known.get(id))
    return answer(request, body | {"decided": known.decided, "change": known.change, "snapshot": library.snapshot})


@routes.post("/concepts/{id}/decisions", status_code=201, summary="合并、拆分、改名、否决，确认或否定建议")
def decide(request: Request, library: Held, id: Text, given: Decided) -> Json:
    """Records a decision. 409 where somebody else has decided about the same concepts since `seen`, 503 where there is
    no catalogue yet.
    """
    ready(request, library)
    made = decided(library, id, given, actor(request))
    return Json(decision(catalogue(library, waiting=False), made), 201)


@routes.get("/decisions", summary="对指标库的全部决定", dependencies=[Depends(fresh)])
def decisions(request: Request, library: Held, limit: Limit = 50, offset: Offset = 0) -> Json:
    """Every decision with who and when, the latest first; those taken back among them. 503 as above."""
    known = ready(request, library)
    rows = [decision(known, one) for one in known.decisions[::-1]]
    body = {"decisions": rows[offset : offset + limit], "total": len(rows), "snapshot": library.snapshot}
    return answer(request, body)


@routes.post("/decisions/{number}/undo", status_code=201, summary="撤销一条决定")
def undo(request: Request, library: Held, number: int, given: Undone | None = None) -> Json:
    """Takes a decision back, by another one."""
    if not 0 < number < 10**12:
        raise InvalidQuestion("决定的编号不对", str(number), "请在指标库的决定记录里核对编号")
    ready(request, library)
    made = deciding.undo(library, number, actor(request), given.seen if given else None)
    return Json(decision(catalogue(library, waiting=False), made), 201)


def at_hand(request: Request, library: Library) -> Catalogue | None:
    """The catalogue at hand, or one made in a moment; None while the first of a large library is being made."""
    if (known := known_catalogue(library)) is not None:
        return known
    waiting: Waiting = request.app.state.waiting
    work = waiting.begin(("catalogue", library.words.change), lambda: catalogue(library, waiting=False), PATIENCE)
    return work.result() if work.done() else None


def ready(request: Request, library: Library) -> Catalogue:
    """The catalogue. Raises UnavailableService while the first of a large library is being made."""
    if (known := at_hand(request, library)) is None:
        raise UnavailableService("指标库还没有做好", None, f"{making(library)}请稍后再试")
    return known


def making(library: Library) -> str:
    """What is being waited for, in a sentence."""
    return f"正在把 {library.words.count:,} 条指标归成概念，服务启动后的第一次要等几秒到一分钟。"


def decided(library: Library, id: str, given: Decided, who: str) -> Decision:
    """The decision recorded. Raises InvalidQuestion where it lacks what its action needs."""
    if given.action in {"merge", "confirm", "refuse"}:
        if not given.other:
            raise InvalidQuestion("没有说是哪一个概念", None, "请给出另一个概念的编号（other）")
        act = {"merge": deciding.merge, "confirm": deciding.confirm, "refuse": deciding.refuse}[given.action]
        return act(library, id, given.other, who, given.seen)
    if given.action == "split":
        return deciding.split(library, id, given.phrases, who, given.seen)
    if given.action == "rename":
        return deciding.rename(library, id, given.name, who, given.seen)
    return deciding.reject(library, id, who, given.seen)
