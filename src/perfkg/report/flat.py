"""All indicators of declarations as one table, a row an indicator, under headers as offices use them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from perfkg.records import Declaration, Indicator, Target
from perfkg.report.streams import write_rows
from perfkg.report.tables import Cell
from perfkg.targets.wording import KINDS, fact

_KINDS = {"declaration": "申报表", "self-evaluation": "自评表"}
_HEADERS = (
    *("年度", "预算单位", "主管部门", "项目名称", "表别", "资金总额（元）", "财政拨款（元）", "其他资金（元）"),
    *("一级指标", "二级指标", "三级指标", "指标值", "指标值的含义", "完成值", "权重", "得分", "备注", "存疑"),
    *("指标编号", "申报表编号", "来源文件", "位置"),
)


def write_indicators(declarations: Iterable[Declaration], path: Path) -> None:
    """Writes every indicator with its form to a .csv or .xlsx file, row by row: memory does not grow with them.

    指标值的含义 is what a value was understood to say. Raises InvalidQuestion for another suffix and for more rows than
    a worksheet holds, InvalidFile where it cannot write.
    """
    rows = (_row(one, indicator) for one in declarations for indicator in one.indicators)
    write_rows(_HEADERS, rows, path)


def _row(one: Declaration, indicator: Indicator) -> tuple[Cell, ...]:
    funding, category = one.funding, indicator.category
    return (
        *(one.year, one.organization, one.department, one.project, _KINDS.get(one.kind, one.kind)),
        *(funding.total, funding.fiscal, funding.other),
        *(category.level1, category.level2, indicator.name, indicator.value),
        "；".join(filter(None, map(_meaning, indicator.targets))),
        *(indicator.actual, indicator.weight, indicator.score, indicator.note, "存疑" if indicator.unsure else None),
        *(indicator.id, one.id, one.source.file, str(indicator.place)),
    )


def _meaning(target: Target) -> str:
    """What a target says: 不低于95% is ≥ 95 %, a period its dates; nothing for what has neither number nor date."""
    return "" if target.kind in KINDS else fact(target)
