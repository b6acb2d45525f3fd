"""Two conditions in one question: 满意度低于95%而且资金超过100万元的项目, 既有生态效益指标又有可持续影响指标的项目."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from perfkg.ask.adjust import adjusted, unit_of
from perfkg.ask.asides import without_courtesies
from perfkg.ask.choose import Chosen, choose
from perfkg.ask.names import Names
from perfkg.ask.results import Unclear
from perfkg.ask.understand import understand
from perfkg.ask.understanding import LABELS, Unanswerable, Understanding
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.search.spans import Question
from perfkg.search.wanted import take_number

_ALIKE = re.compile(r"(?P<head>.*?)既(?P<one>.+?)(?:又|也|还)(?P<other>.+)")
_AND = re.compile(r"而且|并且|同时|(?<![一-鿿])且|且(?!行)|,|，|又|并(?!入|网|购)|但是?|和(?=资金|满意度|没有)")
CONDITIONS = ("topic", "category", "number")
FIRST = "first-"
Pair = tuple[Understanding, Understanding]
_COLUMNS = re.compile(r"SELECT DISTINCT (?P<columns>[^{]+)\{")


def both(text: str, names: Names) -> Pair | None:
    """The two halves of a question that sets two conditions on projects; the second is the one that asks. None else."""
    for one, other in _halves(without_courtesies(text)):
        try:
            pair = understand(one, names), understand(other, names)
        except Unanswerable:
            continue
        subjects = {half.subject for half in pair}
        if all(map(_is_condition, pair)) and subjects & {"projects", None} and "organizations" not in subjects:
            return _shared(*pair)
    return None


def changed(pair: Pair, names: Names, ignore: Collection[str], fixed: Mapping[str, str]) -> Pair | Understanding:
    """Both halves with the parts in `ignore` left out and those in `fixed` set to another value; one where the other has
    no condition left.

    Where both have a part, as two numbers, that of the first is called `first-number`; a number set to another value is
    that of its own unit. Raises InvalidQuestion.
    """
    first, second = pair
    told = shared_kinds(pair)
    for kind in {kind.removeprefix(FIRST) for kind in ignore} - set(LABELS):
        raise InvalidQuestion("没有这个条件", kind, f"可以去掉的有：{'、'.join(LABELS)}")
    mine = [kind.removeprefix(FIRST) for kind in ignore if kind.startswith(FIRST) or kind not in told]
    its = [kind for kind in ignore if not kind.startswith(FIRST)]
    adjusted(first, names, [kind for kind in mine if kind != "intent"], {})
    adjusted(second, names, its, {})
    for kind, value in fixed.items():
        for half in _meant(kind, value, pair):
            adjusted(half, names, (), {kind: value})
    for half in pair:
        if half.intent == "lacking" and not (half.category or half.topic):
            half.intent = "list"
    left = [half for half in pair if _is_condition(half)]
    return pair if len(left) == 2 else left[0] if left else second


def shared_kinds(pair: Pair) -> frozenset[str]:
    """The parts that make up the conditions and that both halves have, each its own."""
    first, second = pair
    return frozenset(kind for kind in CONDITIONS if getattr(first, kind) and getattr(second, kind))


def _meant(kind: str, value: str, pair: Pair) -> tuple[Understanding, ...]:
    """The halves that a changed part belongs to: years and organizations to both, a number to that of its unit."""
    if kind not in CONDITIONS:
        return pair
    having = [half for half in pair if getattr(half, kind)]
    if kind == "number" and len(having) == 2:
        unit = unit_of(value)
        having = [half for half in having if half.number and half.number.unit == unit] or having
    return tuple(having[-1:]) or pair[1:]


def chosen_of(library: Library, pair: Pair) -> Chosen:
    """The rows of the second half in declarations that the first half holds too. Raises Unclear for an unknown topic."""
    first, second = (choose(library, half) for half in pair)
    if not (first.facts and second.facts):
        raise Unclear("没有同时符合两个条件的内容；分开看，有一个条件就没有项目符合")
    columns = _COLUMNS.search(second.query)
    query = (
        f"SELECT DISTINCT {columns['columns'] if columns else '*'}{{\n"
        f"{{ SELECT DISTINCT ?declaration {{ {{ {first.query} }} }} }}\n{{ {second.query} }}\n}}"
    )
    held = {fact.declaration for fact in first.facts}
    return Chosen(tuple(fact for fact in second.facts if fact.declaration in held), query)


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


def _shared(one: Understanding, other: Understanding) -> Pair:
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
