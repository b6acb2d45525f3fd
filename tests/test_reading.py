"""Reading files: the seed exactly, whatever the encoding; identities; refusals."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import papers
import pytest

from perfkg import reading
from perfkg.errors import InvalidFile
from perfkg.reading import identity
from perfkg.records import Declaration

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[2] / "shared"
SEED = SHARED / "seed" / "yanbian_2021.txt"

needs_seed = pytest.mark.skipif(not SEED.exists(), reason="the seed lies beside the repository")


def expected() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / "seed_forms.jsonl").read_text(encoding="utf-8").splitlines()]


def facts(declaration: Declaration) -> dict[str, Any]:
    """A declaration in the words of the hand-written cases."""
    money = declaration.funding
    return {
        "project": declaration.project,
        "organization": declaration.organization,
        "year": declaration.year,
        "funding": {"total": money.total, "fiscal": money.fiscal, "other": money.other},
        "objective": declaration.objective,
        "indicators": [
            {
                "line": one.place.line,
                "level1": one.category.level1,
                "level2": one.category.level2,
                "name": one.name,
                "value": one.value,
                "unsure": one.unsure,
            }
            for one in declaration.indicators
        ],
    }


def wanted(form: dict[str, Any]) -> dict[str, Any]:
    kept = {key: form[key] for key in ("project", "organization", "year", "funding", "objective")}
    rows = [{"unsure": False, **{k: v for k, v in row.items() if k != "why"}} for row in form["indicators"]]
    return kept | {"indicators": rows}


@needs_seed
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_seed_is_read_exactly(encoding: str) -> None:
    data = SEED.read_text(encoding="utf-8").encode(encoding)
    found = reading.read_data("seed.txt", data)
    assert [facts(one) for one in found] == [wanted(form) for form in expected()]


def without_lines(forms: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The forms without the lines of the text file that their rows stand on."""
    rows = [[{key: row[key] for key in row if key != "line"} for row in form["indicators"]] for form in forms]
    return [form | {"indicators": own} for form, own in zip(forms, rows, strict=True)]


@needs_seed
@pytest.mark.parametrize("write", [papers.xlsx, papers.word, papers.page], ids=["xlsx", "docx", "html"])
def test_seed_is_read_exactly_from_other_formats(write: Callable[[list[papers.Form]], bytes]) -> None:
    data = write(papers.seed_forms(SEED.read_text(encoding="utf-8")))
    found = [facts(one) for one in reading.read_data("seed", data)]
    assert without_lines(found) == without_lines([wanted(form) for form in expected()])


@needs_seed
@pytest.mark.skipif(not papers.has_office(), reason="LibreOffice is not installed")
def test_seed_is_read_exactly_from_pdf(tmp_path: Path) -> None:
    document = papers.word(papers.seed_forms(SEED.read_text(encoding="utf-8")))
    found = [facts(one) for one in reading.read_data("seed", papers.converted(document, "seed.docx", "pdf", tmp_path))]
    assert without_lines(found) == without_lines([wanted(form) for form in expected()])


def test_seed_is_read_exactly_from_a_flat_export() -> None:
    """Every row prints its first level, so that none is in doubt."""
    heads = ["单位名称", "项目名称", "年度", "年度资金总额（元）", "其中：财政拨款（元）", "年度目标"]
    columns = [*heads, "一级指标", "二级指标", "三级指标", "指标值"]
    forms = [wanted(form) for form in expected()]
    projects = [(owned(form), [indicator_cells(row) for row in form["indicators"]]) for form in forms]
    found = [facts(one) for one in reading.read_data("export", papers.export(columns, projects))]
    for row in (row for form in forms for row in form["indicators"]):
        row["unsure"] = False
    assert without_lines(found) == without_lines(forms)


def owned(form: dict[str, Any]) -> list[Any]:
    """The cells of an export that say whose the rows are."""
    money = form["funding"]
    return [form["organization"], form["project"], form["year"], money["total"], money["fiscal"], form["objective"]]


def indicator_cells(row: dict[str, Any]) -> list[Any]:
    return [row["level1"], row["level2"], row["name"], row["value"]]


@needs_seed
def test_seed_repairs_say_why() -> None:
    found = reading.read(SEED)
    mended = {row.place.line: {repair.rule for repair in row.repairs} for one in found for row in one.indicators}
    assert mended[24] == {"moved-cells"}
    assert mended[49] == {"level1-inferred"}
    assert mended[536] == {"level1-corrected", "level1-inferred"}
    assert not mended[15]
    assert [repair.rule for repair in found[22].repairs] == ["html-removed"]
    assert not any(one.leftovers for one in found)


@needs_seed
def test_reading_twice_gives_the_same_identities() -> None:
    first, second = reading.read(SEED), reading.read(SEED)
    assert [one.id for one in first] == [one.id for one in second]
    assert len({row.id for one in first for row in one.indicators}) == 276


def test_same_key_twice_in_a_file_is_told_apart() -> None:
    head = "项目名称\t河道巡查\n预算单位\t某县水利局\n一级指标\t二级指标\t三级指标\t指标值\n"
    form = head + "产出指标\t数量指标\t巡查次数\t12次\n"
    first, second = reading.read_data("two.txt", (form + form).encode())
    assert first.id != second.id
    assert not first.notes
    assert "第2份" in second.notes[-1]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("会议通知\n请各单位于周五前报送材料。\n", "没有找到绩效目标表"),
        ("项目名称\t河道巡查\n一级指标\t二级指标\t三级指标\t指标值\n产出指标\t数量指标\t\t\n", "没有填写任何指标"),
        ("一级指标二级指标指标内容指标值备注产出指标数量指标88100质量指标68100时效指标20100", "粘连"),
        ("", "文件是空的"),
    ],
)
def test_files_without_a_filled_form_are_refused(text: str, what: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        reading.read_data("x.txt", text.encode())
    assert what in refused.value.what
    assert refused.value.where == "x.txt"
    assert refused.value.advice


def test_identity_examples() -> None:
    assert doctest.testmod(identity).failed == 0
