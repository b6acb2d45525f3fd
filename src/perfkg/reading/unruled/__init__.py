"""Text printed without a full grid of ruled lines → rows of cells, by where the words stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfkg.reading.typeset import Printed
from perfkg.reading.unruled import lines, tables
from perfkg.reading.unruled.drawing import Row, Rule

__all__ = ["Row", "Rule", "rows"]


def rows(texts: Sequence[Printed], rules: Mapping[int, Sequence[Rule]]) -> list[Row]:
    """The rows of the texts outside of ruled tables, in order; `rules` are the lines ruled on each page."""
    return [row for text, drawn in tables.stretches(texts, rules) for row in (drawn or lines.rows(text))]
