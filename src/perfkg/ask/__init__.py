"""A question in Chinese, understood by its words alone, answered from the graph or by search, or refused.

No language model: the same question over the same library always has the same answer, and the answer shows how the
question was understood, the rows it comes from, and the query that gives those rows again. What is not understood is
said; a question that such forms do not answer is refused with near ones that they do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from perfkg.ask.accounted import refuse_unused
from perfkg.ask.adjust import adjusted
from perfkg.ask.both import CONDITIONS, FIRST, both, changed, chosen_of, shared_kinds
from perfkg.ask.choose import Chosen, choose
from perfkg.ask.facts import Fact
from perfkg.ask.following import stated
from perfkg.ask.kindred import by_meaning
from perfkg.ask.names import Names, project_name
from perfkg.ask.nearest import nearest
from perfkg.ask.portions import whole_of
from perfkg.ask.reckon import reckon
from perfkg.ask.results import Result, Unclear
from perfkg.ask.topics import Topic
from perfkg.ask.understand import understand
from perfkg.ask.understanding import Chip, Unanswerable, Understanding
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Json
from perfkg.search.spans import plain
from perfkg.search.wanted import bounds

__all__ = ["Answer", "Chip", "ask", "understood", "warm"]

LONGEST = 500
_CHINESE = re.compile("[一-鿿]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ask` gives. `answer` is one Chinese sentence; a refusal says why and has no rows.

    `number` is the figure asked for, in `unit` (`CNY`, `%`, `h`, `{个}` …), None where a list was. `rows` are the
    declarations, indicators or groups behind it, `evidence` their ids; `query` is the SPARQL or the search they come
    from. `not_understood` are the words that could not be used, `alternatives` questions that can be answered.
    """

    question: str
    understood: tuple[Chip, ...]
    answer: str
    refused: bool
    number: float | None
    unit: str | None
    rows: tuple[Json, ...]
    evidence: tuple[str, ...]
    query: str | None
    not_understood: tuple[str, ...]
    alternatives: tuple[str, ...]
    snapshot: Json


def warm(library: Library) -> None:
    """Reads what questions are answered from before somebody asks: seconds for a large library, then what is new."""
    stated(library)
    Names.of(library)


def ask(
    library: Library, question: str, ignore: Collection[str] = (), fixed: Mapping[str, str] = MappingProxyType({})
) -> Answer:
    """The answer to `question`.

    `ignore` are kinds of chips to be left out of the understanding, `fixed` sets some of them (year, organization,
    category, number, topic) to another value. Raises InvalidQuestion for an empty or overlong question, and for a kind
    or value that there is not.
    """
    asked = question.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    text = plain(asked)
    if not text:
        raise InvalidQuestion("没有问题", None, "请输入一句话，例如：2021年资金最多的项目是哪个？")
    if len(text) > LONGEST:
        raise InvalidQuestion(f"问题太长（{len(text)}字）", None, f"请用一句话提问，{LONGEST}字以内")
    names = Names.of(library)
    try:
        if pair := both(text, names):
            left = changed(pair, names, ignore, fixed)
            if isinstance(left, Understanding):
                return _answered(library, asked, names, left)
            return _answered_both(library, asked, names, left)
        slots = adjusted(_of_fund(understand(text, names), names), names, ignore, fixed)
    except Unanswerable as error:
        return _refusal(library, asked, names, Understanding(), error.reason, (error.words,))
    return _answered(library, asked, names, slots)


def _of_fund(slots: Understanding, names: Names) -> Understanding:
    """人民调解经费多少 asks for the money of the project that is called so, where there is one."""
    topic = Topic(slots.topic or "")
    plainly = slots.subject == "values" and slots.measure is None and slots.unit is None and slots.number is None
    if plainly and topic.is_fund and any(topic.holds(project_name(one)) for one in names.projects):
        slots.measure = "funding"
    return slots


def understood(library: Library, question: str) -> dict[str, str]:
    """How `ask` would understand `question`: kinds of chips with their values; empty where it would not. Looks up no rows."""
    text, names = plain(question), Names.of(library)
    if len(text) > LONGEST:
        return {}
    try:
        pair = both(text, names)
        slots = pair[1] if pair else understand(text, names)
    except Unanswerable:
        return {}
    return {one.kind: one.value for one in slots.chips(question)}


def _answered(library: Library, asked: str, names: Names, slots: Understanding) -> Answer:
    if reason := _missing(asked, names, slots):
        return _refusal(library, asked, names, slots, reason, ())
    try:
        refuse_unused(slots)
    except Unanswerable as error:
        return _refusal(library, asked, names, slots, error.reason, (error.words,))
    try:
        if slots.alike:
            result, query = by_meaning(library, slots)
            return _answer(library, asked, names, slots, Chosen((), query), result)
        chosen = choose(library, slots)
    except Unclear as error:
        return _refusal(library, asked, names, slots, str(error), tuple((slots.topic or "").split()))
    if slots.every_year:
        chosen = replace(chosen, facts=_in_every_year(chosen.facts, slots.years or names.years))
    if not chosen.facts and slots.intent != "lacking" and not slots.every_year and (reason := _unknown(library, slots)):
        return _refusal(library, asked, names, slots, reason, tuple((slots.topic or "").split()))
    try:
        whole = choose(library, whole_of(slots)) if slots.intent == "share" else None
        result = reckon(slots, chosen, whole) if chosen.facts else _nothing(library, slots)
    except Unclear as error:
        return _refusal(library, asked, names, slots, str(error), ())
    return _answer(library, asked, names, slots, chosen, result)


