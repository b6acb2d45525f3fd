"""Lines of text cut into pieces where a format gave one cell for several: glued, apart by blanks, label with value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby, pairwise

from perfkg.reading.layouts import glued, looks, money, words
from perfkg.reading.layouts.pieces import Line, Piece, filled, part

_INLINE = re.compile(r"^(.{2,24}?)\s*[:：]\s*(?=\S)", re.DOTALL)
_ITEM = re.compile(r"\s*(?:[(（]?\d{1,2}[)）.．、]|[①-⑳])?\s*(?P<name>[^:：]{2,60})[:：](?P<value>.+)", re.DOTALL)
_AMOUNT_AFTER = re.compile(r"(\D{2,24}?)\s*(?=\d[\d,]*(?:\.\d+)?\s*(?:亿|万)?元?$)")
_BETWEEN = " \t\u3000\xa0，,；;(（"
_PROSE = {"objective", "term_objective", "achieved"}
_OPEN, _CLOSE = "(（[【〔《“", ")）]】〕》”"
_AMOUNTS = {"total", "fiscal", "other", "part", "term"}
_TABLE = {"level1", "level2", "name", "value"}
_MOST_BROKEN = 12
_FEWEST_HEADINGS = 3
_FEWEST_LEVELS = 3


def loosen(lines: Sequence[Line]) -> list[Line]:
    """The lines with every text cut where its words show that it holds several cells."""
    mended = _mended(lines)
    single = [text for line in mended if (text := _alone(line))]
    if any(_is_glued(text) for text in single):
        return glued.cut(mended)
    if any(_is_spaced(text) for text in single):
        mended = [_apart(line) if _alone(line) else line for line in mended]
    loose = [part for line in mended for part in _rows_of(tuple(_inline(line))) if part]
    return list(_listed(loose)) if _is_list(loose) else loose


def _alone(line: Line) -> str | None:
    """The text of a line that holds nothing else; not a remark on the reading, which holds no cells."""
    pieces = list(filled(line))
    return pieces[0].text if len(pieces) == 1 and not looks.is_bracketed(pieces[0].text) else None


def _is_list(lines: Sequence[Line]) -> bool:
    """Whether category headings stand in lines of their own, without a table, and what is below them is 名称：值."""
    single = [pieces[0].text for line in lines if len(pieces := list(filled(line))) == 1]
    headings = sum(1 for text in single if words.levels(text))
    headed = any(words.role("columns", piece.text) in _TABLE for line in lines for piece in line)
    if headings < _FEWEST_LEVELS or headed:
        return False
    return sum(1 for text in single if _ITEM.match(text)) >= headings / 2


def _listed(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with the items below the first category heading cut into name and value, without their numbers."""
    below = False
    for line in lines:
        pieces = list(filled(line))
        below = below or bool(pieces and words.levels(pieces[0].text))
        found = _ITEM.match(pieces[0].text) if below and len(pieces) == 1 else None
        if found and not words.levels(pieces[0].text):
            yield part(pieces[0], *found.span("name")), part(pieces[0], *found.span("value"), 1)
        else:
            yield line


def _is_spaced(text: str) -> bool:
    """Whether one text holds several headings apart by blanks."""
    return sum(words.role("columns", token) is not None for token in text.split()) >= _FEWEST_HEADINGS


def _is_glued(text: str) -> bool:
    """Whether one text holds headings with nothing between them, or several category headings among other text."""
    return not _is_spaced(text) and bool(
        words.headings_glued().search(text) or len(words.level_heading().findall(text)) >= _FEWEST_LEVELS
    )


def _mended(lines: Sequence[Line]) -> list[Line]:
    """Lines of one piece joined where a known word was broken over them: 经济效益 / 指标, 可持续影 / 响指标."""
    done: list[Line] = []
    for line in lines:
        pieces = list(filled(line))
        before = list(filled(done[-1])) if done else []
        if len(pieces) == 1 and before and (whole := _whole(before[-1], pieces[0])):
            done[-1] = (*before[:-1], whole)
        else:
            done.append(line)
    return done


