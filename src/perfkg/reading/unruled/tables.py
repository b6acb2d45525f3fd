"""Text outside of ruled tables → the indicator tables in it, and the text between them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perfkg.reading import typeset
from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.tables import is_title
from perfkg.reading.typeset import Line, Printed
from perfkg.reading.unruled import headings
from perfkg.reading.unruled.columns import Corridors
from perfkg.reading.unruled.drawing import Drawing, Row, Rule
from perfkg.reading.unruled.headings import Heading, Headings

Stretch = tuple[list[Printed], list[Row]]
"""Lines of text, or the rows of a table; one of the two is empty."""

_OPENERS = {"project", "organization", "department", "implementer"}
_LABELLED = re.compile(r"([^:：]{2,12})[:：]")
_APART_EMS = 1.0
_MOST_WIDE = 2
_NARROW_EMS = 0.3
_LONGEST_BESIDE = 6


@dataclass(slots=True)
class _Table:
    """A table as far as it is followed: its headings, the corridors between its columns, and whether it has rows."""

    columns: tuple[Heading, ...]
    corridors: Corridors
    filled: bool = False
    bounds: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of one page that belong together: a table's headings, rows of it, or other text, which may end it."""

    lines: list[Printed]
    table: _Table | None = None
    is_head: bool = False
    ends: bool = False


def stretches(texts: Sequence[Printed], rules: Mapping[int, Sequence[Rule]]) -> Iterator[Stretch]:
    """The texts in order as text and tables; `rules` are the ruled lines by page.

    A table goes on over pages, with its headings printed again or not.
    """
    before: _Table | None = None
    for part in _parts(texts):
        table = part.table
        if table is None or not table.filled:
            yield part.lines, []
            continue
        table.bounds = table.bounds or table.corridors.bounds()
        drawing = Drawing(table.columns, table.bounds, rules.get(part.lines[0].page, ()))
        continued = before is not None and [one.text for one in before.columns] == [one.text for one in table.columns]
        yield [], drawing.head(part.lines) if part.is_head else drawing.body(part.lines, continued=continued)
        before = before if part.is_head else table


def _parts(texts: Sequence[Printed]) -> list[_Part]:
    """The texts cut into tables' headings, their rows and other text."""
    parts: list[_Part] = []
    table: _Table | None = None
    for _, run in itertools.groupby(texts, key=lambda text: text.page):
        page = list(run)
        at = 0
        while at < len(page):
            found = headings.find([text.line for text in page], at)
            rest = page[at : found.start if found else len(page)]
            if table:
                parts += _followed(table, rest)
                table = None if parts[-1].ends else table
            elif rest:
                parts.append(_Part(rest))
            if found:
                table = _table(found, page)
                parts.append(_Part(page[found.start : found.end], table, is_head=True))
            at = found.end if found else len(page)
    return parts


def _followed(table: _Table, lines: Sequence[Printed]) -> Iterator[_Part]:
    """The lines below a table's headings as far as they are its rows, and what is left of them.

    A line that runs over several columns stands between rows; more of them than two end the table.
    """
    runs: list[_Part] = []
    wide = 0
    for number, printed in enumerate(lines):
        is_aside = _is_aside(lines, number)
        ends = not is_aside and _ends(printed.line, table.columns[0].right)
        fits = not (is_aside or ends) and table.corridors.take(printed.line)
        wide = 0 if fits or is_aside else wide + 1
        if ends or wide > _MOST_WIDE:
            yield from runs
            yield _Part(list(lines[number:]), ends=True)
            return
        own = table if fits else None
        if runs and runs[-1].table is own:
            runs[-1].lines.append(printed)
        else:
            runs.append(_Part([printed], own))
        table.filled = table.filled or fits
    yield from runs


def _table(found: Headings, page: Sequence[Printed]) -> _Table:
    """The table of these headings, with the word that stands left of its rows, if one does."""
    first = found.columns[0]
    if first.role == "side":
        whole = found.columns
    else:
        lines = [text.line for text in page[found.start :]]
        beside = _words_beside(
            first, list(itertools.takewhile(lambda line: not (_ends(line, first.left) or _is_sum(line)), lines))
        )
        text = "".join(part.text.strip() for part in beside)
        is_side = words.role("columns", text) == "side"
        left, right = (min(part.left for part in beside), max(part.right for part in beside)) if is_side else (0.0, 0.0)
        own = found.columns[1:] if is_side and first.role is None and first.text in text else found.columns
        letters = frozenset(glyph for part in beside for glyph in part.glyphs)
        whole = (Heading(text, "side", left, right, letters), *own) if is_side else own
    return _Table(whole, Corridors(whole))


def _words_beside(first: Heading, lines: Sequence[Line]) -> list[Line]:
    """What stands left of everything else under a heading, over each other, from top to bottom."""
    edge = first.left if first.role else first.right
    parts = [typeset.segments(line, _NARROW_EMS)[0] for line in lines]
    beside = [part for part in parts if part.right <= edge and len(part.text.strip()) <= _LONGEST_BESIDE]
    return [part for part in beside if part.left < beside[0].right and beside[0].left < part.right]


def _is_aside(lines: Sequence[Printed], number: int) -> bool:
    """Whether a line among the rows is none of them, but may have more of them below it."""
    line = lines[number].line
    counts = number == 0 and [part.text.strip() for part in typeset.segments(line)]
    is_count = counts and counts == [str(at) for at in range(1, len(counts) + 1)]
    return bool(is_count) or _is_page_number(lines, number) or _is_sum(line) or looks.is_bracketed(line.text)


def _is_page_number(lines: Sequence[Printed], number: int) -> bool:
    """Whether a line is a page's number: 第1页, or in the margin and away from other lines a bare one."""
    own = lines[number]
    if looks.is_page_number(own.line.text):
        return True
    near = [other.line for other in lines[max(0, number - 1) : number + 2] if other is not own]
    apart = all(abs(line.middle - own.line.middle) > (1 + _APART_EMS) * own.line.size for line in near)
    return own.is_marginal and apart and looks.is_number(own.line.text)


def _is_sum(line: Line) -> bool:
    """Whether a line begins with a sum, which stands for itself under no heading: 总分, 合计."""
    return words.role("ends", typeset.segments(line)[0].text.strip()) == "total"


def _ends(line: Line, edge: float) -> bool:
    """Whether a line is below the table: a note, a signature, or the head of another form.

    A short word like 说明 must begin left of the `edge` of the first column: elsewhere it may end a longer name.
    """
    parts = typeset.segments(line)
    text = parts[0].text.strip()
    if len(parts) == 1 and is_title(text):
        return True
    found = _LABELLED.match(text)
    label = found.group(1) if found else text
    stop = words.role("ends", label) == "stop" and (found is not None or len(label) > 2 or parts[0].left < edge)
    return stop or looks.is_note(text) or words.role("labels", label) in _OPENERS
