"""The rules of a review, each on small forms; and the real forms against what a reviewer found by hand."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import make_declaration

from perfkg import review as module
from perfkg import targets
from perfkg.cli import main as cli
from perfkg.library import Library
from perfkg.reading import read
from perfkg.records import Declaration, Funding, Indicator, as_json
from perfkg.report.opinion import summary
from perfkg.review import Report, review, rules

CASES = Path(__file__).parent / "cases"
RULES = json.loads((CASES / "review_rules.json").read_text("utf-8"))
SEED = [json.loads(line) for line in (CASES / "review_seed.jsonl").read_text("utf-8").splitlines()]

EXAMPLE = Path(__file__).parents[1] / "examples" / "2021"
LEVEL1 = {"数量指标": "产出指标", "质量指标": "产出指标", "时效指标": "产出指标", "成本指标": "产出指标"}
NO_FALSE = ("cost-funding", "funding-parts", "same-row-twice", "misfiled")


def made(form: dict[str, Any]) -> Declaration:
    """The declaration a case describes: rows `二级指标 | 名称 | 值 | 完成值 | 权重 | 得分`, the rest optional."""
    cells = [[cell.strip() for cell in row.split("|")] for row in form["rows"]]
    rows = tuple((_level1(row[0]), row[0], row[1] or None, row[2] or None) for row in cells)
    names = {key: form[key] for key in ("project", "organization", "year") if key in form}
    one = make_declaration(**names, rows=rows)
    total = form.get("total", 100000.0)
    funding = Funding(total, form.get("fiscal", total), form.get("other"))
    indicators = tuple(_filled(row, more, one.year) for row, more in zip(one.indicators, cells, strict=True))
    given = {"funding": funding, "objective": form.get("objective", "保障运行"), "kind": form.get("kind", one.kind)}
    return dataclasses.replace(one, indicators=indicators, **given)


def _level1(level2: str) -> str:
    return LEVEL1.get(level2, "满意度指标" if "满意度" in level2 else "效益指标")


def _filled(row: Indicator, cells: list[str], year: int | None) -> Indicator:
    actual, weight, score = [*cells[3:], "", "", ""][:3]
    return dataclasses.replace(
        row,
        targets=targets.read(row.value, row.name, year),
        actual=actual or None,
        weight=float(weight) if weight else None,
        score=float(score) if score else None,
    )


def name(case: dict[str, Any]) -> str:
    return f"{case['rule']}-{case['verdict']}-{case['why']}"


@pytest.mark.parametrize("case", RULES, ids=map(name, RULES))
def test_a_rule_judges_as_it_should(case: dict[str, Any], library: Library) -> None:
    library.import_declarations([made(form) for form in case.get("library", ())])
    found = [one for one in review(made(case["form"]), library).findings if one.rule == case["rule"]]
    assert {one.verdict for one in found} == {case["verdict"]}
    if "line" in case:
        assert case["line"] in {one.place.line for one in found}


def test_every_rule_has_a_passing_and_a_failing_or_deferred_case() -> None:
    seen = {rule: {case["verdict"] for case in RULES if case["rule"] == rule} for rule in rules()}
    assert all("pass" in verdicts and verdicts & {"fail", "deferred"} for verdicts in seen.values())


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    seed = Path(__file__).parents[2] / "shared" / "seed" / "yanbian_2021.txt"
    if not seed.exists():
        pytest.skip("the real forms are not beside this checkout")
    return [review(declaration) for declaration in read(seed)]


def test_what_a_reviewer_finds_is_found(reports: list[Report]) -> None:
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case, report in zip(SEED, reports, strict=True):
        said = {(one.rule, one.verdict, line) for one in report.findings for line in (one.place.line, None)}
        for one in case["expected"]:
            expected[one["rule"]] += 1
            found[one["rule"]] += (one["rule"], one["verdict"], one["line"]) in said
    assert found.total() >= 0.9 * expected.total()
    assert all(found[rule] == expected[rule] for rule in NO_FALSE)


def test_nobody_is_accused_falsely(reports: list[Report]) -> None:
    for case, report in zip(SEED, reports, strict=True):
        failed = {(one.rule, one.place.line) for one in report.findings if one.verdict == "fail"}
        wanted = {(one["rule"], one["line"]) for one in case["expected"] if one["verdict"] == "fail"}
        assert {one for one in failed if one[0] in NO_FALSE} <= wanted, case["project"]
        for one in case["must_not"]:
            accused = any(rule == one["rule"] and one["line"] in (line, None) for rule, line in failed)
            assert not accused, (case["project"], one)


def test_a_finding_says_where_and_what_to_do(reports: list[Report]) -> None:
    gold = reports[10]
    cost = next(one for one in gold.findings if one.rule == "cost-funding")
    assert cost.message == "成本指标合计4.9＋5＋70＋15＋1.1＋3＝99万元，比年度资金总额114万元少15万元"
    assert cost.figures["difference"] == 150000
    assert cost.advice
    assert gold.first[0] == cost
    assert gold.counts["fail"] == sum(one.verdict == "fail" for one in gold.findings)


def test_a_report_is_json(reports: list[Report]) -> None:
    data = json.loads(json.dumps(as_json(reports[4])))
    assert data["declaration"]["project"] == "政协十四届六次会议费"
    keys = {"rule", "verdict", "severity", "message", "quote", "place", "figures", "basis", "advice"}
    assert keys <= data["findings"][0].keys()


def test_the_same_form_gives_the_same_findings(library: Library) -> None:
    case = next(case for case in RULES if case["rule"] == "usual-missing")
    library.import_declarations([made(form) for form in case["library"]])
    assert review(made(case["form"]), library) == review(made(case["form"]), library)


def test_the_nearest_projects_are_named(library: Library) -> None:
    case = next(case for case in RULES if case["rule"] == "similar-project")
    library.import_declarations([made(form) for form in case["library"]])
    nearest = review(made(case["form"]), library).nearest
    assert [(one.organization, one.same) for one in nearest] == [("石梁乡人民政府", 5)]


def test_a_form_is_not_compared_with_itself(library: Library) -> None:
    form = made({"rows": RULES[0]["form"]["rows"]})
    library.import_declarations([form])
    assert not review(form, library).nearest


def test_a_form_without_indicators_is_told_so() -> None:
    report = review(made({"rows": []}))
    assert [one.message for one in report.first] == ["表中没有任何绩效指标"]


def test_without_a_library_nothing_is_compared() -> None:
    found = {one.rule: one for one in review(made(RULES[0]["form"])).findings}
    assert found["copied-text"].verdict == "not-applicable"
    assert found.keys() == rules().keys()


def test_an_empty_library_is_said(library: Library) -> None:
    assert not review(made(RULES[0]["form"]), library).compared
    assert "未与其他项目比较" in summary(review(made(RULES[0]["form"]), library))


def test_a_doubtful_reading_accuses_nobody() -> None:
    form = made({"rows": ["质量指标 | 平台运行 | 平台运行", "数量指标 | 工作经费 | 10万元"]})
    doubtful = dataclasses.replace(
        form, indicators=tuple(dataclasses.replace(row, unsure=True) for row in form.indicators)
    )
    assert review(form).counts["fail"]
    assert not review(doubtful).counts["fail"]


def test_a_rule_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {id: dataclasses.replace(rule, enabled=id != "misfiled") for id, rule in rules().items()}
    monkeypatch.setattr(module, "rules", lambda: known)
    assert "misfiled" not in {one.rule for one in review(made(RULES[0]["form"])).findings}


def perfkg(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], env={"PERFKG_ENCODER": "none"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with the examples of 2021."""
    assert perfkg("import", EXAMPLE, "--library", tmp_path / "library").exit_code == 0
    return tmp_path / "library"


