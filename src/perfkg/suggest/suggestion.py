"""What a drafter is offered: a wording with its values and sources, a category still missing, a form drafted whole."""

from __future__ import annotations

from dataclasses import dataclass

from perfkg.concepts.summary import Typical
from perfkg.records import Hit, Json


@dataclass(frozen=True, slots=True)
class Instead:
    """A measurable wording that others used in place of a vague one."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wording; `support` projects of `organizations` organizations used it or another of its `concept` in `years`.

    Without a concept (None: the catalogue is still being made) they are counted by the wording alone.
    `value` is the one nearest to the median of its numbers (`typical`), else the most used; `spread` are all values,
    the most used first; `aliases` other spellings; `evidence` the latest uses. `match` says why it is here: typed
    (it completes the words), meaning or project. A `vague` one has `instead`.
    """

    name: str
    value: str | None
    support: int
    spread: tuple[str, ...]
    evidence: tuple[Hit, ...]
    typical: Typical | None = None
    aliases: tuple[str, ...] = ()
    organizations: int = 0
    years: tuple[int, ...] = ()
    category: str | None = None
    match: str = "project"
    vague: bool = False
    instead: tuple[Instead, ...] = ()
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A category that the form lacks and `share` of the `projects` of its kind have."""

    category: str
    share: float
    projects: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What `suggest` gives, best first."""

    suggestions: tuple[Suggestion, ...]
    snapshot: Json
    notices: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The suggestions for one category of a draft."""

    category: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form proposed from past projects. `draft` is always true: nothing in it was decided by anybody."""

    project: str
    objective: str | None
    sections: tuple[Section, ...]
    snapshot: Json
    notices: tuple[str, ...]
    draft: bool = True
