"""Web pages → one grid: every block of text as a one-cell row, the rows of tables between them.

Menus and other page furniture stay, as rows like any other. A table inside a cell follows the row it stands in, so a
page laid out with tables reads from top to bottom. What budget systems save as `.xls` is often such a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from perfkg.reading import limits
from perfkg.reading.grid import Cell, Grid, packed
from perfkg.reading.package import damaged
from perfkg.reading.plain import decoded
from perfkg.records import Place

_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,30})""", re.IGNORECASE)
_CHINESE = {"gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030", "chinese", "hz-gb-2312"}
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")
_HIDDEN = {"script", "style", "template", "noscript", "head", "title", "object", "iframe", "svg", "datalist"}
_INLINE = set(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big cite code del dfn em font i img input ins kbd label mark nobr q rp rt ruby s"
        " samp select small span strike strong sub sup textarea time tt u var wbr",
    )
)
_TEXT_INPUTS = {None, "", "text", "number", "date", "tel", "email"}
_LONGEST_SPAN = 10_000
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell of a table with its column, and its height and width in rows and columns."""

    node: Any
    column: int
    height: int
    width: int


def grids(data: bytes, charset: str | None = None) -> tuple[Grid, ...]:
    """The page as one grid, in the `charset` it came with unless it names one; InvalidFile if no encoding fits."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        source = _source(data, charset)
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise damaged() from error
    reader = _Reader()
    reader.flow(() if root is None else _pieces(root), 0)
    if _is_cut_off(source):
        reader.doubt_last()
        reader.flow(["［网页在表格中间中断，后面的内容没有读到］"], 0)
    rows = packed(dict(enumerate(reader.rows)))
    return (Grid(rows),) if rows else ()


def _is_cut_off(source: str) -> bool:
    """Whether a page ends within a table: it was not saved or sent to its end."""
    small = source.lower()
    return small.rfind("<table") > small.rfind("</table")


class _Reader:
    """Collects the rows of a page in reading order."""

    def __init__(self) -> None:
        self.rows: list[tuple[Cell, ...]] = []
        self._tables = 0
        self._lines = 0
        self._cells = 0

    def doubt_last(self) -> None:
        """Marks the last row, for nobody knows whether it is whole."""
        if self.rows:
            self.rows[-1] = tuple(replace(cell, doubtful=True) for cell in self.rows[-1])

    def flow(self, pieces: Iterable[Any], depth: int) -> None:
        """Adds texts, a row a line, and the tables between them."""
        texts: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                texts.append(piece)
            else:
                self._paragraphs(texts)
                texts = []
                self._table(piece, depth + 1)
        self._paragraphs(texts)

    def _paragraphs(self, texts: list[str]) -> None:
        for text in filter(None, _joined(texts).split("\n")):
            self._lines += 1
            self._count(1)
            self.rows.append((Cell(text, 0, Place(line=self._lines)),))

    def _table(self, node: Any, depth: int) -> None:
        limits.check_nesting(depth)
        self._tables += 1
        table, starts = self._tables, []
        lines, loose = _lines(node)
        self.flow(loose, depth)
        for line in lines:
            self._count(len(line))
            starts.append(len(self.rows))
            self.rows.append(())
            for box in line:
                self.flow((piece for piece in _pieces(box.node) if not isinstance(piece, str)), depth)
        for number, line in enumerate(lines):
            self.rows[starts[number]] = tuple(
                Cell(
                    _joined(piece for piece in _pieces(box.node) if isinstance(piece, str)),
                    box.column,
                    Place(table=table, row=number + 1, column=box.column + 1),
                    starts[min(number + box.height, len(lines)) - 1] - starts[number] + 1,
                    box.width,
                )
                for box in line
            )

    def _count(self, cells: int) -> None:
        self._cells += cells
        limits.check_cells(self._cells)


def _source(data: bytes, charset: str | None) -> str:
    """The page by the encoding it names; by what fits the bytes where it names none, or a wrong one."""
    match = _CHARSET.search(data[:4096])
    name = match[1].decode("ascii", "replace").lower() if match else charset or "ascii"
    try:
        return data.decode("gb18030" if name in _CHINESE else name)
    except (UnicodeError, LookupError):
        return decoded(data)


