"""The library as read-only tools of the Model Context Protocol, for agents of the office's choice, over stdio.

Answers are small, with ids and sources, so that what an agent says can be checked. Nothing is written, and nothing of
the network is used. The library may be served or imported into at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perfkg import __version__
from perfkg.errors import PerfkgError, UnavailableService
from perfkg.library import Library
from perfkg.mcp.tools import Tools
from perfkg.records import Json, as_json
from perfkg.search.matching import finder
from perfkg.sparql import Pool

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_Tool = TypeVar("_Tool", bound=Callable[..., Json])

_ABOUT = """预算项目支出绩效目标申报表的资料库（只读）。每条指标、每份申报表都有编号和来源；引用时请带上编号、单位、项目和年度。
先用 describe_schema 看有哪些类别和现成的查询；找指标用 search，比指标值用 compare，要统计和名单用 run_query 或 ask，
审核一份表用 review_text。查不到就说查不到，不要自己补。"""


def serve(folder: Path) -> None:
    """Serves the library in `folder` over stdin and stdout until the client goes.

    Raises InvalidLibrary, and UnavailableService where the SDK is not installed.
    """
    try:
        import mcp.server.mcpserver  # noqa: F401
    except ImportError as error:
        raise UnavailableService("没有安装 MCP 组件", None, "请运行 pip install 'perfkg[mcp]'") from error
    with Library(folder) as library:
        library.catch_up()
    with (
        Library(folder, reading=True) as library,
        Pool(library.graph_folder, 1, find=finder(library), base=library.base) as pool,
    ):
        server(library, pool).run("stdio")


def server(library: Library, pool: Pool) -> MCPServer:
    """The tools over an open `library`, with `pool` for its named queries."""
    from mcp.server.mcpserver import MCPServer
    from mcp.types import ToolAnnotations

    made = MCPServer("perfkg", "绩效目标资料库", instructions=_ABOUT, version=__version__, log_level="WARNING")
    shown = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    for tool in _offered(Tools(library, pool)):
        made.tool(description=tool.__doc__, annotations=shown, structured_output=True)(_said(tool, library))
    return made


def _said(tool: _Tool, library: Library) -> _Tool:
    """The tool on the library's last state, its refusals as errors of the protocol in our words."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def told(*given: Any, **named: Any) -> Json:
        """The tool's answer as JSON. Raises ToolError."""
        try:
            library.catch_up()
            answer: Json = as_json(tool(*given, **named))
        except PerfkgError as error:
            raise ToolError(str(error)) from error
        return answer

    return told  # type: ignore[return-value]


def _offered(tools: Tools) -> Iterator[Callable[..., Json]]:
    return (getattr(tools, name) for name in vars(Tools) if not name.startswith("_"))
