"""Names numbered down a table, 1. 2. 3. or ① ② ③, without the numbers, which say nothing of the indicator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from perfkg.reading.layouts.entries import Entry
from perfkg.records import Repair

# A point before a digit may be the point of a number: 1.5吨以下货车 is no first of several.
MARK = r"(?:[(（](\d{1,2})[)）]|(\d{1,2})(?:[、)）]|[.．](?!\d))|([①-⑳]))\s*"
_NUMBERED = re.compile(rf"\s*{MARK}(?=\S)")


def number_of(mark: re.Match[str]) -> int:
    """The number that a mark says: （2） → 2, ③ → 3."""
    bracketed, plain, circled = mark.groups()
    return ord(circled) - ord("①") + 1 if circled else int(bracketed or plain)


def unnumbered(entries: Sequence[Entry]) -> None:
    """Takes the numbers off the names, where those that have any count on from each other or begin again at 1."""
    found = list(_found(entries))
    numbers = [number_of(mark) for _, mark in found]
    counted = all(after in (1, before + 1) for before, after in pairwise(numbers))
    if 2 not in numbers or numbers[0] != 1 or not counted:
        return
    for one, mark in found:
        before, one.name = one.name, mark.string[mark.end() :]
        one.repairs.append(Repair("number-removed", "指标名称前的编号不是名称的一部分", before=before, after=one.name))


def _found(entries: Sequence[Entry]) -> Iterator[tuple[Entry, re.Match[str]]]:
    for one in entries:
        if mark := _NUMBERED.match(one.name or ""):
            yield one, mark
