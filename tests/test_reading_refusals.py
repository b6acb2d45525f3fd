"""A file that cannot be read is refused by what is wrong with it, with what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import papers
import pytest

from perfkg import reading
from perfkg.errors import InvalidFile

FORM = papers.small_form()
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
PAGE = "<html><body><table><tr><td>项目名称</td><td>河道巡查</td></tr></table><table>{}</table></body></html>"


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def parts(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def blank_word() -> bytes:
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


def refused() -> Iterator[tuple[str, bytes, str]]:
    """Name, content and words of the refusal."""
    word, workbook = papers.word([FORM]), papers.xlsx([FORM])
    pdf = papers.chinese_pdf([[(40, 700, "项目支出绩效目标表")]])
    for name, data in (("a.docx", word), ("a.xlsx", workbook), ("a.pdf", pdf)):
        yield name, data[: len(data) // 2], "文件已损坏"
        yield name, bytes(512) + data[512:], "文件已损坏"
        yield name, data[: len(data) // 2] + bytes(len(data) // 2), "文件已损坏"
        yield name, b"", "文件是空的"
    without_types = {name: data for name, data in parts(workbook).items() if name != "[Content_Types].xml"}
    yield "a.xlsx", zipped(without_types), "文件已损坏"
    yield "a.docx", zipped(parts(blank_word()) | {"word/media/image1.png": PICTURE}), "只有图片"
    yield "a.docx", blank_word(), "没有文字"
    yield "a.xlsx", PAGE.format("<tr><td>404 Not Found</td></tr>").encode(), "网页"
    yield "a.html", PAGE.format("<tr><td>404 Not Found</td></tr>").encode(), "没有找到绩效目标表"
    manifest = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    odt = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": b"x",
        "META-INF/manifest.xml": manifest,
    }
    yield "a.odt", zipped(odt), "密码"


@pytest.mark.parametrize(("name", "data", "words"), list(refused()))
def test_the_refusal_says_what_is_wrong_where_and_what_to_do(name: str, data: bytes, words: str) -> None:
    with pytest.raises(InvalidFile, match=words) as refusal:
        reading.read_data(name, data)
    assert name in str(refusal.value)
    assert "请" in (refusal.value.advice or "")


def test_an_archive_without_documents_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "空.zip").write_bytes(zipped({}))
    (outcome,) = reading.read_all([tmp_path / "空.zip"], workers=1)
    assert "没有可以读取的文件（空.zip）" in str(outcome.refusal)


def test_the_last_row_of_a_page_that_breaks_off_is_unsure_and_the_break_is_left_over() -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in FORM if len(row) > 1)
    whole = PAGE.format(rows)
    cut = whole[: whole.rindex("</td>")].encode()
    (found,) = reading.read_data("a.html", cut)
    assert [one.unsure for one in found.indicators][-1]
    assert any("中断" in one.text for one in found.leftovers)
    (found,) = reading.read_data("a.html", whole.encode())
    assert not any(one.unsure for one in found.indicators)


def test_a_row_that_a_page_does_not_show_is_no_indicator_and_is_said() -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in FORM if len(row) > 1)
    pattern = '<tr style="DISPLAY: none"><td></td><td>产出指标</td><td>数量指标</td><td>样例</td><td>1次</td></tr>'
    (shown,) = reading.read_data("a.html", PAGE.format(rows).encode())
    (found,) = reading.read_data("a.html", PAGE.format(rows + pattern).encode())
    assert [one.name for one in found.indicators] == [one.name for one in shown.indicators]
    assert any("隐藏的一行没有读取" in one.text and "样例" in one.text for one in found.leftovers)
    headings = "<tr hidden><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>"
    (found,) = reading.read_data("a.html", PAGE.format(rows + headings).encode())
    assert [one.name for one in found.indicators] == [one.name for one in shown.indicators]
