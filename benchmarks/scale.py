"""How does search keep up with size? Import by stage, latency in the process and over HTTP, one form more, reopening.

    python benchmarks/scale.py --indicators 10000 100000
    python benchmarks/scale.py --indicators 1000000 --stand-in --without-graph
    python benchmarks/scale.py --indicators 1000000 --stand-in --without-graph --keep FOLDER
                                                  leaves the library there; where one is, it is measured as it is

The declarations are made up (see libraries.py) and go in as read: from files to searchable is measured by files.py.
`--stand-in` takes random projections of character pairs for the encoder: as many numbers, equal texts equally close to
each other, hardly any time; what the encoder itself takes is measured by encoder.py.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it; before numpy is imported

import numpy as np
from libraries import declaration, declarations
from serving import Server, serving
from stand_ins import opened

from perfkg.library import Library
from perfkg.search import recall, search
from perfkg.search.request import Request

QUESTIONS = (
    "断网多久修好", "服务对象满意度", "公安局 满意度", "成本指标 运行维护费", "验收合格率", "摄像头坏了多久修好", "水库除险加固", "高龄津贴发放人数",
    "培训人数", "垃圾清运费用", "道路养护里程", "群众办事少跑腿", "资金有没有按时到位", "质量指标，网络故障修复时间：12小时", "2022年 种植面积",
    "新增就业人数", "老百姓满不满意", "药品采购", "宣传次数", "设备完好率≥95%", "财政局信息系统花费", "学校改造", "森林防火", "湿地保护面积",
    "案件办结率", "一共修了多少公里路", "养老机构床位", "项目按期完工", "24小时", "云岭县水利局",
    "响应时间不超过2小时的网络维护", "满意度90%以上", "每月2次的巡查", "单价低于5000元的设备", "工期不超过6个月",
)  # fmt: skip
COUNTIES = tuple(f"{first}{second}县" for first in "云青长安永宁丰和" for second in "岭川溪山")
FILTERS: dict[str, Sequence[dict[str, Any]]] = {
    "no filter": [{}],
    "office, 3 %": [{"organization": "水利局"}],
    "office and year, 0.7 %": [{"organization": "水利局", "year": 2021}],
    "county, 0.2 %": [{"organization": "云岭县"}],
    "another county each time": [{"organization": county} for county in COUNTIES],
    "year, 20 %": [{"year": 2021}],
    "category": [{"category": "质量指标"}],
}
CLIENTS = 8


def main() -> None:
    """Prints one table a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, nargs="+", default=[10_000])
    parser.add_argument("--stand-in", action="store_true", help="random projections instead of the encoder")
    parser.add_argument("--without-graph", action="store_true", help="the ledger and search alone")
    parser.add_argument("--queries", type=int, default=150)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    for size in chosen.indicators:
        folder = chosen.keep or Path(tempfile.mkdtemp())
        try:
            _measure(folder / "library", size, chosen)
        finally:
            if chosen.keep is None:
                shutil.rmtree(folder)


def _measure(folder: Path, size: int, chosen: argparse.Namespace) -> None:
    standing = (chosen.stand_in, chosen.without_graph)
    print(f"\n{size:,} indicators, {'stand-in' if chosen.stand_in else 'e5'}", flush=True)
    if not folder.exists():
        with _timed("opened, filled, closed"), opened(folder, *standing) as library:
            _fill(library, size, chosen.without_graph)
    with _timed("reopened and first answer"):
        library = opened(folder, *standing)
        library.catch_up()
        search(library, "满意度")
    print(f"  {library.words.count:,} indicators, {library.words.distinct:,} texts", flush=True)
    if library.meaning:
        print(f"  vectors: {library.meaning.texts.kind}, recall@10 {recall(library):.3f}", flush=True)
    # As the server does once it is warm: what is loaded is not looked through for garbage.
    gc.freeze()
    with library:
        for name, filters in FILTERS.items():
            _in_process(library, name, filters, chosen.queries)
        _one_more(library)
    disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"  {_most():.1f} GB memory at most, {disk / 2**30:.2f} GB disk")
    options = [f"--{name}" for name, wanted in zip(("stand-in", "without-graph"), standing, strict=True) if wanted]
    with serving(folder, options) as server:
        for name, filters in FILTERS.items():
            _over_http(server, name, filters, chosen.queries)
        _together(server, chosen.queries)
        print(f"  the server had {server.memory():.1f} GB memory at most", flush=True)


