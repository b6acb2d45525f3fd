"""How files come in: looked at, imported, the imports with what they did, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import actor
from api.answers import Held, Text
from api.html import page
from api.pages import preview, shapes
from api.pages.address import address
from api.recording import Imports, uploaded
from api.shelves import small
from api.waiting import PATIENCE, Waiting
from perfkg.ledger import Import, Outcome
from perfkg.ledger.writing import WITHDRAW
from perfkg.library import Library
from perfkg.records import Declaration, Indicator

routes = APIRouter()

_PAGE = 50
_FILES = 40
Number = Annotated[int, Query(alias="page", ge=1, le=10**6)]


@dataclass(frozen=True, slots=True)
class Taken:
    """A form of an import: what became of it, what it said then, and whether that still holds."""

    outcome: Outcome
    form: Declaration
    current: bool

    @property
    def doubtful(self) -> list[Indicator]:
        """The rows that a person should look at."""
        return [row for row in self.form.indicators if row.unsure or any(target.doubt for target in row.targets)]

    @property
    def repaired(self) -> list[Indicator]:
        """The rows that were mended."""
        return [row for row in self.form.indicators if row.repairs]


@dataclass(frozen=True, slots=True)
class File:
    """A file of an import: its forms, or why it was refused."""

    name: str
    reason: str | None
    taken: list[Taken]


@routes.get("/read")
def read(request: Request, imports: Imports) -> Response:
    """Where files are chosen, to be looked at or imported."""
    return page(request, "read.html", previews=None, roles=preview.ROLES, jobs=imports.recent(5))


@routes.post("/read")
async def read_files(request: Request, imports: Imports) -> Response:
    """Each piece of the files beside what was understood of it; nothing is recorded."""
    files = await uploaded(request)
    previews = await run_sync(preview.read, files, limiter=request.app.state.readers)
    shown = partial(page, request, "read.html", previews=previews, roles=preview.ROLES, jobs=imports.recent(5))
    return await run_sync(shown)


@routes.post("/library/import")
async def import_(request: Request, imports: Imports) -> Response:
    """Queues an import and shows its progress."""
    job = imports.submit(await uploaded(request, folders=True), actor(request))
    return RedirectResponse(f"/imports/{job.id}", 303)


@routes.get("/imports/{id}")
def going(request: Request, imports: Imports, id: Text) -> Response:
    """How an import goes; what it did, once it has ended."""
    job = imports.get(id)
    if not job.files:
        return RedirectResponse("/library/state", 303)
    if job.state == "done" and job.report and job.report["import"]:
        return RedirectResponse(f"/library/imports/{job.report['import']}", 303)
    return page(request, "import.html", job=job)


@routes.get("/library/imports")
def imported(request: Request, library: Held, imports: Imports, number: Number = 1) -> Response:
    """All imports, the latest first."""
    noted = library.ledger.imports
    total = noted.count()
    return page(
        request,
        "imports.html",
        imports=noted.recent(_PAGE, (number - 1) * _PAGE),
        jobs=[job for job in imports.recent() if job.state != "done"],
        total=total,
        number=number,
        pages=max(1, -(-total // _PAGE)),
        address=lambda number: address("/library/imports", page=number if number > 1 else None),
    )


@routes.get("/library/imports/{which}")
def report(request: Request, library: Held, which: int, number: Number = 1, done: Text = "") -> Response:
    """What an import did, file by file: those refused first, then those with something to look at."""
    one = library.ledger.imports.get(small(which))
    files = _sorted(one)
    pages = max(1, -(-len(files) // _FILES))
    shown = files[(number - 1) * _FILES : number * _FILES]
    return page(
        request,
        "imported.html",
        one=one,
        files=list(_files(library, shown)),
        check=_checking(request, library, shown, PATIENCE),
        total=len(files),
        standing=library.ledger.imports.standing(one.number),
        done=done,
        number=number,
        pages=pages,
        address=lambda number: address(f"/library/imports/{which}", page=number if number > 1 else None),
    )


@routes.get("/library/imports/{which}/shapes")
def shapes_of(request: Request, library: Held, which: int, number: Number = 1) -> Response:
    """What the graph's constraints say of the forms of a page of an import, for that page to take in where it took long."""
    files = _sorted(library.ledger.imports.get(small(which)))
    shown = files[(number - 1) * _FILES : number * _FILES]
    return page(request, "shapes.html", check=_checking(request, library, shown, None))


@routes.post("/library/imports/{which}/undo")
def undo(request: Request, library: Held, which: int) -> Response:
    """Takes an import back."""
    done = library.undo_import(small(which), actor(request))
    return RedirectResponse(f"/library/imports/{which}?done=undo-{len(done.changed)}-{len(done.left)}", 303)


@routes.post("/library/imports/{which}/redo")
def redo(request: Request, library: Held, which: int) -> Response:
    """Puts an import back."""
    done = library.redo_import(small(which), actor(request))
    return RedirectResponse(f"/library/imports/{which}?done=redo-{len(done.changed)}-{len(done.left)}", 303)


def _sorted(one: Import) -> list[list[Outcome]]:
    """The outcomes file by file: the refused first, what changed something next, then the others."""

    def file(outcome: Outcome) -> tuple[str, str]:
        """Which file it is: two may be called alike."""
        return outcome.file, outcome.sha256

    files = [list(group) for _, group in groupby(sorted(one.outcomes, key=file), key=file)]
    order = {"refused": 0, "record": 1, "revise": 1, "unchanged": 2}
    return sorted(files, key=lambda group: (min(order[outcome.action] for outcome in group), group[0].file))


def _files(library: Library, files: Sequence[list[Outcome]]) -> Iterator[File]:
    for group in files:
        taken = [_taken(library, outcome) for outcome in group if outcome.id]
        yield File(group[0].file, next((outcome.reason for outcome in group if outcome.reason), None), taken)


def _checking(
    request: Request, library: Library, files: Sequence[list[Outcome]], patience: float | None
) -> shapes.Check | None:
    """What the graph's constraints say of the forms in `files`; None while it is being found out."""
    taken = [(outcome.id, outcome.version) for group in files for outcome in group if outcome.id]
    waiting: Waiting = request.app.state.waiting
    key = ("shapes", library.base, *taken[: shapes.MOST])
    work = waiting.begin(key, lambda: shapes.check(library, taken), patience)
    return work.result() if work.done() else None


def _taken(library: Library, outcome: Outcome) -> Taken:
    id = str(outcome.id)
    last = library.ledger.history(id)[-1]
    current = last["action"] != WITHDRAW and last["version"] == outcome.version
    return Taken(outcome, library.ledger.get(id, outcome.version), current)
