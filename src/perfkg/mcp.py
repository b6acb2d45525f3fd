"""The library as read-only tools of the Model Context Protocol, for agents of the office's choice, over stdio.

Answers are small, with ids and sources, so that what an agent says can be checked. Nothing is written, and nothing of
the network is used. The library may be served or imported into at the same time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field

from perfkg import __version__, schemes
from perfkg.ask import ask as put
from perfkg.compare import Group
from perfkg.compare import compare as contrast
from perfkg.errors import InvalidQuestion, PerfkgError, UnavailableService
from perfkg.library import Library
from perfkg.records import Hit, Indicator, as_json
from perfkg.review import review as judge
from perfkg.search import indicator as find_indicator
from perfkg.search import search as find
from perfkg.search.matching import finder
from perfkg.sparql import Pool, named_queries, named_query
from perfkg.suggest import suggest as propose

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

Json = dict[str, Any]
_Tool = TypeVar("_Tool", bound=Callable[..., Json])

_MOST = 20
_MOST_ROWS = 100
_LONGEST_TEXT = 200_000
Limit = Annotated[int, Field(description=f"最多几条，1 到 {_MOST}")]
_ABOUT = """预算项目支出绩效目标申报表的资料库（只读）。每条指标、每份申报表都有编号和来源；引用时请带上编号、单位、项目和年度。
先用 describe_schema 看有哪些类别和现成的查询；找指标用 search，比指标值用 compare，要统计和名单用 run_query 或 ask，
审核一份表用 review_text。查不到就说查不到，不要自己补。"""


def said(about: str) -> Any:
    """What an agent reads of a parameter."""
    return Field(description=about)


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
    with Library(folder, reading=True) as library, Pool(library.graph_folder, 1, find=finder(library)) as pool:
        server(library, pool).run("stdio")


def server(library: Library, pool: Pool) -> MCPServer:
    """The tools over an open `library`, with `pool` for its named queries."""
    from mcp.server.mcpserver import MCPServer
    from mcp.types import ToolAnnotations

    made = MCPServer("perfkg", "绩效目标资料库", instructions=_ABOUT, version=__version__, log_level="WARNING")
    shown = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    for tool in _tools(library, pool):
        made.tool(description=tool.__doc__, annotations=shown, structured_output=True)(_said(tool, library))
    return made


def _said(tool: _Tool, library: Library) -> _Tool:
    """The tool on the library's last state, its refusals as errors of the protocol in our words."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def told(*given: Any, **named: Any) -> Json:
        try:
            library.catch_up()
            answer: Json = as_json(tool(*given, **named))
        except PerfkgError as error:
            raise ToolError(str(error)) from error
        return answer

    return told  # type: ignore[return-value]


