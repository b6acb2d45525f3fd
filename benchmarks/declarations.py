"""Declarations whose targets are understood, for measuring the graph: invented organizations in the shape of real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

from perfkg import schemes
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source, Target

ROWS = 12
"""Indicators of a declaration."""

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
