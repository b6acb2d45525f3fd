"""Review of one form: findings, each with its rule, its figures and its place. Repeatable, and careful with blame.

A rule fails a form only where the form itself, or counted others, show it; what cannot be judged is deferred.
The rules are small functions, in `money`, `counts`, `filing`, `scoring` and `wording` (the form alone) and in `past`
(beside a library); `graph/rules.toml` names, orders, tunes and switches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from perfkg.ledger.rulings import DISMISSED, Ruling
from perfkg.library import Library
from perfkg.records import Declaration, Finding
from perfkg.review import counts, filing, money, past, scoring, wording
from perfkg.review.beside import NEAR, Beside, Neighbour
from perfkg.review.form import DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, rules

__all__ = ["SEVERITIES", "VERDICTS", "Dismissed", "Neighbour", "Report", "Rule", "key", "review", "rules", "settled"]

VERDICTS = {FAIL: "问题", DEFERRED: "待核实", PASS: "通过", NOT_APPLICABLE: "不适用"}
SEVERITIES = {"serious": "须改正", "notice": "应核对", "hint": "可完善"}

_OF_FORM: Mapping[str, Callable[[Form, Rule], Iterator[Finding]]] = {
    "cost-funding": money.cost_funding,
    "funding-parts": money.funding_parts,
    "required-categories": filing.required_categories,
    "missing-text": wording.missing_text,
    "name-as-value": wording.name_as_value,
    "same-row-twice": wording.same_row_twice,
    "placeholder": wording.placeholder,
    "misfiled": filing.misfiled,
    "contradiction": counts.contradiction,
    "count-rate": counts.count_rate,
    "frequency-count": counts.frequency_count,
    "period-year": filing.period_year,
    "satisfaction-level": filing.satisfaction_level,
    "number-missing": wording.number_missing,
    "value-unclear": wording.value_unclear,
    "vague-wording": wording.vague_wording,
    "objective-repeated": wording.objective_repeated,
    "weights-sum": scoring.weights_sum,
    "score-weight": scoring.score_weight,
    "actual-missing": scoring.actual_missing,
    "overdone": scoring.overdone,
}
_BESIDE: Mapping[str, Callable[[Beside, Rule], Iterator[Finding]]] = {
    "copied-text": past.copied_text,
    "similar-project": past.similar_project,
    "looser-than-before": past.looser_than_before,
    "out-of-range": past.out_of_range,
    "numbers-elsewhere": past.numbers_elsewhere,
    "usual-missing": past.usual_missing,
}
_WITHOUT_ROWS = {"funding-parts", "required-categories"}
_FIRST, _SHOWN = 3, 5


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A finding that a reviewer did not accept, with the ruling that says why."""

    finding: Finding
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Report:
    """A declaration and what the rules say of it.

    `counts` are findings by verdict, `first` the (at most three) kinds of failure to put right first, `nearest` the projects
    of the library that are nearest as a whole; `compared` tells whether there was a library with declarations in it.
    `dismissed` are findings that `settled` has taken out.
    """

    declaration: Declaration
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    first: tuple[Finding, ...]
    nearest: tuple[Neighbour, ...] = ()
    compared: bool = False
    dismissed: tuple[Dismissed, ...] = ()


def review(declaration: Declaration, library: Library | None = None) -> Report:
    """The findings of all enabled rules, in their order; the rules that compare need a `library`.

    Every rule says something: what it found, or one pass. Without a library, or with an empty one, the rules that
    compare are not applicable.
    """
    form = Form(declaration)
    filled = library is not None and library.ledger.count() > 0
    beside = Beside(form, library) if library is not None and filled else None
    found = tuple(one for rule in rules().values() if rule.enabled for one in _said(form, beside, rule))
    near = tuple(one for one in beside.neighbours if one.score >= NEAR)[:_SHOWN] if beside else ()
    return Report(declaration, found, _counts(found), _first(found), near, filled)


def key(finding: Finding) -> str:
    """What a ruling calls a finding: its rule and what it says; all places of one message are ruled on together."""
    return hashlib.sha256(f"{finding.rule}\x1f{finding.message}".encode()).hexdigest()[:16]


def settled(report: Report, rulings: Mapping[str, Ruling]) -> Report:
    """The report without the findings that `rulings` (by `key`) dismiss; those are in its `dismissed`."""
    out = {id for id, one in rulings.items() if one.decision == DISMISSED}
    asks = [one for one in report.findings if one.verdict in {FAIL, DEFERRED} and key(one) in out]
    kept = tuple(one for one in report.findings if one not in asks)
    dismissed = tuple(Dismissed(one, rulings[key(one)]) for one in asks)
    return replace(report, findings=kept, counts=_counts(kept), first=_first(kept), dismissed=dismissed)


def _counts(found: Sequence[Finding]) -> dict[str, int]:
    return {verdict: sum(one.verdict == verdict for one in found) for verdict in VERDICTS}


def _first(found: Sequence[Finding]) -> tuple[Finding, ...]:
    failed = sorted((one for one in found if one.verdict == FAIL), key=lambda one: list(SEVERITIES).index(one.severity))
    return tuple(list({(one.rule, one.message): one for one in reversed(failed)}.values())[::-1][:_FIRST])


def _said(form: Form, beside: Beside | None, rule: Rule) -> list[Finding]:
    if rule.id in _OF_FORM:
        if not form.rows and rule.id not in _WITHOUT_ROWS:
            return [rule.find(NOT_APPLICABLE, "表中没有任何绩效指标")]
        found = [_careful(one, form) for one in _OF_FORM[rule.id](form, rule)]
    elif beside is None:
        return [rule.find(NOT_APPLICABLE, "资料库是空的，没有可以比较的项目")]
    else:
        found = list(_BESIDE[rule.id](beside, rule))
    return found or [rule.find(PASS, rule.passed)]


def _careful(one: Finding, form: Form) -> Finding:
    """A form that was read doubtfully is accused of nothing."""
    if one.verdict != FAIL or not form.doubtful:
        return one
    return replace(one, verdict=DEFERRED, message=f"{one.message}；原表有多处没有读准，请对照原表")
