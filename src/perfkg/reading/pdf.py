"""PDF documents with text → one grid: ruled tables as tables, other text as `unruled` reads it.

Pages that are only pictures are named, never taken for empty.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading import limits, ruled, typeset, unruled
from perfkg.reading.grid import Cell, Grid, packed
from perfkg.reading.package import damaged, encrypted
from perfkg.reading.typeset import Box, Glyph, Line, Printed
from perfkg.reading.unruled import Rule

_MARGIN_SHARE = 0.08
_FEW_LETTERS = 30
_SHARE_UNKNOWN = 0.2
_STRAIGHT = 0.05


def grids(data: bytes) -> tuple[Grid, ...]:
    """The document as one grid; InvalidFile if it is encrypted, damaged, has too many pages or no text at all."""
    rows: list[Sequence[Cell]] = []
    tables = 0
    blocks, rules = _blocks(data)
    for is_table, run in groupby(ruled.connected(blocks), key=lambda block: isinstance(block, ruled.Table)):
        if not is_table:
            rows += unruled.rows([block for block in run if isinstance(block, Printed)], rules)
            continue
        for table in run:
            tables += 1
            rows += ruled.rows(table, tables) if isinstance(table, ruled.Table) else []
    found = packed(dict(enumerate(rows)))
    return (Grid(found),) if found else ()


def _blocks(data: bytes) -> tuple[list[ruled.Block], dict[int, list[Rule]]]:
    """What stands on the pages, those that are only pictures being named where they stand, and the lines ruled on each."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    blocks: list[ruled.Block] = []
    rules: dict[int, list[Rule]] = {}
    open_below: Box | None = None
    scanned: list[int] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > limits.PAGES:
                raise InvalidFile(f"PDF 超过{limits.PAGES}页", advice="请拆分成几个文件后再导入")
            for number, page in enumerate(document.pages, start=1):
                limits.step()
                if _is_scanned(page):
                    scanned.append(number)
                    blocks.append(_remark(number, f"第{number}页是扫描图像，没有读取"))
                if across := "".join(char["text"] for char in page.chars if _is_oblique(char)).strip():
                    blocks.append(_remark(number, f"水印：{across}"))
                found, open_below = _page_blocks(page, number, open_below)
                blocks += found
                rules[number] = [(one["x0"], one["x1"], one["top"]) for one in page.horizontal_edges]
                page.close()
            if scanned and len(scanned) == len(document.pages):
                raise _only_pictures(scanned)
    except PdfminerException as error:
        raise encrypted() if isinstance(error.args[0], PDFPasswordIncorrect) else damaged() from error
    return blocks, rules


def _remark(number: int, said: str) -> Printed:
    """A line in brackets for what of a page is not read: it must not be taken for nothing."""
    text = f"［{said}］"
    return Printed(number, 0, Line((Glyph(text, 0, 0, 1, 1, 1),), text), is_marginal=True)


def _is_oblique(char: Any) -> bool:
    """Whether a letter stands aslant, as those of a watermark across the page do."""
    along, across = map(abs, char["matrix"][:2])
    return bool(min(along, across) > _STRAIGHT * max(along, across))


def _only_pictures(numbers: Sequence[int]) -> InvalidFile:
    pages = "、".join(map(str, numbers[:10])) + ("……" if len(numbers) > 10 else "")
    advice = "请提供原来的 Word、Excel 文件，或先做文字识别（OCR）"
    return InvalidFile("PDF 是扫描图像，没有可读的文字", f"第{pages}页", advice)


def _is_scanned(page: Any) -> bool:
    """Whether nearly all of a page is pictures: no text, or hardly more than a page number or a stamp."""
    letters = sum(not char["text"].isspace() for char in page.chars)
    area = sum(abs((image["x1"] - image["x0"]) * (image["bottom"] - image["top"])) for image in page.images)
    return letters < _FEW_LETTERS and area > float(page.width * page.height) / 2


def _page_blocks(page: Any, number: int, before: Box | None) -> tuple[list[ruled.Block], Box | None]:
    """The tables of a page and the lines outside of them, from top to bottom.

    Beside them the box of the last table if its ruled lines do not part its rows; `before` is that of the page before,
    whose rows may go on within the first box of this one.
    """
    _refuse_unknown_letters(page, number)
    loose = typeset.glyphs(char for char in page.chars if not _is_oblique(char))
    placed: list[tuple[float, ruled.Block]] = []
    margin = float(page.height) * _MARGIN_SHARE
    for found in page.find_tables():
        if len(found.cells) > 1:
            table, rest = ruled.filled(found, loose, number)
            below = any(table.box[3] < one.top < float(page.height) - margin for one in rest)
            goes_on = before is not None and ruled.same_sides(before, table.box)
            before = table.box
            if not (goes_on or ruled.is_frame(table) or ruled.holds_rows(table) or (below and ruled.is_head(table))):
                before = None
                placed.append((table.box[1], table))
                loose = rest
    for count, line in enumerate(typeset.lines(loose), start=1):
        is_marginal = line.bottom < margin or line.top > float(page.height) - margin
        placed.append((line.top, Printed(number, count, line, is_marginal)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])], before


def _refuse_unknown_letters(page: Any, number: int) -> None:
    unknown = sum(char["text"].startswith("(cid:") for char in page.chars)
    if unknown > _SHARE_UNKNOWN * len(page.chars):
        advice = "请提供原来的 Word、Excel 文件，或用打印重新生成 PDF"
        raise InvalidFile("PDF 的字体没有文字编码，读出来是乱码", f"第{number}页", advice)
