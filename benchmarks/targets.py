"""How many hand-labelled 指标值 are understood exactly, how many quantities are invented, and how many values a second.

python benchmarks/targets.py [--show] [FILE.jsonl …]    (default: tests/cases/targets_*.jsonl)

Exact: every Target equal to its label in every key of its kind (span and doubt apart). Invented: a quantity or
frequency whose number is in no label of that value. Values labelled "unsure" (damaged, or readable in two ways) are
counted apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from perfkg import targets
from perfkg.records import as_json

CASES = Path(__file__).parents[1] / "tests" / "cases"
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--show", action="store_true", help="print each value that is not exact")
    arguments = parser.parse_args()
    files = arguments.files or sorted(CASES.glob("targets_*.jsonl"))
    for path in files:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        report(path.stem, rows, show=arguments.show)
    speed([row for path in files for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())])


def report(title: str, rows: list[Row], *, show: bool) -> None:
    sure = [row for row in rows if not row.get("unsure")]
    told = [row for row in sure if row["value"]]
    wrong = [row for row in sure if understood(row) != row["targets"]]
    invented = sum(len(inventions(row)) for row in sure)
    unsure = [row for row in rows if row.get("unsure")]
    agreed = sum(understood(row) == row["targets"] for row in unsure)
    exact, part = len(sure) - len(wrong), 1 - len(wrong) / len(sure)
    print(
        f"{title}: {exact} of {len(sure)} exact ({part:.1%}); with a value {len(told) - len(wrong)} of {len(told)};",
        end=" ",
    )
    print(f"invented {invented}; unsure {agreed} of {len(unsure)}")
    for row in wrong if show else ():
        print(f"  {row['n']} {row['name']} | {row['value']}\n    label {row['targets']}\n    read  {understood(row)}")


def understood(row: Row) -> list[Row]:
    """The Targets of a row as labels are written: JSON without span and doubt."""
    found = targets.read(row["value"], row["name"], row["year"], sign=row.get("sign"), unit=row.get("unit"))
    return [{key: part for key, part in as_json(target).items() if key not in ("span", "doubt")} for target in found]


def inventions(row: Row) -> list[Row]:
    """Facts with a number that no label of the value has."""
    known = {number for target in row["targets"] for number in numbers(target)}
    return [fact for fact in understood(row) if any(number not in known for number in numbers(fact))]


def numbers(target: Row) -> Iterable[tuple[str, Any]]:
    return [("number", target[key]) for key in ("value", "low", "high") if target.get(key) is not None]


def speed(rows: list[Row], seconds: float = 2.0) -> None:
    """Values a second of processor time on one core, each read anew."""
    count, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < seconds:
        for row in rows:
            targets.read(row["value"], row["name"], row["year"])
        count += len(rows)
    print(f"{count / spent:,.0f} values a second on one core")


if __name__ == "__main__":
    main()
