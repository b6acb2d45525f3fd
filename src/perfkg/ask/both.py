"""Two conditions in one question: 满意度低于95%而且资金超过100万元的项目, 既有生态效益指标又有可持续影响指标的项目."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from perfkg.ask import facts
from perfkg.ask.asides import without_courtesies
from perfkg.ask.choose import Chosen, choose
from perfkg.ask.names import Names
from perfkg.ask.results import Unclear
from perfkg.ask.understand import understand
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.library import Library
from perfkg.search.spans import Question
from perfkg.search.wanted import take_number

_ALIKE = re.compile(r"(?P<head>.*?)既(?P<one>.+?)(?:又|也|还)(?P<other>.+)")
_AND = re.compile(r"而且|并且|同时|(?<![一-鿿])且|且(?!行)|,|，|又|并(?!入|网|购)|但是?|和(?=资金|满意度|没有)")
_COLUMNS = re.compile(r"SELECT DISTINCT (?P<columns>[^{]+)\{")


def both(text: str, names: Names) -> tuple[Understanding, Understanding] | None:
    """The two halves of a question that sets two conditions on projects; the second is the one that asks. None else."""
    for one, other in _halves(without_courtesies(text)):
        try:
            pair = understand(one, names), understand(other, names)
        except Unanswerable:
            continue
        if all(map(_is_condition, pair)) and {half.subject for half in pair} & {"projects", None}:
            return _shared(*pair)
    return None


def chosen_of(library: Library, pair: tuple[Understanding, Understanding]) -> Chosen:
    """The rows of the second half in declarations that the first half holds too. Raises Unclear for an unknown topic."""
    first, second = (choose(library, half) for half in pair)
    if not (first.facts and second.facts):
        raise Unclear("没有同时符合两个条件的内容；分开看，有一个条件就没有项目符合")
    columns = _COLUMNS.search(second.query)
    query = (
        f"SELECT DISTINCT {columns['columns'] if columns else '*'}{{\n"
        f"{{ SELECT DISTINCT ?declaration {{ {{ {first.query} }} }} }}\n{{ {second.query} }}\n}}"
    )
    return Chosen(tuple(facts.run(library, query)), query)


def _halves(text: str) -> Iterator[tuple[str, str]]:
    if found := _ALIKE.fullmatch(text):
        yield found["head"] + found["one"], found["head"] + found["other"]
    for found in _AND.finditer(text):
        yield text[: found.start()], text[found.end() :]
    question = Question(text)
    if (number := take_number(question)) and take_number(Question(question.rest)):
        end = text.index(number[1]) + len(number[1])
        yield text[:end], text[end:]


def _is_condition(half: Understanding) -> bool:
    return half.number is not None or half.category is not None or half.intent == "lacking"


def _shared(one: Understanding, other: Understanding) -> tuple[Understanding, Understanding]:
    """Both with the years and organizations that either names; the half that names what is asked for comes second."""
    if "subject" in one.words and "subject" not in other.words:
        one, other = other, one
    years, organizations = other.years or one.years, other.organizations or one.organizations
    without = other.without or one.without
    halves = []
    for half, kept in ((one, {"lacking"}), (other, {"count", "lacking"})):
        intent = half.intent if half.intent in kept else "list"
        halves.append(
            replace(
                half,
                intent=intent,
                subject="projects",
                by=None,
                years=years,
                organizations=organizations,
                without=without,
            )
        )
    return halves[0], halves[1]
