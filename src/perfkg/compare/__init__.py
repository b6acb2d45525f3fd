"""Comparable targets over projects: indicators of one meaning, grouped by what their values can be compared in.

rows      a hit's targets made ready
groups    what stands beside what, one row a project, with quartiles, years and where a given number stands
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from perfkg import targets, tokens
from perfkg.compare.groups import ENOUGH, Group, Standing, Year, asks, fits, gather, group, matters, related, says_other
from perfkg.compare.rows import LeftOut, Placed, Point, Row, left_out, left_out_alone, placed
from perfkg.concepts.catalogue import catalogue, with_concepts
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Category, Hit, Json, Reasons
from perfkg.search import indicator as find_indicator
from perfkg.search import search
from perfkg.targets.wording import named

__all__ = ["ENOUGH", "Comparison", "Group", "LeftOut", "Point", "Row", "Standing", "Year", "compare"]

_CANDIDATES = 120
_CLOSE = 0.4
"""Hits scored lower are about something else; the score is relative to the best hit of the question."""

_KIN, _KIN_SHARE = 0.3, 0.6
"""What measures the same as a close hit may be less close itself: this much, or this share of the close one."""

_NAMED = 0.25
"""What has a matter of a broad question (网络维护) in its name is compared if it is this close."""

_ASKED = 0.6
"""A number of one project alone is shown as a group if it is this close to the question."""

_SURE = 0.85
"""What is this close is no other matter, whatever its words."""

_MOST_LEFT_OUT = 50
_MOST_ALONE = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` gives, the closest group first. `question` is the text compared by."""

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()
    question: str = ""


def compare(
    library: Library, text: str | None = None, indicator: str | None = None, concept: str | None = None
) -> Comparison:
    """The comparable targets for a text, for a recorded indicator by id, or of an indicator concept by id.

    A number in the text, or the indicator's, is placed among the others (`standing`).
    Raises InvalidQuestion when not just one is given, UnknownId for an id the library does not hold.
    """
    if sum(one is not None for one in (text, indicator, concept)) != 1:
        raise InvalidQuestion("请给出要比较的文字、一个指标或一个概念的编号，三者选一", None, "例如：网络故障处理时间")
    if concept is not None:
        return _of_concept(library, concept)
    given = find_indicator(library, indicator) if indicator is not None else _asked(text or "")
    question = text if text is not None else "，".join(part for part in (given.name, given.value) if part)
    answer = search(library, question, limit=_CANDIDATES, numbers=False)
    own = list(placed(given))
    hits = answer.hits if indicator is None else [given, *(_without(hit, given.id) for hit in answer.hits)]
    known = with_concepts(library, (hit for hit in hits if hit is not None))
    chosen, out = _choose(known, question, own, indicator)
    gathered = gather(chosen, question)
    alone = [members for members in gathered if _is_alone(members, own)]
    out += [left_out_alone(members[0]) for members in alone]
    groups = [_made(members, own, indicator) for members in gathered if members not in alone]
    if text is not None and not asks(text):
        groups += _in_company(library, alone)
        shown = {row.id for one in groups for row in one.rows}
        out = [one for one in out if one.id not in shown]
    notices = (
        answer.notices if groups else (*answer.notices, "没有找到可以比较的指标，可以换个说法，或先导入更多申报表")
    )
    return Comparison(tuple(groups), tuple(out[:_MOST_LEFT_OUT]), answer.snapshot, notices, question)


def _of_concept(library: Library, id: str) -> Comparison:
    """All members, whatever they are called: one group a unit and a measure."""
    one = catalogue(library, waiting=False).get(id)
    hits = [replace(use.hit(1.0), concept=one.id) for use in one.uses]
    ready = [(hit, list(placed(hit))) for hit in hits]
    by_unit: dict[object, list[Placed]] = defaultdict(list)
    for _, found in ready:
        for target in found[:1]:
            by_unit[target.unit, target.target.kind].append(target)
    groups = [group(members) for members in sorted(by_unit.values(), key=lambda members: -len(members))]
    out = [left_out(hit) for hit, found in ready if not found]
    return Comparison(tuple(groups), tuple(out[:_MOST_LEFT_OUT]), library.snapshot, (), one.name)


def _in_company(library: Library, alone: list[list[Placed]]) -> list[Group]:
    """What a broad question (网络维护) finds of one project alone, beside what others measure alike: 24小时, 1小时内响应."""
    found = []
    for members in alone[:_MOST_ALONE]:
        mine = members[0]
        if mine.measure is None:
            continue
        for one in compare(library, indicator=mine.row.id).groups:
            if one.unit == mine.unit and one.measure == mine.measure.label and len(one.rows) > 1:
                found.append(replace(one, standing=None, rows=tuple(replace(row, given=False) for row in one.rows)))
    return found