def _tools(library: Library, pool: Pool) -> tuple[Callable[..., Json], ...]:
    """The functions an agent can call; their Chinese descriptions are what it reads."""

    def search(
        question: Annotated[str, said("要找的话，例如：断网多久修好")],
        category: Annotated[str | None, said("指标类别，例如：质量指标、产出")] = None,
        organization: Annotated[str | None, said("单位名称或其中一段")] = None,
        year: Annotated[int | None, said("年度")] = None,
        limit: Limit = 5,
    ) -> Json:
        """按意思检索历年申报表里的三级指标，返回名称、指标值、项目、单位、年度、编号和相近的理由。"""
        found = find(library, question, category, organization, year, _number(limit, _MOST), grouped=True)
        return {"hits": [_hit(one) for one in found.hits], "total": found.total, **_from(library, found.notices)}

    def compare(
        text: Annotated[str | None, said("要比较的指标，例如：网络故障处理时间；与 indicator 二者选一")] = None,
        indicator: Annotated[str | None, said("一条指标的编号")] = None,
        limit: Limit = 10,
    ) -> Json:
        """同一件事各项目定了多少：折成同一单位的指标值，带四分位数和每个值的来源；不能比的说明为什么。"""
        found = contrast(library, text, indicator)
        groups = [_group(one, _number(limit, _MOST)) for one in found.groups[:5]]
        out = [{"name": one.name, "value": one.value, "reason": one.reason} for one in found.left_out[:5]]
        return {"groups": groups, "left_out": out, **_from(library, found.notices)}

    def suggest(
        project: Annotated[str, said("项目名称，例如：网络运行维护费")],
        category: Annotated[str | None, said("要填的类别，例如：质量指标")] = None,
        text: Annotated[str | None, said("已写的几个字")] = None,
        limit: Limit = 5,
    ) -> Json:
        """同类项目用过的指标写法和指标值，带用过的项目数和来源。"""
        found = propose(library, project, category, text, _number(limit, _MOST))
        rows = [
            {
                **{name: getattr(one, name) for name in ("name", "value", "support", "category", "vague")},
                "values": one.spread[:5],
                "evidence": [_source(hit) for hit in one.evidence[:3]],
            }
            for one in found.suggestions
        ]
        return {"suggestions": rows, **_from(library, found.notices)}

    def review_text(
        text: Annotated[str, said("一份申报表的文字，各格以制表符、各行以换行分开")],
    ) -> Json:
        """审核一份申报表的文字：加总、缺漏、重复、写法，以及与资料库里同类项目的比较；只列有问题和待核实的。"""
        from perfkg.reading import read_data

        if len(text) > _LONGEST_TEXT:
            raise InvalidQuestion("文字太长", f"最多 {_LONGEST_TEXT} 字", "请分几份审核")
        reports = [judge(one, library) for one in read_data("表.txt", text.encode("utf-8", "replace"))]
        return {"reports": [_report(one) for one in reports[:_MOST]], **_from(library)}

    def run_query(
        name: Annotated[str, said("现成查询的名字，见 describe_schema")],
        parameters: Annotated[dict[str, str] | None, said("参数的名字和值；不给的用缺省值")] = None,
        limit: Annotated[int, said(f"最多几行，1 到 {_MOST_ROWS}")] = 30,
    ) -> Json:
        """运行一个现成的查询（统计、名单、比较），返回列名和行。"""
        kept = named_query(name)
        result = pool.query(kept.bound(parameters or {}), formats="csv")
        columns, *rows = csv.reader(io.StringIO(b"".join(result.content).decode()))
        most = _number(limit, _MOST_ROWS)
        return {
            "question": kept.question,
            "columns": columns,
            "rows": rows[:most],
            "total": len(rows),
            **_from(library),
        }

    def ask(question: Annotated[str, said("问题，例如：2021年资金最多的项目是哪个")]) -> Json:
        """用一句话提问，回答带着它的行和所依据的查询；读不懂就说读不懂，并给出可以怎样问。"""
        found = put(library, question)
        said = {name: getattr(found, name) for name in ("answer", "query", "alternatives", "not_understood")}
        chips = [f"{one.label}＝{one.shown}" for one in found.understood]
        return {**said, "understood": chips, "rows": found.rows[:_MOST], "total": len(found.rows), **_from(library)}

    def describe_schema() -> Json:
        """资料库里有什么：份数、年度、指标类别体系、图谱的主要词汇，以及现成的查询和它们的参数。"""
        from perfkg.graph import PREFIXES

        ledger = library.ledger
        queries = [
            {
                "name": one.name,
                "question": one.question,
                "parameters": {p.name: f"{p.kind}，{p.about}，缺省 {p.default}" for p in one.parameters},
            }
            for one in named_queries()
        ]
        return {
            **ledger.totals(),
            "year_list": ledger.years(),
            "categories": _categories(),
            "prefixes": dict(PREFIXES),
            "queries": queries,
            **_from(library),
        }

    def get_indicator(id: Annotated[str, said("指标编号")]) -> Json:
        """一条指标：名称、指标值、读作什么、在哪个项目、来自哪个文件的哪一行。"""
        hit = find_indicator(library, id)
        form = library.ledger.get(hit.declaration)
        row = next(one for one in form.indicators if one.id == id)
        return {**_hit(hit), **_row(row), "file": form.source.file, "place": str(row.place), **_from(library)}

    def get_declaration(id: Annotated[str, said("申报表编号")]) -> Json:
        """一份申报表：单位、项目、年度、资金（元）、总体目标、每条指标、来源文件，以及读表时的存疑和没有用上的文字。"""
        form = library.ledger.get(id)
        head = ("id", "kind", "title", "year", "organization", "department", "project", "funding", "objective")
        return {
            **{name: getattr(form, name) for name in head},
            "indicators": [_row(one) for one in form.indicators],
            "file": form.source.file,
            "leftovers": [one.text for one in form.leftovers],
            "notes": form.notes,
            **_from(library),
        }

    return search, compare, suggest, review_text, run_query, ask, describe_schema, get_indicator, get_declaration


def _number(limit: int, most: int) -> int:
    if not 1 <= limit <= most:
        raise InvalidQuestion("条数超出范围", str(limit), f"请给 1 到 {most}")
    return limit


def _from(library: Library, notices: tuple[str, ...] = ()) -> Json:
    """What an answer was made from, and what the asker should know."""
    return {"snapshot": library.snapshot, **({"notices": list(notices)} if notices else {})}


def _source(one: Any) -> Json:
    return {name: getattr(one, name) for name in ("id", "project", "organization", "year")}


def _hit(one: Hit) -> Json:
    return {
        **_source(one),
        "declaration": one.declaration,
        "category": one.category.level2 or one.category.level1,
        "name": one.name,
        "value": one.value,
        "score": round(one.score, 3),
        "matched": one.reasons.matched,
        "count": one.count,
    }


def _row(one: Indicator) -> Json:
    filled = {name: value for name in ("actual", "weight", "score") if (value := getattr(one, name)) is not None}
    return {
        "id": one.id,
        "category": " · ".join(filter(None, (one.category.level1, one.category.level2))),
        "name": one.name,
        "value": one.value,
        "targets": one.targets,
        **filled,
        "unsure": one.unsure,
    }


def _group(one: Group, limit: int) -> Json:
    rows = [
        {**_source(row), "value": row.value, "number": row.number, "low": row.low, "high": row.high} for row in one.rows
    ]
    return {
        "measure": one.measure,
        "unit": one.unit,
        "quartiles": one.quartiles,
        "projects": len(one.rows),
        "rows": rows[:limit],
    }


def _report(one: Any) -> Json:
    told = ("rule", "verdict", "severity", "message", "quote", "advice", "basis")
    findings = [
        {name: getattr(found, name) for name in told} | {"place": str(found.place)}
        for found in one.findings
        if found.verdict in {"fail", "deferred"}
    ]
    return {"project": one.declaration.project, "organization": one.declaration.organization, "findings": findings}


def _categories() -> Mapping[str, list[str]]:
    """The labels of each scheme's second level, by scheme and first level."""
    found: dict[str, list[str]] = {}
    tops = {one.id: one.label for one in schemes.concepts() if one.level == 1}
    for one in schemes.concepts():
        if one.parent in tops:
            found.setdefault(f"{one.scheme} {tops[one.parent]}", []).append(one.label)
    return found