def _whole(before: Piece, after: Piece) -> Piece | None:
    """The two pieces as one if only together they are a heading. The second may begin with more than its part."""
    tail = re.split(r"\s+", before.text)[-1]
    if len(tail) > _MOST_BROKEN or len(after.text) > _MOST_BROKEN:
        return None
    joined = tail + after.text
    if joined.endswith("类项目") and len(after.text) <= len("项目"):
        return replace(before, text=f"{before.text}\n{after.text}")
    complete = words.role("columns", tail) or words.role("columns", after.text)
    known = words.levels(joined) or (words.role("columns", joined) and not complete)
    if not known or words.key(joined) in (words.key(tail), words.key(after.text)):
        return None
    return replace(before, text=f"{before.text}\n{after.text}")


def _apart(line: Line) -> Line:
    """The only piece of a line cut at its blanks, but not within brackets."""
    piece = next(filled(line))
    return tuple(part(piece, start, end, index) for index, (start, end) in enumerate(_tokens(piece.text)))


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    depth, start = 0, None
    for index, character in enumerate(text):
        depth = max(0, depth + (character in _OPEN) - (character in _CLOSE))
        if character.isspace() and not depth and not _breaks_word(text, index):
            if start is not None:
                yield start, index
            start = None
        elif start is None:
            start = index
    if start is not None:
        yield start, len(text)


def _breaks_word(text: str, index: int) -> bool:
    """Whether the blank at `index` is the line break of a mended heading."""
    return text[index] == "\n"


def _inline(line: Line) -> Iterator[Piece]:
    """The pieces, labels and what follows each apart: 填报单位：…　填报日期：…　单位：万元."""
    for piece in line:
        end = _label_end(piece.text)
        if not end:
            yield piece
            continue
        bounds = [(0, end), *_further(piece.text, end)]
        for (start, after), (until, _) in pairwise([*bounds, (len(piece.text), 0)]):
            yield part(piece, start, after)
            yield part(piece, after, after + len(piece.text[after:until].rstrip(_BETWEEN)), 1)


def _further(text: str, end: int) -> Iterator[tuple[int, int]]:
    """Where more labels begin and end in a text whose first ends at `end`; prose names labels without being any."""
    if words.role("labels", text[:end]) in _PROSE:
        return
    for found in _marks().finditer(text, end):
        start, after = found.span()
        closed = found.group().endswith((":", "：", "元"))
        if text[start - 1] in _BETWEEN and text[end:start].strip() and (closed or text[after : after + 1].isdigit()):
            yield start, after


@cache
def _marks() -> re.Pattern[str]:
    """Labels, and what states the unit of the amounts."""
    return re.compile(rf"{money.UNIT_LINE.pattern}|{words.label().pattern}")


def _label_end(text: str) -> int | None:
    """Where a label ends that what belongs to it follows: 项目名称：…, 其中: 财政拨款42.00."""
    if looks.is_bracketed(text):
        return None
    found = _INLINE.match(text)
    label = found.group(1) if found else ""
    of_amounts = money.UNIT_LINE.search(text)
    stated = of_amounts is not None and of_amounts.start() < (found.end() if found else 0)
    if found and not stated and (words.role("labels", label) or words.role("money", label)):
        return found.end()
    amount = _AMOUNT_AFTER.match(text)
    return amount.end() if amount and words.role("money", amount.group(1)) in _AMOUNTS else None


def _rows_of(line: Line) -> Iterator[Line]:
    """The line, or its parts if headings and the rows below them stand on one line."""
    known = [words.role("columns", piece.text) is not None for piece in line]
    runs = [(flag, len(list(group))) for flag, group in groupby(known)]
    longest = max((length for flag, length in runs if flag), default=0)
    cut_from_one = len({piece.place for piece in line}) == 1
    if longest < _FEWEST_HEADINGS or not cut_from_one or all(known) or sum(known) == longest >= len(line) - 1:
        yield line
        return
    start = 0
    for flag, length in runs:
        if flag and length >= _FEWEST_HEADINGS:
            yield line[:start]
            yield line[start : start + length]
            line, start = line[start + length :], 0
        else:
            start += length
    yield line
