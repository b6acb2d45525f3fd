"""A reviewer in a browser: a .docx comes in, findings are decided on, an opinion goes back; and a whole folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from browsing import SIZES, Sheet
from playwright.sync_api import expect
from test_pages import COSTLY, form

from api.drafting import DraftForm, DraftRow, declaration
from perfkg.report import form_bytes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROWS = (
    ("数量指标", "线路租赁条数", "若干"),
    ("质量指标", "网络故障处理时间", "≤48小时"),
    ("成本指标", "线路租赁费", "99万元"),
    ("社会效益指标", "服务水平", "有所提高"),
)


def received(folder: Path) -> Path:
    """A form as an office would send it."""
    rows = [DraftRow(category=category, name=name, value=value) for category, name, value in ROWS]
    made = DraftForm(project="政务外网运维费", organization="云岭县水利局", year=2022, total=100000, indicators=rows)
    (folder / "申报表.docx").write_bytes(form_bytes(declaration(made), ".docx"))
    return folder / "申报表.docx"


def words(file: Path) -> str:
    """All text of the tables in a .docx file."""
    return "\n".join(cell.text for table in docx.Document(str(file)).tables for row in table.rows for cell in row.cells)


@pytest.mark.parametrize("size", SIZES)
def test_a_reviewer_receives_a_form_and_sends_back_an_opinion(
    browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]
) -> None:
    sheet = Sheet(browser, served[0], size, tmp_path)
    page = sheet.page
    sheet.go("/review")
    sheet.look("review")
    page.set_input_files("input[type=file] >> nth=0", received(tmp_path))
    page.wait_for_url("**/reviews/*/1")
    first = page.locator(".finding").first
    message = first.locator("p").first.inner_text()
    page.locator(".grounds a[href^='#row-']").first.click()
    assert page.locator("tr:target").is_visible()
    sheet.look("opinion")
    page.locator(".finding").nth(1).locator("[data-decide=accepted]").click()
    first.locator("[data-decide=dismissed]").click()
    page.keyboard.type("已与单位核实无误")
    page.keyboard.press("Enter")
    expect(first.locator(".ruled")).to_have_text("不采纳：已与单位核实无误")
    page.reload()
    expect(page.locator(".finding").first.locator(".ruled")).to_have_text("不采纳：已与单位核实无误")
    expect(page.locator(".finding").nth(1).locator(".ruled")).to_have_text("已采纳")
    sheet.look("opinion-decided")
    with page.expect_download() as saved:
        page.click("text=审核意见表（Word）")
    assert saved.value.suggested_filename == "审核意见表_政务外网运维费.docx"
    saved.value.save_as(tmp_path / "意见.docx")
    assert "已与单位核实无误" in words(tmp_path / "意见.docx")
    assert message.split()[-1] in words(tmp_path / "意见.docx")
    sheet.end()


def test_decisions_with_the_token_are_everybodys(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    address, token = served
    sheet = Sheet(browser, address, SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/login?next=/review")
    page.fill("input[name=token]", token)
    page.click("text=确定")
    page.set_input_files("input[type=file] >> nth=0", received(tmp_path))
    page.wait_for_url("**/reviews/*/1")
    page.locator(".finding").first.locator("[data-decide=accepted]").click()
    expect(page.locator(".finding").first.locator(".ruled small")).to_contain_text("网页 ")
    assert page.evaluate(
        "Object.values(JSON.parse(localStorage['perfkg-rulings'])).every((one) => !Object.keys(one).length)"
    )
    other = Sheet(browser, address, SIZES[0], tmp_path)
    other.go(page.url.removeprefix(address))
    expect(other.page.locator(".finding").first.locator(".ruled")).to_contain_text("已采纳")
    other.page.locator(".finding").first.locator("[data-decide=open]").click()
    expect(other.page.locator(".finding").first.locator(".choices")).to_be_visible()
    sheet.end()
    other.end()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_whole_folder_is_seen_at_once(browser: Any, served: tuple[str, str], tmp_path: Path, scheme: str) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path, scheme)
    page = sheet.page
    (tmp_path / "申报").mkdir()
    rows = "一级指标\t二级指标\t三级指标\t指标值\n产出指标\t质量指标\t网络故障处理时间\t4小时\n"
    for number in range(8):
        text = COSTLY if number == 3 else form(rows)
        (tmp_path / "申报" / f"表{number}.txt").write_text(text.replace("大数据中心", f"第{number % 4}局"), "utf-8")
    (tmp_path / "申报" / "说明.txt").write_text("随便写的", "utf-8")
    sheet.go("/review")
    page.set_input_files("input[webkitdirectory]", tmp_path / "申报")
    page.wait_for_selector("[data-taking]", timeout=60_000)
    assert "9 个文件，8 份申报表，1 个没有读成" in page.locator(".lead").inner_text()
    sheet.look(f"overview-{scheme}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".finding.s-serious")
    sheet.look(f"one-of-many-{scheme}")
    page.click("text=汇总")
    page.wait_for_selector(".heat")
    sheet.go("/reviews/unknown")
    assert "不再保留" in page.locator("main").inner_text()
    sheet.look(f"review-forgotten-{scheme}")
    sheet.end()


def test_a_file_chosen_before_the_script_is_there_is_reviewed(
    browser: Any, served: tuple[str, str], tmp_path: Path
) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    held: list[Any] = []
    page.route("**/static/review.js", lambda route: held.append(route), times=1)
    page.goto(served[0] + "/review", wait_until="commit")
    page.set_input_files("input[type=file] >> nth=0", received(tmp_path))
    while not held:
        page.wait_for_timeout(10)
    held.pop().continue_()
    page.wait_for_url("**/reviews/*/1")
    sheet.end()
