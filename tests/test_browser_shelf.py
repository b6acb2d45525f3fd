"""A clerk in a browser: a folder comes in, is looked through and taken back; the shelf's pages; the guides' pictures.

The pictures of docs/pictures are of the examples alone: PERFKG_PICTURES=docs/pictures pytest tests/test_browser_shelf.py
keeps them, under the names that the guides use.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, Sheet, serving
from PIL import Image
from playwright.sync_api import expect
from test_pages import COSTLY, TABLE, form

from api.pages.guide import ROLES
from perfkg.encoder import Settings
from perfkg.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[1]
REPAIRED = form("一级指标\t二级指标\t三级指标\t指标值\n产出指标\t质量指标\t网络故障处理时间\t2小时内\n")


def folder_of(tmp_path: Path) -> Path:
    """A folder as an office keeps it: forms in folders, and what is no form."""
    for name, text in {
        "2022/水利局/政务外网.txt": TABLE,
        "2022/财政局/线路租赁.txt": COSTLY.replace("政务外网运维费", "线路租赁费"),
        "2022/财政局/<b>通知<b>.txt": "关于报送绩效目标的通知",
        "2022/~$锁.docx": "",
        "2022/照片.jpg": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / "2022"


def let_in(sheet: Sheet, token: str, next: str) -> None:
    sheet.go(f"/login?next={next}")
    sheet.page.fill("input[name=token]", token)
    sheet.page.click("text=确定")
    sheet.page.wait_for_url(f"**{next}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_clerk_imports_a_folder_and_takes_it_back(
    browser: Any, served: tuple[str, str], tmp_path: Path, scheme: str
) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path, scheme)
    page = sheet.page
    page.on("dialog", lambda dialog: dialog.accept())
    let_in(sheet, served[1], "/read")
    page.set_input_files("[data-folder]", folder_of(tmp_path))
    expect(page.locator("[data-picked]")).to_have_text(re.compile("有 3 个可读的文件，另有 2 个"))
    sheet.look(f"{scheme}-folder")
    page.click("text=导入资料库")
    page.wait_for_url("**/library/imports/*")
    expect(page.locator(".summed")).to_contain_text("3 个文件，读到申报表 2 份")
    expect(page.locator(".refused h2")).to_have_text("财政局/<b>通知<b>.txt")
    sheet.look(f"{scheme}-import")
    page.click("text=撤销这次导入")
    expect(page.locator("[role=status]")).to_contain_text("已撤销 2 份")
    sheet.go("/library?q=线路租赁")
    expect(page.locator("main")).to_contain_text("没有符合条件的")
    sheet.go("/library/log?withdrawn=1")
    expect(page.locator("[data-hit]")).to_have_count(2)
    sheet.look(f"{scheme}-withdrawn")
    page.click("tbody button >> nth=0")
    page.wait_for_selector(".form")
    sheet.go("/library/imports")
    page.click("[data-hit] >> nth=0")
    page.click("text=撤销这次导入（1 份）")
    page.click("text=恢复这次导入")
    expect(page.locator("[role=status]")).to_contain_text("已恢复 2 份")
    sheet.end()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_correction_is_seen_and_put_back(browser: Any, served: tuple[str, str], tmp_path: Path, scheme: str) -> None:
    sheet = Sheet(browser, served[0], SIZES[0], tmp_path, scheme)
    page = sheet.page
    page.on("dialog", lambda dialog: dialog.accept())
    let_in(sheet, served[1], "/read")
    for text in (TABLE, REPAIRED):
        sheet.go("/read")
        page.set_input_files(
            "[data-read] input[name=files]", {"name": "表.txt", "mimeType": "text/plain", "buffer": text.encode()}
        )
        page.click("text=导入资料库")
        page.wait_for_url("**/library/imports/*")
    page.click("text=改了什么")
    expect(page.locator("del")).to_have_text("4")
    sheet.look(f"{scheme}-changes")
    page.click("text=看申报表")
    page.click("text=查看")
    sheet.look(f"{scheme}-old-version")
    page.click("text=恢复成这一版")
    expect(page.locator(".form")).to_contain_text("4小时")
    sheet.go("/library/log")
    expect(page.locator("tbody tr").first).to_contain_text("第 3 版")
    sheet.look(f"{scheme}-log")
    sheet.go("/library/state")
    sheet.look(f"{scheme}-state")
    with page.expect_download() as saved:
        page.click("text=下载备份")
    assert Path(saved.value.path()).read_bytes().startswith(b"SQLite format 3")
    with page.expect_download() as saved:
        page.click("text=CSV 表格")
    assert "2小时内" not in Path(saved.value.path()).read_text("utf-8-sig")
    page.click("text=另发一个口令")
    expect(page.locator("code.token")).to_be_visible()
    sheet.look(f"{scheme}-token")
    sheet.end()


@pytest.mark.parametrize("size", SIZES)
def test_the_guides_can_be_read(browser: Any, served: tuple[str, str], tmp_path: Path, size: tuple[int, int]) -> None:
    sheet = Sheet(browser, served[0], size, tmp_path)
    sheet.go("/")
    sheet.page.click("text=使用说明")
    sheet.look("guides")
    for name, label in ROLES.items():
        sheet.go(f"/guide/{name}")
        expect(sheet.page.locator(".guide h1")).to_have_text(label)
        sheet.page.wait_for_load_state("networkidle")
        assert sheet.page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
        sheet.look(f"guide-{name}")
    sheet.end()


# The pictures


@pytest.fixture
def examples(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server over the examples; with the encoder where the pictures are to be kept, as people have it."""
    encoder = "e5" if os.environ.get("PERFKG_PICTURES") else "none"
    with Library(tmp_path / "examples", Settings(encoder)) as library:
        library.import_paths([ROOT / "examples" / year for year in ("2021", "2022", "2023")])
    yield from serving(tmp_path / "examples", encoder)


