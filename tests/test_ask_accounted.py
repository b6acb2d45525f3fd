"""Every part understood is used by the answer, or the question is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfkg import sparql
from perfkg.ask import ask
from perfkg.library import Library

EXAMPLES = Path(__file__).parents[1] / "examples"


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
        "2022年资金最多的单位有几个项目",
        "2022年资金前三的单位占总资金的比例",
        "2022年资金超过100万的单位平均资金",
        "2022年超过100万的项目2023年的资金",
        "2022年水利局管网维修的钱占项目资金多少",
        "2022年自评和申报的差多少",
        "2022年满意度低于100万的项目",
        "2022年县道和乡道优良路率分别多少",
        "各单位数量指标有几条",
        "2022年信息化项目的资金一共多少",
    ],
)
def test_a_part_that_would_be_left_out_is_refused(examples_library: Library, question: str) -> None:
    answer = ask(examples_library, question)
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
    examples_library: Library, question: str, organizations: set[str]
) -> None:
    answer = ask(examples_library, question)
    assert {row["organization"] for row in answer.rows} == organizations
    assert answer.query
    shown = sparql.query(examples_library.graph_folder, answer.query, format="csv").body
    assert sum(one in str(shown) for one in answer.evidence) == len(answer.evidence)


def test_a_share_inside_the_own_money_is_of_the_own_money(examples_library: Library) -> None:
    assert ask(examples_library, "2022年水利局的资金里财政拨款占多少").number == 100


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("2022年县道优良路率和沿线群众满意度分别是多少", {"县道优良路率", "沿线群众满意度"}),
        ("2021年机房一周巡检几次", {"机房巡检"}),
        ("2022年资金超过100万的养护项目的满意度", {"沿线群众满意度", "用水户满意度"}),
    ],
)
def test_all_of_what_is_asked_for_is_in_the_rows(examples_library: Library, question: str, names: set[str]) -> None:
    answer = ask(examples_library, question)
    assert {row["name"] for row in answer.rows} == names
    assert answer.query
    shown = sparql.query(examples_library.graph_folder, answer.query, format="csv").body
    assert all(one in str(shown) for one in answer.evidence)


@pytest.mark.parametrize(
    "question", ["2022年高龄津贴和高铁站分别多少钱", "2022年高龄津贴和受益学生分别多少", "2022年三个乡镇分别多少钱"]
)
def test_one_of_two_is_no_answer(examples_library: Library, question: str) -> None:
    assert ask(examples_library, question).refused


def test_projects_asked_for_each_are_listed_not_added_up(examples_library: Library) -> None:
    rows = ask(examples_library, "2023年应急局和水利局的项目分别是什么").rows
    assert {row["organization"] for row in rows} == {"芦汀县应急管理局", "芦汀县水利局"}


def test_both_ends_are_told(examples_library: Library) -> None:
    rows = ask(examples_library, "2022年资金最多和最少的项目").rows
    assert [row["number"] for row in rows] == [13400000, 400000]


def test_whose_the_largest_project_is_is_no_ranking_of_organizations(examples_library: Library) -> None:
    (row,) = ask(examples_library, "2022年资金最少的项目归谁管").rows
    assert (row["organization"], row["number"]) == ("芦汀县档案馆", 400000)


def test_both_topics_go_with_their_chip(examples_library: Library) -> None:
    question = "2022年县道优良路率和沿线群众满意度分别是多少"
    assert len(ask(examples_library, question, fixed={"topic": "沿线群众满意度"}).rows) == 1
    assert "topic" not in {chip.kind for chip in ask(examples_library, question, ignore=["topic"]).understood}
