"""How exactly tables of known content are read from PDFs that do not rule every row and column, with every miss.

    python benchmarks/unruled.py [COUNT] [SEED]

COUNT random tables (200) in each style: no lines at all, lines across between the rows, down between the columns, a frame
with lines across. Categories stand in the middle of their rows or at their top; names and values are broken over lines.
A row counts if its categories, name, value and weight are those printed. Wrong rows that
are not marked unsure are counted apart: those deceive.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from perfkg import reading
from perfkg.errors import InvalidFile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import papers

STYLES = ("none", "across", "down", "frame")
HEADINGS = ("一级指标", "二级指标", "三级指标", "指标值", "分值")
WIDTHS = (6, 8, 12, 8, 4)
CATEGORIES = {
    "产出指标": ("数量指标", "质量指标", "时效指标", "成本指标"),
    "效益指标": ("经济效益指标", "社会效益指标", "可持续影响指标"),
    "满意度指标": ("服务对象满意度指标",),
}
NAMES = (
    "培训场次 巡查次数 验收合格率 群众知晓率 完成时间 补助标准 路灯维修数量 开展农村环境综合整治的行政村数量占全县行政村总数的比例"
    " 乡镇卫生院及村卫生室设施维护完成情况 长效机制健全性 安全事故 投诉率 宣传册发放数量 沿河群众满意度 项目档案归档及时率"
).split()
VALUES = "≥12场 100% ≥95% 0起 3000册 每月1次 2024年12月31日前完成 有效保障并较上年有所提高 健全 ≤15万元 20盏 是".split()
Facts = tuple[str | None, ...]
LEFT, RIGHT = 36, 484
COLUMNS = (36, 104, 192, 320, 408, 484)


def table(chance: random.Random) -> list[tuple[str, ...]]:
    """The rows of a table, merged cells as `^`."""
    rows: list[tuple[str, ...]] = []
    for first, seconds in CATEGORIES.items():
        above = first
        for second in seconds:
            for number in range(chance.choice((0, 1, 1, 2, 3, 5))):
                cells = chance.choice(NAMES), chance.choice(VALUES), str(chance.choice((5, 10, 15)))
                rows.append((above, "^" if number else second, *cells))
                above = "^"
    return rows or [("产出指标", "数量指标", NAMES[0], VALUES[0], "10")]


def printed(rows: list[tuple[str, ...]]) -> list[Facts]:
    """The rows with the categories each is under."""
    found: list[Facts] = []
    above = ["", ""]
    for row in rows:
        above = [one if text == "^" else text for one, text in zip(above, row[:2], strict=True)]
        found.append((*above, *row[2:]))
    return found


def document(rows: list[tuple[str, ...]], style: str, chance: random.Random) -> bytes:
    """The table on a page, with the lines of a style; where rows are merged over their edge no line goes through."""
    centered, padding = chance.random() < 0.75, chance.choice((1, 2, 3, 5))
    texts, edges = papers.drawn_table([HEADINGS, *rows], WIDTHS, top=1180, centered=centered, padding=padding)
    rules: list[tuple[float, ...]] = []
    if style in ("across", "frame"):
        for edge, row in zip(edges[1:-1], rows, strict=True):
            cut = next((at for at, text in enumerate(row) if text != "^"), 0)
            rules.append((COLUMNS[cut], edge, RIGHT, edge))
        rules += [(LEFT, edge, RIGHT, edge) for edge in (edges[0], edges[-1])]
    if style == "down":
        rules += [(LEFT, edge, RIGHT, edge) for edge in (edges[0], edges[1], edges[-1])]
    sides = COLUMNS if style == "down" else (LEFT, RIGHT) if style == "frame" else ()
    rules += [(side, edges[0], side, edges[-1]) for side in sides]
    head = [(40, 1210, "项目支出绩效目标表"), (40, 1192, "项目名称"), (140, 1192, "河道巡查")]
    return papers.chinese_pdf([[*head, *texts]], rules, height=1240)


def read(data: bytes) -> Iterator[tuple[Facts, bool]]:
    """The rows read, and whether each is unsure."""
    try:
        for form in reading.read_data("表.pdf", data):
            for one in form.indicators:
                facts = one.category.level1, one.category.level2, one.name, one.value, f"{one.weight or 0:g}"
                yield facts, one.unsure
    except InvalidFile as error:
        print("refused:", error)


def main() -> None:
    count, seed = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 200), (2, 1)))
    for style in STYLES:
        sums: Counter[str] = Counter()
        for number in range(count):
            chance = random.Random(f"{seed} {style} {number}")
            rows = table(chance)
            found, wanted = list(read(document(rows, style, chance))), Counter(printed(rows))
            missed = wanted - Counter(facts for facts, _ in found)
            wrong = Counter(facts for facts, unsure in found if not unsure) - wanted
            sums += Counter(rows=len(rows), missed=missed.total(), deceiving=wrong.total())
            sums += Counter(unsure=sum(unsure for _, unsure in found))
            for facts in missed.elements():
                print(f"        missed {style} {number}:", " | ".join(map(str, facts)))
        exact = sums["rows"] - sums["missed"]
        print(
            f"{style:7} {exact} of {sums['rows']} rows exact ({exact / sums['rows']:.1%}); "
            f"{sums['unsure']} unsure; {sums['deceiving']} wrong and not said so"
        )


if __name__ == "__main__":
    main()
