"""What is asked of a search beside its text: where to look, how to show it, from where on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from perfkg import schemes
from perfkg.errors import InvalidQuestion
from perfkg.index.filters import Filters
from perfkg.index.tables import KINDS
from perfkg.library import Library
from perfkg.records import Hit
from perfkg.search.question import checked, organizations

SORTS: Mapping[str, Callable[[Hit], tuple[bool | int | str, ...]]] = {
    "newest": lambda hit: (-(hit.year or 0),),
    "oldest": lambda hit: (hit.year is None, hit.year or 0),
    "organization": lambda hit: (hit.organization is None, hit.organization or "", -(hit.year or 0)),
    "project": lambda hit: (hit.project is None, hit.project or "", -(hit.year or 0)),
}
"""Orders of the best hits besides the closest first; those without a name or a year stand last."""

_MEASURED = {"measured": True, "unmeasured": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A search as it was asked for; `perfkg.search.search` says what each part means.

    Raises InvalidQuestion for an empty or overlong text, a limit under one, and for a category, a kind or an order
    that there is not.
    """

    text: str
    category: str | None = None
    organization: str | None = None
    year: int | None = None
    limit: int = 10
    offset: int = 0
    ignore: Collection[str] = ()
    grouped: bool = False
    faceted: bool = False
    numbers: bool = True
    kind: str | None = None
    sort: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", checked(self.text))
        if self.limit < 1 or self.offset < 0:
            raise InvalidQuestion(
                "条数应当是正整数，跳过的条数不小于零", f"{self.limit}、{self.offset}", "例如 --limit 10"
            )
        if self.category and not schemes.find(self.category):
            known = "、".join(dict.fromkeys(one.label for one in schemes.concepts()))
            raise InvalidQuestion("没有这个指标类别", self.category, f"可用的类别有：{known}")
        if self.kind and self.kind not in {*KINDS, *_MEASURED}:
            raise InvalidQuestion("没有这种指标值", self.kind, f"可用的有：{'、'.join((*_MEASURED, *KINDS))}")
        if self.sort and self.sort not in SORTS:
            raise InvalidQuestion("没有这种排序", self.sort, f"可用的排序有：{'、'.join(SORTS)}")

    def filters(self, library: Library) -> Filters:
        """What a place must fulfil."""
        return Filters(
            organizations(library, self.organization) if self.organization else None,
            schemes.find(self.category) if self.category else None,
            None if self.year is None else frozenset({self.year}),
            kinds=frozenset({self.kind}) if self.kind and self.kind not in _MEASURED else None,
            measured=_MEASURED.get(self.kind or ""),
        )
