"""How does search keep up with size? Import by stage, latency with and without filters, one form more, reopening.

    python benchmarks/scale.py --indicators 10000 100000
    python benchmarks/scale.py --indicators 1000000 --stand-in --without-graph
    python benchmarks/scale.py --indicators 10000 --keep FOLDER     leaves the library there, to be served

The declarations are made up (see libraries.py) and go in as read, so that reading files is not measured here.
`--stand-in` takes random projections of character pairs for the encoder: as many numbers, equal texts equally close to
each other, hardly any time; what the encoder itself takes is measured by encoder.py.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from libraries import declaration, declarations

from perfkg import encoder, tokens
from perfkg.encoder import Settings
from perfkg.library import Library
from perfkg.search import recall, search

QUESTIONS = (
    "断网多久修好", "服务对象满意度", "公安局 满意度", "成本指标 运行维护费", "验收合格率", "摄像头坏了多久修好", "水库除险加固", "高龄津贴发放人数",
    "培训人数", "垃圾清运费用", "道路养护里程", "群众办事少跑腿", "资金有没有按时到位", "质量指标，网络故障修复时间：12小时", "2022年 种植面积",
    "新增就业人数", "老百姓满不满意", "药品采购", "宣传次数", "设备完好率≥95%", "财政局信息系统花费", "学校改造", "森林防火", "湿地保护面积",
    "案件办结率", "一共修了多少公里路", "养老机构床位", "项目按期完工", "24小时", "云岭县水利局",
)  # fmt: skip
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "office (1 to 4 %)": {"organization": "水利局"},
    "county (0.2 %)": {"organization": "云岭县"},
    "year (20 %)": {"year": 2021},
    "category": {"category": "质量指标"},
}


class StandIn:
    """Random projections of character pairs, with a part that all texts share, as encoders have it."""

    name, dimension = "stand-in", 384

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self._of = chance.normal(size=(8192, self.dimension)).astype(np.float32)
        self._shared = chance.normal(size=self.dimension).astype(np.float32) * 6

    def passages(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Rows of texts."""
        rows = np.stack([self._of[_places(text, len(self._of))].sum(axis=0) for text in texts]) + self._shared
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def query(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The row of a question."""
        return np.asarray(self.passages([text])[0], np.float32)


def _places(text: str, size: int) -> list[int]:
    return [zlib.crc32(token.encode()) % size for token in tokens.grams(text)]


class NoGraph:
    """Stands where the graph would, always up to date."""

    change = 1 << 60

    def close(self) -> None:
        """Nothing to close."""


def main() -> None:
    """Prints one table a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, nargs="+", default=[10_000])
    parser.add_argument("--stand-in", action="store_true", help="random projections instead of the encoder")
    parser.add_argument("--without-graph", action="store_true", help="the ledger and search alone")
    parser.add_argument("--queries", type=int, default=150)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    if chosen.stand_in:
        setattr(encoder, "load", lambda _: StandIn())  # noqa: B010
    for size in chosen.indicators:
        folder = chosen.keep or Path(tempfile.mkdtemp())
        try:
            _measure(folder / "library", size, chosen)
        finally:
            if chosen.keep is None:
                shutil.rmtree(folder)


def _measure(folder: Path, size: int, chosen: argparse.Namespace) -> None:
    settings = Settings("e5")
    print(f"\n{size:,} indicators, {'stand-in' if chosen.stand_in else settings.kind}", flush=True)
    with _timed("opened, filled, closed"), Library(folder, settings) as library:
        _fill(library, size, chosen.without_graph)
        print(f"  {library.words.count:,} indicators, {library.words.distinct:,} texts", flush=True)
    with _timed("reopened and first answer"):
        library = Library(folder, settings)
        _without_graph(library, chosen.without_graph)
        search(library, "满意度")
    if library.meaning:
        print(f"  vectors: {library.meaning.texts.kind}, recall@10 {recall(library):.3f}", flush=True)
    for name, filters in FILTERS.items():
        _latency(name, partial(search, library, grouped=True, **filters), chosen.queries)
    _one_more(library)
    library.close()
    disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(
        f"  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB memory at most, {disk / 2**30:.2f} GB disk"
    )


def _fill(library: Library, size: int, without_graph: bool) -> None:
    _without_graph(library, without_graph)
    stages: dict[str, float] = {}
    _watch(library.ledger, "record", stages, "ledger")
    _watch(library.words, "apply", stages, "words")
    if library.meaning:
        _watch(library.meaning, "prepare", stages, "encode")
        _watch(library.meaning, "apply", stages, "vectors")
    if not without_graph:
        _watch(library.graph, "apply", stages, "graph")
    for part in _parts(declarations(size), 2000):
        library.import_declarations(part)
    print("  " + ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in stages.items()), flush=True)


def _parts(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def _without_graph(library: Library, wanted: bool) -> None:
    if wanted:
        library._graph = NoGraph()  # type: ignore[assignment]


def _watch(of: Any, method: str, stages: dict[str, float], stage: str) -> None:
    usual = getattr(of, method)

    def watched(*given: Any) -> Any:
        start = time.perf_counter()
        try:
            return usual(*given)
        finally:
            stages[stage] = stages.get(stage, 0.0) + time.perf_counter() - start

    setattr(of, method, watched)


def _latency(name: str, ask: Callable[[str], Any], queries: int) -> None:
    for text in QUESTIONS[:5]:
        ask(text)
    taken = np.array([_seconds(ask, text) for text in islice(cycle(QUESTIONS), queries)]) * 1000
    shown = (
        f"{median:6.1f} {late:6.1f} {latest:6.1f}"
        for median, late, latest in np.quantile(taken, (0.5, 0.95, 0.99), axis=0).T
    )
    print(f"  {name:<18} median, 95 %, 99 %: {' ms;  processor '.join(shown)} ms", flush=True)


def _seconds(ask: Callable[[str], Any], text: str) -> tuple[float, float]:
    """By the clock and of the processor: they differ where other programs take their share of the machine."""
    clock, processor = time.perf_counter(), time.process_time()
    ask(text)
    return time.perf_counter() - clock, time.process_time() - processor


def _one_more(library: Library) -> None:
    rows = [("质量指标", f"新装的量子钟走时误差{number}", f"≤{number}毫秒") for number in range(1, 13)]
    start = time.perf_counter()
    library.import_declarations([declaration("云岭县计量所", "量子钟购置", 2023, rows)])
    hits = search(library, "量子钟走时误差").hits
    taken = time.perf_counter() - start
    found = bool(hits) and hits[0].organization == "云岭县计量所"
    print(f"  one form more: {taken:.2f} s until it is {'found' if found else 'MISSED'}", flush=True)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
