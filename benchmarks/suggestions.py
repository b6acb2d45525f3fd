"""How quickly do suggestions come while somebody types? Every keystroke of some words, in characters and in pinyin.

    python benchmarks/suggestions.py --indicators 100000

The library is made up (libraries.py) and its vectors are a stand-in's (stand_ins.py): the encoder's own time, once a
keystroke for words that complete nothing, is measured by encoder.py. The first suggestion reads the whole ledger.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it; before numpy is imported

import numpy as np
from scale import _fill
from stand_ins import opened

from perfkg.library import Library
from perfkg.suggest import suggest

PROJECTS = ("网络运行维护费", "农村公路养护项目", "教师培训经费", "水库除险加固建设项目", "信访工作经费")
TYPED = (
    ("质量指标", "验收合格率"),
    ("满意度指标", "服务对象满意度"),
    ("时效指标", "网络响应时间"),
    ("数量指标", "培训人数"),
    ("成本指标", "运行维护费"),
    ("质量指标", "yanshouhege"),
    ("满意度指标", "fwdxmyd"),
    ("数量指标", "pxrs"),
    (None, "断网多久修好"),
    (None, ""),
)


def main() -> None:
    """Fills a library of the asked size, then types."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=10_000)
    parser.add_argument("--library", type=Path, help="keep the library here, and use it if it is there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(chosen.library or Path(folder) / "library", chosen.indicators)


def _measure(folder: Path, size: int) -> None:
    there = folder.exists()
    with opened(folder, stand_in=True, without_graph=True) as library:
        if not there:
            _fill(library, size, True)
        print(f"{library.words.count:,} indicators")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"first suggestion: {_seconds(library, PROJECTS[0], None, ''):.2f} s")
        print(f"first by pinyin: {_seconds(library, PROJECTS[0], None, 'wl'):.2f} s")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"memory: {(after - before) / 1024:.0f} MB more")
        taken = [
            _seconds(library, project, category, text[:end])
            for project in PROJECTS
            for category, text in TYPED
            for end in range(min(1, len(text)), len(text) + 1)
        ]
        median, late, latest = np.quantile(taken, (0.5, 0.95, 0.99)) * 1000
        print(f"{len(taken)} keystrokes: median {median:.1f} ms   95 % {late:.1f} ms   99 % {latest:.1f} ms")


def _seconds(library: Library, project: str, category: str | None, text: str) -> float:
    start = time.perf_counter()
    suggest(library, project, category, text)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
