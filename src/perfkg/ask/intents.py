"""What kind of answer a question wants: a list, a count, a sum, the highest, an average, a comparison."""

from __future__ import annotations

import re

from perfkg.ask.spans import Question
from perfkg.ask.understanding import Understanding
from perfkg.ask.wanted import EVERY
from perfkg.ask.wordlists import pattern
from perfkg.targets.units import conversion
from perfkg.targets.units import written as unit_at


def take_intent(question: Question, slots: Understanding) -> None:
    """Takes the words that say what is wanted; the first kind found is the intent."""
    for name in ("average", "compare", "superlative", "change", "lacking", "count", "money", "sum", "value", "list"):
        if name == "superlative":
            _take_superlative(question, slots)
            continue
        if words := question.take(pattern("intents", name)):
            _say_intent(slots, name, words)
            if name == "compare":
                question.take_all(pattern("intents", name))
            if name == "value":
                _take_unit(slots, question, words)
    for name in ("sum", "value", "list"):
        question.take_all(pattern("intents", name))


def _take_superlative(question: Question, slots: Understanding) -> None:
    for name, intent in (("most", "highest"), ("least", "lowest")):
        if "intent" not in slots.words and (words := question.take(pattern("superlatives", name))):
            slots.intent, slots.words["intent"] = intent, words
            if words == "最贵" or words == "最便宜":
                slots.measure = slots.measure or "funding"


def _say_intent(slots: Understanding, name: str, words: str) -> None:
    said = {"money": "sum", "change": "compare", "value": "list"}.get(name, name)
    if name == "money" or (name == "sum" and not slots.measure):
        slots.measure = slots.measure or ("funding" if name == "money" else None)
    if name == "change":
        slots.by = slots.by or "year"
    if "intent" not in slots.words:
        slots.intent, slots.words["intent"] = said, words
    if name == "value" and "subject" not in slots.words and slots.subject in {None, "projects"}:
        slots.subject = "values"


def _take_unit(slots: Understanding, question: Question, words: str) -> None:
    """The unit that the asking word itself names: 多久 asks for hours, 多少人 for people."""
    if re.search(r"多久|多长时间", words):
        slots.unit = "h"
    elif (counted := re.fullmatch(r"(?:[有是为]|达到)?(?:多少|几)(.+)", words)) and (unit := unit_at(counted[1], 0)):
        slots.unit = conversion(unit[0])[1]
        if slots.unit == "{次}" and question.take(EVERY):
            slots.unit = "/a"
    elif words.endswith("多少"):
        after = question.text.index(words) + len(words)
        if unit := unit_at(question.text, after):
            slots.unit = conversion(unit[0])[1]
            question.cut(after, unit[1])
