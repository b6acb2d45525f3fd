"""The page of comparisons: for one matter, what each project set itself, and where a number stands among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from api.answers import Held, Text
from api.concepts import at_hand, making
from api.html import page, said_here
from api.pages.address import address
from api.pages.strip import MARGIN, WIDTH, start, strip
from perfkg.compare import Comparison, Group
from perfkg.compare import compare as contrast
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.concepts.concept import Concept
from perfkg.search import indicator as find_indicator
from perfkg.targets.wording import amount

routes = APIRouter()

_EXAMPLES = ("网络故障处理时间", "服务对象满意度", "巡检次数", "故障修复时间2小时", "工资按时发放")
_DIRECTIONS = {"larger": "越大越严", "smaller": "越小越严"}
_ORDERS = {"": "最接近的在前", "smallest": "数值从小到大", "largest": "数值从大到小", "newest": "年度从近到远"}
_QUOTED = 8
_CONCEPTS = 6


@routes.get("/compare")
def compare(
    request: Request, library: Held, text: Text = "", indicator: Text = "", concept: Text = "", sort: Text = ""
) -> Response:
    """Groups of comparable targets for a text, an indicator or a concept; the address holds the question."""
    if concept and at_hand(request, library) is None:
        return page(request, "waiting.html", title="可比", said=making(library))
    given = find_indicator(library, indicator) if indicator and not concept else None
    asked = (None, None, concept) if concept else (None, indicator, None) if given else (text, None, None)
    found = contrast(library, *asked) if any(asked) else None
    text = found.question if found and concept else text
    drawn = [(_ordered(group, sort), strip(group)) for group in found.groups] if found else []
    return page(
        request,
        "compare.html",
        text=text,
        given=given,
        found=found,
        drawn=drawn,
        notices=said_here(found.notices, library) if found else (),
        said=spoken(found, (given and given.name) or text) if found else "",
        export=address(
            "/api/compare", text="" if given or concept else text, indicator=given and indicator, concept=concept
        ),
        concepts=_concepts(library, found),
        asked={"text": "" if given or concept else text, "indicator": given and indicator, "concept": concept},
        sort=sort if sort in _ORDERS else "",
        orders=_ORDERS,
        directions=_DIRECTIONS,
        examples=_EXAMPLES,
        total=library.ledger.count(),
        width=WIDTH,
        margin=MARGIN,
    )


def _ordered(group: Group, sort: str) -> Group:
    """The group with its rows in the order asked for; an interval stands where it begins."""
    if sort not in _ORDERS or not sort:
        return group
    if sort == "newest":
        return replace(group, rows=tuple(sorted(group.rows, key=lambda row: -(row.year or 0))))
    rows = sorted(group.rows, key=lambda row: start(row), reverse=sort == "largest")
    return replace(group, rows=tuple(rows))


def _concepts(library: Held, found: Comparison | None) -> list[Concept]:
    """The concepts of what was compared, the most used first."""
    known = known_catalogue(library) if found else None
    if known is None or found is None:
        return []
    ids = Counter(row.concept for group in found.groups for row in group.rows if row.concept)
    return [known.get(id) for id, _ in ids.most_common(_CONCEPTS)]


def spoken(found: Comparison, question: str) -> str:
    """The comparison as text for a review opinion."""
    lines = [f"“{question}”的可比指标："]
    for group in found.groups:
        lines.append(f"（{group.measure or group.unit}）共{len(group.rows)}个项目{_spread(group)}。")
        if group.standing:
            lines.append(group.standing.said)
        lines += [
            f"　{row.text}　{row.name or '（没有名称）'}　{row.project or ''}　{row.organization or ''}　{row.year or ''}"
            for row in group.rows[:_QUOTED]
        ]
        if len(group.rows) > _QUOTED:
            lines.append(f"　其余{len(group.rows) - _QUOTED}个从略。")
    return "\n".join(lines)


def _spread(group: Group) -> str:
    if not group.quartiles:
        return ""
    low, middle, high = (amount(one, group.unit) for one in group.quartiles)
    return f"，下四分位{low}，中位数{middle}，上四分位{high}"
