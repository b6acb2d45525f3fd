"""A form while it is being written: judged as it stands, before there is a file of it. Nothing is recorded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field

from api.answers import Held, Json, clean
from perfkg import schemes, targets
from perfkg.reading.identity import declaration_id, indicator_id
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source
from perfkg.review import review

routes = APIRouter(prefix="/api", tags=["审核"])

Line = Annotated[str, Field(max_length=2000), AfterValidator(clean)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class DraftRow(BaseModel):
    """One row: its second level, and what is written so far."""

    category: Line = ""
    name: Line = ""
    value: Line = ""


class DraftForm(BaseModel):
    """The form: money in yuan, None where nothing is written yet."""

    project: Line = ""
    organization: Line = ""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    total: Amount | None = None
    fiscal: Amount | None = None
    other: Amount | None = None
    objective: Annotated[str, Field(max_length=20_000), AfterValidator(clean)] = ""
    indicators: Annotated[list[DraftRow], Field(max_length=300)] = []


@routes.post("/review/draft", summary="审核正在填写的表")
def review_draft(request: Request, library: Held, form: DraftForm) -> Json:
    """The report on a form as it stands; rows without a name and a value are left out."""
    report = review(declaration(form), library)
    return Json({"report": report, "snapshot": library.snapshot}, headers={"Cache-Control": "no-store"})


def declaration(form: DraftForm) -> Declaration:
    """The form as a declaration; the place of an indicator is its row."""
    id = declaration_id(form.organization, form.project, form.year, "declaration", "draft")
    rows = [(number, row) for number, row in enumerate(form.indicators, 1) if row.name or row.value]
    family = schemes.family((None, row.category) for _, row in rows)
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
    )


def _indicator(id: str, number: int, row: DraftRow, year: int | None, family: str | None) -> Indicator:
    level1 = schemes.parent(row.category, family)
    return Indicator(
        indicator_id(id, number),
        Category(level1, row.category or None, schemes.concept(level1, row.category, family)),
        row.name or None,
        row.value or None,
        tuple(targets.read(row.value, row.name, year)),
        place=Place(row=number),
    )
