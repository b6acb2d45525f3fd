"""What hits are limited to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are limited to; an empty field limits nothing. `concepts` are ids as in `2015/quality`.

    `projects` are names as `schemes.fold` has them; `kinds` of target are passed by what states any of them, and `measured`
    tells apart what states a number, a period or a frequency and what does not.
    """

    organizations: frozenset[str] | None = None
    concepts: frozenset[str] | None = None
    years: frozenset[int] | None = None
    projects: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    measured: bool | None = None

    @property
    def empty(self) -> bool:
        """Whether everything passes."""
        return self == EVERYTHING

    def __and__(self, other: Filters) -> Filters:
        """What passes both."""
        return Filters(
            _common(self.organizations, other.organizations),
            _common(self.concepts, other.concepts),
            _common(self.years, other.years),
            _common(self.projects, other.projects),
            _common(self.kinds, other.kinds),
            self.measured if other.measured is None else other.measured,
        )


EVERYTHING = Filters()


def _common(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
