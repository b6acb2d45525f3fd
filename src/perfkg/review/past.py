"""Rules that look beside the form: at other projects, at last year, at what comparable ones promise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import quantiles

from perfkg.library import Library
from perfkg.records import Declaration, Finding, Hit, Indicator, Target
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, quantities
from perfkg.search import search
from perfkg.text import fold

_CLOSE = 0.75
"""A hit scored lower is not the same matter; relative to the best hit of the question."""

_LOWER_IS_STRICTER = {"h"}


@dataclass(frozen=True)
class Beside:
    """A form beside a library: the hits nearest to each row, without the form itself."""

    form: Form
    library: Library

    def comparable(self, row: Indicator) -> list[Hit]:
        """Hits of the same matter in other projects, best first."""
        return [hit for hit in self._nearest.get(row.id, ()) if hit.score >= _CLOSE]

    @cached_property
    def _nearest(self) -> dict[str, tuple[Hit, ...]]:
        return {row.id: self._hits(row) for row in self.form.rows if row.name or row.value}

    def _hits(self, row: Indicator) -> tuple[Hit, ...]:
        text = "，".join(part for part in (row.category.level2, row.name) if part) or row.value or ""
        return tuple(hit for hit in search(self.library, text, limit=30).hits if not self.own(hit))

    def own(self, hit: Hit) -> bool:
        """Whether a hit is of this form or of a version of it."""
        mine = self.form.declaration
        return hit.declaration == mine.id or (
            (hit.organization, hit.project, hit.year) == (mine.organization, mine.project, mine.year)
        )

    @cached_property
    def last_year(self) -> Declaration | None:
        """The same organization's declaration of the same project the year before."""
        mine = self.form.declaration
        if mine.year is None or not mine.project:
            return None
        for entry in self.library.ledger.entries(organization=mine.organization, year=mine.year - 1):
            if entry.kind == mine.kind and _undated(entry.project) == _undated(mine.project):
                return self.library.ledger.get(entry.id)
        return None


def copied_text(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """Long sentences do not stand word for word in another organization's form."""
    copied: dict[str, list[tuple[Indicator, Hit]]] = defaultdict(list)
    for row in beside.form.rows:
        said = fold(f"{row.name or ''} {row.value or ''}")
        if len(said) < rule.options["shortest"]:
            continue
        for hit in search(beside.library, said, limit=5).hits:
            same = fold(f"{hit.name or ''} {hit.value or ''}") == said
            if same and not beside.own(hit) and hit.organization != beside.form.declaration.organization:
                copied[hit.declaration].append((row, hit))
                break
    for pairs in copied.values():
        if len(pairs) >= rule.options["rows"]:
            row, hit = pairs[0]
            figures = {"rows": [one.id for one, _ in pairs], "source": [other.id for _, other in pairs]}
            where = f"{hit.organization}“{hit.project}”（{hit.year}）"
            yield rule.find(FAIL, f"有 {len(pairs)} 条指标与{where}逐字相同", row, figures=figures)


def looser_than_before(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """A target is not looser than the same one of the same project a year before."""
    before = beside.last_year
    if before is None:
        yield rule.find(NOT_APPLICABLE, "资料库里没有本项目上年的申报表")
        return
    past = {(row.category.concept, fold(row.name or "")): row for row in before.indicators}
    for row in beside.form.rows:
        earlier = past.get((row.category.concept, fold(row.name or "")))
        now, then = next(quantities(row), None), next(quantities(earlier), None) if earlier else None
        if not (now and then and now.value is not None and then.value is not None and now.unit == then.unit):
            continue
        smaller = now.comparator in {"<=", "<"} or now.unit in _LOWER_IS_STRICTER
        larger = now.comparator in {">=", ">"}
        if (smaller and now.value > then.value) or (larger and now.value < then.value):
            source = earlier.id if earlier else None
            figures = {"now": now.value, "before": then.value, "unit": now.unit, "source": source}
            yield rule.find(FAIL, f"目标“{now.text}”松于上年的“{then.text}”", row, figures=figures)


def out_of_range(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """A target far outside what comparable projects set (beyond three times the middle half) is looked at."""
    for row in beside.form.rows:
        mine = next(quantities(row), None)
        if mine is None or mine.value is None or mine.unit == "CNY":
            continue
        others = [one.value for hit in beside.comparable(row) for one in _of_hit(hit) if one.unit == mine.unit]
        values = [value for value in others if value is not None]
        if len(values) < rule.options["enough"]:
            continue
        first, middle, third = quantiles(values, n=4, method="inclusive")
        spread = third - first
        if spread and not first - 3 * spread <= mine.value <= third + 3 * spread:
            figures = {"value": mine.value, "unit": mine.unit, "count": len(values)}
            figures["quartiles"] = [first, middle, third]
            yield rule.find(DEFERRED, f"取值 {mine.text} 与 {len(values)} 个可比指标相差很大", row, figures=figures)


def numbers_elsewhere(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """Where comparable projects give numbers, words alone are not enough."""
    for row in beside.form.rows:
        if not row.value or {target.kind for target in row.targets} - {"trend", "state"}:
            continue
        with_number = [hit for hit in beside.comparable(row) if any(True for _ in _of_hit(hit))]
        projects = {(hit.organization, hit.project) for hit in with_number}
        if len(projects) >= rule.options["enough"]:
            shown = "；".join(f"{hit.name} {hit.value}" for hit in with_number[:3])
            figures = {"projects": len(projects), "source": [hit.id for hit in with_number]}
            yield rule.find(FAIL, f"{len(projects)} 个可比项目写了数值，例如：{shown}", row, figures=figures)


def similar_project(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """No other organization asks for money for nearly the same project in the same year."""
    near: Counter[str] = Counter()
    sample: dict[str, Hit] = {}
    for row in beside.form.rows:
        said = (fold(row.name or ""), fold(row.value or ""))
        for hit in beside.comparable(row):
            if (fold(hit.name or ""), fold(hit.value or "")) == said and hit.year == beside.form.declaration.year:
                near[hit.declaration] += 1
                sample.setdefault(hit.declaration, hit)
    share = rule.options["share"]
    found = [(id, count) for id, count in near.items() if count >= max(3, share * len(beside.form.rows))]
    for id, count in found:
        hit = sample[id]
        message = f"与{hit.organization}“{hit.project}”有 {count} 条指标完全相同，请核实是否重复安排"
        yield rule.find(FAIL, message, figures={"declaration": id, "rows": count})
    if not found:
        yield rule.find(PASS, "没有发现几乎相同的项目")


def _of_hit(hit: Hit) -> Iterator[Target]:
    return quantities(Indicator(hit.id, hit.category, hit.name, hit.value, hit.targets))


def _undated(project: str | None) -> str:
    import re

    return re.sub(r"20\d\d(?:[-至]20\d\d)?年?(?:度)?", "", fold(project or ""))