def _lines(table: Any) -> tuple[list[list[_Box]], list[Any]]:
    """The rows of a table, and what stands in it outside of any cell."""
    lines: list[list[_Box]] = []
    loose: list[Any] = []
    taken: dict[int, int] = {}
    for part in _outer(table, {"tr", "td", "th", "table"}):
        if isinstance(part, str) or part.tag == "table":
            loose.append(part)
            continue
        if _is_hidden(part):
            texts = " ".join(filter(None, map(str.strip, part.itertext())))
            loose.append(f"\n［隐藏的一行没有读取：{texts}］\n")
            continue
        inner = list(_outer(part, {"td", "th", "table"})) if part.tag == "tr" else [part]
        loose += [piece for piece in inner if isinstance(piece, str) or piece.tag == "table"]
        cells = [piece for piece in inner if not isinstance(piece, str) and piece.tag != "table"]
        lines.append(_placed(cells, taken))
        taken = {column: rows - 1 for column, rows in taken.items() if rows > 1}
    return lines, loose


def _is_hidden(row: Any) -> bool:
    """Whether a row is not shown, as the pattern is not that a page copies for each new row."""
    return row.get("hidden") is not None or bool(_NOT_SHOWN.search(row.get("style") or ""))


def _placed(cells: list[Any], taken: dict[int, int]) -> list[_Box]:
    """The cells of a row, each in the first column not `taken` by a higher one; `taken` then counts these too."""
    line, column = [], 0
    for node in cells:
        while column in taken:
            column += 1
        height, width = _span(node, "rowspan"), min(_span(node, "colspan"), 1000)
        line.append(_Box(node, column, height, width))
        taken.update(dict.fromkeys(range(column, column + width), height))
        column += width
    return line


def _span(node: Any, name: str) -> int:
    """The span; 0 stands for the rest of the table."""
    value = (node.get(name) or "1").strip()
    return (min(int(value), _LONGEST_SPAN) or _LONGEST_SPAN) if value.isdecimal() and len(value) < 10 else 1


def _outer(node: Any, names: set[str]) -> Iterator[Any]:
    """The texts and the outermost elements of these names below `node`."""
    yield _shown(node.text)
    for child in node:
        if child.tag in names:
            yield child
        elif child.tag not in _HIDDEN:
            yield from _outer(child, names)
        yield _shown(child.tail)


def _pieces(node: Any, verbatim: bool = False) -> Iterator[Any]:
    """The texts below `node`, with a line end where one is shown, and the tables, which are not entered."""
    verbatim = verbatim or node.tag == "pre"
    yield _shown(node.text, verbatim)
    for child in node:
        tag = child.tag if isinstance(child.tag, str) else "script"
        if tag == "table":
            yield child
        elif tag == "br":
            yield "\n"
        elif tag in _INLINE:
            yield from _inline(child, verbatim)
        elif tag not in _HIDDEN:
            yield "\n"
            yield from _pieces(child, verbatim)
            yield "\n"
        yield _shown(child.tail, verbatim)


def _inline(node: Any, verbatim: bool) -> Iterator[Any]:
    if node.tag == "input":
        yield node.get("value", "") if node.get("type") in _TEXT_INPUTS else ""
    elif node.tag == "select":
        options = [option for option in node.iter("option") if option.get("selected") is not None]
        for option in options or list(node.iter("option"))[:1]:
            yield _shown("".join(option.itertext()))
    else:
        yield from _pieces(node, verbatim)


def _shown(text: str | None, verbatim: bool = False) -> str:
    """Text of the source as it is shown: runs of blanks as one, and none where a Chinese line is only broken."""
    if not text or verbatim:
        return text or ""
    return _BLANKS.sub(_blank, text)


def _blank(run: re.Match[str]) -> str:
    text, start, end = run.string, run.start(), run.end()
    is_break = "\n" in run[0] and _WIDE.match(text[start - 1 : start]) and _WIDE.match(text[end : end + 1])
    return "" if is_break else " "


def _joined(texts: Iterable[str]) -> str:
    lines = ("".join(texts)).split("\n")
    return "\n".join(filter(None, (_BLANKS.sub(" ", line).strip() for line in lines)))