def test_the_pictures_of_the_guides(browser: Any, examples: tuple[str, str], tmp_path: Path) -> None:
    kept = Path(os.environ.get("PERFKG_PICTURES") or tmp_path)
    sheet = Sheet(browser, examples[0], SIZES[0], tmp_path)
    page = sheet.page
    let_in(sheet, examples[1], "/library")

    def keep(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("document.activeElement?.blur()")
        shot = Image.open(io.BytesIO(page.screenshot()))
        shot.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(kept / f"{name}.png", optimize=True)
        assert (kept / f"{name}.png").stat().st_size < 150_000

    keep("library")
    sheet.go("/library/state")
    keep("state")
    sheet.go("/library/imports/1")
    keep("imported")
    sheet.go("/library?q=政务外网&year=2023")
    page.click("[data-hit]")
    page.click("text=与上一版或上一年对照")
    page.wait_for_selector(".sides")
    keep("changes")
    sheet.go("/?q=断网多久修好")
    page.wait_for_selector(".hit")
    keep("search")
    sheet.go("/compare?text=群众满意度90%25")
    page.wait_for_selector(".strip")
    keep("compare")
    sheet.go("/network")
    page.wait_for_selector("main svg")
    keep("network")
    sheet.go("/query?name=network-maintenance")
    page.wait_for_selector(".solutions")
    keep("query")
    sheet.go("/review")
    page.set_input_files(
        "input[type=file] >> nth=0", {"name": "线路租赁.txt", "mimeType": "text/plain", "buffer": COSTLY.encode()}
    )
    page.wait_for_selector(".finding")
    keep("review")
    sheet.go("/draft")
    page.fill("[name=project]", "电子政务外网线路租赁费")
    page.fill("[name=organization]", "芦汀县大数据中心")
    page.select_option("#rows [name=category] >> nth=0", "质量指标")
    page.fill("#rows [name=name] >> nth=0", "网络")
    page.wait_for_selector(".use")
    keep("draft")
    sheet.end()


def test_every_picture_shown_is_there_and_every_one_there_is_shown() -> None:
    texts = [file.read_text("utf-8") for file in (*(ROOT / "docs" / "guide").glob("*.md"), *ROOT.glob("README*.md"))]
    shown = {name for text in texts for name in re.findall(r"pictures/([\w-]+\.png)", text)}
    assert shown == {file.name for file in (ROOT / "docs" / "pictures").iterdir()}
