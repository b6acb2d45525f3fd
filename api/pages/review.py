"""The pages of reviews: files in, an overview of many forms, one form beside its findings, what was decided of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from api.access import actor
from api.answers import Held, Json, Text, clean, download
from api.events import stream
from api.html import page
from api.judging import MOST
from api.pages import forms
from api.pages.address import FormYear
from api.recording import uploaded
from api.reviews import Batch, Reviewed, Reviews
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.ledger import content_digest
from perfkg.ledger.rulings import Ruling
from perfkg.library import Library
from perfkg.report import opinion, review_bytes
from perfkg.review import SEVERITIES, Report, settled
from perfkg.review import review as judge
from perfkg.review.overview import overview

routes = APIRouter()

REASONS = ("已与单位核实无误", "项目性质特殊，不适用", "原表另有说明", "与往年一致，可以接受")
"""Reasons that are offered where a finding is dismissed."""

Key = Annotated[str, Field(pattern="^[0-9a-f]{16,64}$")]
Reason = Annotated[str, Field(max_length=500), AfterValidator(clean)]
Decision = Literal["accepted", "dismissed", "open"]


def reviews(request: Request) -> Reviews:
    """The reviews of this process."""
    held: Reviews = request.app.state.reviews
    return held


Kept = Annotated[Reviews, Depends(reviews)]


class Ruled(BaseModel):
    """A decision on one finding of a form, by the form's digest and the finding's key."""

    form: Key
    finding: Key
    decision: Decision
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Findings of one severity, or those to be verified: a `kind` for its looks, a title, and what was found."""

    kind: str
    title: str
    items: tuple[opinion.Item, ...]

    @property
    def count(self) -> int:
        """How many findings there are, as the summary counts them: one item may be of several rows."""
        return sum(one.count for one in self.items)


@routes.get("/review")
def choose(request: Request, library: Held) -> Response:
    """Where files are chosen for review, or forms of the library."""
    return page(
        request,
        "review.html",
        years=library.ledger.years(),
        organizations=forms.organizations(library),
        most=MOST,
    )


@routes.post("/review")
async def begin(request: Request, kept: Kept) -> Response:
    """Begins to review the files; nothing is recorded."""
    batch = kept.submit(await uploaded(request))
    return RedirectResponse(f"/reviews/{batch.id}", 303)


