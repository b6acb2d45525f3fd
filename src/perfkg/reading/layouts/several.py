"""Several indicators written into one row: 1.管护面积 2.护林员人数 beside 1.12万亩 2.260人, taken apart by their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfkg.reading.layouts import looks
from perfkg.reading.layouts.numbers import MARK, number_of
from perfkg.reading.layouts.pieces import Piece, part
from perfkg.reading.layouts.rows import Row
from perfkg.records import Repair

Span = tuple[int, int]

_MARK = re.compile(rf"(?<![\d.．])\s*{MARK}")
_MARKED_LINE = re.compile(r"\s*(\d{1,2})[.．、)）]\s*")
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_ENDS = " \n\t；;，,。"
_SHORTEST = 3
_HEADINGS = ("side", "level1", "level2", "term_level2")


def several(row: Row) -> Iterator[Row]:
    """The row, or one row for each of the names in it if as many values stand beside them.

    Names are told apart by their numbers; without numbers by their lines, which is doubtful, as a long name has lines too.
    """
    names, values = row.cells.get("name", []), row.cells.get("value", [])
    alone = len(names) == len(values) == 1
    spans = numbered(names[0].text) if alone else []
    by = "编号" if spans else "行"
    spans = spans or (_paired(names[0].text, values[0].text) if alone else [])
    if len(spans) < 2 or len(_spans(values[0], len(spans))) != len(spans):
        row.doubtful = row.doubtful or (alone and _has_lines_alike(names[0].text, values[0].text))
        yield row
        return
    reason = f"一格里写了{len(spans)}条指标，按{by}分开"
    for index, (start, end) in enumerate(spans):
        cells = {role: _share(role, pieces, index, len(spans)) for role, pieces in row.cells.items()}
        repair = Repair("several-in-one-cell", reason, before=names[0].text, after=names[0].text[start:end])
        yield Row(
            {role: pieces for role, pieces in cells.items() if pieces},
            others=row.others if index == 0 else [],
            loose=row.loose if index == 0 else [],
            repairs=[*row.repairs, repair],
            doubtful=row.doubtful or by == "行",
        )


def numbered(text: str) -> list[Span]:
    """Where the items of a text numbered 1, 2, 3 … stand, without their numbers; none if it is not numbered so.

    >>> [ "1.管护面积；2.人数"[a:b] for a, b in numbered("1.管护面积；2.人数")], numbered("1.5万元")
    (['管护面积', '人数'], [])
    """
    marks = list(_MARK.finditer(text))
    if [number_of(mark) for mark in marks] != list(range(1, len(marks) + 1)) or not marks or marks[0].start():
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    spans = [(mark.end(), len(text[:end].rstrip(_ENDS))) for mark, end in zip(marks, ends, strict=True)]
    return spans if all(start < end for start, end in spans) else []


def _has_lines_alike(names: str, values: str) -> bool:
    """Whether as many lines stand beside each other, which may be rows that no line was ruled between."""
    lines = [[found.group().strip() for found in _LINE.finditer(text)] for text in (names, values)]
    return len(lines[0]) == len(lines[1]) > 1 and all(len(line) >= _SHORTEST for line in lines[0])


def _paired(names: str, values: str) -> list[Span]:
    """The lines of a cell beside as many lines that are each a whole value; none where a line may be part of a word."""
    spans = [found.span() for found in _LINE.finditer(names)]
    beside = [found.group().strip() for found in _LINE.finditer(values)]
    whole = all(looks.is_value(value) and not looks.is_number(value) for value in beside)
    long = all(until - start >= _SHORTEST for start, until in spans)
    return spans if len(spans) == len(beside) > 1 and whole and long else []


def _spans(piece: Piece, wanted: int) -> list[Span]:
    """The items of a cell beside numbered names: by its own numbers, or else its lines."""
    own = numbered(piece.text)
    lines = [found.span() for found in _LINE.finditer(piece.text)]
    return own if len(own) == wanted else _without_numbers(piece.text, lines)


def _without_numbers(text: str, lines: list[Span]) -> list[Span]:
    """The lines without the numbers 1. 2. 3. before them all, one of which at least can be part of no figure."""
    marks = [_MARKED_LINE.match(text, *line) for line in lines]
    own = all(mark and int(mark[1]) == number for number, mark in enumerate(marks, start=1))
    sure = any(mark and not text[mark.end() : mark.end() + 1].isdigit() for mark in marks)
    if not (own and sure and len(lines) > 1):
        return lines
    return [(mark.end() if mark else start, end) for mark, (start, end) in zip(marks, lines, strict=True)]


def _share(role: str, pieces: Sequence[Piece], index: int, wanted: int) -> list[Piece]:
    """What an item gets of a cell: its own part; what cannot be divided stays with the first."""
    spans = _spans(pieces[0], wanted) if len(pieces) == 1 and role not in _HEADINGS else []
    if len(spans) == wanted:
        return [part(pieces[0], *spans[index])]
    return list(pieces) if index == 0 else []
