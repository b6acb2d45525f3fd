"""Libraries of any size for measuring: declarations of invented counties, with the habits of real ones.

What is kept of reality: about twelve indicators a form; a third of them stock wordings that everybody uses (服务对象满意度
≥95%), the rest named after the project's own matter; few round values; offices and projects that come back every year
with most of their indicators unchanged. The words are those of the shipped lexicon.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from random import Random

from perfkg import schemes
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source

YEARS = (2019, 2020, 2021, 2022, 2023)

_FAMILY = "云青长安永宁丰和兴泰清白龙凤金银石玉松柏临平定远怀德崇仁新昌"
_GIVEN = "岭川溪山河江城阳水原湖泉林门海台塘坪湾岗"
_OFFICES = (
    "公安局 财政局 教育局 民政局 水利局 交通运输局 农业农村局 卫生健康局 住房和城乡建设局 自然资源局 信访局 审计局 "
    "人力资源和社会保障局 医疗保障局 生态环境局 文化和旅游局 应急管理局 市场监督管理局 行政审批局 综合行政执法局 "
    "融媒体中心 人民政府办公室 林业局 统计局 司法局 退役军人事务局 发展和改革局 乡村振兴局 数据局 档案馆"
).split()
_STOCK = (
    ("服务对象满意度指标", "服务对象满意度", ("≥95%", "≥90%", "≥98%", "≥85%", ">95%")),
    ("服务对象满意度指标", "群众满意度", ("≥95%", "≥90%", "95%以上")),
    ("质量指标", "验收合格率", ("100%", "≥98%", "≥95%")),
    ("质量指标", "资金使用合规率", ("100%", "=100%")),
    ("时效指标", "资金支付及时率", ("100%", "≥95%", "≥98%")),
    ("时效指标", "项目完成时间", ("2021年12月底前", "当年12月31日前", "按计划完成", "1年")),
    ("成本指标", "成本控制率", ("≤100%", "100%", "不超预算")),
    ("可持续影响指标", "长效管理机制健全性", ("健全", "逐步健全", "持续完善")),
    ("社会效益指标", "社会稳定", ("有效维护", "持续向好", "明显改善")),
)
_OWN = (
    ("数量指标", ("数量", "个数", "次数", "人数", "覆盖面"), ("个", "次", "人", "件", "公里", "台", "套", "户")),
    ("质量指标", ("合格率", "完好率", "达标率", "正常运行率", "准确率"), ("%",)),
    ("时效指标", ("完成及时率", "响应时间", "处理时间", "完成时间"), ("%", "小时", "天", "个工作日")),
    ("成本指标", ("费用", "成本", "补助标准", "经费"), ("万元", "元/人", "元/年", "万元/公里")),
    ("社会效益指标", ("改善程度", "知晓率", "受益人数", "保障能力"), ("%", "人", "户")),
)
_KINDS_OF_PROJECT = ("经费", "专项资金", "项目", "补助资金", "运行维护费", "建设项目", "工作经费", "购置项目")


def declarations(indicators: int, seed: int = 1) -> Iterator[Declaration]:
    """Declarations that have about `indicators` indicators together; the same for the same arguments."""
    chance = Random(seed)
    matters = _terms("matter", "object", "action")
    made = 0
    for organization in _organizations():
        for number in range(chance.randint(2, 5)):
            project = f"{chance.choice(matters)}{chance.choice(_KINDS_OF_PROJECT)}"
            rows = _rows(chance, matters, project)
            for year in YEARS:
                if made >= indicators:
                    return
                rows = [row if chance.random() < 0.7 else _row(chance, matters, project) for row in rows]
                made += len(rows)
                yield declaration(organization, f"{project}{number or ''}", year, rows)


def declaration(organization: str, project: str, year: int, rows: Sequence[tuple[str, str, str]]) -> Declaration:
    """A form of (二级指标, 三级指标, 指标值) rows."""
    id = hashlib.sha256(f"{organization}|{project}|{year}".encode()).hexdigest()[:20]
    indicators = tuple(
        Indicator(
            f"{id}-{number:02d}",
            Category(schemes.parent(second), second, schemes.concept(schemes.parent(second), second)),
            name,
            value,
            place=Place(line=number),
        )
        for number, (second, name, value) in enumerate(rows, 1)
    )
    source = Source(f"{id}.xlsx", hashlib.sha256(id.encode()).hexdigest())
    objective = f"完成{project}各项任务，保障工作正常开展"
    funding = Funding(100000.0, 100000.0, None)
    return Declaration(
        id, "declaration", "绩效目标申报表", year, organization, project, funding, objective, indicators, source
    )


def _organizations() -> Iterator[str]:
    for first in _FAMILY:
        for second in _GIVEN:
            yield from (f"{first}{second}县{office}" for office in _OFFICES)
    yield from (f"{first}{second}市{office}" for first in _FAMILY for second in _GIVEN for office in _OFFICES)


def _rows(chance: Random, matters: list[str], project: str) -> list[tuple[str, str, str]]:
    return [_row(chance, matters, project) for _ in range(chance.randint(6, 18))]


def _row(chance: Random, matters: list[str], project: str) -> tuple[str, str, str]:
    if chance.random() < 0.35:
        second, name, values = chance.choice(_STOCK)
        return second, name, values[min(int(chance.expovariate(1)), len(values) - 1)]
    second, measures, units = chance.choice(_OWN)
    matter = project[:4] if chance.random() < 0.3 else chance.choice(matters)
    unit = chance.choice(units)
    number = (
        chance.choice((90, 95, 98, 100)) if unit == "%" else chance.choice((1, 2, 5, 10, 12, 20, 24, 30, 50, 100, 500))
    )
    sign = chance.choice(("≥", "", "≤", "不少于"))
    return second, f"{matter}{chance.choice(measures)}", f"{sign}{number}{unit}"


def _terms(*kinds: str) -> list[str]:
    lines = files("embeddings").joinpath("lexicon.txt").read_text("utf-8").splitlines()
    return [term for term, _, kind in (line.split() for line in lines) if kind in kinds]
