"""How fast are workbooks read, and does memory grow with their number?

    python benchmarks/reading_speed.py [FILES] [WORKERS]

Writes FILES (1,000) small .xlsx forms of an invented county into a temporary folder, reads them to declarations with
WORKERS (2) child processes, and prints the seconds and the memory held after each quarter.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from perfkg.reading import read_all

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import papers


def held() -> int:
    """Megabytes held by this process and its children, or 0 where the system does not tell."""
    pages = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if Path("/proc/self").resolve().name in {folder.name, str(parent)}:
                pages += int((folder / "statm").read_text().split()[1])
        except (OSError, ValueError):
            continue
    return pages * 4096 // 1_000_000


def main() -> None:
    count, workers = (int(word) for word in (*sys.argv[1:], *("1000", "2")[len(sys.argv) - 1 :]))
    with TemporaryDirectory() as name:
        for number in range(count):
            form = papers.small_form()
            form[2][2] = f"网络运行维护{number}"
            Path(name, f"{number:05}.xlsx").write_bytes(papers.xlsx([form]))
        start = time.monotonic()
        rows = refused = 0
        for number, outcome in enumerate(read_all([Path(name)], workers), start=1):
            rows += sum(len(one.indicators) for one in outcome.declarations)
            refused += outcome.refusal is not None
            if number % max(count // 4, 1) == 0:
                print(f"{number} files, {rows} rows, {refused} refused, {time.monotonic() - start:.1f} s, {held()} MB")


if __name__ == "__main__":
    main()
