"""The category schemes (一级指标, 二级指标) of `graph/schemes.ttl`, and which concept a printed heading stands for.

A scheme is data: a new one is added to the file, and every function here knows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SCHEME = "https://perfkg.example/scheme/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_POSITION = "https://schema.org/position"

# Points of a self-evaluation form: 产出指标（50分）, 满意度指标(10), 成本指标20分.
_POINTS = re.compile(r"[(\[【〔{][^)\]】〕}]*[)\]】〕}]|\d+(?:\.\d+)?(?:分|%)$")
_ORDINAL = re.compile(r"^(?:\d+|[一二三四五六七八九十]+)[.、:,]")
_NOISE = re.compile(r"[\s*★☆▲△●#:]+")
_SUFFIX = re.compile(r"(?:指标|目标)+$")
_PATH = re.compile(r"[·/>→|\\-]+")


@dataclass(frozen=True, slots=True)
class Concept:
    """A category: `id` like `2015/quality`, its scheme, level (1 or 2), labels, and the id of the level above."""

    id: str
    scheme: str
    level: int
    label: str
    parent: str | None
    alternatives: tuple[str, ...]

    @property
    def iri(self) -> str:
        """The concept's IRI in the graph."""
        return SCHEME + self.id


def fold(text: str | None) -> str:
    """A heading without what does not tell headings apart: spaces, width, points in brackets, stars, a last 指标."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text or ""))
    return _SUFFIX.sub("", _POINTS.sub("", _ORDINAL.sub("", plain)))


def concepts() -> tuple[Concept, ...]:
    """All concepts, the preferred scheme's first."""
    return tuple(_concepts().values())


def get(concept_id: str) -> Concept | None:
    """The concept with this id (`2015/quality`), or None."""
    return _concepts().get(concept_id)


def is_level1(text: str | None) -> bool:
    """Whether some scheme has a first level of this wording (项目完成, 产出指标（50分）)."""
    return any(one.level == 1 for one in _named(text))


def is_level2(text: str | None) -> bool:
    """Whether some scheme has a second level of this wording (质量指标, 服务对象满意度)."""
    return any(one.level == 2 for one in _named(text))


def concept(level1: str | None, level2: str | None, family: str | None = None) -> str | None:
    """The id of the concept that a form's two headings stand for, or None where no scheme knows them.

    The scheme is `family` if it fits, else the first whose wording fits best: both levels, parent and child; both
    levels, misfiled (质量指标 under 效益指标); the second level alone; the first alone. So 项目完成 leads to `sichuan`,
    成本指标 with 经济成本指标 to `2021`, and what all share to `2015`.
    """
    firsts = {one.id: one for one in _named(level1) if one.level == 1}
    seconds = [one for one in _named(level2) if one.level == 2]
    schemes = {one.scheme for one in firsts.values()}
    groups = (
        [one for one in seconds if one.parent in firsts],
        [one for one in seconds if one.scheme in schemes],
        seconds,
        list(firsts.values()),
        [one for one in _named(level2) if one.level == 1],
    )
    for group in groups:
        if group:
            return next((one.id for one in group if one.scheme == family), group[0].id)
    return None


def family(headings: Iterable[tuple[str | None, str | None]]) -> str | None:
    """The scheme a whole form is written in, from the (level 1, level 2) headings it prints; None if none fits.

    The scheme that has most of the first levels, then most of the second levels, then the preferred one.
    """
    pairs = list(headings)
    order = dict.fromkeys(one.scheme for one in concepts())

    def fit(scheme: str) -> tuple[int, int]:
        """How many of the first levels, and of the second, are the scheme's."""
        return sum(_has(scheme, 1, first) for first, _ in pairs), sum(_has(scheme, 2, second) for _, second in pairs)

    best = max(order, key=fit, default=None)
    return best if best and any(fit(best)) else None


def parent(level2: str | None, family: str | None = None) -> str | None:
    """The label of the first level that a second level belongs to, in the scheme `family` (else the first that has it).

    数量指标 is under 项目完成 in `sichuan` and under 产出指标 in `2015`. None for an unknown heading.
    """
    seconds = [one for one in _named(level2) if one.level == 2]
    if not seconds:
        return None
    chosen = next((one for one in seconds if one.scheme == family), seconds[0])
    return _concepts()[chosen.parent].label if chosen.parent else None


