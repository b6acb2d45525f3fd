"""Characters placed on a page → lines and texts: which ones stand together, and where a line is only wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Box = tuple[float, float, float, float]

_SPACE_EMS = 0.35
_GAP_EMS = 1.3
_NEARLY_EMS = 1.0
_PADDING_POINTS = 6.0
_OPENERS, _CLOSERS, _QUOTES = "“‘（(《【〔\\[", "，。、；：！？）》”’】〕％%,.;:!?)\\]", "“”‘’\"'"
_ATOM = r"(?:[A-Za-z0-9.,%+\-/:]+|.)"
_UNBREAKABLE = re.compile(
    rf"[{_OPENERS}+≥≤<>=±￥$]*{_ATOM}(?:[{_CLOSERS}]+[A-Za-z0-9]*|[{_QUOTES}]+{_ATOM}[{_CLOSERS}]*)*", re.DOTALL
)
_ENDS = re.compile(r"[。；;：:！!？?]$")
_BEGINS = re.compile(r"(?:[（(]?[0-9一二三四五六七八九十]{1,2}[)）.、．]|[①-⑳★◆●•]|(?:目标|指标)\d)")
_MARKS = ",;:."
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and the box it fills, in points from the top left of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float

    @property
    def center(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """Glyphs beside each other, from left to right, and what they say."""

    glyphs: tuple[Glyph, ...]
    text: str

    @property
    def left(self) -> float:
        """Where the first visible glyph begins."""
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        """Where the last visible glyph ends."""
        return next((glyph.right for glyph in reversed(self.glyphs) if glyph.text.strip()), self.left)

    @property
    def top(self) -> float:
        """The upper edge of the highest glyph."""
        return min(glyph.top for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        """The lower edge of the lowest glyph."""
        return max(glyph.bottom for glyph in self.glyphs)

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        """The height of the largest glyph."""
        return max(glyph.size for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Printed:
    """A line outside of ruled tables; `number` counts the lines of the page, and a line in its margin `is_marginal`."""

    page: int
    number: int
    line: Line
    is_marginal: bool


def glyphs(chars: Iterable[dict[str, Any]]) -> list[Glyph]:
    """The characters of a page as pdfplumber gives them, without those printed twice to look bold."""
    found: dict[tuple[str, int, int], Glyph] = {}
    for char in chars:
        glyph = Glyph(char["text"], char["x0"], char["top"], char["x1"], char["bottom"], max(char["size"], 1.0))
        found.setdefault((glyph.text, round(glyph.left), round(glyph.top)), glyph)
    return list(found.values())


def lines(given: Iterable[Glyph]) -> list[Line]:
    """The glyphs as lines from top to bottom: those whose middles are level within half a letter."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(given, key=lambda glyph: glyph.center[1]):
        last = rows[-1][0] if rows else None
        if last and abs(glyph.center[1] - last.center[1]) < min(glyph.size, last.size) / 2:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [line for row in rows if (line := _line(sorted(row, key=lambda glyph: glyph.left))).text.strip()]


def segments(line: Line, gap: float = _GAP_EMS) -> list[Line]:
    """The line cut where a gap is wider than `gap` letters: too wide for a space between words."""
    parts: list[list[Glyph]] = [[]]
    for glyph in line.glyphs:
        if not glyph.text.strip():
            continue
        if parts[-1] and glyph.left - parts[-1][-1].right > gap * glyph.size:
            parts.append([])
        parts[-1].append(glyph)
    return [_line(part) for part in parts if part]


def joined(given: Sequence[Line], width: float, spaced: frozenset[str] = frozenset()) -> str:
    """The text of lines set in a cell of this width; a line end stays only where the next word had still fitted.

    A space printed nowhere comes back between Latin words and after the marks that are `spaced`.
    """
    if not given:
        return ""
    text = given[0].text.strip()
    room = _room(given, width)
    for line, following in pairwise(given):
        more = following.text.strip()
        if not is_wrapped(line, following, room):
            text += "\n"
        elif line.text[-1:].isspace() or text[-1:] in spaced:
            text += " "
        else:
            text += between(text, more)
        text += more
    return text


def between(text: str, more: str) -> str:
    """What stands between two lines of one text: a space between Latin words, nothing between others."""
    return " " if _LATIN.match(text[-1:]) and _LATIN.match(more) else ""


def spaced_marks(given: Iterable[Line]) -> frozenset[str]:
    """The punctuation marks that nearly always have a space after them within these lines."""
    text = "\n".join(line.text.strip() for line in given)
    found = {mark: re.findall(rf"{re.escape(mark)}([^\n])", text) for mark in _MARKS}
    return frozenset(mark for mark, after in found.items() if after and after.count(" ") >= 0.8 * len(after))


def continues(given: Sequence[Line], following: Sequence[Line], width: float) -> bool:
    """Whether lines at the top of a page go on with the text of a cell that was full at the foot of the last page."""
    return bool(given and following) and is_wrapped(given[-1], following[0], _room(given, width))


def _room(given: Sequence[Line], width: float) -> float:
    return max(width - 2 * _PADDING_POINTS, *(line.right - line.left for line in given))


def is_wrapped(line: Line, following: Line, room: float) -> bool:
    """Whether a line, in a cell with so much room, only goes on in the following one.

    The next unbreakable word had no room left, or nearly none and nothing speaks for a new paragraph.
    """
    visible = [glyph for glyph in following.glyphs if glyph.text.strip()]
    text = "".join(glyph.text for glyph in visible)
    match = _UNBREAKABLE.match(text)
    word = visible[: max(match.end() if match else 1, 1)]
    needed = word[-1].right - word[0].left if word else 0
    left = room - (line.right - line.left) - needed
    if left < 0 or not text.strip(_OPENERS):
        return True
    return left < _NEARLY_EMS * line.size and not (_ENDS.search(line.text.rstrip()) or _BEGINS.match(text))


def _line(row: Sequence[Glyph]) -> Line:
    """Glyphs from left to right; a gap without a space glyph gets a space where it is wider than between letters."""
    text = ""
    previous: Glyph | None = None
    for glyph in row:
        if previous and text and not text[-1].isspace() and not glyph.text.isspace():
            text += " " * (glyph.left - previous.right > _SPACE_EMS * glyph.size)
        text += glyph.text
        previous = glyph
    first = next((index for index, glyph in enumerate(row) if glyph.text.strip()), 0)
    return Line(tuple(row[first:]), text)
