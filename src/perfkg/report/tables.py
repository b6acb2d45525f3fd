"""Answers as rows: what a search found, what was compared, what is suggested, each row with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.compare import Comparison
from perfkg.records import Hit
from perfkg.search import Answer
from perfkg.suggest import Suggestions
from perfkg.targets.wording import named

Cell = str | float | int | None
_SOURCE = ("项目", "单位", "年度", "指标编号")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers; `notes` are lines below them."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def table_of(answer: Answer | Comparison | Suggestions, title: str) -> Table:
    """The table of an answer, with a title such as the question."""
    if isinstance(answer, Answer):
        return _hits(answer.hits, title)
    return _comparison(answer, title) if isinstance(answer, Comparison) else _suggestions(answer, title)


def _hits(hits: Sequence[Hit], title: str) -> Table:
    headers = ("序号", "三级指标", "指标值", "一级指标", "二级指标", "相近程度", "条数", *_SOURCE)
    rows = [
        (
            *(number, one.name, one.value, one.category.level1, one.category.level2),
            *(round(one.score, 4), one.count, *_source(one)),
        )
        for number, one in enumerate(hits, 1)
    ]
    return Table(title, headers, tuple(rows))


def _comparison(found: Comparison, title: str) -> Table:
    headers = ("所量的内容", "计量单位", "数值", "下限", "上限", "所写内容", "三级指标", "指标值", *_SOURCE)
    rows: list[tuple[Cell, ...]] = []
    notes = []
    for group in found.groups:
        for row in group.rows:
            rows.append(
                (
                    group.measure,
                    named(group.unit),
                    row.number,
                    row.low,
                    row.high,
                    row.text,
                    row.name,
                    row.value,
                    *_source(row),
                )
            )
        if group.quartiles:
            low, middle, high = group.quartiles
            notes.append(
                f"{group.measure or ''}（{named(group.unit)}）：{len(group.rows)}条，下四分位{low:g}，中位数{middle:g}，上四分位{high:g}"
            )
    notes += [f"未比较：{one.name or one.value or one.id}（{one.reason}）" for one in found.left_out]
    return Table(title, headers, tuple(rows), tuple(notes))


def _suggestions(found: Suggestions, title: str) -> Table:
    headers = ("序号", "建议的三级指标", "常用指标值", "项目数", "来源的三级指标", "来源的指标值", *_SOURCE)
    rows = [
        (number, one.name, one.value, one.support, hit.name, hit.value, *_source(hit))
        for number, one in enumerate(found.suggestions, 1)
        for hit in one.evidence
    ]
    return Table(title, headers, tuple(rows))


def _source(row: object) -> tuple[Cell, ...]:
    return tuple(getattr(row, name, None) for name in ("project", "organization", "year", "id"))
