"""Rules of weights and of self-evaluation: what was scored against what was done."""

from __future__ import annotations

from collections.abc import Iterator

from perfkg import targets
from perfkg.concepts.measures import measure
from perfkg.records import Finding, Indicator
from perfkg.review.filing import complete
from perfkg.review.form import COST, DEFERRED, FAIL, NOT_APPLICABLE, PASS, Form, Rule, canonical, category, quantities


def weights_sum(form: Form, rule: Rule) -> Iterator[Finding]:
    """The weights make up the whole: 100, or 90 where 10 are for the use of the funds."""
    weights = [row.weight for row in form.rows if row.weight is not None]
    if not weights:
        yield rule.find(NOT_APPLICABLE, "表中没有权重（分值）")
        return
    total = round(sum(weights), 2)
    figures = {"total": total, "weighted": len(weights), "rows": len(form.rows)}
    said = f"各指标权重（分值）合计{total:g}"
    wanted = "或".join(map(str, rule.options["totals"]))
    if total in rule.options["totals"]:
        yield rule.find(PASS, said, figures=figures)
    elif len(weights) < len(form.rows) and total < max(rule.options["totals"]):
        missing = len(form.rows) - len(weights)
        yield rule.find(DEFERRED, f"{said}，不是{wanted}；有{missing}条指标没有权重", figures=figures)
    elif not complete(form) and total < max(rule.options["totals"]):
        yield rule.find(DEFERRED, f"{said}，不是{wanted}；表可能没有读全", figures=figures)
    else:
        yield rule.find(FAIL, f"{said}，不是{wanted}", figures=figures)


def score_weight(form: Form, rule: Rule) -> Iterator[Finding]:
    """A score does not exceed its weight, is not below 0, and a target that was missed does not score in full."""
    if form.declaration.kind != "self-evaluation":
        yield rule.find(NOT_APPLICABLE, "不是自评表")
        return
    for row in form.rows:
        if row.score is None or row.weight is None:
            continue
        figures = {"score": row.score, "weight": row.weight}
        if row.score > row.weight:
            yield rule.find(FAIL, f"得分{row.score:g}高于分值{row.weight:g}", row, figures=figures)
        elif row.score < 0:
            yield rule.find(FAIL, f"得分{row.score:g}是负数", row, figures=figures)
        elif row.score == row.weight and (missed := _missed(row, form.declaration.year)):
            yield rule.find(FAIL, f"{missed}，没有完成却得满分", row, figures=figures)


def actual_missing(form: Form, rule: Rule) -> Iterator[Finding]:
    """A self-evaluation says of every target what was reached; a missed one has its reason."""
    if form.declaration.kind != "self-evaluation":
        yield rule.find(NOT_APPLICABLE, "不是自评表")
        return
    rows = [row for row in form.rows if row.value]
    empty = [row for row in rows if not (row.actual or "").strip()]
    if rows and len(empty) == len(rows):
        yield rule.find(DEFERRED, "没有读到任何完成值，请核对原表", figures={"rows": len(rows)})
        return
    for row in empty:
        yield rule.find(DEFERRED if row.unsure else FAIL, "没有填写完成值", row)
    for row in rows:
        if not row.note and (missed := _missed(row, form.declaration.year)):
            yield rule.find(DEFERRED, f"{missed}，没有完成，也没有写原因", row)


def overdone(form: Form, rule: Rule) -> Iterator[Finding]:
    """A target that was exceeded by far was set too low, or is of another measure."""
    if form.declaration.kind != "self-evaluation":
        yield rule.find(NOT_APPLICABLE, "不是自评表")
        return
    for row in form.rows:
        wanted, done = _pair(row, form.declaration.year)
        if not wanted or not done or wanted < 0 or not _is_better_larger(row):
            continue
        if done / wanted >= rule.options["times"]:
            figures = {"target": wanted, "actual": done}
            said = f"完成值{row.actual}是指标值{row.value}的{done / wanted:.3g}倍"
            yield rule.find(DEFERRED, said, row, figures=figures)


def _is_better_larger(row: Indicator) -> bool:
    """Whether more of it is more done: not money spent, not a time or a rate of errors, not what has an upper bound."""
    one = next(quantities(row), None)
    if one is None or one.comparator in {"<=", "<"} or category(row) in COST:
        return False
    kind = (row.category.concept or "").rpartition("/")[2] or None
    known = measure(one.unit or "", kind, (one.label, row.name))
    return known is None or known.direction != "smaller"


def _missed(row: Indicator, year: int | None) -> str | None:
    """In words, how the actual value falls short of the target; None where it does not or cannot be told."""
    wanted, done = _pair(row, year)
    comparator = next((one.comparator for one in quantities(row)), None)
    if wanted is None or done is None:
        return None
    short = comparator in {">=", ">"} and done < wanted
    over = comparator in {"<=", "<"} and done > wanted
    return f"指标值{row.value}，完成值{row.actual}" if short or over else None


def _pair(row: Indicator, year: int | None) -> tuple[float | None, float | None]:
    """The numbers of target and actual where each is one, in one unit."""
    wanted = list(quantities(row))
    done = list(canonical(targets.read(row.actual, row.name, year))) if row.actual else []
    if len(wanted) != 1 or len(done) != 1 or wanted[0].unit != done[0].unit:
        return None, None
    return wanted[0].value, done[0].value
