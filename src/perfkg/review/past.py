"""Rules that look beside the form: copied text, last year, the range of comparable targets, what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from statistics import quantiles

from perfkg.concepts.summary import Use
from perfkg.concepts.wording import ALIKE, alike, undated
from perfkg.records import Declaration, Finding, Hit, Indicator, Target
from perfkg.review.beside import KIN, Beside, measured, source
from perfkg.review.form import COST, DEFERRED, FAIL, NOT_APPLICABLE, SATISFACTION, Rule, bare, category, quantities, wan
from perfkg.targets.wording import named
from perfkg.text import fold

_SMALLER_IS_STRICTER = {"h"}
_SHOWN = 3
_NOT_USUAL = {*SATISFACTION, *COST, None}


def copied_text(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """Rows do not stand word for word in another project's form, nor all of last year's in this year's.

    Some long rows are enough, or half of all rows of whatever length.
    """
    mine = beside.form.declaration
    copied: dict[str, list[tuple[Indicator, Use]]] = defaultdict(list)
    for row in beside.form.rows:
        for hit in {hit.declaration: hit for hit in beside.same(row)}.values():
            copied[hit.declaration].append((row, hit))
    for pairs in copied.values():
        hit, rows = pairs[0][1], len(pairs)
        long = [pair for pair in pairs if len(bare(f"{pair[0].name}{pair[0].value}")) >= rule.options["shortest"]]
        share = rows / len(beside.form.rows)
        figures = {"rows": [one.id for one, _ in pairs], "source": [other.id for _, other in pairs]}
        row = (long or pairs)[0][0]
        own = hit.organization == mine.organization and undated(hit.project) == undated(mine.project)
        if own and share >= rule.options["unchanged"]:
            said = f"有{rows}条指标与本项目{hit.year}年的逐字相同，请确认已按今年情况更新"
            yield rule.find(DEFERRED, said, row, figures=figures)
        elif not own and (len(long) >= rule.options["rows"] or share >= rule.options["share"]):
            yield rule.find(FAIL, f"有{rows}条指标与{source(hit)}逐字相同", row, figures=figures)


def similar_project(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """No other project of the same year, or form of another name, is nearly the same: money may be asked for twice.

    Short rows that everybody has (验收合格率100%) tell nothing where the projects' names are not near as well.
    """
    mine = beside.form.declaration
    long = [row for row in beside.form.rows if len(bare(f"{row.name}{row.value}")) >= rule.options["shortest"]]
    telling = {hit.declaration for row in long for hit in beside.same(row)}
    for one in beside.neighbours:
        enough = one.same >= max(rule.options["rows"], rule.options["share"] * len(beside.form.rows))
        if not enough or one.year != mine.year or one.declaration == mine.id:
            continue
        if one.kin < KIN and one.declaration not in telling:
            continue
        figures = {"declaration": one.declaration, "rows": one.same, "funding": one.funding}
        money = f"，资金{wan(one.funding)}" if one.funding else ""
        what = f"{one.organization}“{one.project}”（{one.year}年{money}）"
        said = f"与{what}有{one.same}条指标完全相同，请核实是否重复安排资金"
        yield rule.find(DEFERRED, said, figures=figures)


def looser_than_before(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """A target is not looser than the same one of the same project a year before."""
    before = beside.last_year
    if before is None:
        yield rule.find(NOT_APPLICABLE, "资料库里没有本项目上年的申报表")
        return
    past = {(category(row), bare(row.name)): row for row in before.indicators if row.name}
    for row in beside.form.rows:
        earlier = past.get((category(row), bare(row.name)))
        if earlier and (pair := _looser(row, earlier)):
            now, then = pair
            figures = {"now": now.value, "before": then.value, "unit": now.unit, "source": earlier.id}
            # A count may fall because there is less to do; a rate or a time may not.
            verdict = FAIL if now.unit in {"%", "h", "d"} else DEFERRED
            yield rule.find(verdict, f"指标值“{row.value}”松于上年的“{earlier.value}”", row, figures=figures)


def _looser(row: Indicator, earlier: Indicator) -> tuple[Target, Target] | None:
    """The two targets where both are one number of one unit, the direction is known, and the new one is looser."""
    now, then = list(quantities(row)), list(quantities(earlier))
    if len(now) != 1 or len(then) != 1 or now[0].unit != then[0].unit:
        return None
    new, old = now[0].value or 0.0, then[0].value or 0.0
    signs = {now[0].comparator, then[0].comparator}
    smaller = signs <= {"<=", "<"} or (now[0].unit in _SMALLER_IS_STRICTER and not signs & {">=", ">"})
    larger = signs <= {">=", ">"} or (
        now[0].unit == "%" and category(row) in SATISFACTION and signs <= {"=", ">=", ">"}
    )
    if (now[0].unit or "").startswith("CNY"):
        return None
    return (now[0], then[0]) if (smaller and new > old) or (larger and new < old) else None


def out_of_range(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """A target far outside what comparable projects set (beyond three times the middle half) is looked at."""
    for row in beside.form.rows:
        mine = next(quantities(row), None)
        if mine is None or mine.value is None or not _of_degree(mine):
            continue
        values = _one_a_project(beside.comparable(row), mine)
        if len(values) < rule.options["enough"]:
            continue
        first, middle, third = quantiles(values, n=4, method="inclusive")
        reach = 3 * max(third - first, rule.options["narrowest"] * abs(middle))
        if not first - reach <= mine.value <= third + reach:
            figures = {
                "value": mine.value,
                "unit": mine.unit,
                "count": len(values),
                "quartiles": [first, middle, third],
            }
            said = f"指标值{row.value}与{len(values)}个可比项目相差很大（中间一半在{first:g}到{third:g}之间，单位{named(mine.unit)}）"
            yield rule.find(DEFERRED, said, row, figures=figures)


def _of_degree(target: Target) -> bool:
    """Whether projects of any size would set about the same: rates and times, not counts and sums."""
    return target.unit in {"%", "h", "d", "/a"} or (target.unit or "").startswith("CNY/")


def _one_a_project(hits: list[Hit], mine: Target) -> list[float]:
    values: dict[tuple[str | None, str], float] = {}
    for hit in hits:
        found = next((one.value for one in _of_hit(hit) if one.unit == mine.unit and one.value is not None), None)
        if found is not None:
            values.setdefault((hit.organization, undated(hit.project)), found)
    return list(values.values())


def numbers_elsewhere(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """Where comparable projects give numbers, words alone are not enough."""
    for row in beside.form.rows:
        if (
            not row.value
            or not row.targets
            or {target.kind for target in row.targets} - {"trend", "state", "reference"}
        ):
            continue
        numbers = [hit for hit in beside.comparable(row) if any(True for _ in _of_hit(hit))]
        projects = {(hit.organization, undated(hit.project)): hit for hit in numbers}
        if len(projects) >= rule.options["enough"]:
            shown = "；".join(f"{hit.name} {hit.value}" for hit in list(projects.values())[:_SHOWN])
            figures = {"projects": len(projects), "source": [hit.id for hit in projects.values()]}
            yield rule.find(FAIL, f"{len(projects)}个可比项目的同类指标写了数值，例如：{shown}", row, figures=figures)


def usual_missing(beside: Beside, rule: Rule) -> Iterator[Finding]:
    """What most projects of the kind measure by a number, and this one does not measure at all."""
    kin = beside.kin
    if len(kin) < rule.options["enough"]:
        yield rule.find(NOT_APPLICABLE, f"资料库里同类项目只有{len(kin)}个，不足以比较", figures={"projects": len(kin)})
        return
    told: list[Indicator] = []
    for matter, group in _usual(kin):
        row = group[0][1]
        known = any(_about(matter, row, one) for one in (*beside.form.rows, *told))
        if known or len(group) < max(rule.options["enough"], rule.options["share"] * len(kin)):
            continue
        told.append(row)
        shown = "；".join(f"{one.name} {one.value}（{form.organization}）" for form, one in group[:_SHOWN])
        figures = {"projects": len(kin), "with": len(group), "source": [one.id for _, one in group]}
        said = f"{len(kin)}个同类项目中有{len(group)}个写了“{matter or row.name}”的数值，本表没有，例如：{shown}"
        yield rule.find(FAIL, said, quote=row.name, figures=figures)
        if len(told) == _SHOWN:
            return


def _usual(kin: tuple[Declaration, ...]) -> list[tuple[str | None, list[tuple[Declaration, Indicator]]]]:
    """What is measured by a number over forms of a kind (its measure, where known), with each form's row for it."""
    groups = []
    for form in kin:
        for row in form.indicators:
            matter = _matter(row)
            if row.name and category(row) not in _NOT_USUAL and any(True for _ in quantities(row)):
                rows = ((one, _first_about(matter, row, one)) for one in kin)
                groups.append((matter, [(one, found) for one, found in rows if found is not None]))
    return sorted(groups, key=lambda group: (-len(group[1]), group[0] or "", fold(group[1][0][1].name or "")))


def _first_about(matter: str | None, row: Indicator, form: Declaration) -> Indicator | None:
    numbers = (one for one in form.indicators if any(True for _ in quantities(one)))
    return next((one for one in numbers if _about(matter, row, one)), None)


def _about(matter: str | None, row: Indicator, other: Indicator) -> bool:
    """Whether a row is about a matter: measures it, or has a name like that of the `row` that does."""
    return (matter is not None and _matter(other) == matter) or alike(row.name, other.name) >= ALIKE


def _matter(row: Indicator) -> str | None:
    return measured(row.targets, row.category, row.name, row.value)


def _of_hit(hit: Hit) -> Iterator[Target]:
    return quantities(Indicator(hit.id, hit.category, hit.name, hit.value, hit.targets))
