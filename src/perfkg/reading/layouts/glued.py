"""Text whose cells stand glued together, cut at the words that only headings and labels have.

Up to a table's column headings those are labels, money words and column headings; below them category headings, sums
and the labels of the next form. What stands between is left as it is: `unglue` takes rows apart, knowing the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfkg.reading.layouts import words
from perfkg.reading.layouts.pieces import Line, Piece, filled, part

_TITLE_END = r"绩效(?:目标)?(?:自评|申报|评价)?表"
_TITLE = re.compile(r"[^，。；:：\s]{0,30}" + _TITLE_END)
_NEXT_TITLE = re.compile(
    r"(?:[省市县区]级|20\d\d年度?|部门|单位|项目|专项|财政|预算|整体|支出|资金|转移支付|区域)+" + _TITLE_END
)
_NEXT_FORM = re.compile(r"[一二]\*?级项目名称|(?<!指标)项目名称|专项名称")


def cut(lines: Sequence[Line]) -> list[Line]:
    """The lines with glued texts as many lines: labels with their texts, headings, then the table's parts."""
    done: list[Line] = []
    in_table = False
    has_labels = any(words.headings_glued().search(piece.text) for line in lines for piece in filled(line))
    for line in lines:
        pieces = list(filled(line))
        if len(pieces) == 1:
            parts, in_table = _parts(pieces[0], in_table, has_labels)
            done.extend(parts)
        elif pieces:
            done.append(line)
    return done


def _parts(piece: Piece, in_table: bool, has_labels: bool) -> tuple[list[Line], bool]:
    text, start = piece.text, 0
    parts: list[Line] = []
    while start < len(text):
        if in_table:
            end = min(_next(_NEXT_FORM, text, start), _next(words.headings_glued(), text, start))
            title = _NEXT_TITLE.search(text, start, end)
            end = title.start() if title else end
            parts.extend(_body(piece, start, end))
            in_table = end == len(text)
        else:
            headings = words.headings_glued().search(text, start) or _bare_body(text, start)
            end = headings.start() if headings else len(text)
            parts.extend(_head(piece, start, end) if has_labels else [tuple(_text(piece, start, end, 0))])
            if headings:
                in_table, end = True, headings.end()
                parts.append(tuple(_found(words.column_heading(), piece, headings.start(), end)))
        start = end
    return [line for line in parts if line], in_table


def _bare_body(text: str, start: int) -> re.Match[str] | None:
    """The empty place before a category heading where a table goes without column headings."""
    found = words.level_heading().search(text, start)
    return re.compile("").match(text, found.start()) if found else None


def _next(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.search(text, start)
    return found.start() if found else len(text)


def _found(pattern: re.Pattern[str], piece: Piece, start: int, end: int) -> Iterator[Piece]:
    """The places of a pattern as pieces, with the text between them as pieces of its own."""
    done = start
    for index, match in enumerate(pattern.finditer(piece.text, start, end)):
        yield from _text(piece, done, match.start(), index)
        yield part(piece, match.start(), match.end(), index)
        done = match.end()
    yield from _text(piece, done, end, 0)


def _text(piece: Piece, start: int, end: int, index: int) -> Iterator[Piece]:
    found = part(piece, start, end, index)
    if found.text:
        yield found


def _head(piece: Piece, start: int, end: int) -> Iterator[Line]:
    """Labels with what follows them, a line for each run of labels and text; titles first."""
    title = _TITLE.search(piece.text, start, end)
    if title:
        yield tuple(_text(piece, start, title.start(), 0))
        yield (part(piece, title.start(), title.end()),)
        start = title.end()
    run: list[Piece] = []
    for found in _found(words.label(), piece, start, end):
        is_label = words.label().fullmatch(found.text) is not None
        if is_label and run and not words.label().fullmatch(run[-1].text):
            yield tuple(run)
            run = []
        run.append(found)
    yield tuple(run)


def _body(piece: Piece, start: int, end: int) -> Iterator[Line]:
    """Category headings and what stands between them, a line each, up to a word that ends the table."""
    for found in _found(words.level_heading(), piece, start, end):
        ending = words.ending().search(found.text)
        if ending and not words.levels(found.text):
            yield tuple(_text(found, 0, ending.start(), 0))
            yield tuple(_found(words.ending(), found, ending.start(), len(found.text)))
        else:
            yield (found,)