def _asked(text: str) -> Hit:
    """A text as if it were an indicator: a number in it is a target to be placed."""
    read = targets.read(text, text, None)
    return Hit("", "", None, None, None, Category(), text, None, read, 1.0, Reasons(None, None))


def _without(hit: Hit, id: str) -> Hit | None:
    """The hit without the place of the given indicator, which stands for itself."""
    if hit.id != id:
        return hit
    rest = [place for place in hit.places if place.id != id]
    if not rest:
        return None
    first = rest[0]
    return Hit(
        first.id,
        first.declaration,
        first.project,
        first.organization,
        first.year,
        hit.category,
        hit.name,
        hit.value,
        hit.targets,
        hit.score,
        hit.reasons,
        len(rest),
        tuple(rest),
    )


def _choose(
    hits: Iterable[Hit], question: str, own: list[Placed], indicator: str | None
) -> tuple[list[Placed], list[LeftOut]]:
    """The targets close enough to be compared; of hits that are close and have none, why not."""
    ready = [(hit, list(placed(hit))) for hit in hits]
    close = [one for hit, found in ready for one in found if hit.score >= _CLOSE or _names(one, question)]
    if indicator is not None and own:
        close = [one for one in close if any(fits(mine, one) for mine in own)]
    kept = [one for _, found in ready for one in found if one in close or _akin(one, close)]
    chosen = _to_the_point(kept, question)
    shown = {one.row.id for one in chosen}
    left = [
        (hit, found) for hit, found in ready if hit.score >= _CLOSE and not any(one.row.id in shown for one in found)
    ]
    return chosen, [left_out(hit, _reason(found, own)) for hit, found in left]


def _to_the_point(chosen: list[Placed], question: str) -> list[Placed]:
    """Without what measures the same of another matter: 查档响应时间 beside 网络故障处理时间, 食品留样合格率 beside 扫描合格率.

    A matter is told by words, of the name or of the project's; what is of one matter with such a row is so, too.
    Satisfaction is compared whatever it is with; a question of no matter (响应时间, 覆盖率) asks for all.
    """
    asked = matters(question)
    said = [one for one in chosen if not says_other(question, one)]
    if not asked:
        return said
    told: dict[object, set[str]] = defaultdict(set)
    on = [_on(asked, one) for one in said]
    for one, is_on in zip(said, on, strict=True):
        if is_on:
            told[one.measure, one.canonical_unit] |= matters(one.about)
    beside = (bool(told[one.measure, one.canonical_unit] & matters(one.about)) for one in said)
    return [one for one, is_on, too in zip(said, on, beside, strict=True) if is_on or too]


def _on(asked: frozenset[str], one: Placed) -> bool:
    """Whether a row is of the matter asked for, or of none that it says, or all but the question itself."""
    if one.measure is not None and one.measure.everywhere:
        return True
    own = matters(one.name)
    return bool(asked & (own | matters(one.about))) or one.row.score >= (_SURE if own else _CLOSE)


def _names(one: Placed, question: str) -> bool:
    """Whether a less close target's own name has a matter of a question that asks for no kind of number."""
    if one.row.score < _NAMED or asks(question):
        return False
    return related(one.name, "，".join(tokens.pieces(question)))


def _akin(one: Placed, close: list[Placed]) -> bool:
    """Whether a less close target measures the same as a close one and is of a matter with it."""
    return one.measure is not None and any(
        one.row.score >= min(_KIN, _KIN_SHARE * other.row.score)
        and fits(other, one)
        and related(other.about, one.about)
        for other in close
    )


def _is_alone(members: list[Placed], own: list[Placed]) -> bool:
    """Whether these are one project's numbers beside the question: not asked for, and nothing to compare with."""
    asked = members[0].row.score >= _ASKED or any(fits(members[0], one) for one in own)
    return not asked and len({one.owner for one in members}) == 1


def _reason(found: list[Placed], own: list[Placed]) -> str | None:
    """Why targets with a number are not compared; None where there is none."""
    if not found:
        return None
    if not own:
        return "单位和所量的相同，说的是另一回事"
    mine, other = own[0], found[0]
    if mine.unit != other.unit:
        return f"口径不同：{named(other.unit)}与{named(mine.unit)}不能相比"
    kinds = [one.measure.label if one.measure else "另一回事" for one in (other, mine)]
    return f"所量的不同：{kinds[0]}，不是{kinds[1]}" if kinds[0] != kinds[1] else "名称说的是另一回事"


def _made(members: list[Placed], own: list[Placed], indicator: str | None) -> Group:
    mine = next((one for one in own if fits(members[0], one)), None) if own else None
    return group(members, mine.row.number if mine else None, indicator)
