"""Questions near to one that could not be answered, each of which can be."""

from __future__ import annotations

from collections.abc import Iterator

from perfkg.ask import facts
from perfkg.ask.names import Names
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.library import Library
from perfkg.search import search

_MOST = 3
_TRIED = 6
_LONGEST_NAME = 16


def nearest(library: Library, names: Names, slots: Understanding, words: str) -> tuple[str, ...]:
    """At most three: of the same topic or a part of it, of the same organization, of the latest year, of anything."""
    if not names.projects:
        return ()
    found: list[str] = []
    for question in _questions(library, names, slots, words):
        if question not in found:
            found.append(question)
        if len(found) == _MOST:
            break
    return tuple(found)


def _questions(library: Library, names: Names, slots: Understanding, words: str) -> Iterator[str]:
    for piece in _parts(slots.topic or ""):
        scope = Understanding(organizations=slots.organizations, years=slots.years)
        if facts.run(library, facts.declarations(scope, Topic(piece), "anywhere")):
            yield f"{_years(slots)}哪些项目涉及{piece}？"
    if slots.topic:
        yield from _meant(library, slots.topic.replace(" ", ""))
    for organization in slots.organizations[:1] or _alike(names, words):
        yield f"{organization}有哪些项目？"
        yield f"{organization}的资金一共多少？"
    year = max(set(slots.years) & set(names.years), default=names.years[0] if names.years else None)
    if year:
        yield f"{year}年有哪些项目？"
    yield "资金最多的项目是哪个？"
    yield "各单位的资金合计是多少？"


def _meant(library: Library, topic: str) -> Iterator[str]:
    """The indicators nearest in meaning, as questions."""
    for hit in search(library, topic, limit=_MOST, numbers=False).hits:
        if hit.name and len(hit.name) <= _LONGEST_NAME:
            yield f"{hit.name}是多少？"


def _parts(topic: str) -> list[str]:
    if not topic:
        return []
    terms = [way for ways in Topic(topic).terms for way in ways[0]]
    return [part for part in (topic.replace(" ", ""), *terms) if len(part) > 1 and not part.isascii()][:_TRIED]


def _years(slots: Understanding) -> str:
    return f"{slots.years[0]}年" if len(slots.years) == 1 else ""


def _alike(names: Names, words: str) -> list[str]:
    """The organization that shares most characters with the words, if it shares any but 县 and 局."""
    wanted = set(words) - set("县市区局委办中")
    best = max(names.organizations, key=lambda name: len(wanted & set(name)), default=None)
    return [best] if best and len(wanted & set(best)) > 1 else []
