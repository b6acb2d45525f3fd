"""A form while it is being written: proposed, judged as it stands, saved as a file, read back. Nothing is recorded."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from api.answers import Held, Json, Text, answer, clean, download, fresh
from api.judging import outcomes
from api.recording import FILES, uploaded
from perfkg import schemes, targets
from perfkg.reading.identity import declaration_id, indicator_id
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source
from perfkg.report import form_bytes
from perfkg.review import review
from perfkg.suggest import draft

routes = APIRouter(prefix="/api", tags=["填报"])


def _line(text: str) -> str:
    """What is written in a cell is one line, however it was pasted."""
    return " ".join(clean(text).split())


Line = Annotated[str, Field(max_length=2000), AfterValidator(_line)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class DraftRow(BaseModel):
    """One row: its second level, the first where it is not the usual one, and what is written so far."""

    category: Line = ""
    level1: Line = ""
    name: Line = ""
    value: Line = ""


class DraftForm(BaseModel):
    """The form: money in yuan, None where nothing is written yet."""

    project: Line = ""
    organization: Line = ""
    department: Line = ""
    implementer: Line = ""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    total: Amount | None = None
    fiscal: Amount | None = None
    other: Amount | None = None
    objective: Annotated[str, Field(max_length=20_000), AfterValidator(clean)] = ""
    indicators: Annotated[list[DraftRow], Field(max_length=300)] = []


@routes.get("/draft", summary="按项目名称拟一份草稿", dependencies=[Depends(fresh)])
def propose(
    request: Request,
    library: Held,
    project: Annotated[Text, Query(description="项目名称", max_length=500)] = "",
    objective: Annotated[Text | None, Query(description="总体目标", max_length=20_000)] = None,
    limit: Annotated[int, Query(ge=1, le=10, description="每个类别最多几条")] = 2,
) -> Json:
    """What projects of the kind usually have, category by category, each wording with its sources."""
    return answer(request, draft(library, project, objective, limit))


@routes.post("/draft", summary="把填好的表存成文件")
def save(form: DraftForm, format: Annotated[Literal["docx", "xlsx"], Query(description="文件格式")]) -> Response:
    """The form in the layout that offices use, as Word or Excel."""
    made = declaration(form)
    name = "".join(" " if one in '\\/:*?"<>|' else one for one in made.project or "绩效目标申报表")[:80].strip()
    headers = {"Cache-Control": "no-store"}
    return download(form_bytes(made, f".{format}"), f"{name or '绩效目标申报表'}.{format}", headers)


@routes.post("/read", summary="读出文件里的申报表", openapi_extra=FILES)
async def read(request: Request) -> Json:
    """The declarations in the files, as they were read, and why others could not be."""
    files = await uploaded(request)
    found = await run_sync(lambda: list(outcomes(files)), limiter=request.app.state.readers)
    refused = [{"file": one.file, "reason": str(one.refusal)} for one in found if one.refusal]
    read = [declaration for one in found for declaration in one.declarations]
    return Json({"declarations": read, "refused": refused}, headers={"Cache-Control": "no-store"})


@routes.post("/review/draft", summary="审核正在填写的表")
def review_draft(request: Request, library: Held, form: DraftForm) -> Json:
    """The report on a form as it stands; rows without a name and a value are left out."""
    report = review(declaration(form), library)
    return Json({"report": report, "snapshot": library.snapshot}, headers={"Cache-Control": "no-store"})


def declaration(form: DraftForm) -> Declaration:
    """The form as a declaration; the place of an indicator is its row."""
    id = declaration_id(form.organization, form.project, form.year, "declaration", "draft")
    rows = [(number, row) for number, row in enumerate(form.indicators, 1) if row.name or row.value]
    family = schemes.family((row.level1 or None, row.category) for _, row in rows)
    return Declaration(
        id=id,
        kind="declaration",
        title=None,
        year=form.year,
        organization=form.organization or None,
        project=form.project or None,
        funding=Funding(form.total, form.fiscal, form.other),
        objective=form.objective or None,
        indicators=tuple(_indicator(id, number, row, form.year, family) for number, row in rows),
        source=Source("填报助手", ""),
        department=form.department or None,
        implementer=form.implementer or None,
    )


def _indicator(id: str, number: int, row: DraftRow, year: int | None, family: str | None) -> Indicator:
    level1 = row.level1 or schemes.parent(row.category, family)
    return Indicator(
        indicator_id(id, number),
        Category(level1, row.category or None, schemes.concept(level1, row.category, family)),
        row.name or None,
        row.value or None,
        tuple(targets.read(row.value, row.name, year)),
        place=Place(row=number),
    )
