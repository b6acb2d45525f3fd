"""What an agent can call. The Chinese descriptions are what it reads."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from pydantic import Field

from perfkg.ask import ask as put
from perfkg.compare import compare as contrast
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.mcp import answers
from perfkg.records import Json
from perfkg.review import review as judge
from perfkg.search import indicator as find_indicator
from perfkg.search import search as find
from perfkg.sparql import Pool, named_queries, named_query
from perfkg.suggest import suggest as propose

_MOST = 20
_MOST_ROWS = 100
_LONGEST_TEXT = 200_000
Limit = Annotated[int, Field(description=f"最多几条，1 到 {_MOST}")]


def said(about: str) -> Any:
    """What an agent reads of a parameter."""
    return Field(description=about)


class Tools:
    """The tools over an open library; each public method is one."""

    def __init__(self, library: Library, pool: Pool) -> None:
        self._library = library
        self._pool = pool

    def search(
        self,
        question: Annotated[str, said("要找的话，例如：断网多久修好")],
        category: Annotated[str | None, said("指标类别，例如：质量指标、产出")] = None,
        organization: Annotated[str | None, said("单位名称或其中一段")] = None,
        year: Annotated[int | None, said("年度")] = None,
        limit: Limit = 5,
    ) -> Json:
        """按意思检索历年申报表里的三级指标，返回名称、指标值、项目、单位、年度、编号和相近的理由。"""
        found = find(self._library, question, category, organization, year, _number(limit, _MOST), grouped=True)
        return {
            "hits": [answers.hit(one) for one in found.hits],
            "total": found.total,
            **answers.origin(self._library, found.notices),
        }

    def compare(
        self,
        text: Annotated[str | None, said("要比较的指标，例如：网络故障处理时间；与 indicator 二者选一")] = None,
        indicator: Annotated[str | None, said("一条指标的编号")] = None,
        limit: Limit = 10,
    ) -> Json:
        """同一件事各项目定了多少：折成同一单位的指标值，带四分位数和每个值的来源；不能比的说明为什么。"""
        found = contrast(self._library, text, indicator)
        groups = [answers.group(one, _number(limit, _MOST)) for one in found.groups[:5]]
        out = [{"name": one.name, "value": one.value, "reason": one.reason} for one in found.left_out[:5]]
        return {"groups": groups, "left_out": out, **answers.origin(self._library, found.notices)}

    def suggest(
        self,
        project: Annotated[str, said("项目名称，例如：网络运行维护费")],
        category: Annotated[str | None, said("要填的类别，例如：质量指标")] = None,
        text: Annotated[str | None, said("已写的几个字")] = None,
        limit: Limit = 5,
    ) -> Json:
        """同类项目用过的指标写法和指标值，带用过的项目数和来源。"""
        found = propose(self._library, project, category, text, _number(limit, _MOST))
        rows = [
            {
                **{name: getattr(one, name) for name in ("name", "value", "support", "category", "vague")},
                "values": one.spread[:5],
                "evidence": [answers.place(hit) for hit in one.evidence[:3]],
            }
            for one in found.suggestions
        ]
        return {"suggestions": rows, **answers.origin(self._library, found.notices)}

    def review_text(
        self,
        text: Annotated[str, said("一份申报表的文字，各格以制表符、各行以换行分开")],
    ) -> Json:
        """审核一份申报表的文字：加总、缺漏、重复、写法，以及与资料库里同类项目的比较；只列有问题和待核实的。"""
        from perfkg.reading import read_data

        if len(text) > _LONGEST_TEXT:
            raise InvalidQuestion("文字太长", f"最多 {_LONGEST_TEXT} 字", "请分几份审核")
        reports = [judge(one, self._library) for one in read_data("表.txt", text.encode("utf-8", "replace"))]
        return {"reports": [answers.report(one) for one in reports[:_MOST]], **answers.origin(self._library)}

    def run_query(
        self,
        name: Annotated[str, said("现成查询的名字，见 describe_schema")],
        parameters: Annotated[dict[str, str] | None, said("参数的名字和值；不给的用缺省值")] = None,
        limit: Annotated[int, said(f"最多几行，1 到 {_MOST_ROWS}")] = 30,
    ) -> Json:
        """运行一个现成的查询（统计、名单、比较），返回列名和行。"""
        kept = named_query(name)
        result = self._pool.query(kept.bound(parameters or {}), formats="csv")
        columns, *rows = csv.reader(io.StringIO(b"".join(result.content).decode()))
        most = _number(limit, _MOST_ROWS)
        return {
            "question": kept.question,
            "columns": columns,
            "rows": rows[:most],
            "total": len(rows),
            **answers.origin(self._library),
        }

    def ask(self, question: Annotated[str, said("问题，例如：2021年资金最多的项目是哪个")]) -> Json:
        """用一句话提问，回答带着它的行和所依据的查询；读不懂就说读不懂，并给出可以怎样问。"""
        found = put(self._library, question)
        said = {name: getattr(found, name) for name in ("answer", "query", "alternatives", "not_understood")}
        chips = [f"{one.label}＝{one.shown}" for one in found.understood]
        return {
            **said,
            "understood": chips,
            "rows": found.rows[:_MOST],
            "total": len(found.rows),
            **answers.origin(self._library),
        }

    def describe_schema(self) -> Json:
        """资料库里有什么：份数、年度、指标类别体系、图谱的主要词汇，以及现成的查询和它们的参数。"""
        from perfkg.graph import PREFIXES

        ledger = self._library.ledger
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
            "categories": answers.categories(),
            "prefixes": dict(PREFIXES),
            "queries": queries,
            **answers.origin(self._library),
        }

    def get_indicator(self, id: Annotated[str, said("指标编号")]) -> Json:
        """一条指标：名称、指标值、读作什么、在哪个项目、来自哪个文件的哪一行。"""
        hit = find_indicator(self._library, id)
        form = self._library.ledger.get(hit.declaration)
        row = next(one for one in form.indicators if one.id == id)
        return {
            **answers.hit(hit),
            **answers.row(row),
            "file": form.source.file,
            "place": str(row.place),
            **answers.origin(self._library),
        }

    def get_declaration(self, id: Annotated[str, said("申报表编号")]) -> Json:
        """一份申报表：单位、项目、年度、资金（元）、总体目标、每条指标、来源文件，以及读表时的存疑和没有用上的文字。"""
        form = self._library.ledger.get(id)
        head = ("id", "kind", "title", "year", "organization", "department", "project", "funding", "objective")
        return {
            **{name: getattr(form, name) for name in head},
            "indicators": [answers.row(one) for one in form.indicators],
            "file": form.source.file,
            "leftovers": [one.text for one in form.leftovers],
            "notes": form.notes,
            **answers.origin(self._library),
        }


def _number(limit: int, most: int) -> int:
    if not 1 <= limit <= most:
        raise InvalidQuestion("条数超出范围", str(limit), f"请给 1 到 {most}")
    return limit
