"""Wordings that past projects used, for the drafter: merged where they say the same, each with its sources.

First what completes the words typed, also by pinyin and initials, then what is near in meaning, then what projects of
the same kind have. What cannot be checked never leads, and is shown with measurable wordings that others used.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from perfkg import schemes
from perfkg.concepts.catalogue import Catalogue
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.concepts.projects import nearest
from perfkg.concepts.summary import Key, Project, Typical, Wording
from perfkg.concepts.uses import Uses, categories, category_of, uses
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Hit, Json
from perfkg.suggest.near import near
from perfkg.suggest.typed import Typed, spelled

__all__ = ["Draft", "Instead", "Missing", "Section", "Suggestion", "Suggestions", "Typical", "draft", "suggest", "warm"]

_NEAR, _KIN = 2, 3
"""Places after BEGINS and HOLDS: near in meaning to what is typed; used by projects of the kind."""

_KINSHIP = 0.3
"""Projects less close than this share of the closest are of another kind."""

_SUPPORT = 0.06
"""What a doubling of the projects behind a wording adds to its closeness."""

_LONGEST = 500
_USUAL = 0.5
_ALIASES = 20


@dataclass(frozen=True, slots=True)
class Instead:
    """A measurable wording that others used in place of a vague one."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wording; `support` projects of `organizations` organizations used it or another of its `concept` in `years`.

    Without a concept (None: the catalogue is still being made) they are counted by the wording alone.
    `value` is the one nearest to the median of its numbers (`typical`), else the most used; `spread` are all values,
    the most used first; `aliases` other spellings; `evidence` the latest uses. `match` says why it is here: typed
    (it completes the words), meaning or project. A `vague` one has `instead`.
    """

    name: str
    value: str | None
    support: int
    spread: tuple[str, ...]
    evidence: tuple[Hit, ...]
    typical: Typical | None = None
    aliases: tuple[str, ...] = ()
    organizations: int = 0
    years: tuple[int, ...] = ()
    category: str | None = None
    match: str = "project"
    vague: bool = False
    instead: tuple[Instead, ...] = ()
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A category that the form lacks and `share` of the `projects` of its kind have."""

    category: str
    share: float
    projects: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What `suggest` gives, best first."""

    suggestions: tuple[Suggestion, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The suggestions for one category of a draft."""

    category: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form proposed from past projects. `draft` is always true: nothing in it was decided by anybody."""

    project: str
    objective: str | None
    sections: tuple[Section, ...]
    snapshot: Json
    notices: tuple[str, ...]
    draft: bool = True


def suggest(
    library: Library,
    project: str,
    category: str | None = None,
    text: str | None = None,
    limit: int = 10,
    filled: Collection[str] = (),
) -> Suggestions:
    """Wordings for a project and category; those that complete the `text` typed so far come first.

    `filled` are the categories the form has already; those it lacks are then in `missing`.
    Raises InvalidQuestion where neither a project nor a text is given, or the category is unknown.
    """
    project, text = (project or "").strip()[:_LONGEST], (text or "").strip()[:_LONGEST]
    if not project and not text:
        raise InvalidQuestion("没有项目名称，也没有已输入的文字", None, "请至少给出一项，例如 --project 网络运行维护费")
    if limit < 1:
        raise InvalidQuestion("条数应当是正整数", str(limit), "例如 --limit 10")
    wanted, catalogue = _wanted(category), known_catalogue(library)
    with uses(library) as known:
        kin = _kin(library, known, project)
        found = _ranked(library, known, catalogue, kin, wanted, text, limit)
        missing = _missing(known, kin, filled) if filled else ()
    return Suggestions(found, library.snapshot, tuple(library.notices), missing)


def draft(library: Library, project: str, objective: str | None = None, limit: int = 3) -> Draft:
    """A form for a project that has but a name and an objective: `limit` wordings a category its kind fills in.

    Raises InvalidQuestion for an empty project.
    """
    named = "，".join(part.strip() for part in (project, objective) if part and part.strip())[:_LONGEST]
    if not (project or "").strip():
        raise InvalidQuestion("没有项目名称", None, "请先填写项目名称，例如：网络运行维护费")
    catalogue = known_catalogue(library)
    with uses(library) as known:
        kin = _kin(library, known, named)
        shares = _shares(known, kin)
        order = [id for one in schemes.concepts() if (id := category_of(one.id)) in shares and one.level == 2]
        sections = [
            Section(_label(id), _ranked(library, known, catalogue, kin, frozenset({id}), "", limit))
            for id in dict.fromkeys(order)
            if shares[id][0] >= _USUAL
        ]
    notice = f"这是根据资料库里{len(kin)}个相近项目拼成的草稿，名称和数值须逐条核对后才能使用"
    if not sections:
        notice = "资料库里没有相近的项目，拟不出草稿"
    return Draft(project, objective, tuple(sections), library.snapshot, (notice, *library.notices))


def warm(library: Library) -> None:
    """Reads the wordings and their pinyin before somebody types: seconds for a large library."""
    with uses(library) as known:
        for _, name in known.names(None):
            spelled(name)


def _wanted(category: str | None) -> frozenset[str | None] | None:
    wanted = categories(category)
    if wanted is not None and not wanted:
        labels = "、".join(dict.fromkeys(one.label for one in schemes.concepts()))
        raise InvalidQuestion("没有这个指标类别", category, f"可用的类别有：{labels}")
    return wanted


def _kin(library: Library, known: Uses, project: str) -> dict[Project, float]:
    """The projects of the kind, with their closeness."""
    close = nearest(library, known, project) if project else {}
    least = _KINSHIP * max(close.values(), default=0.0)
    return {one: score for one, score in close.items() if score >= least and score > 0}


def _ranked(
    library: Library,
    known: Uses,
    catalogue: Catalogue | None,
    kin: dict[Project, float],
    wanted: frozenset[str | None] | None,
    text: str,
    limit: int,
) -> tuple[Suggestion, ...]:
    """Measurable wordings by how they fit what is typed, then by closeness and support; vague ones after them.

    One wording a concept, none of what people have rejected.
    """
    close = _near_projects(known, kin, wanted)
    places = _typed(known, wanted, text) if text else dict.fromkeys(close, _KIN)
    if text and len(places) < limit and not Typed(text).is_latin:
        for key, score in near(library, known, text, wanted, _KINSHIP).items():
            if places.setdefault(key, _NEAR) == _NEAR:
                close[key] = close.get(key, 0.0) + score
    if len(places) < limit:
        places |= {key: _KIN for key in close if key not in places}
    if not places:
        places = {key: _KIN for key, _ in known.names(wanted)}
    rough = sorted(places, key=lambda key: (places[key], -_weight(known, close, key), key[1]))[: 5 * limit + 20]
    made = {key: known.wording(key) for key in rough}
    ordered = _one_a_concept(sorted(rough, key=lambda key: made[key].vague), catalogue)[:limit]
    measurable = [Instead(one.name, one.value) for one in made.values() if not one.vague and one.typical][:3]
    shown = (_suggestion(key, made[key], places[key], close.get(key, 0.0), measurable) for key in ordered)
    return tuple(_by_concept(one, key, catalogue) for one, key in zip(shown, ordered, strict=True))


def _one_a_concept(keys: Sequence[Key], catalogue: Catalogue | None) -> list[Key]:
    if catalogue is None:
        return list(keys)
    kept: dict[object, Key] = {}
    for key in keys:
        id = catalogue.of_key.get(key)
        if id is None or catalogue.get(id).state != "rejected":
            kept.setdefault(id or key, key)
    return list(kept.values())


def _by_concept(one: Suggestion, key: Key, catalogue: Catalogue | None) -> Suggestion:
    """The suggestion with the support of its whole concept."""
    id = catalogue.of_key.get(key) if catalogue else None
    if catalogue is None or id is None:
        return one
    concept = catalogue.get(id)
    others = tuple(alias.name for alias in concept.aliases if alias.name != one.name)
    return replace(
        one,
        support=concept.projects,
        organizations=concept.organizations,
        years=concept.years,
        aliases=tuple(dict.fromkeys((*one.aliases, *others)))[:_ALIASES],
        concept=id,
    )


def _weight(known: Uses, close: dict[Key, float], key: Key) -> float:
    return close.get(key, 0.0) + _SUPPORT * math.log2(len(known.wordings[key]))


def _near_projects(known: Uses, kin: dict[Project, float], wanted: frozenset[str | None] | None) -> dict[Key, float]:
    """The wordings of the projects of the kind, each with the closeness of the closest."""
    found: dict[Key, float] = {}
    for one, score in kin.items():
        for key in known.projects[one]:
            if wanted is None or key[0] in wanted:
                found[key] = max(score, found.get(key, 0.0))
    return found


def _typed(known: Uses, wanted: frozenset[str | None] | None, text: str) -> dict[Key, int]:
    """The wordings that begin with or hold what is typed."""
    typed = Typed(text)
    places = ((key, typed.fits(name, key[1])) for key, name in known.names(wanted))
    return {key: place for key, place in places if place is not None}


def _suggestion(key: Key, one: Wording, place: int, score: float, measurable: Sequence[Instead]) -> Suggestion:
    return Suggestion(
        name=one.name,
        value=one.value,
        support=one.projects,
        spread=one.spread,
        evidence=tuple(used.hit(min(1.0, score)) for used in one.uses),
        typical=one.typical,
        aliases=one.aliases,
        organizations=one.organizations,
        years=one.years,
        category=_label(key[0]),
        match={_NEAR: "meaning", _KIN: "project"}.get(place, "typed"),
        vague=one.vague,
        instead=tuple(measurable) if one.vague else (),
    )


def _missing(known: Uses, kin: dict[Project, float], filled: Collection[str]) -> tuple[Missing, ...]:
    there = {id for one in filled for id in _wanted(one) or ()}
    return tuple(
        Missing(_label(id), round(share, 2), count)
        for id, (share, count) in _shares(known, kin).items()
        if id not in there and share >= _USUAL
    )


def _shares(known: Uses, kin: dict[Project, float]) -> dict[str, tuple[float, int]]:
    """Of each category the share of the projects of the kind that fill it in, and their number."""
    counts: dict[str, int] = {}
    for one in kin:
        for id in {key[0] for key in known.projects[one] if key[0]}:
            counts[id] = counts.get(id, 0) + 1
    order = {one.id: number for number, one in enumerate(schemes.concepts())}
    return {id: (counts[id] / len(kin), counts[id]) for id in sorted(counts, key=lambda id: order[id])}


def _label(id: str | None) -> str:
    known = schemes.get(id) if id else None
    return known.label if known else "未分类"
