"""Many reviews at once: who has the most to put right, which rules fail where, what to put right first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.records import Finding
from perfkg.review import SEVERITIES, Report, rules
from perfkg.review.form import FAIL

UNNAMED = "（没有写单位）"
_WEIGHTS = dict(zip(SEVERITIES, (100, 10, 1), strict=True))
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Common:
    """A rule that fails in `forms` forms (numbers from 0), with the message of the first of them."""

    rule: str
    title: str
    severity: str
    forms: tuple[int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """An organization: how many forms it has, how many findings, and for each rule how many of its forms fail it."""

    organization: str
    forms: int
    findings: int
    failing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """`order` are the forms (numbers from 0), those with the most to put right first; `rules` the rules that fail
    anywhere, in their order, which are the columns of `rows`; `first` the three things to put right first.
    """

    order: tuple[int, ...]
    rules: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    first: tuple[Common, ...]


def overview(reports: Sequence[Report]) -> Overview:
    """The overview of `reports`. A serious failure weighs ten times a notice, a notice ten times a hint."""
    failed = [[one for one in report.findings if one.verdict == FAIL] for report in reports]
    order = sorted(range(len(reports)), key=lambda number: (-_weight(failed[number]), number))
    common = _common(failed)
    columns = [(one.id, one.title) for one in rules().values() if one.id in {each.rule for each in common}]
    return Overview(tuple(order), tuple(columns), _rows(reports, failed, columns), tuple(common[:_FIRST]))


def _weight(findings: Sequence[Finding]) -> int:
    return sum(_WEIGHTS[one.severity] for one in findings)


def _common(failed: Sequence[Sequence[Finding]]) -> list[Common]:
    """The rules that fail, by how much they weigh over all forms."""
    forms: dict[str, dict[int, Finding]] = defaultdict(dict)
    for number, findings in enumerate(failed):
        for one in findings:
            forms[one.rule].setdefault(number, one)
    made = []
    for rule, found in forms.items():
        first = next(iter(found.values()))
        severity = min((one.severity for one in found.values()), key=list(SEVERITIES).index)
        made.append(Common(rule, rules()[rule].title, severity, tuple(found), first.message))
    return sorted(made, key=lambda one: -len(one.forms) * _WEIGHTS[one.severity])


def _rows(
    reports: Sequence[Report], failed: Sequence[Sequence[Finding]], columns: Sequence[tuple[str, str]]
) -> tuple[Row, ...]:
    of: dict[str, list[int]] = defaultdict(list)
    for number, report in enumerate(reports):
        of[report.declaration.organization or UNNAMED].append(number)
    rows = []
    for organization, numbers in of.items():
        failing = Counter(rule for number in numbers for rule in {one.rule for one in failed[number]})
        count = sum(len(failed[number]) for number in numbers)
        rows.append(Row(organization, len(numbers), count, tuple(failing[rule] for rule, _ in columns)))
    weight = {name: sum(_weight(failed[number]) for number in numbers) for name, numbers in of.items()}
    return tuple(sorted(rows, key=lambda row: -weight[row.organization]))
