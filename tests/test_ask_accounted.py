"""Every part understood is used by the answer, or the question is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import WORDS_ALONE

from perfkg import sparql
from perfkg.ask import ask
from perfkg.library import Library

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The invented county over three years, searched by words alone."""
    with Library(tmp_path_factory.mktemp("county") / "library", WORDS_ALONE) as opened:
        opened.import_paths([EXAMPLES / str(year) for year in (2021, 2022, 2023)])
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "各单位各年的资金合计",
        "2022年财政拨款和其他资金各多少",
        "2023年资金前三的项目的质量指标",
        "2022年至少两个满意度指标的项目",
        "2022年资金超过100万不到200万的单位",
        "2022年数量指标合计",
        "2022年有多少个项目多少钱",
        "哪些项目有超过10万元的网络维护类指标",
        "2022年有网络维护类指标的前三个项目",
    ],
)
def test_a_part_that_would_be_left_out_is_refused(county: Library, question: str) -> None:
    answer = ask(county, question)
    assert answer.refused, answer.answer
    assert answer.alternatives


@pytest.mark.parametrize(
    ("question", "organizations"),
    [
        ("2022年资金低于50万的项目的满意度指标", {"芦汀县司法局", "芦汀县档案馆"}),
        ("2022年资金超过1000万的项目的质量指标有哪些", {"芦汀县公路养护中心", "芦汀县民政局"}),
    ],
)
def test_indicators_are_those_of_projects_with_so_much_money(
    county: Library, question: str, organizations: set[str]
) -> None:
    answer = ask(county, question)
    assert {row["organization"] for row in answer.rows} == organizations
    assert answer.query
    shown = sparql.query(county.graph_folder, answer.query, format="csv").body
    assert sum(one in str(shown) for one in answer.evidence) == len(answer.evidence)


def test_a_share_inside_the_own_money_is_of_the_own_money(county: Library) -> None:
    assert ask(county, "2022年水利局的资金里财政拨款占多少").number == 100
