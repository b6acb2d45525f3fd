"""The page of reviews: files in, findings by severity with their places, the 审核意见表 to take away."""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import Held
from api.html import page
from api.judging import Format, judge, review_files
from api.pages import forms
from api.recording import uploaded
from perfkg.report import opinion
from perfkg.review import SEVERITIES, Report

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Section:
    """Findings of one severity, or those to be verified: a `kind` for its looks, a title, and what was found."""

    kind: str
    title: str
    items: tuple[opinion.Item, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A report as the page lays it out, with its `number` on it; `rows` is the form itself."""

    number: int
    report: Report
    sections: tuple[Section, ...]
    summary: str
    passed: str
    rows: list[forms.Row]


@routes.get("/review")
def review(request: Request) -> Response:
    """Where files are chosen for review."""
    return page(request, "review.html", opinions=None, refused=())


@routes.post("/review")
async def reviewed(request: Request, library: Held) -> Response:
    """What the rules say of each form in the files; nothing is recorded."""
    files = await uploaded(request)
    judged = await run_sync(judge, library, files, limiter=request.app.state.readers)
    opinions = [_opinion(*one) for one in enumerate(judged.reports, 1)]
    return page(request, "review.html", opinions=opinions, refused=judged.refused)


@routes.post("/review/opinion")
async def taken(request: Request, library: Held, format: Format = "docx") -> Response:
    """The 审核意见表 of the files."""
    return await review_files(request, library, format)


def _opinion(number: int, report: Report) -> Opinion:
    failed = opinion.items(report, "fail")
    sections = [
        Section(kind, title, tuple(one for one in failed if one.severity == title))
        for kind, title in SEVERITIES.items()
    ]
    sections.append(Section("deferred", "待核实", tuple(opinion.items(report, "deferred"))))
    shown = tuple(one for one in sections if one.items)
    rows = forms.rows(report.declaration)
    return Opinion(number, report, shown, opinion.summary(report), opinion.passed(report), rows)
