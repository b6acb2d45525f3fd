"""One spelling for a value before it is read: half-width, one kind of dash and sign, no blanks.

Folding maps character to character and drops blanks, so that every place in the folded text is a place in the value.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The comma keeps its width: "600，700" is a list, "600,700" a number with thousands.
_PAIRS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code != 0xFF0C} | {
    ord(written): ord(folded)
    for written, folded in zip(
        "萬億個畝戶處臺條項輛場間時鐘兩數內於達過約後週歲頓≧⩾≦⩽﹥﹤﹪٪—–－―‐‑−‒～〜∼﹣•・‧∙⋅˙×✕╳﹙﹚｡︰∶﹕﹔﹐､",
        "万亿个亩户处台条项辆场间时钟两数内于达过约后周岁顿≥≥≤≤><%%--------~~~-······***()。:::;，、",
        strict=True,
    )
}
# Left over from web pages: a tag is a blank, an entity the sign it stands for, each as long as before.
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,60}>|&(?:ge|le|gt|lt|nbsp|amp|plusmn|permil);")
_ENTITIES = {"&ge;": "≥", "&le;": "≤", "&gt;": ">", "&lt;": "<", "&plusmn;": "±", "&permil;": "‰", "&amp;": "&"}
_BLANK = r"\s\u200b-\u200f\u2060\ufeff"
_BLANKS, _WORDS = re.compile(f"[{_BLANK}]+"), re.compile(f"[^{_BLANK}]+")
_WIDE_THOUSANDS = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


class Folded(NamedTuple):
    """The folded `text`, and for each of its characters the place in the value (None where nothing moved)."""

    text: str
    places: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the value that the range of the folded text stands for; neither may be empty."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)


def fold(value: str) -> Folded:
    """`value` with full-width forms, dashes and signs made one, and blanks gone, save one between two digits."""
    if "，" in value:
        value = _WIDE_THOUSANDS.sub(",", value)
    if "<" in value or "&" in value:
        value = _MARKUP.sub(lambda found: _ENTITIES.get(found[0], "").ljust(len(found[0])), value)
    text = value.translate(_PAIRS)
    if not _BLANKS.search(text):
        return Folded(text, None)
    kept: list[int] = []
    for word in _WORDS.finditer(text):
        if kept and text[kept[-1]].isdigit() and text[word.start()].isdigit():
            kept.append(word.start() - 1)
        kept.extend(range(word.start(), word.end()))
    folded = "".join(" " if _BLANKS.match(text[at]) else text[at] for at in kept)
    return Folded(folded, tuple(kept))
