"""Units of measure: what graph/units.ttl says, asked by how a form writes them and by the code a target carries."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from perfkg.records import Target
from perfkg.targets.folding import fold

_PERFKG, _QUDT = "https://perfkg.example/ontology#", "http://qudt.org/schema/qudt/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"


class Unit(NamedTuple):
    """One line of units.ttl: `factor` to convert within its `dimension`; `broader` is the counter that may stand for it."""

    code: str
    dimension: str
    factor: float
    broader: str | None


class Dimension(NamedTuple):
    """The unit a dimension is compared in, and the one below a fraction line."""

    canonical: str
    rate: str


class Table(NamedTuple):
    """All of units.ttl, by written label, by code and by dimension."""

    labels: dict[str, str]
    longest: int
    units: dict[str, Unit]
    dimensions: dict[str, Dimension]


@cache
def table() -> Table:
    """The units, loaded at the first value read."""
    import pyoxigraph

    subjects: dict[str, dict[str, list[str]]] = {}
    data = files("graph").joinpath("units.ttl").read_bytes()
    for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE):
        subject, node = quad.subject, quad.object
        if isinstance(subject, pyoxigraph.NamedNode) and isinstance(node, pyoxigraph.NamedNode | pyoxigraph.Literal):
            subjects.setdefault(subject.value, {}).setdefault(quad.predicate.value, []).append(node.value)
    return _table(subjects)


def _table(subjects: dict[str, dict[str, list[str]]]) -> Table:
    labels: dict[str, str] = {}
    units: dict[str, Unit] = {}
    dimensions: dict[str, Dimension] = {}
    for iri, said in subjects.items():
        if canonical := said.get(f"{_PERFKG}canonicalUnit"):
            dimensions[iri] = Dimension(canonical[0], said.get(f"{_PERFKG}rateUnit", canonical)[0])
        if not (code := said.get(f"{_SKOS}notation")):
            continue
        broader = said.get(f"{_SKOS}broader")
        units[code[0]] = Unit(
            code[0],
            said.get(f"{_PERFKG}dimension", [""])[0],
            float(said.get(f"{_QUDT}conversionMultiplier", ["1"])[0]),
            subjects[broader[0]][f"{_SKOS}notation"][0] if broader else None,
        )
        labels |= {fold(label).text: code[0] for label in said[f"{_SKOS}altLabel"]}
    return Table(labels, max(map(len, labels)), units, dimensions)


def written(text: str, at: int) -> tuple[str, int] | None:
    """The unit whose label is the longest that stands at `at`, and where it ends. Latin labels need a word's end."""
    labels, longest, _, _ = table()
    for end in range(min(len(text), at + longest), at, -1):
        code = labels.get(text[at:end])
        if code and not (text[end - 1].isascii() and text[end - 1].isalpha() and _goes_on(text, end)):
            return code, end
    return None


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and text[end].isascii() and text[end].isalnum()


class Canonical(NamedTuple):
    """A number in the canonical unit of its dimension; a number no unit is known of keeps what it has."""

    number: float
    unit: str
    dimension: str


def canonical(target: Target) -> Canonical | None:
    """The target's number (of an interval the `low`) as all of its dimension are compared; None without one.

    Lengths of time are compared in `h`, how often in `/a`, money in `CNY`, parts in `%`, areas in `m2`
    (perfkg:canonicalUnit in units.ttl). A month is a twelfth of a year of 365.25 days, as UCUM has it.
    """
    number = target.low if target.comparator == "[]" else target.value
    if number is None:
        return None
    factor, unit, dimension = conversion(target.unit or "")
    # Twelve digits: the factors of units.ttl are decimal fractions, and 30 min are to be 0.5 h.
    return Canonical(float(f"{number * factor:.12g}"), unit, dimension)


@lru_cache(maxsize=4096)
def conversion(code: str) -> tuple[float, str, str]:
    """What a number in `code` is multiplied by, the canonical unit it then has, and its dimension."""
    known = table().units.get(code)
    above, *below = [code] if known else code.split("/")
    factor, unit, dimension = _part(above, below=False)
    for part in below:
        by, name, kind = _part(part, below=True)
        factor, unit, dimension = factor / by, f"{unit}/{name}", f"{dimension}/{kind}"
    return factor, unit, dimension


def _part(code: str, *, below: bool) -> tuple[float, str, str]:
    unit = table().units.get(code)
    if unit is None or not unit.dimension:
        return 1.0, code, code
    dimension = table().dimensions[unit.dimension]
    name = dimension.rate if below else dimension.canonical
    return unit.factor / table().units[name].factor, name, unit.dimension.rsplit("/", 1)[-1]


def comparable(one: Target, other: Target, *, same_thing: bool = False) -> bool:
    """Whether the numbers of two targets may stand in one column: same kind of fact, same dimension.

    `same_thing` says that the names count the same thing: then 个 may stand for 所, 家 or 处 (skos:broader in the
    units).
    """
    if one.kind != other.kind or None in (canonical(one), canonical(other)):
        return False
    (_, first, _), (_, second, _) = conversion(one.unit or ""), conversion(other.unit or "")
    return first == second or (same_thing and generic(first) == generic(second))


def generic(code: str) -> str:
    """The counter that may stand for this one once it is known what is counted (个 for 所, 家, 处), else the unit itself."""
    unit = table().units.get(code)
    return (unit and unit.broader) or code
