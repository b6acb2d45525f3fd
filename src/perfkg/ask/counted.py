"""Numbers that count projects or indicators: 有两个以上项目的单位, 只有一个项目的单位, 指标超过20条的项目."""

from __future__ import annotations

import re

from perfkg.ask.understanding import Understanding
from perfkg.ask.wordlists import pattern
from perfkg.records import Target
from perfkg.search.spans import Question
from perfkg.search.wanted import take_number
from perfkg.targets.numerals import chinese

_COUNT = r"(?P<count>\d+|[一二两三四五六七八九十]+)"
_HAVING = r"(?P<having>(?:仅|只|仅仅|都)?(?:有|报了?|申报了?|上报了?|承担了?|安排了?)?)"
_PER = {"projects": r"(?:单位|部门|机构|局)", "indicators": r"(?:项目|申报表)"}
_ASKING = r"(?:哪[一几]?[个些家]|几[家个]|多少[家个]|的)"
_EVERY_NUMBER = re.compile(
    r"(?P<noun>项目|指标|单位|申报表|自评表)(?:的)?(?:个?数量?|个数|条数|数目|总数)(?![一-鿿]*[超少多不低高在为至以]\d)(?!类?指标)"
)


def take_wanted(question: Question, slots: Understanding) -> None:
    """The wanted number, and whether it counts projects or indicators, as the word beside it tells."""
    if not (found := take_number(question)):
        _take_plain(question, slots)
        return
    slots.number, words = found
    slots.words["number"] = words
    if slots.number.unit in {"{个}", "{条}", "{项}"} and (
        beside := _beside(question, question.text.index(words), len(words))
    ):
        slots.measure, (start, end) = beside
        slots.words["measure"] = question.cut(start, end)


def _beside(question: Question, start: int, length: int) -> tuple[str, tuple[int, int]] | None:
    """The noun before the number (指标超过20条) or right after it (两个以上项目), and where it stands."""
    nouns = {subject: pattern("subjects", subject) for subject in ("projects", "indicators")}
    before = question.rest[:start]
    for subject, word in nouns.items():
        if found := re.search(rf"(?:{word.pattern})(?:个?数量?)?$", before):
            return subject, found.span()
    for subject, word in nouns.items():
        if found := word.match(question.rest, start + length):
            return subject, found.span()
    return None


def _take_plain(question: Question, slots: Understanding) -> None:
    """只有一个项目的单位 wants those that have just one; of 财政局那两个项目 the number says nothing new."""
    for noun, owner in _PER.items():
        word = pattern("subjects", noun).pattern
        found = re.search(rf"{_HAVING}(?:那|这|的)?{_COUNT}[个条项]?(?P<noun>{word})", question.rest)
        if found is None or "前" in question.rest[max(0, found.start() - 1) : found.start()]:
            continue
        others = question.rest[: found.start()] + question.rest[found.end() :]
        if re.search(rf"{_ASKING}(?:预算)?{owner}", others):
            value = chinese(found["count"]) if not found["count"].isdigit() else float(found["count"])
            slots.number = Target("quantity", found[0], comparator="=", value=value, unit="{个}")
            slots.measure = noun
            slots.words["number"] = slots.words["measure"] = question.cut(*found.span())
            return
        if not re.search(r"[多少高低大小长短]的?$", question.rest[: found.start()]):
            question.cut(found.start(), found.start("noun"))
            return


def take_count_of(question: Question, slots: Understanding) -> None:
    """各单位项目数 asks how many projects."""
    subjects = {"项目": "projects", "指标": "indicators", "单位": "organizations"}
    found = _EVERY_NUMBER.search(question.rest)
    if (
        found
        and slots.number is None
        and not any(question.holds(pattern("superlatives", one)) for one in ("most", "least"))
    ):
        slots.subject = subjects.get(found["noun"], "declarations")
        slots.intent = "count"
        slots.words["subject"] = slots.words["intent"] = question.cut(*found.span())
