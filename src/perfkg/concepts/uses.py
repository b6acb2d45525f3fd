"""Which wordings have been used, by whom and with what values: kept in memory, following the ledger."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from weakref import WeakKeyDictionary

from perfkg import schemes
from perfkg.concepts.sense import dimension
from perfkg.concepts.summary import Key, Project, Use, Wording, summed
from perfkg.concepts.wording import bare, plain, undated
from perfkg.encoder import passage, text_key
from perfkg.index.passages import context
from perfkg.library import Library
from perfkg.records import Declaration, Indicator

_CHUNK = 200


class Uses:
    """The wordings of a library, by `Key`, and which of them each project uses. Get it from `uses`.

    `contexts` and `of_text` lead from the keys of the indexes to projects and wordings; some may be gone.
    """

    def __init__(self) -> None:
        """An empty one, before the first change."""
        self.change = 0
        self.wordings: dict[Key, dict[str, Use]] = {}
        self.projects: dict[Project, Counter[Key]] = {}
        self.contexts: dict[int, Project] = {}
        self.of_text: dict[int, Key] = {}
        self._of: dict[str, list[tuple[Key, str]]] = {}
        self._names: dict[str | None, dict[Key, str]] = {}
        self._summed: dict[Key, Wording] = {}

    def follow(self, library: Library) -> None:
        """Takes in what changed since, up to the change that searches see."""
        last = library.words.change
        while self.change < last and (changes := library.ledger.changes(self.change, _CHUNK)):
            for change in changes:
                if change.number <= last:
                    self._remove(change.id)
                    if change.declaration is not None:
                        self._add(change.declaration, library.settings.passage)
            self.change = min(last, changes[-1].number)

    def names(self, chosen: frozenset[str | None] | None) -> Iterator[tuple[Key, str]]:
        """The wordings of these categories, of all where None, each with one of its names without spaces and signs."""
        for category, named in self._names.items():
            if chosen is None or category in chosen:
                yield from named.items()

    def wording(self, key: Key) -> Wording:
        """One wording summed up."""
        if key not in self._summed:
            self._summed[key] = summed(self.wordings[key].values())
        return self._summed[key]

    def _add(self, declaration: Declaration, template: str) -> None:
        owner = declaration.organization, undated(declaration.project)
        self.contexts[text_key(context(declaration.organization, declaration.project))] = owner
        for row in declaration.indicators:
            if not row.name:
                continue
            key = category_of(row.category.concept), plain(row.name)
            used = _use(declaration, row, row.name, owner)
            self._names.setdefault(key[0], {}).setdefault(key, bare(row.name))
            self._summed.pop(key, None)
            self.of_text[text_key(passage(row.category.level2, row.name, row.value, template))] = key
            self.wordings.setdefault(key, {})[row.id] = used
            self.projects.setdefault(owner, Counter())[key] += 1
            self._of.setdefault(declaration.id, []).append((key, row.id))

    def _remove(self, declaration: str) -> None:
        for key, id in self._of.pop(declaration, ()):
            used = self.wordings[key].pop(id)
            self._summed.pop(key, None)
            counted = self.projects[used.owner]
            counted[key] -= 1
            if not counted[key]:
                del counted[key]
            if not counted:
                del self.projects[used.owner]
            if not self.wordings[key]:
                del self.wordings[key], self._names[key[0]][key]


@contextmanager
def uses(library: Library) -> Iterator[Uses]:
    """The wordings of `library` as its searches see it, still while held; the first call reads the whole ledger."""
    with _lock:
        found = _known.setdefault(library, Uses())
        if found.change > library.words.change:
            found = _known[library] = Uses()
        found.follow(library)
        yield found


@cache
def category_of(concept: str | None) -> str | None:
    """One id for a category over all schemes: 经济成本指标 of 2021 and 成本指标 of 2015 are one."""
    return _categories().get(concept) if concept else None


def categories(text: str | None) -> frozenset[str | None] | None:
    """The `category_of` what a person's word covers (质量指标, 产出); None for all. Empty for an unknown word."""
    return frozenset(category_of(one) for one in schemes.find(text)) if text else None


@cache
def _categories() -> dict[str, str]:
    """Every concept with the first of those that mean the same; 满意度 on either level is one."""
    order = [one.id for one in schemes.concepts()]
    first = {id: next(other for other in order if other in schemes.same(id)) for id in order}
    only_child: dict[str, list[str]] = defaultdict(list)
    for one in schemes.concepts():
        if one.parent:
            only_child[one.parent].append(one.id)
    return {id: first[only_child[like][0]] if len(only_child[like]) == 1 else like for id, like in first.items()}


def _use(declaration: Declaration, row: Indicator, name: str, owner: Project) -> Use:
    who = (row.id, declaration.id, declaration.project, declaration.organization, declaration.year)
    return Use(*who, row.category, name, row.value, row.targets, owner, dimension(row.targets))


_known: WeakKeyDictionary[Library, Uses] = WeakKeyDictionary()
_lock = threading.RLock()
