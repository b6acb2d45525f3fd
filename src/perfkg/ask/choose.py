"""From the slots of a question to the rows it is about, and the query or search they stand on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from perfkg import targets
from perfkg.ask import facts
from perfkg.ask.facts import Fact, Query
from perfkg.ask.results import Unclear
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.ask.wordlists import names, pattern
from perfkg.library import Library
from perfkg.search import search
from perfkg.search.spans import plain
from perfkg.targets import canonical

NUMERIC = frozenset({"highest", "lowest", "average", "median", "compare", "sum", "strict", "loose"})
"""The intents that need numbers of one unit."""

_HOW_MANY = re.compile("有多少|[有几]*几[个条项]|有?多少[个条项]")
_BRACKETS = re.compile(r"\([^()]*\)")
_SHOWS = frozenset({"{场}", "{场次}"})
_FACILITIES = frozenset({"{个}", "{家}", "{所}", "{处}", "{座}"})
_MOST_HITS = 30
_HALF = 0.5
_MAIN_UNIT = 0.6
"""The share of the numbers one unit must have to be the unit meant."""


@dataclass(frozen=True)
class Chosen:
    """The rows, the query they stand on, whether they are found by likeness alone, and a note in Chinese or None."""

    facts: tuple[Fact, ...]
    query: str
    near: bool = False
    note: str | None = None


def of_indicators(slots: Understanding) -> bool:
    """Whether the question is about indicators and their numbers, not about projects and their money."""
    if slots.subject == "indicators" or slots.category or slots.unmet:
        return slots.intent != "lacking"
    if slots.of_rich:
        return True
    if slots.measure is not None or (slots.kind and slots.subject == "declarations"):
        return False
    if slots.number is not None:
        return True
    if slots.subject == "values":
        return bool(slots.topic or slots.unit)
    measured = slots.intent in NUMERIC or slots.change is not None
    return bool(slots.topic) and (measured or (slots.by is not None and slots.intent != "count"))


def choose(library: Library, slots: Understanding) -> Chosen:
    """The rows the question is about; without any where the library has none."""
    if slots.several:
        return _several(library, slots)
    if slots.intent == "lacking":
        return _lacking(library, slots)
    if of_indicators(slots):
        return _indicators(library, slots)
    if slots.measure == "indicators":
        query = facts.indicators(slots, Topic(slots.topic) if slots.topic else None)
        return Chosen(tuple(facts.run(library, query)), query)
    if slots.measure == "funding" and slots.topic and (cost := _cost(library, slots)):
        return cost
    return _declarations(library, slots)


def _several(library: Library, slots: Understanding) -> Chosen:
    """The rows of each of the topics. Raises Unclear where one has none, or they are not of the same forms: 劳务费 may
    be short for 保洁员劳务费 then.
    """
    found = {one: choose(library, replace(slots, topic=one, several=())) for one in slots.several}
    if missing := next((one for one, chosen in found.items() if not chosen.facts or chosen.near), None):
        raise Unclear(f"资料库里没有找到和“{missing}”有关的内容")
    if any(len({fact.name for fact in chosen.facts}) > 1 for chosen in found.values()):
        raise Unclear(f"“{'”和“'.join(found)}”说的不止两条指标，请写指标的全称")
    forms = [{fact.declaration for fact in chosen.facts} for chosen in found.values()]
    if any(one != forms[0] for one in forms):
        raise Unclear(f"“{'”和“'.join(found)}”不在同样的申报表里，请分开问")
    query = " UNION ".join(f"{{ {chosen.query} }}" for chosen in found.values())
    facts = {fact: None for chosen in found.values() for fact in chosen.facts}
    return Chosen(tuple(facts), f"SELECT * {{ {query} }}")


def unit_of(slots: Understanding, rows: Iterable[Fact]) -> str | None:
    """The unit the question is about: the one asked for, the topic's own, or the one most numbers have."""
    if slots.unit:
        return slots.unit
    units = Counter(row.unit for row in rows if row.unit)
    for unit in names("dimensions"):
        if slots.topic and units[unit] and pattern("dimensions", unit).search(slots.topic):
            return unit
    most = units.most_common(1)
    return most[0][0] if most and most[0][1] >= _MAIN_UNIT * units.total() else None


