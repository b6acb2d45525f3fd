"""A form beside a library: rows of other forms that say the same, and the projects nearest as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from perfkg.concepts.measures import measure
from perfkg.concepts.phrases import said
from perfkg.concepts.projects import nearest
from perfkg.concepts.summary import Project, Use
from perfkg.concepts.uses import category_of, uses
from perfkg.concepts.wording import ALIKE, alike, plain, undated
from perfkg.library import Library
from perfkg.records import Category, Declaration, Hit, Indicator, Target
from perfkg.review.form import Form, bare, canonical, category
from perfkg.search import search

_ALIKE_MEASURED = 0.3
"""Enough where both numbers measure the same, e.g. a time of response."""

KIN = 0.25
"""Projects whose names are closer than this are of one kind."""

NEAR = 0.25
"""Forms less near than this as a whole are not shown."""

_NEAREST = 10
_MOST_FORMS = 40


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another form near a form as a whole: `score` 0 to 1, `same` rows word for word, `alike` rows of one name.

    `kin` is how close the projects' names are, 0 to 1; `funding` in yuan.
    """

    declaration: str
    organization: str | None
    project: str | None
    year: int | None
    funding: float | None
    score: float
    same: int
    alike: int
    kin: float


@dataclass(frozen=True)
class Beside:
    """A form beside a library, without the form itself and its own versions."""

    form: Form
    library: Library

    def comparable(self, row: Indicator) -> list[Hit]:
        """Rows of other projects that are about the same matter as `row`, best first."""
        text = "，".join(part for part in (row.category.level2, row.name, row.value) if part)[:500]
        hits = search(self.library, text, limit=60, grouped=False, numbers=False).hits if row.name and text else ()
        mine = self.form.declaration.organization, undated(self.form.declaration.project)
        others = (hit for hit in hits if (hit.organization, undated(hit.project)) != mine)
        return [hit for hit in others if not self._own(hit) and _same_matter(row, hit)]

    def same(self, row: Indicator) -> list[Use]:
        """Rows of other forms with the same category, name and value, word for word."""
        return self._same.get(row.id, [])

    @cached_property
    def _same(self) -> dict[str, list[Use]]:
        found = {}
        with uses(self.library) as known:
            for row in self.form.rows:
                key = category_of(row.category.concept), plain(row.name or "")
                said = bare(row.name), bare(row.value)
                written = known.wordings.get(key, {}).values() if row.name and row.value else ()
                found[row.id] = [
                    one for one in written if (bare(one.name), bare(one.value)) == said and not self._own(one)
                ]
        return found

    def _own(self, other: Hit | Use) -> bool:
        mine = self.form.declaration
        who = (other.organization, undated(other.project), other.year)
        return other.declaration == mine.id or who == (mine.organization, undated(mine.project), mine.year)

    @cached_property
    def _kind(self) -> dict[Project, float]:
        """The projects whose names are nearest, with their closeness."""
        project = self.form.declaration.project
        if not undated(project):
            return {}
        with uses(self.library) as known:
            near = nearest(self.library, known, project or "")
            used = [one for one in near if one in known.projects]
        return {one: near[one] for one in used if near[one] >= KIN}

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """The forms nearest as a whole, best first: half by the projects' names, half by the rows they share."""
        shared = Counter(one.declaration for found in self._same.values() for one in found)
        forms = {id for id, _ in shared.most_common(_NEAREST)}
        for organization, project in list(self._kind)[:_NEAREST]:
            entries = self.library.ledger.entries(organization=organization, limit=_MOST_FORMS * 10)
            forms |= {one.id for one in entries if undated(one.project) == project}
        others = [self.library.ledger.get(id) for id in sorted(forms)[:_MOST_FORMS]]
        near = [self._neighbour(other) for other in others if not self._is_own(other)]
        ranked = sorted(near, key=lambda one: (-one.score, -one.same, one.declaration))
        once = {(one.organization, undated(one.project), one.year): one for one in reversed(ranked)}
        return tuple(one for one in ranked if one in once.values() and (one.score >= NEAR or one.kin >= KIN))[:_NEAREST]

    def _is_own(self, other: Declaration) -> bool:
        mine = self.form.declaration
        return other.id == mine.id or (other.organization, undated(other.project), other.year) == (
            *(mine.organization, undated(mine.project), mine.year),
        )

    def _neighbour(self, other: Declaration) -> Neighbour:
        rows = [row for row in self.form.rows if row.name]
        texts = {(bare(row.name), bare(row.value)) for row in other.indicators}
        same = sum((bare(row.name), bare(row.value)) in texts for row in rows)
        close = sum(has_alike(row, other.indicators) for row in rows)
        named = self._kind.get((other.organization, undated(other.project)), 0.0)
        score = round((named + close / max(len(rows), 1)) / 2, 3)
        who = (other.organization, other.project, other.year, other.funding.total)
        return Neighbour(other.id, *who, score, same, close, round(named, 3))

    @cached_property
    def kin(self) -> tuple[Declaration, ...]:
        """The forms of the projects of one kind with this one, the latest of each but its own."""
        mine = (self.form.declaration.organization, undated(self.form.declaration.project))
        kind: dict[Project, Neighbour] = {}
        for one in self.neighbours:
            owner = (one.organization, undated(one.project))
            if one.kin >= KIN and owner != mine and (owner not in kind or (kind[owner].year or 0) < (one.year or 0)):
                kind[owner] = one
        return tuple(self.library.ledger.get(one.declaration) for one in kind.values())

    @cached_property
    def last_year(self) -> Declaration | None:
        """The same organization's declaration of the same project the year before."""
        mine = self.form.declaration
        if mine.year is None or not mine.project or not mine.organization:
            return None
        for entry in self.library.ledger.entries(organization=mine.organization, year=mine.year - 1):
            if entry.kind == mine.kind and undated(entry.project) == undated(mine.project):
                return self.library.ledger.get(entry.id)
        return None


def has_alike(row: Indicator, others: Iterable[Indicator]) -> bool:
    """Whether a row of the same category that says the same, or has a like name, is among `others`."""
    mine = said(row) if row.name else None
    return any(
        category(other) == category(row)
        and (alike(other.name, row.name) >= ALIKE or (mine is not None and bool(other.name) and said(other) == mine))
        for other in others
    )


def measured(found: Iterable[Target], kind: Category, *texts: str | None) -> str | None:
    """What the first number measures (`响应和处理时间`), in words of `graph/measures.toml`; None where not known."""
    first = next(canonical(tuple(found)), None)
    where = kind.concept.rsplit("/", 1)[-1] if kind.concept else None
    known = measure(first.unit or "", where, (first.label, *texts)) if first else None
    return known.label if known else None


def source(one: Hit | Use) -> str:
    """Where a row comes from, for a sentence: 盐边县公安局“看守所经费”（2021年）."""
    year = f"{one.year}年" if one.year else "年度不明"
    return f"{one.organization or '（未写单位）'}“{one.project or '（未写项目）'}”（{year}）"


def _same_matter(row: Indicator, hit: Hit) -> bool:
    """Names that are alike under one category, or less alike with numbers that measure the same."""
    near = alike(hit.name, row.name)
    here = measured(row.targets, row.category, row.name, row.value)
    there = measured(hit.targets, hit.category, hit.name, hit.value)
    if here and there:
        return here == there and near >= _ALIKE_MEASURED
    return near >= ALIKE and category_of(hit.category.concept) == category_of(row.category.concept)
