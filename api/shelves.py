"""The shelf over HTTP: imports and what they did, what was withdrawn, what changed, how the library stands."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.access import actor
from api.answers import Held, Json, Limit, Offset, Text
from perfkg import revisions
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.ledger import DOUBTS, Choice
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.revisions import Revision
from perfkg.search import recall as measured

routes = APIRouter(prefix="/api", tags=["资料库"])

KINDS = {"declaration": "申报表", "self-evaluation": "自评表"}
Version = Annotated[int | None, Query(ge=1, le=10**9)]
_PARTS = {"ledger": ("ledger.db", "ledger.db-wal"), "graph": ("graph",), "words": ("words",), "vectors": ("vectors",)}


@routes.get("/imports", summary="历次导入")
def imports(library: Held, limit: Limit = 50, offset: Offset = 0) -> Json:
    """The imports, the latest first, with their counts."""
    noted = library.ledger.imports
    return Json({"imports": noted.recent(limit, offset), "total": noted.count(), "snapshot": library.snapshot})


@routes.get("/imports/{number}", summary="一次导入做了什么")
def import_(library: Held, number: int) -> Json:
    """What became of each file: the forms recorded, revised or unchanged, or why it was refused."""
    return Json(library.ledger.imports.get(small(number)))


@routes.post("/imports/{number}/undo", summary="撤销一次导入")
def undo(request: Request, library: Held, number: int) -> Json:
    """Takes it back as a whole; what was changed since is left and told."""
    return Json(library.undo_import(small(number), actor(request)))


@routes.post("/imports/{number}/redo", summary="恢复一次撤销了的导入")
def redo(request: Request, library: Held, number: int) -> Json:
    """Puts back what was taken back."""
    return Json(library.redo_import(small(number), actor(request)))


@routes.get("/changes", summary="变更记录")
def log(library: Held, withdrawn: bool = False, limit: Limit = 50, offset: Offset = 0) -> Json:
    """Every change, the latest first: what, when, by whom; or only what is withdrawn now."""
    lines = [
        {
            **{name: getattr(line, name) for name in ("number", "action", "version", "actor", "at")},
            "id": line.declaration.id,
            **{name: getattr(line.declaration, name) for name in ("project", "organization", "year")},
            "file": line.declaration.source.file,
        }
        for line in library.ledger.log(limit, offset, withdrawn)
    ]
    return Json({"changes": lines, "total": library.ledger.count_log(withdrawn), "snapshot": library.snapshot})


@routes.post("/declarations/{id}/restore", summary="恢复一份申报表，或它的一个旧版本")
def restore(request: Request, library: Held, id: Text, version: Version = None) -> Json:
    """Puts a withdrawn declaration back, or an earlier version in place of a later."""
    return Json({"restored": id, "change": library.restore(id, version, actor(request))})


@routes.get("/declarations/{id}/changes", summary="两份申报表的对照")
def changes(
    library: Held,
    id: Text,
    before: Annotated[Text, Query(description="编号，或“编号@版本”；不给时是上一版，或上一年的")] = "",
    after: Annotated[Text, Query(description="编号，或“编号@版本”；不给时是这一份")] = "",
) -> Json:
    """What differs: fields of the head, rows added, removed and changed, with the words that differ."""
    found = beside(library, id, before, after)
    if found is None:
        raise UnknownId("没有可以对照的", id, "它只有一个版本，资料库里也没有同一项目别的年度的申报表")
    return Json(
        {
            **{name: _headed(one) for name, one in (("before", found.before), ("after", found.after))},
            "fields": found.fields,
            "rows": found.rows,
            "counts": found.counts,
            "snapshot": library.snapshot,
        }
    )


@routes.get("/library", summary="资料库的状态")
def state(request: Request, library: Held, recall: bool = False) -> Json:
    """Sizes, the last change of each projection, bytes on disk; with `recall`, the vectors against exact search."""
    return Json(stand(library, recall) | {"trouble": request.app.state.keeper.trouble})


def stand(library: Library, recall: bool = False) -> dict[str, Any]:
    """How the library stands: as `Library.info`, with the bytes of each part, without the path of its folder."""
    facts = {name: value for name, value in library.info().items() if name != "folder"}
    facts["bytes"] = {part: _bytes(library.folder, names) for part, names in _PARTS.items()}
    return facts | ({"recall": measured(library)} if recall else {})


def chosen(q: str = "", organization: str = "", year: str = "", kind: str = "", doubt: str = "") -> Choice:
    """What a list's filters choose; empty ones do not. Raises InvalidQuestion."""
    if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise InvalidQuestion("年度应当是四位数字", year[:20], "例如 2021")
    if kind and kind not in KINDS:
        raise InvalidQuestion("没有这种类型", kind[:40], f"可用：{'、'.join(KINDS)}")
    if doubt and doubt not in DOUBTS:
        raise InvalidQuestion("没有这种筛选", doubt[:40], f"可用：{'、'.join(DOUBTS)}")
    return Choice(
        year=int(year) if year else None,
        text=q or None,
        kind=kind or None,
        doubt=doubt or None,
        among=organization or None,
    )


def beside(library: Library, id: str, before: str = "", after: str = "") -> Revision | None:
    """The two forms asked for side by side; by default the last two versions, else this year's and an earlier one's.

    None where there is nothing to stand beside. Raises UnknownId.
    """
    later = _form(library, after or id)
    if before:
        return revisions.between(_form(library, before), later)
    version = _version(library, after or id)
    if version > 1:
        return revisions.between(library.ledger.get(later.id, version - 1), later)
    others = [one for one in revisions.related(library.ledger, later) if one.id != later.id]
    earlier = [one for one in others if (one.year or 0) <= (later.year or 0)] or others
    return revisions.between(library.ledger.get(earlier[0].id), later) if earlier else None


def _form(library: Library, named: str) -> Declaration:
    """The form of an id, of a version of it (`id@2`), or as it was last where it is withdrawn."""
    return library.ledger.get(named.partition("@")[0], _version(library, named))


def _version(library: Library, named: str) -> int:
    id, _, number = named.partition("@")
    if number:
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise InvalidQuestion("版本应当是数字", named[:80], "例如 编号@2")
        return int(number)
    history = library.ledger.history(id)
    if not history:
        raise UnknownId("资料库里没有这份申报表", id, "请核对编号")
    return int(history[-1]["version"])


def _headed(one: Declaration) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("id", "kind", "title", "year", "organization", "project")}


def small(number: int) -> int:
    """A number that a database can look for. Raises UnknownId."""
    if not 0 < number < 10**15:
        raise UnknownId("没有这次导入", str(number)[:30], "请在资料库的导入记录里核对")
    return number


def _bytes(folder: Path, names: tuple[str, ...]) -> int:
    """The bytes on disk; a file that its owner takes away meanwhile counts nothing."""
    found = [folder / name for name in names]
    found += [Path(root, file) for one in found for root, _, files in os.walk(one) for file in files]
    total = 0
    for file in found:
        with suppress(OSError):
            total += file.stat().st_size if file.is_file() else 0
    return total
