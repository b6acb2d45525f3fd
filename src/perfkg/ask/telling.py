"""How rows, labels and numbers of an answer are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfkg.ask.facts import Fact
from perfkg.ask.understanding import Understanding
from perfkg.records import Json
from perfkg.targets.wording import amount

SHOWN = 6
"""How many things a sentence names before it says 等."""

COUNTERS = {
    "projects": "个项目",
    "organizations": "个单位",
    "indicators": "条指标",
    "declarations": "份申报表",
    "values": "条指标",
}
"""What is counted, with its measure word."""


def money(yuan: float) -> str:
    """Yuan as a person reads them: in 万元 from ten thousand on."""
    return shown(yuan, "CNY")


def shown(number: float, unit: str | None) -> str:
    """A number in a canonical unit, as a person reads it in a sentence."""
    return amount(number, unit, decimals=4).replace(" ", "")


def origin(fact: Fact) -> str:
    """Whose, in brackets."""
    about = " · ".join(str(part) for part in (fact.organization, fact.year) if part)
    return f"（{about}）" if about else ""


def named(labels: Iterable[str]) -> str:
    """The first few labels, and how many there are in all."""
    found = list(labels)
    more = f"等{len(found)}个" if len(found) > SHOWN else ""
    return "、".join(found[:SHOWN]) + more


def label_of(slots: Understanding, row: Json) -> str:
    """What a row is called in a sentence."""
    if "group" in row:
        return str(row["group"]) + ("年" if slots.subject == "years" else "")
    if slots.subject == "years":
        return f"{row['year']}年（{row['project'] or '无名称'}）"
    about = "，".join(str(part) for part in (row["organization"], row["year"]) if part)
    return f"{row['project'] or '（无名称）'}（{about}）"


def summary(label: str, number: float | None, unit: str | None, group: Sequence[Fact] = ()) -> Json:
    """A row for a group, with the declarations in it."""
    return {
        "group": label,
        "number": number,
        "unit": unit,
        "declarations": sorted({fact.declaration for fact in group}),
    }


def row_of(fact: Fact, number: float | None, unit: str | None) -> Json:
    """A row for one declaration or indicator."""
    about = {
        "declaration": fact.declaration,
        "project": fact.project,
        "organization": fact.organization,
        "year": fact.year,
        "total": fact.total,
    }
    if fact.indicator:
        about |= {
            "indicator": fact.indicator,
            "category": fact.category,
            "name": fact.name,
            "value": fact.value,
            "actual": fact.actual,
        }
    return about | {"number": number, "unit": unit}
