"""Projects by what their indicators mean: 哪些项目有网络维护类指标, 哪些项目有可比的网络维护指标."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest

from perfkg.ask.names import project_name
from perfkg.ask.results import Result, Unclear
from perfkg.ask.telling import named, shown
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.compare import Group, Row, compare
from perfkg.library import Library
from perfkg.records import Hit, Json
from perfkg.search import search
from perfkg.search.spans import Question

_KIND = re.compile(r"(?P<what>[一-鿿]{2,12}?)类的?(?:绩效|三级)?指标")
_COMPARABLE = re.compile(r"(?:可比的?|可以比较的?|能(?:够)?比较的?|具有可比性的?)")
_MOST_HITS = 80
_CLOSE = 0.4
"""Hits scored lower are about something else; the score is relative to the best hit of the question."""


def take_kind(question: Question, slots: Understanding) -> None:
    """Fills `alike`: indicators of a kind, by meaning; or those that can be compared over projects."""
    if words := question.take(_COMPARABLE):
        slots.alike, slots.words["alike"] = "comparable", words
        return
    found = _KIND.search(question.rest)
    if found and slots.category is None:
        slots.alike, slots.words["alike"] = "kind", found[0]
        question.cut(found.end("what"), found.end())


def by_meaning(library: Library, slots: Understanding) -> tuple[Result, str]:
    """The answer and what it stands on. Raises Unclear without a topic."""
    if not slots.topic:
        raise Unclear("没有读懂要找哪一类指标")
    topic = slots.topic.replace(" ", "")
    if slots.alike == "comparable":
        return _comparable(library, slots, topic), f"compare({topic!r})"
    organization = slots.organizations[0] if len(slots.organizations) == 1 else None
    year = slots.years[0] if len(slots.years) == 1 else None
    answer = search(library, topic, slots.category, organization, year, _MOST_HITS, numbers=False)
    said = Topic(slots.topic)
    hits = [
        hit for hit in answer.hits if hit.score >= _CLOSE and said.share(f"{hit.name} {hit.value} {hit.project}") > 0
    ]
    return _of_kind(topic, hits), f"search({topic!r}, organization={organization!r}, year={year!r})"


def _of_kind(topic: str, hits: Iterable[Hit]) -> Result:
    """A row an indicator: first the best of each project, so that the first rows are of many projects."""
    projects: dict[tuple[str | None, str], list[Hit]] = defaultdict(list)
    for hit in hits:
        projects[hit.organization, project_name(hit.project or "")].append(hit)
    if not projects:
        raise Unclear(f"没有找到意思和“{topic}”相近的指标")
    spread = [hit for turn in zip_longest(*projects.values()) for hit in turn if hit is not None]
    listed = named(f"{found[0].project}（{found[0].name or found[0].value}）" for found in projects.values())
    count = len(projects)
    return Result(
        f"按意思找到{count}个项目有“{topic}”类指标：{listed}。", tuple(map(_hit_row, spread)), float(count), "{个}"
    )


def _comparable(library: Library, slots: Understanding, topic: str) -> Result:
    groups = [group for group in compare(library, topic).groups if len(group.rows) > 1]
    made = [(group, [row for row in group.rows if _passes(slots, row)]) for group in groups]
    made = sorted((one for one in made if len(one[1]) > 1), key=lambda one: len(one[1]))
    if not made:
        raise Unclear(f"没有找到两个以上项目有可比的“{topic}”指标")
    count = len({(row.organization, project_name(row.project or "")) for _, rows in made for row in rows})
    told = "；".join(_told(group, rows) for group, rows in made)
    rows = tuple(_row(group, row) for group, rows in made for row in rows)
    return Result(f"有{count}个项目的“{topic}”指标可以比较，分{len(made)}组：{told}。", rows, float(count), "{个}")


def _passes(slots: Understanding, row: Row) -> bool:
    return (not slots.organizations or row.organization in slots.organizations) and (
        not slots.years or row.year in slots.years
    )


def _told(group: Group, rows: list[Row]) -> str:
    numbers = [row.number for row in rows if row.number is not None]
    between = f"{shown(min(numbers), group.unit)}至{shown(max(numbers), group.unit)}，" if numbers else ""
    money = "费用" if group.unit == "CNY" else "数值"
    return f"{group.measure or money}（{between}{len(rows)}个项目）"


def _row(group: Group, row: Row) -> Json:
    return {
        "declaration": row.declaration, "project": row.project, "organization": row.organization, "year": row.year,
        "indicator": row.id, "category": None, "name": row.name, "value": row.value, "number": row.number,
        "unit": group.unit, "measure": group.measure,
    }  # fmt: skip


def _hit_row(hit: Hit) -> Json:
    return {
        "declaration": hit.declaration, "project": hit.project, "organization": hit.organization, "year": hit.year,
        "indicator": hit.id, "category": hit.category.level2, "name": hit.name, "value": hit.value, "number": None,
        "unit": None,
    }  # fmt: skip
