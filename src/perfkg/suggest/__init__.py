"""Wordings that past projects used, for the drafter: merged where they say the same, each with its sources.

First what completes the words typed, also by pinyin and initials, then what is near in meaning, then what projects of
the same kind have. What cannot be checked never leads, and is shown with measurable wordings that others used.
"""

from __future__ import annotations

from collections.abc import Collection

from perfkg import schemes
from perfkg.concepts.catalogue import known as known_catalogue
from perfkg.concepts.summary import Project, Typical
from perfkg.concepts.uses import Uses, categories, category_of, uses
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.suggest.kin import kindred, shares
from perfkg.suggest.ranking import label, ranked
from perfkg.suggest.suggestion import Draft, Instead, Missing, Section, Suggestion, Suggestions
from perfkg.suggest.typed import spelled

__all__ = ["Draft", "Instead", "Missing", "Section", "Suggestion", "Suggestions", "Typical", "draft", "suggest", "warm"]

_LONGEST = 500
_USUAL = 0.5
"""What this share of the projects of a kind fill in is usual."""


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
        kin = kindred(library, known, project)
        found = ranked(library, known, catalogue, kin, wanted, text, limit)
        missing = _missing(known, kin, filled) if filled else ()
    strange = bool(text and found) and all(one.match == "project" for one in found)
    notices = (f"没有与“{text[:40]}”相近的写法，下面是同类项目用过的",) if strange else ()
    return Suggestions(found, library.snapshot, (*notices, *library.notices), missing)


def draft(library: Library, project: str, objective: str | None = None, limit: int = 3) -> Draft:
    """A form for a project that has but a name and an objective: `limit` wordings a category its kind fills in.

    Raises InvalidQuestion for an empty project.
    """
    named = "，".join(part.strip() for part in (project, objective) if part and part.strip())[:_LONGEST]
    if not (project or "").strip():
        raise InvalidQuestion("没有项目名称", None, "请先填写项目名称，例如：网络运行维护费")
    catalogue = known_catalogue(library)
    with uses(library) as known:
        kin = kindred(library, known, named)
        filled = shares(known, kin)
        order = [id for one in schemes.concepts() if (id := category_of(one.id)) in filled and one.level == 2]
        sections = [
            Section(label(id), ranked(library, known, catalogue, kin, frozenset({id}), "", limit))
            for id in dict.fromkeys(order)
            if filled[id][0] >= _USUAL
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


def _missing(known: Uses, kin: dict[Project, float], filled: Collection[str]) -> tuple[Missing, ...]:
    there = {id for one in filled for id in _wanted(one) or ()}
    return tuple(
        Missing(label(id), round(share, 2), count)
        for id, (share, count) in shares(known, kin).items()
        if id not in there and share >= _USUAL
    )