@routes.post("/review/library")
def begin_recorded(
    library: Held,
    kept: Kept,
    year: Annotated[FormYear, Form()] = None,
    organization: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Begins to review forms of the library: of a year, of an organization."""
    entries = library.ledger.entries(year=year, text=clean(organization) or None, limit=MOST)
    if not entries:
        raise InvalidQuestion("资料库里没有这样的申报表", clean(organization) or None, "请换一个年度或单位")
    batch = kept.submit_recorded([library.ledger.get(entry.id) for entry in entries])
    return RedirectResponse(f"/reviews/{batch.id}", 303)


@routes.get("/reviews/{id}")
def overviewed(request: Request, library: Held, kept: Kept, id: Text) -> Response:
    """How a review goes, and what it found over all forms; of a single form its own page."""
    batch = kept.get(id)
    found = list(batch.reviewed)
    if batch.finished and len(found) == 1 and not batch.refused:
        return RedirectResponse(f"/reviews/{id}/1", 303)
    reports = _settled(library, found)
    return page(
        request,
        "overview.html",
        batch=batch,
        reports=reports,
        digests=[one.digest for one in found],
        seen=overview(reports) if reports else None,
        most=MOST,
        severities=SEVERITIES,
    )


@routes.get("/reviews/{id}/events")
async def watched(request: Request, kept: Kept, id: Text) -> Response:
    """Server-sent events: how many files are done."""
    return stream(request, kept.get(id), _progress)


@routes.get("/reviews/{id}/{number}")
def one_of_many(request: Request, library: Held, kept: Kept, id: Text, number: int) -> Response:
    """One form of a review beside its findings."""
    batch = kept.get(id)
    found = list(batch.reviewed)
    if not 1 <= number <= len(found):
        raise UnknownId("这次审核里没有这份表", str(number), f"一共 {len(found)} 份，请回到汇总页选择")
    around = {"batch": batch, "number": number, "total": len(found)}
    return _shown(request, library, found[number - 1], around, {"review": id, "number": str(number)})


@routes.get("/declarations/{id}/review")
def recorded(request: Request, library: Held, id: Text) -> Response:
    """A form of the library beside its findings."""
    alone = {"batch": None, "number": 1, "total": 1}
    return _shown(request, library, _recorded(library, id), alone, {"declaration": id})


@routes.post("/review/opinion")
def taken(
    library: Held,
    kept: Kept,
    format: Annotated[Literal["docx", "xlsx", "html"], Query()] = "docx",
    review: Annotated[str, Form()] = "",
    number: Annotated[int | None, Form(ge=1)] = None,
    declaration: Annotated[str, Form()] = "",
    rulings: Annotated[str, Form(max_length=5_000_000)] = "[]",
) -> Response:
    """The 审核意见表 of a review, of one form of it, or of a form of the library; `rulings` are those of the browser."""
    found = [_recorded(library, clean(declaration))] if declaration else kept.get(clean(review)).reviewed
    chosen = found if number is None else found[number - 1 : number]
    if not chosen:
        raise UnknownId("没有可以写成意见表的申报表", None, "请回到审核页重新选择文件")
    reports = _settled(library, chosen, _own(rulings))
    name = reports[0].declaration.project if len(reports) == 1 else None
    content = review_bytes(reports, f".{format}")
    return download(content, f"审核意见表{f'_{name[:60]}' if name else ''}.{format}".replace("/", " "))


@routes.post("/review/rulings")
def rule(request: Request, library: Held, ruled: Ruled) -> Json:
    """Records a decision on a finding; it holds for every form that says the same."""
    if ruled.decision == "dismissed" and not ruled.reason:
        raise InvalidQuestion("不采纳要写明理由", None, "请写一句理由")
    made = Ruling(ruled.decision, ruled.reason)
    return Json(library.ledger.rulings.record(ruled.form, ruled.finding, made, actor(request)))


def _recorded(library: Library, id: str) -> Reviewed:
    one = library.ledger.get(id)
    return Reviewed(judge(one, library), content_digest(one))


def _progress(batch: Batch) -> dict[str, Any]:
    return {"done": batch.done, "total": batch.total, "forms": len(batch.reviewed)}


def _settled(
    library: Library, found: Iterable[Reviewed], own: Mapping[str, Mapping[str, Ruling]] | None = None
) -> list[Report]:
    """The reports without what was dismissed, in the ledger or (later, so before it) in the browser."""
    listed = list(found)
    known = library.ledger.rulings.of([one.digest for one in listed])
    return [settled(one.report, {**known[one.digest], **(own or {}).get(one.digest, {})}) for one in listed]


def _own(rulings: str) -> dict[str, dict[str, Ruling]]:
    """The rulings that a browser keeps."""
    try:
        given = TypeAdapter(list[Ruled]).validate_json(rulings)
    except ValidationError as error:
        raise InvalidQuestion("采纳和不采纳的记录读不懂", None, "请重新载入审核页再下载") from error
    found: dict[str, dict[str, Ruling]] = {}
    for one in given:
        found.setdefault(one.form, {})[one.finding] = Ruling(one.decision, one.reason)
    return found


def _shown(
    request: Request, library: Library, reviewed: Reviewed, around: dict[str, Any], given: dict[str, str]
) -> Response:
    """The page of one form. `given` is what its opinion is asked for by."""
    report = reviewed.report
    sections = _sections(report)
    marks = {row: one.kind for one in reversed(sections) for item in one.items for row in item.rows}
    return page(
        request,
        "opinion.html",
        report=report,
        digest=reviewed.digest,
        ruled=library.ledger.rulings.of([reviewed.digest])[reviewed.digest],
        sections=sections,
        summary=opinion.summary(report),
        passed=opinion.passed(report),
        rows=forms.rows(report.declaration),
        marks=marks,
        reasons=REASONS,
        given=given,
        **around,
    )


def _sections(report: Report) -> list[Section]:
    failed = opinion.items(report, "fail")
    sections = [
        Section(kind, title, tuple(one for one in failed if one.severity == title))
        for kind, title in SEVERITIES.items()
    ]
    sections.append(Section("deferred", "待核实", tuple(opinion.items(report, "deferred"))))
    return [one for one in sections if one.items]
