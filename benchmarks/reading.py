"""How exactly the real forms beside the repository are read, a file at a time, with every miss.

    python benchmarks/reading.py [FOLDER]

FOLDER holds `indicators.jsonl` (the rows as printed) and `forms/`; default: ../shared/data. A row counts if its second
level, name and value are those printed and its organization or its project is that of the list; width of punctuation
and spaces do not count. Rows read that the list does not have are shown too.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perfkg.errors import InvalidFile
from perfkg.reading import read
from perfkg.records import Declaration, Indicator
from perfkg.text import squeeze

DEFAULT = Path(__file__).parents[2] / "shared" / "data"
ALIASES = {"xfund_zh_train_115": "zh_train_115", "gx_library": "gx_library_excerpt"}

Key = tuple[str, ...]


def expected(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the list by file."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (folder / "indicators.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(ALIASES.get(row["source"], row["source"]), []).append(row)
    return rows


def found(path: Path) -> Iterator[tuple[Declaration, Indicator]]:
    """The rows read from a file."""
    for declaration in read(path):
        for row in declaration.indicators:
            yield declaration, row


def listed_key(row: dict[str, Any]) -> Key:
    return tuple(squeeze(row[name] or "") for name in ("level2", "level3", "value"))


def read_key(row: Indicator) -> Key:
    return tuple(squeeze(text or "") for text in (row.category.level2, row.name, row.value))


def belongs(declaration: Declaration, rows: list[dict[str, Any]]) -> bool:
    """Whether the declaration's organization or project is one that the list gives for the file.

    Names that the document itself does not print cannot be read from it, and do not count.
    """
    known = {squeeze(row[name]) for row in rows for name in ("unit", "project") if row[name]}
    own = [squeeze(text) for text in (declaration.organization, declaration.project) if text]
    return not own or any(text == other or text in other or other in text for text in own for other in known)


def measure(folder: Path) -> tuple[int, int, int]:
    """Prints the figure of every file; the sums of exact, listed and surplus rows."""
    exact = total = surplus = 0
    for source, rows in expected(folder).items():
        path = next(path for path in (folder / "forms").iterdir() if path.stem == source)
        wanted = Counter(listed_key(row) for row in rows)
        refusal = ""
        try:
            got = [(read_key(row), belongs(one, rows), row.unsure) for one, row in found(path)]
        except InvalidFile as error:
            got, refusal = [], str(error)
        hits = wanted & Counter(key for key, whose, _ in got if whose)
        exact, total = exact + hits.total(), total + len(rows)
        extra = Counter(key for key, _, _ in got) - wanted
        surplus += extra.total()
        print(f"{hits.total():4} of {len(rows):4}  {path.name}  {refusal}")
        for key in (wanted - hits).elements():
            print("        missed ", " | ".join(key))
        for key in extra.elements():
            print("        surplus", " | ".join(key))
    return exact, total, surplus


def main() -> None:
    exact, total, surplus = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
    print(f"{exact} of {total} rows exact ({exact / total:.1%}); {surplus} rows not in the list")


if __name__ == "__main__":
    main()
