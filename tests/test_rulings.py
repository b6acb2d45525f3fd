"""What reviewers decide of findings: kept in the ledger, left out of the opinion, listed at its end with the reason."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest
from conftest import make_declaration

from perfkg.ledger import Ledger, content_digest
from perfkg.ledger.rulings import ACCEPTED, DISMISSED, OPEN, Ruling
from perfkg.records import Source
from perfkg.report import review_bytes
from perfkg.report.opinion import dismissed, items
from perfkg.review import Report, key, review, settled
from perfkg.review.overview import UNNAMED, overview

ROWS = (
    ("产出指标", "数量指标", "工作经费", "2万元"),
    ("产出指标", "质量指标", "平台运行", "平台运行"),
    ("产出指标", "质量指标", "管理水平", "有所提高"),
    ("产出指标", "质量指标", None, "及时"),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.at(tmp_path)


@pytest.fixture
def report() -> Report:
    return review(make_declaration("平台运行维护", rows=ROWS))


def test_the_last_ruling_counts_and_all_are_kept(ledger: Ledger) -> None:
    assert ledger.rulings.of(["a"]) == {"a": {}}
    ledger.rulings.record("a", "f", Ruling(ACCEPTED, ""), "甲")
    ledger.rulings.record("a", "f", Ruling(DISMISSED, "已核实"), "乙")
    ledger.rulings.record("a", "g", Ruling(ACCEPTED, ""), "甲")
    ledger.rulings.record("a", "g", Ruling(OPEN, ""), "甲")
    found = ledger.rulings.of(["a", "b"])
    assert found["b"] == {}
    assert [(one.decision, one.reason, one.actor) for one in found["a"].values()] == [(DISMISSED, "已核实", "乙")]
    with ledger.database.reading() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM rulings").all()) == 4


def test_a_ruling_is_of_what_a_form_says_not_of_its_file() -> None:
    one = make_declaration(rows=ROWS)
    assert content_digest(one) == content_digest(replace(one, source=Source("b.docx", "x")))
    assert content_digest(one) != content_digest(make_declaration(rows=ROWS[:3]))


def test_dismissed_findings_leave_the_report(report: Report) -> None:
    first = report.first[0]
    after = settled(report, {key(first): Ruling(DISMISSED, "已核实"), "unknown": Ruling(DISMISSED, "x")})
    assert first not in after.findings
    assert first not in after.first
    gone = [one for one in report.findings if key(one) == key(first)]
    assert after.counts["fail"] == report.counts["fail"] - len(gone)
    assert [one.finding for one in after.dismissed] == gone
    assert settled(report, {key(first): Ruling(ACCEPTED, "")}) == report
    assert settled(report, {}) == report


def test_the_opinion_lists_what_was_dismissed_at_its_end(report: Report) -> None:
    [first, *_] = items(report, "fail")
    after = settled(report, {first.key: Ruling(DISMISSED, "=已核实<b>")})
    assert first.key not in {one.key for one in items(after, "fail")}
    assert [(one.key, one.reason) for one in dismissed(after)] == [(first.key, "=已核实<b>")]
    document = docx.Document(io.BytesIO(review_bytes([after], ".docx")))
    problems, left_out = document.tables[1], document.tables[-2]
    assert first.message not in "".join(cell.text for row in problems.rows for cell in row.cells)
    assert [cell.text for cell in left_out.rows[1].cells][2] == "=已核实<b>"
    book = openpyxl.load_workbook(io.BytesIO(review_bytes([after], ".xlsx")))
    assert [cell.value for cell in book["不采纳"][2]][5] == "=已核实<b>"
    assert book["不采纳"]["F2"].data_type == "s"
    page = review_bytes([after], ".html").decode()
    assert "不采纳的理由" in page
    assert "=已核实&lt;b&gt;" in page
    assert "不采纳" not in review_bytes([report], ".html").decode()


def test_an_item_names_the_rows_it_is_about(report: Report) -> None:
    [missing] = [one for one in items(report, "fail") if one.title == "漏填"]
    assert missing.rows == (report.declaration.indicators[3].id,)


def test_the_overview_says_who_has_the_most_to_put_right() -> None:
    good = review(make_declaration("甲项目", "甲局", rows=ROWS[:1]))
    bad = review(make_declaration("乙项目", "乙局", rows=ROWS))
    nobody = review(replace(make_declaration("丙项目", rows=ROWS[3:]), organization=None))
    seen = overview([good, bad, nobody])
    assert seen.order[0] == 1
    assert {row.organization for row in seen.rows} == {"甲局", "乙局", UNNAMED}
    assert seen.first[0].title == "漏填"
    assert seen.first[0].forms == (1, 2)
    titles = [title for _, title in seen.rules]
    [row] = [row for row in seen.rows if row.organization == "乙局"]
    assert row.failing[titles.index("漏填")] == 1
    assert row.findings == bad.counts["fail"]
    assert overview([]).rows == ()
    book = openpyxl.load_workbook(io.BytesIO(review_bytes([good, bad, nobody], ".xlsx")))
    assert [cell.value for cell in book["单位与规则"][1]] == ["单位", "表数", "问题", *titles]
