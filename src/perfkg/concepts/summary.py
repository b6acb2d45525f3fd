"""One wording with all its uses: how many stand behind it, what values it had, whether it can be checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

from perfkg import targets
from perfkg.records import Category, Hit, Reasons, Target
from perfkg.text import fold

Key = tuple[str | None, str]
"""A wording: its category (as `uses.category_of` has it) and the plain form of its name."""

Project = tuple[str | None, str]
"""A project over the years: its organization and its name without the year."""

_MEASURED = frozenset({"quantity", "frequency", "period"})
_VAGUE = re.compile(
    "有所|明显|显著|不断|逐步|进一步|持续|稳步|大力|积极|有效|良好|较好|提升|提高|增强|改善|改进|促进|推动|保障|确保|保证|及时|正常|稳定"
    "|顺利|圆满|按.{0,4}(?:计划|要求|进度)|完成.{0,8}(?:工作|任务)|(?:工作|各项|社会|经济)(?:开展|质量|效益|情况)?$"
)
_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class Use:
    """One indicator that uses a wording; `owner` is the project it is of, whatever the year.

    `dimension` is what its value is counted in (`sense.dimension`).
    """

    id: str
    declaration: str
    project: str | None
    organization: str | None
    year: int | None
    category: Category
    name: str
    value: str | None
    targets: tuple[Target, ...]
    owner: Project
    dimension: str | None = None

    def hit(self, score: float) -> Hit:
        """The indicator as a hit."""
        who = (self.id, self.declaration, self.project, self.organization, self.year)
        return Hit(*who, self.category, self.name, self.value, self.targets, round(score, 4), Reasons(None, None))


@dataclass(frozen=True, slots=True)
class Typical:
    """The numbers of a wording in the canonical `unit` most of its values have: how many, lowest, median, highest."""

    unit: str
    count: int
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Wording:
    """Uses that say the same. `vague`: no value can be checked, and the words are of those that promise nothing."""

    name: str
    aliases: tuple[str, ...]
    value: str | None
    spread: tuple[str, ...]
    typical: Typical | None
    projects: int
    organizations: int
    years: tuple[int, ...]
    vague: bool
    uses: tuple[Use, ...]


def summed(found: Collection[Use]) -> Wording:
    """The uses of one wording summed up; the latest first, and their name where several are used as often."""
    ordered = sorted(found, key=lambda one: (-(one.year or 0), one.id))
    names = Counter(one.name for one in ordered)
    # A sign alone is no value: its number stood in a cell that was left empty.
    values = Counter(one.value for one in ordered if one.value and any(map(str.isalnum, one.value)))
    typical, written = _typical(ordered)
    common = values.most_common()
    return Wording(
        name=names.most_common(1)[0][0],
        aliases=tuple(name for name, _ in names.most_common()[1:]),
        value=written or (common[0][0] if common else None),
        spread=tuple(value for value, _ in common),
        typical=typical,
        projects=len({one.owner for one in ordered}),
        organizations=len({one.organization for one in ordered}),
        years=tuple(sorted({one.year for one in ordered if one.year is not None}, reverse=True)),
        vague=_is_vague(ordered),
        uses=tuple(ordered[:_EVIDENCE]),
    )


def _typical(ordered: Collection[Use]) -> tuple[Typical | None, str | None]:
    """The spread of the numbers, and the value as written that is nearest to their median."""
    known = [(number, one) for one in ordered for target in one.targets if (number := targets.canonical(target))]
    units = Counter(number.unit for number, _ in known)
    if not units:
        return None, None
    unit = units.most_common(1)[0][0]
    numbers = [(number.number, one) for number, one in known if number.unit == unit]
    middle = median(number for number, _ in numbers)
    nearest = min(numbers, key=lambda pair: abs(pair[0] - middle))[1]
    only = [number for number, _ in numbers]
    return Typical(unit, len(only), min(only), middle, max(only)), nearest.value


def _is_vague(found: Collection[Use]) -> bool:
    """Whether nothing in any value can be measured and the words only promise; boolean and named states are not."""
    if any(target.kind in _MEASURED or target.kind == "boolean" for one in found for target in one.targets):
        return False
    return all(_VAGUE.search(fold(f"{one.name} {one.value or ''}")) for one in found)
