"""A drafter in a browser: a form from nothing, from last year's, from a project's name; nothing written is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Sheet
from playwright.sync_api import expect
from test_pages import NETWORK

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def write(sheet: Sheet, number: int, category: str, name: str, value: str = "") -> None:
    """Fills in a row of the form, counted from 1."""
    row = sheet.page.locator("#rows tr").nth(number - 1)
    row.locator("[name=category]").select_option(category)
    row.locator("[name=name]").fill(name)
    if value:
        row.locator("[name=value]").fill(value)


def head(sheet: Sheet, **fields: str) -> None:
    """Fills in the head of the form."""
    for name, text in fields.items():
        sheet.page.fill(f"#draft [name={name}]", text)


@pytest.mark.parametrize("size", SIZES)
def test_a_drafter_fills_a_form_from_nothing_saves_it_and_opens_it_again(
    browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]
) -> None:
    sheet = Sheet(browser, served[0], size, tmp_path)
    page = sheet.page
    sheet.go("/draft")
    head(sheet, project="政务外网维护费", organization="云岭县水利局", year="2022", total="3.5")
    write(sheet, 1, "时效指标", "网络故障")
    page.wait_for_selector(".use")
    expect(page.locator("#suggested .hint >> nth=0")).to_have_text("符合“网络故障”的")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#rows [name=name] >> nth=0") == "网络故障处理时间"
    write(sheet, 2, "成本指标", "线路租赁费<b>", "99万元")
    page.wait_for_selector("#found .s-serious")
    expect(page.locator("#rows .order[class*=s-]")).to_have_text(["1", "2"])
    sheet.look("draft")
    page.reload()
    assert page.input_value("[name=project]") == "政务外网维护费"
    assert page.input_value("#rows [name=value] >> nth=1") == "99万元"
    for format in ("docx", "xlsx"):
        with page.expect_download() as saved:
            page.click(f"[data-save={format}]")
        assert saved.value.suggested_filename == f"政务外网维护费.{format}"
        saved.value.save_as(tmp_path / f"表.{format}")
        page.click("#clear")
        expect(page.locator("[name=project]")).to_have_value("")
        page.set_input_files("#open", tmp_path / f"表.{format}")
        expect(page.locator("[name=project]")).to_have_value("政务外网维护费")
        for name, text in {"organization": "云岭县水利局", "year": "2022", "total": "3.5"}.items():
            assert page.input_value(f"#draft [name={name}]") == text
        assert page.input_value("#rows [name=name] >> nth=1") == "线路租赁费<b>"
        assert page.input_value("#rows [name=category] >> nth=1") == "成本指标"
    sheet.end()


def test_last_years_form_is_a_start(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go(f"/declarations/{NETWORK.id}")
    page.click("text=以此为底稿填新表")
    expect(page.locator("[name=year]")).to_have_value("2022")
    assert page.input_value("#rows [name=name] >> nth=0") == "网络故障处理时间"
    page.wait_for_selector("#found .finding")
    page.click("#clear")
    page.click("#last-year")
    page.fill("#picking", "公安局")
    expect(page.locator("#picked .use")).to_have_count(1)
    sheet.look("draft-from-last-year")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[name=project]")).to_have_value("公安局网络维护费")
    expect(page.locator("[name=year]")).to_have_value("2022")
    sheet.end()


def test_a_form_is_proposed_by_the_projects_name_and_taken_back(
    browser: Any, served: tuple[str, str], tmp_path: Path
) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/draft")
    page.click("#propose")
    assert "请先写项目名称" in page.locator("#told").inner_text()
    head(sheet, project="林业局网络维护费")
    write(sheet, 1, "数量指标", "巡检次数", "12次")
    page.click("#propose")
    expect(page.locator("#told")).to_contain_text("逐条核对")
    names = [one.input_value() for one in page.locator("#rows [name=name]").all()]
    assert {"巡检次数", "网络故障处理时间"} <= set(names)
    assert page.input_value("#rows [name=name] >> nth=0") == "巡检次数"
    page.click("#told >> text=撤销")
    expect(page.locator("#rows [name=name]").nth(1)).to_have_value("")
    assert page.input_value("#rows [name=value] >> nth=0") == "12次"
    sheet.end()


def test_a_stopped_server_loses_no_draft_and_is_asked_again(
    browser: Any, served: tuple[str, str], tmp_path: Path
) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    sheet.go("/draft")
    page.route("**/api/**", lambda route: route.abort())
    head(sheet, total="3")
    write(sheet, 1, "成本指标", "线路租赁费", "99万元")
    page.wait_for_selector("#told:not([hidden])")
    assert "没有回应" in page.locator("#told").inner_text()
    with page.expect_download() as saved:
        page.click("#text")
    assert "线路租赁费\t99万元" in Path(saved.value.path()).read_text("utf-8")
    page.unroute("**/api/**")
    page.wait_for_selector("#found .finding", timeout=15_000)
    assert "已恢复" in page.locator("#told").inner_text()
    page.reload()
    assert page.input_value("#rows [name=name] >> nth=0") == "线路租赁费"


def test_another_window_is_noticed(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    sheet.go("/draft")
    other = sheet.page.context.new_page()
    other.goto(f"{served[0]}/draft")
    head(sheet, project="这边的")
    assert "另一个窗口" in other.locator("#told").inner_text()
    other.click("text=用那边的内容")
    expect(other.locator("[name=project]")).to_have_value("这边的")
    sheet.end()


def test_200_rows_and_hostile_names_are_only_text(browser: Any, served: tuple[str, str], tmp_path: Path) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path)
    page = sheet.page
    lines = "".join(f"产出指标\t数量指标\t<img src=x onerror=alert(1)>第{n}类\t{n}个\n" for n in range(200))
    text = f"项目支出绩效目标申报表\n（2022年度）\n项目名称\t{'长' * 190}\n预算单位\t某局\n一级指标\t二级指标\t三级指标\t指标值\n{lines}"
    (tmp_path / "表.txt").write_text(text, "utf-8")
    sheet.go("/draft")
    page.set_input_files("#open", tmp_path / "表.txt")
    expect(page.locator("#rows tr")).to_have_count(200)
    assert page.input_value("#rows [name=name] >> nth=199").endswith("第199类")
    began = page.evaluate("performance.now()")
    page.locator("#rows [name=value]").nth(0).press_sequentially("12345678")
    assert page.evaluate("performance.now()") - began < 1500, "typing waits"
    page.wait_for_selector("#found li")
    assert page.locator("img").count() == 0
    sheet.look("draft-200-rows")
    sheet.end()
