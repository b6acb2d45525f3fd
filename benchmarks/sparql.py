"""How fast is the graph, against rdflib's memory store?

Generates declarations with the shape of the real ones, loads them into both, and asks both the same analyst's
questions: ours on disk through its worker processes, as users do, rdflib in its own memory.

    python benchmarks/sparql.py --indicators 10000
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store, serialize

from perfkg import schemes, sparql
from perfkg.graph import PREFIXES, GraphStore, quads
from perfkg.ledger import Change
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source, Target

ROWS = 12
BATCH = 200
QUESTIONS = {
    "one organization's indicators": """
        SELECT ?name ?value { ?d perfkg:organization/skos:prefLabel "第7县公安局" ; perfkg:indicator ?i .
            ?i schema:name ?name ; perfkg:value ?value }""",
    "satisfaction by organization and year": sparql.named_query("satisfaction").text,
    "cost against funding": sparql.named_query("cost-against-funding").text,
    "indicators by category": sparql.named_query("categories").text,
    "response times over units": sparql.named_query("response-times").text,
    "funding by organization": sparql.named_query("funding-by-organization").text,
}
_OFFICES = "水利局 财政局 教育和体育局 公安局 卫生健康局 民政局 农业农村局 交通运输局 档案馆 融媒体中心".split()
_WORK = "网络运行维护 农村公路养护 学生营养改善 山洪灾害防治 档案数字化 医疗设备购置 养老服务 垃圾收集转运".split()
_LEVEL2 = ("数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标", "服务对象满意度指标")
_VALUES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "数量指标": (("完成数量", "≥{}个", "{个}", ">="), ("覆盖人数", "{}人", "{人}", "=")),
    "质量指标": (("合格率", "≥{}%", "%", ">="), ("故障处理时间", "≤{}小时", "h", "<=")),
    "时效指标": (("响应时间", "{}分钟内", "min", "<="), ("办结时限", "≤{}天", "d", "<=")),
    "成本指标": (("维护费用", "{}万元", "CNY", "="),),
    "社会效益指标": (("服务覆盖率", "≥{}%", "%", ">="),),
    "服务对象满意度指标": (("群众满意度", "≥{}%", "%", ">="),),
}


def declarations(count: int, seed: int) -> Iterator[Declaration]:
    """`count` declarations of invented organizations over three years, 12 indicators each."""
    luck = random.Random(seed)
    for number in range(count):
        organization = f"第{number // 3 % 100}县{_OFFICES[number // 7 % len(_OFFICES)]}"
        project = f"{_WORK[number // 3 % len(_WORK)]}项目{number // 3}"
        rows = tuple(_indicator(luck, f"{number}.{position}", project) for position in range(1, ROWS + 1))
        total = luck.randrange(1, 900) * 10_000.0
        yield Declaration(
            id=str(number), kind="declaration", title="部门预算项目支出绩效目标申报表", year=2021 + number % 3,
            organization=organization, project=project, funding=Funding(total, total, None, f"{total / 10_000:g}万元"),
            objective=f"保障{project}按计划完成，群众得到实惠。", indicators=rows, source=Source("表.txt", "0" * 64),
        )  # fmt: skip


def _indicator(luck: random.Random, id: str, project: str) -> Indicator:
    level2 = luck.choice(_LEVEL2)
    name, pattern, unit, comparator = luck.choice(_VALUES[level2])
    number = luck.randrange(60, 101) if unit == "%" else luck.randrange(1, 400)
    level1 = schemes.parent(level2, "sichuan")
    value = pattern.format(number)
    amount = number * 10_000.0 if unit == "CNY" else float(number)
    target = Target("quantity", value, comparator, amount, unit=unit)
    category = Category(level1, level2, schemes.concept(level1, level2))
    return Indicator(id, category, project[:4] + name, value, (target,), place=Place(line=luck.randrange(1, 400)))


def load_file(folder: Path, triples: bytes) -> float:
    """Seconds to load N-Triples into an engine store on disk, as rdflib does into memory."""
    begun = time.perf_counter()
    Store(str(folder)).bulk_load(triples, RdfFormat.N_TRIPLES)
    return time.perf_counter() - begun


def load_declarations(folder: Path, given: list[Declaration]) -> float:
    """Seconds from declarations to a graph on disk that can be asked, as a rebuild does it."""
    begun = time.perf_counter()
    store = GraphStore(folder)
    changes = [Change(number, "record", one.id, 1, one) for number, one in enumerate(given, start=1)]
    for start in range(0, len(changes), BATCH):
        store.apply(changes[start : start + BATCH])
    store.close()
    return time.perf_counter() - begun


def load_rdflib(triples: bytes) -> tuple[Any, float]:
    """The graph, and the seconds it took to make from N-Triples, rdflib's fastest syntax."""
    import rdflib

    begun = time.perf_counter()
    graph = rdflib.Graph().parse(data=triples, format="nt")
    return graph, time.perf_counter() - begun


def ask_ours(pool: sparql.Pool, query: str) -> tuple[float, int]:
    """The median of five answers in seconds, and how many lines the answer has."""
    times, lines = [], 0
    for _ in range(5):
        begun = time.perf_counter()
        lines = pool.query(query, formats="csv", timeout=120).body.count(b"\r\n")
        times.append(time.perf_counter() - begun)
    return statistics.median(times), lines


def ask_rdflib(graph: Any, query: str, patience: int) -> tuple[float, int]:
    """The seconds of one answer and its lines; `patience` seconds and no line if it takes longer."""
    begun = time.perf_counter()
    try:
        with _alarm(patience):
            lines = graph.query(query, initNs=PREFIXES).serialize(format="csv").count(b"\r\n")
    except TimeoutError:
        return float(patience), 0
    return time.perf_counter() - begun, lines


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def report(indicators: int, seed: int, patience: int) -> None:
    """Prints the table."""
    given = list(declarations(indicators // ROWS, seed))
    vocabulary = [quad.triple for quad in GraphStore().store]
    triples = serialize(
        [*vocabulary, *{quad.triple for one in given for quad in quads(one)}], format=RdfFormat.N_TRIPLES
    )
    assert triples
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph"
        ours, built = load_file(Path(folder) / "file", triples), load_declarations(path, given)
        graph, theirs = load_rdflib(triples)
        print(f"{len(given) * ROWS} indicators, {len(graph)} triples, seed {seed}\n")
        print("| what | perfkg, on disk | rdflib, in memory | times |\n|---|---|---|---|")
        print(f"| load the same N-Triples | {ours:.1f} s | {theirs:.1f} s | {theirs / ours:.1f} |")
        print(f"| from declarations to a graph | {built:.1f} s | | |")
        ratios = []
        with sparql.Pool(path, workers=1) as pool:
            for what, query in QUESTIONS.items():
                mine, lines = ask_ours(pool, query)
                other, other_lines = ask_rdflib(graph, query, patience)
                assert other_lines in (lines, 0), (what, lines, other_lines)
                ratios.append(other / mine)
                print(f"| {what} | {mine * 1000:.1f} ms | {other * 1000:.0f} ms{'' if other_lines else ' +'} "
                      f"| {other / mine:.0f} |")  # fmt: skip
        print(f"| median question | | | {statistics.median(ratios):.0f} |")
        print("\n+ stopped at that time without an answer")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=int, default=60, help="seconds granted to rdflib for a question")
    arguments = parser.parse_args()
    report(arguments.indicators, arguments.seed, arguments.patience)