def same(concept_id: str) -> frozenset[str]:
    """The ids that mean the same in any scheme (closure over skos:exactMatch and closeMatch), itself included."""
    links, found, edge = _links(), {concept_id}, [concept_id]
    while edge:
        edge = [other for one in edge for other in links.get(one, ()) if other not in found]
        found.update(edge)
    return frozenset(found)


def find(text: str | None) -> frozenset[str]:
    """The ids, over all schemes, that a person's word for a category covers, with everything below them.

    质量 and 质量指标 give the quality concepts; 产出 gives output and its children; 产出·质量 narrows by a path.
    An id (`2015/quality`) covers its likes too. An unknown word gives an empty set.
    """
    if text in _concepts():
        return _with_children(same(text or ""))
    named = {one.id for one in _named(text)}
    if not named and text and len(steps := _PATH.split(text.strip())) == 2:
        above = {one.id for one in _named(steps[0])}
        named = {one.id for one in _named(steps[1]) if one.parent in above}
    return _with_children(other for one in named for other in same(one))


def named(text: str | None) -> frozenset[str]:
    """The ids of the concepts that bear this very name, with everything below them: of 经济成本指标 no other costs.

    A first level that has a second level of its own name (成本指标, 满意度指标) stands for all its likes.
    """
    return _with_children(one.id for one in _named(text))


def _with_children(ids: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(ids)
    return wanted | {one.id for one in concepts() if one.parent in wanted}


def _has(scheme: str, level: int, text: str | None) -> bool:
    return any(one.scheme == scheme and one.level == level for one in _named(text))


def _named(text: str | None) -> tuple[Concept, ...]:
    return _by_name().get(fold(text), ())


@cache
def _by_name() -> dict[str, tuple[Concept, ...]]:
    names: dict[str, dict[str, Concept]] = {}
    for one in concepts():
        for label in (one.label, *one.alternatives):
            names.setdefault(fold(label), {})[one.id] = one
    return {name: tuple(found.values()) for name, found in names.items()}


@cache
def _links() -> dict[str, set[str]]:
    links: dict[str, set[str]] = {}
    for subject, predicates in _statements().items():
        for kind in ("exactMatch", "closeMatch"):
            for other in predicates.get(_SKOS + kind, ()):
                a, b = subject.removeprefix(SCHEME), other.removeprefix(SCHEME)
                links.setdefault(a, set()).add(b)
                links.setdefault(b, set()).add(a)
    return links


@cache
def _concepts() -> dict[str, Concept]:
    facts = _statements()
    made = [_concept(iri, about) for iri, about in facts.items() if _SKOS + "inScheme" in about]
    position = {iri: int(about[_POSITION][0]) for iri, about in facts.items() if _POSITION in about}
    made.sort(key=lambda one: position[SCHEME + one.scheme])
    return {one.id: one for one in made}


def _concept(iri: str, about: dict[str, list[str]]) -> Concept:
    above = about.get(_SKOS + "broader")
    return Concept(
        id=about[_SKOS + "notation"][0],
        scheme=about[_SKOS + "inScheme"][0].removeprefix(SCHEME),
        level=2 if above else 1,
        label=about[_SKOS + "prefLabel"][0],
        parent=above[0].removeprefix(SCHEME) if above else None,
        alternatives=tuple(about.get(_SKOS + "altLabel", ())),
    )


@cache
def _statements() -> dict[str, dict[str, list[str]]]:
    """Subject to predicate to values; of language-tagged literals the Chinese ones alone."""
    import pyoxigraph

    data = (files("graph") / "schemes.ttl").read_bytes()
    facts: dict[str, dict[str, list[str]]] = {}
    for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE):
        value = quad.object
        if isinstance(value, pyoxigraph.Literal) and value.language not in (None, "zh"):
            continue
        if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(
            value, (pyoxigraph.Literal, pyoxigraph.NamedNode)
        ):
            facts.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(value.value)
    return facts
