"""The guides, one a role: kept as Markdown in docs/guide, shown as pages, with the pictures of docs/pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from markdown_it import MarkdownIt
from markupsafe import Markup

from api.answers import Text
from api.html import page
from perfkg.errors import UnknownId

routes = APIRouter()

ROLES = {"reviewer": "审核人员", "drafter": "填报人员", "analyst": "分析人员", "operator": "运维人员"}
"""The guides, by the names of their files."""

_ABOUT = {
    "reviewer": "核对一份或一批申报表，看指标值定得是否合适，写出审核意见",
    "drafter": "从去年的表或空白开始填，边写边看同类项目的写法，存成 Word",
    "analyst": "用一句话或查询统计多年多单位的指标，导出数据",
    "operator": "离线安装、启动、备份、恢复、升级，接给别的程序",
}


@routes.get("/guide")
def guides(request: Request) -> Response:
    """The guides to choose from."""
    return page(request, "guide.html", roles=ROLES, about=_ABOUT, role=None, text=None)


@routes.get("/guide/{role}")
def guide(request: Request, role: Text) -> Response:
    """The guide for a role. Raises UnknownId."""
    name = role.removesuffix(".md")
    if name not in ROLES:
        raise UnknownId("没有这份使用说明", role[:60], f"可看：{'、'.join(ROLES.values())}")
    return page(request, "guide.html", roles=ROLES, about=_ABOUT, role=name, text=Markup(_rendered(name)))


@routes.get("/pictures/{name}")
def picture(name: Text) -> Response:
    """A picture of the guides. Raises UnknownId."""
    known = {file.name: file for file in _docs("pictures").glob("*.png")}
    if name not in known:
        raise UnknownId("没有这张图", name[:60], "请从使用说明里打开")
    return FileResponse(known[name], headers={"Cache-Control": "max-age=3600"})


@cache
def _rendered(name: str) -> str:
    """The guide as HTML. Any HTML in its text is shown, never run."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    rendered: str = reader.render((_docs("guide") / f"{name}.md").read_text("utf-8"))
    return rendered


def _docs(name: str) -> Path:
    """A folder of docs/: beside this package where it was installed, above it in a checkout."""
    shipped = Path(__file__).parents[1] / "docs" / name
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "docs" / name
