"""Plain text → grid: the encoding, then what stands between the cells.

A text is read as tab-separated if it holds a tab, as a table drawn with `|` or with lines (│, ┌─┐), as comma-separated, as columns kept
apart by runs of blanks, or else as one cell a line. One blank never separates cells: prose has those too.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from perfkg.errors import InvalidFile
from perfkg.reading import limits
from perfkg.reading.grid import Cell, Grid
from perfkg.records import Place

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_GAP = re.compile(r"\s{2,}")
_WIDE = re.compile(r"[^\x00-\x7f]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_ENDS_ROW = re.compile(r"\|\|\s*$")
_DRAWN = str.maketrans("│┃║", "|||")
_RULE = re.compile(r"[\u2500-\u257f\s]*")
_FEWEST_EMPTY = 3
_SHARE_BROKEN = 0.02
_SHARE_SAME_WIDTH = 0.9

Line = tuple[int, str]
Row = tuple[Cell, ...]


def grid(data: bytes) -> Grid:
    """The text as rows of cells, every non-blank one kept, `Place.line` counted from 1.

    InvalidFile if it is no text.
    """
    return Grid(tuple(row for row in _rows(decoded(data)) if row))


def decoded(data: bytes) -> str:
    """The text of UTF-8, UTF-16, UTF-32 or GB18030 bytes; a damaged character shows as U+FFFD, never as another one.

    InvalidFile when no encoding fits.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(data[len(mark) :].decode(encoding, "replace"))
    if wide := _wide(data):
        return _checked(data.decode(wide, "replace"))
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken or broken <= _SHARE_BROKEN * len(_WIDE.findall(text)) + _cut_off(data):
        return _checked(text)
    try:
        return _checked(codecs.getincrementaldecoder("gb18030")().decode(data))
    except UnicodeDecodeError as error:
        raise _unknown_encoding(f"第{error.start + 1}字节") from error


def _rows(text: str) -> Iterable[Row]:
    if "│" in text or "┃" in text or "║" in text:
        text = "\n".join("" if _RULE.fullmatch(line) else line.translate(_DRAWN) for line in _LINE_END.split(text))
    lines = list(enumerate(_LINE_END.split(text), start=1))
    limits.check_cells(max(len(lines), text.count("\t"), text.count("|")))
    if "\t" in text:
        return _separated(text, lines, "\t")
    if any(line.count("|") for _, line in lines):
        return _piped(lines)
    if _is_comma_separated(text):
        return _quoted(text, ",")
    if _is_spaced(lines):
        return (_row(number, _GAP.split(line.strip())) for number, line in lines)
    return (_row(number, [line]) for number, line in lines)


def _row(number: int, texts: Iterable[str]) -> Row:
    """The non-empty cells of a line."""
    return tuple(
        Cell(shown, column, Place(line=number, column=column + 1))
        for column, text in enumerate(texts)
        if (shown := text.strip())
    )


def _separated(text: str, lines: Sequence[Line], separator: str) -> Iterable[Row]:
    """A line is a row, unless quotes hold line breaks together, as spreadsheets write them."""
    plain = [_row(number, line.split(separator)) for number, line in lines]
    if not re.search(r'(?:^|\t|\n)"', text):
        return plain
    try:
        quoted = list(_quoted(text, separator))
    except csv.Error:
        return plain
    return quoted if len(quoted) < len(lines) - (not lines[-1][1]) else plain


def _quoted(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    for cells in reader:
        yield _row(start, cells)
        start = reader.line_num + 1


def _is_comma_separated(text: str) -> bool:
    """Whether nearly all rows have the same number (at least three) of fields: prose has commas at odd places.

    Or else fields are left empty, which prose never does.
    """
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except csv.Error:
        return False
    if sum(",," in line for line in text.splitlines()) >= _FEWEST_EMPTY:
        return True
    width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return width >= 3 and count >= 3 and count >= _SHARE_SAME_WIDTH * len(widths)


def _is_spaced(lines: Sequence[Line]) -> bool:
    filled = [line.strip() for _, line in lines if line.strip()]
    gaps = sum(bool(_GAP.search(line)) for line in filled)
    return gaps >= 3 and gaps * 2 >= len(filled)


def _piped(lines: Sequence[Line]) -> Iterable[Row]:
    """Rows of a table drawn with `|`: hanging below the first cell of a row, or in line with it."""
    drawn = [line for _, line in lines if "|" in line]
    return map(_pipe_row, _hanging(lines) if all(map(_hangs, drawn)) else _filled(lines))


def _hangs(line: str) -> bool:
    """Whether the line is indented and all its `|` are before its text."""
    return not line[:1].strip() and line.lstrip().startswith("|") and "|" not in line.lstrip("| \t")


def _hanging(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """A row begins at the margin; its other cells are indented and led by `|`."""
    row: list[Line] = []
    for number, line in lines:
        if line[:1].strip():
            yield row
            row = []
        row.append((number, line))
    yield row


def _filled(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """A row may go over several lines: web pages turned to text write one `|` a column and fill short rows up.

    So it ends where a run of `|` ends, or where it is as wide as its neighbours.
    """
    width = _pipes_a_row(lines)
    row: list[Line] = []
    pipes = 0
    for number, line in lines:
        row.append((number, line))
        pipes += line.count("|")
        is_open = line.strip() and 0 < pipes < width
        if not is_open or _ENDS_ROW.search(line):
            yield row
            row, pipes = [], 0
    yield row


def _pipes_a_row(lines: Sequence[Line]) -> int:
    """How many `|` a row has: the commonest count from one run of them to the next; 0 where a line is a row."""
    counts: Counter[int] = Counter()
    pipes = 0
    for _, line in lines:
        pipes += line.count("|")
        if _ENDS_ROW.search(line):
            counts[pipes] += 1
            pipes = 0
    return counts.most_common(1)[0][0] if counts else 0


def _pipe_row(lines: Sequence[Line]) -> Row:
    """The cells of one row; one that is empty as a whole stays, for it may stand for an empty cell."""
    cells: list[Line] = [(0, "")]
    for number, line in lines:
        for index, part in enumerate(line.split("|")):
            if index:
                cells.append((0, ""))
            start, text = cells[-1]
            if part.strip():
                cells[-1] = (start or number, f"{text}\n{part.strip()}".strip())
    filled = tuple(
        Cell(text, column, Place(line=number, column=column + 1)) for column, (number, text) in enumerate(cells) if text
    )
    return filled or tuple(Cell("", 0, Place(line=number, column=1)) for number, line in lines if "|" in line)[:1]


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: line ends or ASCII show as every second byte zero."""
    sample = data[:4096]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if max(odd, even) * 20 < len(sample) or min(odd, even) * 4 > max(odd, even):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _cut_off(data: bytes) -> bool:
    """Whether UTF-8 `data` ends within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _checked(text: str) -> str:
    """`text`, if it is one: a text has no control characters."""
    if found := _CONTROL.search(text):
        raise _unknown_encoding(f"第{found.start() + 1}个字符")
    return text


def _unknown_encoding(where: str) -> InvalidFile:
    advice = "请用 UTF-8 或 GB18030 编码另存，或提供原来的 Word、Excel 文件"
    return InvalidFile("文件不是文本，或文字编码无法识别", where, advice)