def _declarations(library: Library, slots: Understanding) -> Chosen:
    """By name first, then by objective, then by indicators: the first that finds any, unless all were asked for."""
    if not slots.topic:
        query = facts.declarations(slots)
        return Chosen(tuple(facts.run(library, query)), query)
    topic = Topic(slots.topic)
    for where in _places(slots):
        query = facts.declarations(slots, topic, where)
        if found := tuple(facts.run(library, query)):
            if (
                where == "name"
                and slots.measure == "funding"
                and not any(topic.says(row.project or "") for row in found)
            ):
                # The money of 数字化 is not that of 信息化, near as the words are.
                likely = "、".join(dict.fromkeys(row.project or "" for row in found[:3]))
                raise Unclear(
                    f"没有名称里写“{slots.topic.replace(' ', '')}”的项目；意思相近的有：{likely}，请按它的名称问"
                )
            return Chosen(found, query, note=_elsewhere(library, slots, topic, found, where))
    return Chosen((), query)


def _places(slots: Understanding) -> tuple[str, ...]:
    if slots.scope in {"anywhere", "name"}:
        return (slots.scope,)
    # A project is about what its name or objective says; money is added up over nothing less.
    return ("name", "objective") if slots.measure == "funding" else ("name", "objective", "indicators")


def _lacking(library: Library, slots: Understanding) -> Chosen:
    """The declarations without an indicator of the category or topic; the topic must be one the library has."""
    if slots.topic:
        anywhere = facts.declarations(Understanding(), Topic(slots.topic), "anywhere")
        if not facts.run(library, anywhere):
            raise Unclear(f"资料库里没有找到和“{slots.topic.replace(' ', '')}”有关的内容，说不出谁没有")
    query = facts.lacking(slots, Topic(slots.topic) if slots.topic else None)
    return Chosen(tuple(facts.run(library, query)), query)


def _elsewhere(library: Library, slots: Understanding, topic: Topic, found: tuple[Fact, ...], where: str) -> str | None:
    """How many more projects speak of the topic elsewhere than in `where`."""
    if where == "anywhere":
        return None
    place = {"name": "项目名称", "objective": "项目目标", "indicators": "指标"}[where]
    counted = {row.identity for row in found}
    more = {row.identity for row in facts.run(library, facts.declarations(slots, topic, "anywhere"))} - counted
    return f"按{place}找到" + (f"，另有{len(more)}个项目在目标或指标里提到，没有计入" if more else "")


def _cost(library: Library, slots: Understanding) -> Chosen | None:
    """The cost rows named exactly like the topic (高龄津贴 is a row of its project, not the project), else the one
    that holds all its words.
    """
    about = replace(slots, measure=None, category=slots.category or "成本指标", number=None)
    query = facts.indicators(about, Topic(slots.topic or ""), numbered=True)
    wanted = (slots.topic or "").replace(" ", "")
    costs = [row for row in facts.run(library, query) if row.unit == "CNY"]
    found = tuple(row for row in costs if row.name == wanted)
    if not found and len({row.name for row in costs}) == 1 and not _named(library, slots):
        found, wanted = tuple(costs), costs[0].name or wanted
    return Chosen(found, query, note=f"按成本指标“{wanted}”计") if found else None


def _named(library: Library, slots: Understanding) -> list[Fact]:
    """The projects that have the topic in their name."""
    return facts.run(library, facts.declarations(replace(slots, number=None), Topic(slots.topic or "")))


def _indicators(library: Library, slots: Understanding) -> Chosen:
    wanted = canonical(slots.number) if slots.number and slots.measure is None else None
    unit = slots.unit or (wanted.unit if wanted else None)
    topic = Topic(slots.topic) if slots.topic else None
    found: tuple[Fact, ...] = ()
    for way, where, query in _ways(slots, topic, unit):
        if slots.number and slots.measure == "funding":
            query = facts.of_rich(query, slots.number)
        found = tuple(facts.run(library, query))
        if way and where == "project" and way.counts_alone:
            found = tuple(row for row in found if _says_more(way, row))
        if topic and way != topic and way == topic.bare:
            found = tuple(row for row in found if (row.unit or "").startswith((topic.asks_unit, "/")))
        if slots.unit:
            found = _in_unit(found, slots.unit)
        if slots.unmet:
            found = tuple(row for row in found if _missed(row))
        if found:
            break
    found = _as_said(slots, found)
    if not found and topic and slots.unit and not slots.number and slots.subject in {"values", "indicators"}:
        return _near(library, slots, topic) or Chosen((), query)
    return Chosen(found, query)


def _says_more(topic: Topic, row: Fact) -> bool:
    """Whether a row of a project so named holds more of the topic than how it is counted: 县代表154人经费, not 人数."""
    counted, text = topic.last.text, f"{row.category or ''} {row.name or ''} {row.value or ''}"
    words = (way for ways in topic.terms for way in ways[0] if len(way) > 1 and way not in counted)
    return any(word in plain(text) for word in words)


