"""The few words of display that pages share: matched words marked, targets underlined and said, amounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from markupsafe import Markup, escape

from perfkg.records import Target
from perfkg.targets import canonical
from perfkg.targets.wording import KINDS, amount, bounded, fact


def marked(text: str | None, words: Iterable[str]) -> Markup:
    """`text` with each of `words` in it marked; width and case do not matter, as they do not in search."""
    return underlined(text, (), words)


def underlined(text: str | None, targets: Iterable[Target], words: Iterable[str] = ()) -> Markup:
    """A value with each target in it underlined, what it was understood to say as its tooltip, and `words` marked."""
    if not text:
        return Markup("")
    found, inside = _covering(text, tuple(targets)), _inside(text, words)
    parts = []
    for over, run in groupby(range(len(text)), key=found.__getitem__):
        shown = Markup("").join(_runs(text, inside, list(run)))
        said = "；".join(dict.fromkeys(map(_tooltip, over)))
        parts.append(Markup('<span class="target" title="{}">{}</span>').format(said, shown) if over else shown)
    return Markup("").join(parts)


def ten_thousands(yuan: float | None) -> str:
    """An amount in 万元, as forms write it: at least two decimals, none lost."""
    if yuan is None:
        return ""
    whole, _, decimals = f"{yuan / 10_000:,.6f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def understood(value: str | None, targets: Iterable[Target], comparable: bool = False) -> list[str]:
    """What a value was understood to say, a few words a target: 丢包率 ≤ 1 %. What only repeats the value is left out.

    With `comparable`, only what can be compared: numbers, frequencies and periods.
    """
    written = _squeezed(value)
    said = [_state(one, written) if one.kind in KINDS else fact(one) for one in targets if _shown(one, comparable)]
    return [text for text in said if _squeezed(text) != written]


def _shown(target: Target, comparable: bool) -> bool:
    return not (comparable and target.kind in KINDS)


def _state(target: Target, written: str) -> str:
    kind = KINDS[target.kind]
    return kind if _squeezed(target.text) == written else f"{kind}：{target.text}"


def _tooltip(target: Target) -> str:
    """What a target says, and the same in the unit it is compared in where that is another."""
    if target.kind in KINDS:
        return f"读作：{KINDS[target.kind]}"
    said, one = fact(target), canonical(target)
    if one is None or one.unit == target.unit:
        return f"读作：{said}"
    high = canonical(replace(target, low=target.high)) if target.comparator == "[]" else None
    other = bounded(target.comparator, amount(one.number, one.unit, high and high.number))
    return f"读作：{said}" if said.endswith(other) else f"读作：{said}；折合 {other}"


def _squeezed(text: str | None) -> str:
    return re.sub(r"[\s,，。;；]+", "", text or "")


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as search folds it, and for each of its characters the position it comes from."""
    parts = [unicodedata.normalize("NFKC", character).lower() for character in text]
    return "".join(parts), [position for position, part in enumerate(parts) for _ in part]


def _covering(text: str, targets: Sequence[Target]) -> list[tuple[Target, ...]]:
    """For each character of the text the targets that stand there."""
    spans = [(one, *one.span) for one in targets if one.span]
    return [tuple(one for one, start, end in spans if start <= at < end) for at in range(len(text))]


def _inside(text: str, words: Iterable[str]) -> list[bool]:
    """For each character of the text whether it is of one of `words`."""
    folded, origin = _folded(text)
    inside = [False] * len(text)
    for word in filter(None, words):
        start = folded.find(word)
        while start >= 0:
            for position in range(origin[start], origin[start + len(word) - 1] + 1):
                inside[position] = True
            start = folded.find(word, start + 1)
    return inside


def _runs(text: str, inside: Sequence[bool], positions: Sequence[int]) -> Iterable[Markup]:
    for is_marked, run in groupby(positions, key=inside.__getitem__):
        part = escape("".join(text[at] for at in run))
        yield Markup("<mark>{}</mark>").format(part) if is_marked else part
