from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asking import Case, wrong
from click.testing import CliRunner
from conftest import SHARED, WORDS_ALONE, make_declaration

from perfkg import sparql
from perfkg.ask import Answer, ask
from perfkg.ask.topics import Topic
from perfkg.cli import main
from perfkg.errors import InvalidQuestion
from perfkg.library import Library
from perfkg.records import Category, Funding, Target
from perfkg.search.spans import Question
from perfkg.search.wanted import take_number, written

CASES = Path(__file__).parent / "cases"
EIGHTY = (Target("quantity", "≥80%", ">=", 80, unit="%"),)
EXAMPLES = Path(__file__).parents[1] / "examples"


def cases(name: str) -> list[Case]:
    return [json.loads(line) for line in (CASES / f"ask_{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The real forms, searched by words alone."""
    file = SHARED / "seed" / "yanbian_2021.txt"
    if not file.exists():
        pytest.skip("the real forms are not beside this checkout")
    with Library(tmp_path_factory.mktemp("seed") / "library", WORDS_ALONE) as opened:
        opened.import_paths([file])
        yield opened


@pytest.fixture(scope="module")
def forms_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The real forms with those of other places."""
    if not (SHARED / "data" / "forms").is_dir():
        pytest.skip("the real forms are not beside this checkout")
    with Library(tmp_path_factory.mktemp("forms") / "library", WORDS_ALONE) as opened:
        opened.import_paths([SHARED / "seed", SHARED / "data" / "forms"])
        yield opened


def misread(answer: Answer, understood: dict[str, str]) -> str | None:
    """Which slot was not understood as expected."""
    chips = {chip.kind: chip.value.replace(" ", "") for chip in answer.understood}
    for kind, value in understood.items():
        if value.replace(" ", "") not in chips.get(kind, ""):
            return f"{kind}: {chips.get(kind)}"
    return None


@pytest.mark.parametrize("case", cases("seed"), ids=lambda case: case["q"])
def test_the_seed_answers(seed_library: Library, case: Case) -> None:
    answer = ask(seed_library, case["q"])
    assert wrong(answer, case["expect"]) is None, answer.answer
    assert misread(answer, case["understood"]) is None


@pytest.mark.parametrize("case", cases("examples"), ids=lambda case: case["q"])
def test_the_examples_answer(examples_library: Library, case: Case) -> None:
    answer = ask(examples_library, case["q"])
    assert wrong(answer, case["expect"]) is None, answer.answer
    assert misread(answer, case["understood"]) is None


LATER = [
    case
    for name in (
        "more",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
    )
    for case in cases(name)
]


@pytest.mark.parametrize("case", LATER, ids=lambda case: case["q"])
def test_other_questions_answer(request: pytest.FixtureRequest, case: Case) -> None:
    """Written before they were first asked, after the others were answered."""
    answer = ask(request.getfixturevalue(f"{case['library']}_library"), case["q"])
    if case.get("refused_today"):
        assert answer.refused, "it is answered now: take the mark out of the case"
        return
    assert wrong(answer, case["expect"]) is None, answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "2022年资金超过100万元的项目",
        "满意度低于90%的项目",
        "2022年哪些项目没有可持续影响指标",
        "道路项目的满意度",
        "各年度的资金总额",
    ],
)
def test_the_query_shown_gives_the_rows_again(examples_library: Library, question: str) -> None:
    answer = ask(examples_library, question)
    assert answer.query
    result = json.loads(sparql.query(examples_library.graph_folder, answer.query, format="json").body)
    found = {row["declaration"]["value"] for row in result["results"]["bindings"]}
    assert found >= {one.partition("-")[0] for one in answer.evidence}


def test_chips_say_which_words_they_come_from(examples_library: Library) -> None:
    question = "教体局2022年满意度低于95%的项目有哪些"
    chips = {chip.kind: chip for chip in ask(examples_library, question).understood}
    said = {kind: question[slice(*chip.span)] for kind, chip in chips.items() if chip.span}
    assert said["organization"] == "教体局"
    assert said["year"] == "2022年"
    assert said["number"] == "低于95%"
    assert chips["organization"].value == "芦汀县教育和体育局"
    assert chips["year"].value == "2022"


def test_a_refusal_says_what_can_be_asked(examples_library: Library) -> None:
    answer = ask(examples_library, "高铁站建设项目有哪些")
    assert answer.refused
    assert answer.not_understood == ("高铁站建设",)
    assert not answer.rows
    assert answer.alternatives
    assert not any(ask(examples_library, one).refused for one in answer.alternatives)


@pytest.mark.parametrize(
    "question",
    [
        "which project has most money?",
        "SELECT * WHERE { ?s ?p ?o }",
        '项目"} ; DROP ALL ; {"',
        "<script>alert('项目')</script>",
        '哪些项目涉及\\"\n）)(）',
        "？！。",
        "0",
        "前十万亿年个",
        "[]{}()*+?|^$.",
        "\ud800项目",
    ],
)
def test_bad_input_gets_a_helpful_answer(examples_library: Library, question: str) -> None:
    answer = ask(examples_library, question)
    assert answer.answer
    assert answer.refused <= bool(answer.alternatives)


@pytest.mark.parametrize("question", ["", " \n", "项" * 5000])
def test_empty_and_overlong_questions_are_invalid(examples_library: Library, question: str) -> None:
    with pytest.raises(InvalidQuestion):
        ask(examples_library, question)


def test_an_empty_library_says_so(library: Library) -> None:
    answer = ask(library, "一共有多少个项目？")
    assert answer.refused
    assert "空" in answer.answer


def test_likeness_answers_where_no_words_agree(seed_library: Library) -> None:
    answer = ask(seed_library, "断网多久能修好")
    assert answer.answer.startswith("没有一字不差的")
    assert answer.query
    assert answer.query.startswith("search(")


@pytest.mark.parametrize(
    ("text", "number", "left"),
    [
        ("响应时间不超过2小时的网络维护", "<=2 h", "响应时间的网络维护"),
        ("资金在50万到200万之间", "500000..2000000 CNY", "资金"),
        ("每月至少维护两次", ">=2 /mo", "维护"),
        ("满意度没有达到95%", "<95 %", "满意度"),
        ("带宽200M的线路", "=200 Mbit/s", "带宽的线路"),
        ("3个项目", None, "3个项目"),
    ],
)
def test_a_wanted_number_is_read_as_a_target_is(text: str, number: str | None, left: str) -> None:
    question = Question(text)
    found = take_number(question)
    assert (written(found[0]) if found else None) == number
    assert "".join(question.pieces()) == left


def test_a_topic_is_held_by_all_its_words_or_their_synonyms() -> None:
    assert Topic("断网").holds("网络故障处理时间")
    assert Topic("网络维护").holds("网络设备维护")
    assert not Topic("网络维护").holds("网络租赁")
    assert not Topic("保洁员工资").holds("从业人员工资")
    assert Topic("响应时间").without("h").text == "响应"
    assert Topic("时间").without("h").text == "时间"


def test_the_command_answers_in_lines_and_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    folder = str(tmp_path / "library")
    with Library(tmp_path / "library", WORDS_ALONE) as opened:
        opened.import_declarations([make_declaration(total=250000.0)])
    shown = CliRunner().invoke(main, ["ask", "资金一共多少", "--library", folder])
    assert shown.exit_code == 0
    assert "合计25万元" in shown.stdout
    assert "SELECT" in shown.stdout
    told = json.loads(CliRunner().invoke(main, ["ask", "资金一共多少", "--library", folder, "--json"]).stdout)
    assert (told["number"], told["unit"], told["refused"]) == (250000.0, "CNY", False)


def test_a_kind_of_indicator_is_found_by_meaning_over_many_projects(seed_library: Library) -> None:
    answer = ask(seed_library, "哪些项目有网络维护类指标")
    first = [row["project"] for row in answer.rows[:6]]
    assert len(set(first)) == len(first) == 6
    assert any("网络" in (row["name"] or "") for row in answer.rows[:3])


def test_what_can_be_compared_stands_in_groups_of_one_unit(seed_library: Library) -> None:
    answer = ask(seed_library, "哪些项目有可比的网络维护指标")
    by_unit: dict[str, set[str]] = {}
    for row in answer.rows:
        by_unit.setdefault(row["unit"], set()).add(row["project"])
    assert all(len(projects) > 1 for projects in by_unit.values())
    assert len(by_unit["CNY"]) > 3


def test_a_part_of_the_understanding_can_be_ignored_or_changed(examples_library: Library) -> None:
    question = "民政局2022年的资金是多少"
    assert ask(examples_library, question).number == 11284000
    assert ask(examples_library, question, fixed={"year": "2023"}).number == 11620000
    assert ask(examples_library, question, ignore=["organization"]).number == 38685200
    assert ask(examples_library, question, fixed={"organization": "芦汀县司法局"}).number == 444000
    all_years = ask(examples_library, question, ignore=["year"])
    assert all_years.number == 33872000
    assert "year" not in {chip.kind for chip in all_years.understood}


@pytest.mark.parametrize("value", ["<90 %", "低于九成"])
def test_a_number_can_be_changed_as_a_chip_or_a_person_writes_it(examples_library: Library, value: str) -> None:
    answer = ask(examples_library, "满意度低于95%的项目", fixed={"number": value})
    assert {row["value"] for row in answer.rows} == {"≥85%", "≥88%"}


@pytest.mark.parametrize(
    ("ignore", "fixed", "count"),
    [
        ([], {}, 3),
        (["number"], {}, 5),
        (["first-number"], {}, 9),
        (["number", "first-number"], {}, 11),
        ([], {"number": "98%以上"}, 0),
        ([], {"number": "<=60万元"}, 3),
        ([], {"year": "2023"}, 3),
        (["year"], {}, 4),
        ([], {"organization": "芦汀县民政局"}, 1),
    ],
)
def test_both_conditions_of_a_question_can_be_changed(
    examples_library: Library, ignore: list[str], fixed: dict[str, str], count: int
) -> None:
    question = "2022年满意度不低于95%而且资金超过50万元的项目"
    answer = ask(examples_library, question, ignore, fixed)
    assert len({row["project"] for row in answer.rows}) == count
    kinds = [chip.kind for chip in answer.understood]
    assert "first-number" in {chip.kind for chip in ask(examples_library, question).understood}
    assert not set(ignore) & set(kinds) or "number" in ignore


def test_of_what_lacks_something_the_other_condition_is_left(examples_library: Library) -> None:
    question = "2022年没有可持续影响指标而且资金超过100万元的项目"
    assert len(ask(examples_library, question).rows) == 3
    assert len(ask(examples_library, question, ignore=["category"]).rows) == 5
    with pytest.raises(InvalidQuestion):
        ask(examples_library, question, ignore=["first-nothing"])


@pytest.mark.parametrize(
    "question", ["只在2021年申报过的项目有哪些", "2023年仅有农业局报的项目", "不属于乡镇的项目有几个"]
)
def test_a_word_that_turns_the_meaning_is_not_dropped(examples_library: Library, question: str) -> None:
    assert ask(examples_library, question).refused


@pytest.mark.parametrize(
    ("ignore", "fixed"),
    [
        (["nothing"], {}),
        ([], {"year": "近期"}),
        ([], {"organization": "税务局"}),
        ([], {"category": "好指标"}),
        ([], {"number": "很多"}),
        ([], {"intent": "sum"}),
    ],
)
def test_a_part_that_cannot_be_so_is_refused(
    examples_library: Library, ignore: list[str], fixed: dict[str, str]
) -> None:
    with pytest.raises(InvalidQuestion):
        ask(examples_library, "民政局2022年的资金是多少", ignore, fixed)


def test_whose_money_is_not_known_takes_no_unit_from_the_others(tmp_path: Path) -> None:
    known = [make_declaration("宣传费", owner, total=money) for owner, money in (("甲乡", 6e5), ("乙乡", 2e5))]
    unknown = replace(make_declaration("宣传费", "鹭洲乡"), funding=Funding(None, None, None))
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([*known, unknown])
        assert "相差40万元" in ask(library, "比较各单位的资金").answer


def test_a_short_name_is_of_the_area_before_it(library: Library) -> None:
    county, other = (
        make_declaration("甲", "云岭县人力资源和社会保障局"),
        make_declaration("乙", "芦汀县人力资源和社会保障局"),
    )
    library.import_declarations([county, other, make_declaration("丙", "云岭县民政局", total=1.0)])
    assert ask(library, "人社局的资金一共多少").refused
    for said in ("云岭县人社局", "云岭人社局", "云岭人力资源和社会保障局"):
        assert ask(library, f"{said}的资金一共多少").number == 100_000
    assert ask(library, "云岭县的资金一共多少").number == 100_001


def test_a_name_alone_tells_that_it_is_a_satisfaction(library: Library) -> None:
    bare = replace(make_declaration(rows=(("效益指标", "", "群众满意度", "≥80%"),)))
    rows = tuple(replace(row, category=Category("效益指标", None, None), targets=EIGHTY) for row in bare.indicators)
    library.import_declarations([replace(bare, indicators=rows)])
    assert len(ask(library, "满意度低于90%的指标有哪些").rows) == 1
    assert not ask(library, "没有满意度指标的项目").rows


def test_a_name_of_several_organizations_is_said_to_be_one(library: Library) -> None:
    others = [make_declaration("乙", "芦汀县民政局"), make_declaration("丙", "芦汀县档案馆")]
    library.import_declarations([make_declaration("甲", "云岭县民政局"), *others])
    assert "“民政局”算作2个单位" in ask(library, "民政局的资金一共多少").answer
    assert "算作" not in ask(library, "云岭县民政局的资金一共多少").answer


def test_what_only_self_evaluations_say_is_not_said_to_be_nowhere(library: Library) -> None:
    evaluated = replace(make_declaration("厕所改造", organization="云岭县农业农村局"), kind="self-evaluation")
    library.import_declarations([evaluated, make_declaration("甲", "云岭县民政局")])
    assert "自评表里有" in ask(library, "农业农村局有哪些项目").answer
    assert "自评表里有" in ask(library, "哪些项目涉及厕所").answer
    assert "自评表" not in ask(library, "哪些项目涉及飞船").answer
