"""The pages of the catalogue of indicator concepts (指标库): the list, one concept, and what a person decides about it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import actor
from api.answers import Held, Text
from api.concepts import Decided, at_hand, decided, making, ready
from api.html import page
from api.pages import forms
from api.pages.address import address
from api.pages.strip import MARGIN, WIDTH, strip
from perfkg.compare import compare
from perfkg.concepts import deciding
from perfkg.concepts.catalogue import find
from perfkg.concepts.telling import by_project, decision
from perfkg.errors import InvalidQuestion

routes = APIRouter()

_PAGE = 50
_CANDIDATES = 8
_PROJECTS = 200
_STATES = {"": "在用的", "decided": "人定过的", "rejected": "已否决的"}
_DIRECTIONS = {"larger": "越大越严", "smaller": "越小越严"}

Number = Annotated[int, Form(ge=0, le=10**12)]


@routes.get("/concepts")
def concepts(
    request: Request,
    library: Held,
    text: Text = "",
    category: Text = "",
    state: Text = "",
    doubtful: Text = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
) -> Response:
    """A page of the catalogue, the most used first, with how many there are of each category."""
    if state not in _STATES:
        raise InvalidQuestion("没有这种状态", state, f"可用：{'、'.join(filter(None, _STATES))}")
    known = at_hand(request, library)
    if known is None:
        return page(request, "waiting.html", title="指标库", said=making(library))
    every = find(library, text, None, state or None, bool(doubtful))
    found = find(library, text, category, state or None, bool(doubtful)) if category else every
    kept = {"text": text, "state": state, "doubtful": doubtful}
    counts = Counter(one.label for one in every)
    links = [(label, count, address("/concepts", **kept, category=label)) for label, count in counts.most_common()]
    pages = max(1, -(-len(found) // _PAGE))
    turned = {step: address("/concepts", **kept, category=category, page=number + step) for step in (-1, 1)}
    return page(
        request,
        "concepts.html",
        known_catalogue=known,
        text=text,
        category=category,
        state=state,
        states=_STATES,
        doubtful=doubtful,
        categories=forms.categories(),
        found=found[(number - 1) * _PAGE : number * _PAGE],
        total=len(found),
        whole=len(every),
        links=links,
        everything=address("/concepts", **kept),
        number=number,
        pages=pages,
        before=turned[-1] if number > 1 else None,
        after=turned[1] if number < pages else None,
        behind=library.words.change > known.change,
        near=bool(text and every) and not known.find(text, None, state or None, bool(doubtful)),
    )


@routes.get("/concepts/{id}")
def concept(request: Request, library: Held, id: Text, merge: Text = "") -> Response:
    """One concept with its wordings, values, members, proposals and decisions; with `merge`, what it can be merged with."""
    known = at_hand(request, library)
    if known is None:
        return page(request, "waiting.html", title="指标库", said=making(library))
    one = known.get(id)
    if one.id != id:
        return RedirectResponse(f"/concepts/{quote(one.id)}", 303)
    found = compare(library, concept=one.id)
    near = [
        (known.get(each.other if each.concept == one.id else each.concept), each) for each in known.proposals_of(one.id)
    ]
    return page(
        request,
        "concept.html",
        one=one,
        drawn=[(group, strip(group)) for group in found.groups],
        left_out=found.left_out,
        projects=by_project(one)[:_PROJECTS],
        near=near,
        history=[decision(known, each) for each in known.history(one.id)],
        decided=known.decided,
        merge=merge,
        candidates=[each for each in known.find(merge) if each.id != one.id][:_CANDIDATES] if merge else [],
        directions=_DIRECTIONS,
        width=WIDTH,
        margin=MARGIN,
    )


@routes.post("/concepts/{id}")
def decide(
    request: Request,
    library: Held,
    id: Text,
    given: Annotated[Decided, Form()],
) -> Response:
    """Records a decision and shows the concept as it is then."""
    ready(request, library)
    made = decided(library, id, given, actor(request))
    after = "/concepts" if made.action == "reject" else f"/concepts/{quote(made.concepts[0])}"
    return RedirectResponse(after, 303)


@routes.post("/decisions/{number}/undo")
def undo(request: Request, library: Held, number: int, seen: Number, concept: Annotated[Text, Form()] = "") -> Response:
    """Takes a decision back and shows the concept it was about."""
    if not 0 < number < 10**12:
        raise InvalidQuestion("决定的编号不对", str(number), "请从指标库的页面撤销")
    ready(request, library)
    deciding.undo(library, number, actor(request), seen)
    return RedirectResponse(f"/concepts/{quote(concept)}" if concept else "/concepts", 303)