def _nothing(library: Library, slots: Understanding) -> Result:
    return Result(f"没有符合条件的内容{_evaluated(library, slots)}。", ())


def _evaluated(library: Library, slots: Understanding) -> str:
    """That self-evaluations, which are left out unless asked for, have what nothing else has; empty where they have not."""
    if slots.kind or slots.every_year or slots.intent == "lacking":
        return ""
    with suppress(Unclear):
        if choose(library, replace(slots, kind="self-evaluation")).facts:
            return "，但自评表里有，请在问题里写“自评表”"
    return ""


def _answered_both(library: Library, asked: str, names: Names, pair: tuple[Understanding, Understanding]) -> Answer:
    first, second = pair
    try:
        chosen = chosen_of(library, pair)
        result = reckon(second, chosen) if chosen.facts else Result("没有同时符合两个条件的内容。", ())
    except Unclear as error:
        return _refusal(library, asked, names, second, str(error), ())
    answer = _answer(library, asked, names, second, chosen, result)
    told = shared_kinds(pair)
    mine = (chip for chip in first.chips(asked) if chip.kind in CONDITIONS or chip.value == "lacking")
    more = (replace(chip, kind=f"{FIRST}{chip.kind}") if chip.kind in told else chip for chip in mine)
    return replace(answer, understood=(*more, *answer.understood))


def _in_every_year(facts: tuple[Fact, ...], years: tuple[int, ...]) -> tuple[Fact, ...]:
    """The rows of projects that have one in each of the years."""
    known: dict[tuple[str | None, str], set[int | None]] = defaultdict(set)
    for fact in facts:
        known[fact.identity].add(fact.year)
    return tuple(fact for fact in facts if known[fact.identity] >= set(years))


def _missing(asked: str, names: Names, slots: Understanding) -> str | None:
    """Why there can be no answer, seen from the slots alone."""
    if not names.years and not names.projects:
        return "资料库还是空的，请先导入申报表"
    if not _CHINESE.search(asked):
        return "没有读懂，请用中文提问，例如：2021年资金最多的项目是哪个？"
    if slots.years and not set(slots.years) & set(names.years):
        years = "、".join(map(str, sorted(names.years)))
        return f"资料库里没有{'、'.join(map(str, slots.years))}年的申报表，有{years}年的"
    if slots.intent == "lacking" and not (slots.topic or slots.category):
        return "没有读懂缺少的是什么"
    filters = (slots.topic, slots.organizations, slots.years, slots.category, slots.projects, slots.number, slots.kind)
    if (
        slots.intent in {"list", "lacking"}
        and not any(filters)
        and slots.subject not in {"projects", "organizations", "years"}
    ):
        return None if slots.by or slots.measure else "没有读懂要问什么"
    if slots.intent in {"highest", "lowest", "average"} and not (slots.measure or slots.topic or slots.category):
        return "没有读懂要看哪个数"
    return None


def _unknown(library: Library, slots: Understanding) -> str | None:
    """Why nothing was found, if it is the topic itself: without the wanted number there is nothing either."""
    about = (slots.topic or slots.category or "").replace(" ", "")
    if not about or not (slots.topic or slots.number):
        return None
    if slots.number is None or not choose(library, replace(slots, number=None)).facts:
        return f"资料库里没有找到和“{about}”有关的内容{_evaluated(library, slots)}"
    wanted = bounds(slots.number) if slots.measure is None else None
    rows = choose(library, replace(slots, number=None, subject="indicators")).facts if wanted else ()
    if wanted and not any(row.unit == wanted[0] for row in rows):
        return f"“{about}”没有能和“{slots.words['number']}”相比的数，单位不同"
    return None


def _answer(library: Library, asked: str, names: Names, slots: Understanding, chosen: Chosen, result: Result) -> Answer:
    near = "没有一字不差的，意思最接近的" if chosen.near else ""
    absent = [str(year) for year in slots.years if year not in names.years]
    wide = f"“{slots.wide}”算作{len(slots.organizations)}个单位" if slots.wide and result.rows else None
    notes = [chosen.note, wide, f"资料库里没有{'、'.join(absent)}年的申报表" if absent else None]
    note = "".join(f"{one}。" for one in notes if one)
    ids = [row.get("indicator") or row.get("declaration") or row.get("declarations", ()) for row in result.rows]
    evidence = [one for id in ids for one in ((id,) if isinstance(id, str) else id)]
    return Answer(
        question=asked,
        understood=slots.chips(asked),
        answer=near + result.sentence + note,
        refused=False,
        number=result.number,
        unit=result.unit,
        rows=result.rows,
        evidence=tuple(dict.fromkeys(evidence)),
        query=chosen.query,
        not_understood=(),
        alternatives=nearest(library, names, slots, "") if chosen.near or not result.rows else (),
        snapshot=library.snapshot,
    )


def _refusal(
    library: Library, asked: str, names: Names, slots: Understanding, reason: str, words: tuple[str, ...]
) -> Answer:
    return Answer(
        question=asked,
        understood=slots.chips(asked),
        answer=reason if reason.endswith("？") else f"{reason}。",
        refused=True,
        number=None,
        unit=None,
        rows=(),
        evidence=(),
        query=None,
        not_understood=tuple(word for word in words if word),
        alternatives=nearest(library, names, slots, "".join(words)),
        snapshot=library.snapshot,
    )
