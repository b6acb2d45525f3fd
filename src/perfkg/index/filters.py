"""What hits are limited to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are limited to; an empty field limits nothing. `concepts` are ids as in `2015/quality`.

    `projects` are names as `schemes.fold` has them.
    """

    organizations: frozenset[str] | None = None
    concepts: frozenset[str] | None = None
    years: frozenset[int] | None = None
    projects: frozenset[str] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything passes."""
        return all(one is None for one in (self.organizations, self.concepts, self.years, self.projects))

    def __and__(self, other: Filters) -> Filters:
        """What passes both."""
        return Filters(
            _common(self.organizations, other.organizations),
            _common(self.concepts, other.concepts),
            _common(self.years, other.years),
            _common(self.projects, other.projects),
        )


EVERYTHING = Filters()


def _common(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