def test_the_command_gives_one_report_a_line(folder: Path) -> None:
    run = perfkg("review", EXAMPLE, "--library", folder, "--json")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(lines) == 12
    assert all(line["counts"]["fail"] == _fails(line) and line["declaration"]["project"] for line in lines)


def _fails(line: dict[str, Any]) -> int:
    return sum(one["verdict"] == "fail" for one in line["findings"])


def test_a_recorded_declaration_can_be_reviewed(folder: Path) -> None:
    with Library(folder) as library:
        entry = library.ledger.entries(limit=1)[0]
    run = perfkg("review", entry.id, "--library", folder)
    assert run.exit_code == 0
    assert run.stdout.startswith(entry.project or "?")


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".html"])
def test_the_opinion_is_written_to_a_file(folder: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"意见{suffix}"
    run = perfkg("review", EXAMPLE, "--library", folder, "--output", file)
    assert (run.exit_code, run.stdout) == (0, "")
    assert file.stat().st_size > 5000


def test_what_cannot_be_reviewed_is_said(folder: Path, tmp_path: Path) -> None:
    no_form = tmp_path / "说明.txt"
    no_form.write_text("这里没有表格", "utf-8")
    for arguments, said in (
        ((tmp_path / "gone.docx",), "找不到文件"),
        ((no_form,), "没有找到绩效目标表"),
        ((EXAMPLE, "--output", tmp_path / "a.pdf"), ".docx、.xlsx、.html"),
    ):
        run = perfkg("review", *arguments, "--library", folder)
        assert run.exit_code == 1
        assert said in run.stderr
        assert not run.stdout