def _fill(library: Library, size: int, without_graph: bool) -> None:
    stages: dict[str, float] = {}
    _watch(library.ledger, "record", stages, "ledger")
    _watch(library.words, "apply", stages, "words")
    if library.meaning:
        _watch(library.meaning, "prepare", stages, "encode")
        _watch(library.meaning, "apply", stages, "vectors")
    if not without_graph:
        _watch(library.graph, "apply", stages, "graph")
    rest = iter(declarations(size))
    while part := list(islice(rest, 2000)):
        library.import_declarations(part)
    print("  " + ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in stages.items()), flush=True)


def _watch(of: Any, method: str, stages: dict[str, float], stage: str) -> None:
    usual = getattr(of, method)

    def watched(*given: Any) -> Any:
        start = time.perf_counter()
        try:
            return usual(*given)
        finally:
            stages[stage] = stages.get(stage, 0.0) + time.perf_counter() - start

    setattr(of, method, watched)


def _in_process(library: Library, name: str, filters: Sequence[dict[str, Any]], queries: int) -> None:
    def ask(given: tuple[str, dict[str, Any]]) -> tuple[float, float]:
        clock, processor = time.perf_counter(), time.process_time()
        search(library, given[0], grouped=True, faceted=True, **given[1])
        return time.perf_counter() - clock, time.process_time() - processor

    taken = _each(ask, _asked(filters, queries))
    share = _share(library, filters[0])
    print(f"  {name:<26} {share:6.1%}  {_shown(taken[:, 0])};  processor {_shown(taken[:, 1])}", flush=True)


def _share(library: Library, filters: dict[str, Any]) -> float:
    wanted = Request(text="满意度", **filters).filters(library)
    return library.words.view.passing(wanted).count / library.words.count


def _over_http(server: Server, name: str, filters: Sequence[dict[str, Any]], queries: int) -> None:
    ask, used = server.client(), server.processor()
    asked = [{"q": text, **filter} for text, filter in _asked(filters, queries)]
    taken = _each(ask, asked)
    processor = (server.processor() - used) / (len(asked) + _WARM) * 1000
    print(f"  HTTP {name:<26} {_shown(taken)};  processor of the server {processor:.1f} ms each", flush=True)


def _together(server: Server, queries: int) -> None:
    for name in ("no filter", "office, 3 %"):
        asked = [{"q": text, **filter} for text, filter in _asked(FILTERS[name], 4 * queries)]
        rate = server.clients(CLIENTS, asked)
        print(f"  HTTP {CLIENTS} clients, {name}: {rate:.1f} answers a second", flush=True)


_WARM = 5


def _each(ask: Callable[[Any], Any], asked: Sequence[Any]) -> np.ndarray[Any, Any]:
    for one in asked[:_WARM]:
        ask(one)
    return np.array([ask(one) for one in asked])


def _asked(filters: Sequence[dict[str, Any]], queries: int) -> list[tuple[str, dict[str, Any]]]:
    # One question fewer a round, so that with thirty filters no question always meets the same.
    return list(islice(zip(cycle(QUESTIONS[:-1]), cycle(filters), strict=False), queries))


def _shown(seconds: np.ndarray[Any, Any]) -> str:
    median, late, latest = np.quantile(seconds, (0.5, 0.95, 0.99)) * 1000
    return f"median {median:.1f}, 95 % {late:.1f}, 99 % {latest:.1f} ms"


def _one_more(library: Library) -> None:
    number = library.ledger.last_change()
    rows = [("质量指标", f"新装的量子钟走时误差{number}之{row}", f"≤{row}毫秒") for row in range(1, 13)]
    start = time.perf_counter()
    library.import_declarations([declaration(f"云岭县计量所{number}", "量子钟购置", 2023, rows)])
    hits = search(library, f"量子钟走时误差{number}").hits
    taken = time.perf_counter() - start
    found = bool(hits) and hits[0].organization == f"云岭县计量所{number}"
    print(f"  one form more: {taken:.2f} s until it is {'found' if found else 'MISSED'}", flush=True)


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
