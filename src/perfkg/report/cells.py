"""Text that is safe in a cell, whatever a form had in it."""

from __future__ import annotations

import re

LONGEST = 32_000
"""A cell of a workbook holds 32,767 characters."""

_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
# XML 1.0 has no place for these, not even escaped.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str | None) -> str:
    """`text` without the characters no document can hold, cut to what a cell holds."""
    plain = _UNPRINTABLE.sub("", text or "")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def neutral(text: str | None) -> str:
    """`text` for a .csv file, where a program would take a cell beginning with = + - @ for a formula.

    >>> neutral("=1+1"), neutral("≥95%")
    ("'=1+1", '≥95%')
    """
    plain = clean(text)
    return f"'{plain}" if _FORMULA.match(plain) else plain