def _in_unit(rows: tuple[Fact, ...], unit: str) -> tuple[Fact, ...]:
    """The rows in the unit asked for; 几所 may be answered in 家."""
    exact = tuple(row for row in rows if row.unit == unit)
    alike = (_FACILITIES, _SHOWS)
    return exact or tuple(row for row in rows if any(unit in one and row.unit in one for one in alike))


def _as_said(slots: Understanding, rows: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Of several rows those that hold a word which else says nothing: 全年上报案件 beside 每月上报案件.

    保洁员有多少 asks how many they are, not how content or how dear.
    """
    many = slots.counted or _HOW_MANY.match(slots.words.get("intent", ""))
    if slots.subject == "values" and not slots.unit and many:
        counts = tuple(row for row in rows if (row.unit or "").startswith("{"))
        rows = counts or rows
    if slots.topic and slots.subject == "values":
        whole = slots.before + slots.topic.replace(" ", "")
        called = tuple(row for row in rows if slots.before and _BRACKETS.sub("", plain(row.name or "")) == whole)
        rows = called or _titled(Topic(slots.topic), rows)
    for word in slots.beside:
        if kept := tuple(row for row in rows if word in (row.name or "")):
            rows = kept
    return rows


def _titled(topic: Topic, rows: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """满意度 is asked of the rows of that category, or named so at the end, where there are any; 县道日常养护成本 of
    the row of that name."""
    last = topic.last.text
    if any(last in (row.category or "") for row in rows):
        return tuple(row for row in rows if last in (row.category or "") or plain(row.name or "").endswith(last))
    bare = topic.bare.text.replace(" ", "")
    exact = tuple(row for row in rows if plain(row.name or "") == bare)
    return exact if exact and bare != topic.text.replace(" ", "") else rows


def _ways(slots: Understanding, topic: Topic | None, unit: str | None) -> Iterator[tuple[Topic | None, str, Query]]:
    """The topic as said, without what its unit says, and with a part of it in the project's name; where, and the query."""
    if topic is None:
        yield None, "row", facts.indicators(slots, None, numbered=True)
        return
    places = ("title", "row", "project") if slots.subject == "values" and not slots.number else ("row", "project")
    ways = tuple(dict.fromkeys((topic, topic.without(unit), topic.bare)))
    for where in places:
        for way in ways:
            yield way, where, facts.indicators(slots, way, True, where)
    if slots.category or slots.subject == "indicators":
        yield topic, "named", facts.indicators(slots, topic, True, "named")


def _near(library: Library, slots: Understanding, topic: Topic) -> Chosen | None:
    """What search finds, where it holds at least a part of the topic and has the unit that was asked for."""
    organization = slots.organizations[0] if len(slots.organizations) == 1 else None
    year = slots.years[0] if len(slots.years) == 1 else None
    text = topic.text.replace(" ", "")
    answer = search(library, text, slots.category, organization, year, _MOST_HITS, numbers=False)
    found = []
    for hit in answer.hits:
        numbers = [one for target in hit.targets if (one := canonical(target)) and one.unit == slots.unit]
        share = topic.share(f"{hit.category.level2} {hit.name}")
        if share >= _HALF and numbers and not library.ledger.get(hit.declaration).kind.startswith("self"):
            number = numbers[0]
            found.append(
                Fact(
                    hit.declaration, hit.project, hit.organization, hit.year, None, hit.id, hit.category.level2,
                    hit.name, hit.value, None, number.number, number.unit,
                )
            )  # fmt: skip
    said = f"search({text!r}, category={slots.category!r}, organization={organization!r}, year={year!r})"
    return Chosen(tuple(found), said, near=True) if found else None


def _missed(row: Fact) -> bool:
    """Whether what was reached falls short of the target, as far as numbers and dates tell."""
    aims = targets.read(row.value, row.name, row.year)
    reached = targets.read(row.actual, row.name, row.year)
    costs = "成本" in (row.category or "")
    for aim, done in zip(aims, reached, strict=False):
        if aim.kind == "period" and done.kind == "period" and aim.comparator == "<=" and aim.end and done.end:
            return done.end > aim.end
        wanted, got = canonical(aim), canonical(done)
        if wanted and got and wanted.unit == got.unit:
            if aim.comparator in {"<=", "<"} or (costs and aim.comparator == "="):
                return got.number > wanted.number
            return got.number < wanted.number
    return False
