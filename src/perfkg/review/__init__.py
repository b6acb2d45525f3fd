"""Review of one form: findings, each with its rule, its figures and its place. Repeatable, and careful with blame.

A rule fails a form only where the form itself, or counted others, show it; what cannot be judged is deferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from perfkg.library import Library
from perfkg.records import Declaration, Finding
from perfkg.review import filing, money, past, wording
from perfkg.review.form import FAIL, Form, Rule, rules

__all__ = ["Report", "review", "rules"]

_OF_FORM: Mapping[str, Callable[[Form, Rule], Iterator[Finding]]] = {
    "cost-funding": money.cost_funding,
    "funding-parts": money.funding_parts,
    "required-categories": wording.required_categories,
    "missing-text": wording.missing_text,
    "name-as-value": wording.name_as_value,
    "same-row-twice": wording.same_row_twice,
    "placeholder": wording.placeholder,
    "vague-wording": wording.vague_wording,
    "misfiled": filing.misfiled,
    "objective-repeated": wording.objective_repeated,
    "count-rate": money.count_rate,
    "frequency-count": money.frequency_count,
    "period-year": filing.period_year,
    "satisfaction-level": filing.satisfaction_level,
    "weights-sum": wording.weights_sum,
    "score-weight": filing.score_weight,
}
_BESIDE: Mapping[str, Callable[[past.Beside, Rule], Iterator[Finding]]] = {
    "copied-text": past.copied_text,
    "looser-than-before": past.looser_than_before,
    "out-of-range": past.out_of_range,
    "numbers-elsewhere": past.numbers_elsewhere,
    "similar-project": past.similar_project,
}
_WEIGHT = {"serious": 0, "notice": 1, "hint": 2}


@dataclass(frozen=True, slots=True)
class Report:
    """A declaration and what the rules say of it; `first` are the (at most three) failures to put right first."""

    declaration: Declaration
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    first: tuple[Finding, ...]


def review(declaration: Declaration, library: Library | None = None) -> Report:
    """The findings of all enabled rules, in their order; the rules that compare need a `library`."""
    found = list(_findings(declaration, library))
    failed = sorted((one for one in found if one.verdict == FAIL), key=lambda one: _WEIGHT.get(one.severity, 3))
    verdicts = ("fail", "pass", "deferred", "not-applicable")
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in verdicts}
    return Report(declaration, tuple(found), counts, tuple(failed[:3]))


def _findings(declaration: Declaration, library: Library | None) -> Iterator[Finding]:
    form = Form(declaration)
    beside = past.Beside(form, library) if library is not None else None
    for id, rule in rules().items():
        if not rule.enabled:
            continue
        if id in _OF_FORM:
            yield from _OF_FORM[id](form, rule)
        elif beside is not None and id in _BESIDE:
            yield from _BESIDE[id](beside, rule)
