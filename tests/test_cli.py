"""The command line as DESIGN fixes it, run in this process."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from conftest import WORDS_ALONE, make_declaration

from perfkg.cli import main
from perfkg.library import Library

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
)

EARLY = """部门预算项目支出绩效目标申报表

项目名称\t\t政务外网运维费
预算单位\t\t云岭县大数据中心
项目资金(万元)\t\t年度资金总额：\t\t12.5
\t\t其中:财政拨款\t\t12.5
\t\t其他资金
总体目标\t年度目标
\t保障政务外网畅通
绩效指标\t一级指标\t二级指标\t三级指标\t指标值（包含数字及文字描述）
\t项目完成\t质量指标\t网络故障处理时间\t4小时
"""

COMMANDS = set("read target import withdraw search compare suggest sparql validate export info rebuild serve".split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    folder = tmp_path / "library"
    monkeypatch.setenv("PERFKG_LIBRARY", str(folder))
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([make_declaration(rows=ROWS)])
    return folder


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments, prog_name="perfkg")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_every_command_has_help_with_a_line_of_its_own() -> None:
    assert set(main.commands) >= COMMANDS
    for name, command in main.commands.items():
        assert command.help, name
        assert run(name, "--help").exit_code == 0


def test_search(folder: Path) -> None:
    result = run("search", "网络故障", "--json")
    assert result.exit_code == 0
    hits = [json.loads(line) for line in result.stdout.splitlines()]
    assert hits[0]["name"] == "网络故障处理时间"
    assert hits[0]["category"]["level2"] == "质量指标"
    assert "网络故障处理时间" in run("search", "网络故障").stdout


def test_equal_texts_are_one_hit_for_people_and_each_a_line_of_json(folder: Path) -> None:
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([make_declaration("机房维护", "云岭县水利局", rows=ROWS)])
    shown = run("search", "网络故障处理时间").stdout
    assert shown.count("网络故障处理时间：24小时") == 1
    assert "（共 2 处）" in shown
    lines = [json.loads(line) for line in run("search", "网络故障处理时间", "--json").stdout.splitlines()]
    assert [line["name"] for line in lines].count("网络故障处理时间") == 2
    grouped = [
        json.loads(line) for line in run("search", "网络故障处理时间", "--json", "--grouped").stdout.splitlines()
    ]
    assert (grouped[0]["count"], len(grouped[0]["places"])) == (2, 2)


def test_nothing_found_is_said(folder: Path) -> None:
    result = run("search", "🎉")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "没有找到" in result.stderr


def test_a_fault_is_one_sentence_and_exit_1(folder: Path) -> None:
    result = run("search", " ")
    assert result.exit_code == 1
    assert result.stderr.startswith("错误：没有要检索的文字")
    assert result.stdout == ""


def test_wrong_use_is_exit_2(folder: Path) -> None:
    assert run("search").exit_code == 2
    assert run("search", "网络", "--limit", "0").exit_code == 2
    assert run("no-such-command").exit_code == 2


def test_import_says_what_it_did(folder: Path, tmp_path: Path, seed: Path) -> None:
    result = run("import", str(seed), "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["declarations"], report["indicators"], len(report["recorded"])) == (24, 276, 24)
    again = json.loads(run("import", str(seed), "--json").stdout)
    assert (again["recorded"], again["revised"], len(again["unchanged"])) == ([], [], 24)


def test_import_refuses_one_file_and_takes_the_others(folder: Path, tmp_path: Path, seed: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "好.txt").write_bytes(seed.read_bytes())
    (tmp_path / "in" / "通知.txt").write_text("关于召开会议的通知\n请准时参加。\n", "utf-8")
    result = run("import", str(tmp_path / "in"), "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["declarations"] == 24
    assert len(report["refused"]) == 1
    assert "通知.txt" in result.stderr


@pytest.mark.parametrize("what", ["missing.txt", "empty"])
def test_import_of_nothing_is_said(folder: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    result = run("import", str(tmp_path / what))
    assert result.exit_code == 1
    assert what in result.stderr


def test_withdraw(folder: Path) -> None:
    id = make_declaration(rows=ROWS).id
    assert json.loads(run("withdraw", id, "--json").stdout) == {"withdrawn": id, "change": 2}
    assert run("search", "网络故障").stdout == ""
    assert run("withdraw", id).exit_code == 1


def test_sparql(folder: Path, tmp_path: Path) -> None:
    query = "PREFIX p: <https://perfkg.example/ontology#> SELECT (COUNT(DISTINCT ?i) AS ?n) WHERE { ?i a p:Indicator }"
    result = run("sparql", query)
    assert result.exit_code == 0
    assert result.stdout.split() == ["n", "2"]
    file = tmp_path / "count.rq"
    file.write_text(query, "utf-8")
    bindings = json.loads(run("sparql", str(file), "--format", "json").stdout)["results"]["bindings"]
    assert bindings[0]["n"]["value"] == "2"
    assert run("sparql", "SELECT WHERE {").exit_code == 1
    assert run("sparql", str(tmp_path / "missing.rq")).exit_code == 1


def test_sparql_by_name_and_by_meaning(folder: Path) -> None:
    named = run("sparql", "indicators-of-organization", "--with", "organizationWord=大数据")
    assert "网络故障处理时间" in named.stdout
    assert "网络" not in run("sparql", "indicators-of-organization", "--with", "organizationWord=水利").stdout
    assert run("sparql", "no-such-query").exit_code == 1
    assert run("sparql", "drift", "--with", "nothing=1").exit_code == 1
    assert run("sparql", "drift", "--with", "word").exit_code == 2
    assert run("sparql", "ASK {}", "--with", "word=1").exit_code == 2
    query = 'SELECT ?name { ?i perfkg:matches "网络故障" ; perfkg:limit 1 ; schema:name ?name }'
    assert run("sparql", query).stdout.split() == ["name", "网络故障处理时间"]


def test_validate(folder: Path) -> None:
    assert run("validate").exit_code == 0
    wrong = make_declaration("校舍维修", "云岭县第一中学", 1999)
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([wrong])
    result = run("validate", "--json")
    assert result.exit_code == 1
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["declaration"], one["shape"]) for one in found if one["severity"] == "violation"] == [
        (wrong.id, "year")
    ]
    assert run("validate", make_declaration(rows=ROWS).id).exit_code == 0
    assert run("validate", "no-such-id").exit_code == 1


def test_an_import_tells_what_violates_the_shapes_and_records_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "很早的表.txt"
    file.write_text(EARLY, "utf-8")
    result = run("import", str(file), "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["recorded"]) == 1
    assert "没有年度，或年度不在 2000 到 2100 之间" in result.stderr


@pytest.mark.parametrize("ending", ["ttl", "nt", "nq", "trig", "jsonld", "graphml", "gexf"])
def test_export(folder: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"all.{ending}"
    assert run("export", str(file)).exit_code == 0
    assert "网络故障处理时间" in file.read_text("utf-8")


def test_export_of_all_indicators_as_a_table(folder: Path, tmp_path: Path) -> None:
    hostile = make_declaration("校舍维修", rows=(("产出指标", "数量指标", "=1+1", "@SUM(A1)"),))
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([hostile])
    assert run("export", str(tmp_path / "all.csv")).exit_code == 0
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))
    named = {row["三级指标"]: row for row in rows if row["项目名称"]}
    assert set(named) == {"网络故障处理时间", "光纤租赁费", "'=1+1"}
    assert named["'=1+1"]["指标值"] == "'@SUM(A1)"
    assert named["光纤租赁费"]["资金总额（元）"] == "100000.0"
    assert run("export", str(tmp_path / "all.XLSX")).exit_code == 0
    sheet = openpyxl.load_workbook(tmp_path / "all.XLSX").active
    assert sheet is not None
    cells = {str(cell.value): cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=1+1"] == "s"
    assert cells["@SUM(A1)"] == "s"
    assert [cell.value for cell in sheet[1]] == list(rows[0])


def test_export_to_an_unknown_format_or_place_is_refused(folder: Path, tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "all.mp3")).exit_code == 1
    assert run("export", str(tmp_path / "no" / "folder" / "all.ttl")).exit_code == 1


def test_info_and_rebuild(folder: Path) -> None:
    facts = json.loads(run("info", "--json").stdout)
    assert (facts["declarations"], facts["indicators"], facts["change"]) == (1, 2, 1)
    assert run("rebuild").exit_code == 0
    assert json.loads(run("info", "--json").stdout)["projections"]["words"]["indicators"] == 2


def test_a_person_is_told_in_chinese_what_a_program_is_told_in_json(folder: Path) -> None:
    said = run("info").stdout
    assert "图谱      到第 1 号变更" in said
    assert "意思索引  没有，只按字词检索" in said
    assert "{" not in said
    value = "流畅，丢包率5%以下"
    assert run("target", value).stdout.splitlines() == ["流畅\t状态", "丢包率5%以下\t丢包率 ≤ 5 %"]
    assert [json.loads(line)["kind"] for line in run("target", value, "--json").stdout.splitlines()] == [
        "state",
        "quantity",
    ]


def test_what_was_not_withdrawn_is_not_said_to_be_put_back(folder: Path) -> None:
    form = json.loads(run("search", "网络", "--json").stdout.splitlines()[0])["declaration"]
    assert "本来就是这样" in run("restore", form).stdout
    run("withdraw", form)
    assert f"已恢复 {form}" in run("restore", form).stdout


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    code = f"{sys.executable} -m perfkg.cli search 网络 --library {folder} | true"
    run = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr


def test_concepts_are_listed_shown_and_decided_about(folder: Path) -> None:
    with Library(folder, WORDS_ALONE) as library:
        rows = (("产出指标", "质量指标", "电梯故障处理时间", "2小时"),)
        library.import_declarations([make_declaration("电梯维保", rows=rows)])
    listed = [json.loads(line) for line in run("concepts", "故障", "--json").stdout.splitlines()]
    assert [one["name"] for one in listed] == ["电梯故障处理时间", "网络故障处理时间"]
    assert "没有哪个名称或说法里有这些字" in run("concepts", "机器坏了多久处理").stderr
    assert "没有哪个名称或说法里有这些字" not in run("concepts", "故障").stderr
    other, one = (each["id"] for each in listed)
    made = run("decide", "merge", one, other)
    assert made.stdout == "第 1 号决定：把“电梯故障处理时间”并入“网络故障处理时间”\n"
    told = json.loads(run("concepts", one, "--json").stdout)
    assert {alias["name"] for alias in told["aliases"]} == {"电梯故障处理时间", "网络故障处理时间"}
    shown = run("concepts", one).stdout
    assert "电梯维保" in shown
    assert "第 1 号" in shown
    phrase = next(alias["phrases"][0] for alias in told["aliases"] if alias["name"] == "电梯故障处理时间")
    assert run("decide", "split", one, phrase).exit_code == 0
    assert run("decide", "rename", one, "断网处理时间").exit_code == 0
    query = "SELECT ?name { ?i perfkg:concept ?c . ?c skos:prefLabel ?name } ORDER BY ?name"
    assert set(run("sparql", query).stdout.split()[1:]) == {"光纤租赁费", "断网处理时间", "电梯故障处理时间"}
    assert run("decide", "undo", "3").exit_code == 0
    assert run("decide", "reject", one).exit_code == 0
    assert "网络故障处理时间" in run("concepts", "--rejected").stdout
    assert "网络故障处理时间" not in run("concepts").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("merge", "x", "y"), 1),
        (("merge", "x"), 2),
        (("undo", "x"), 2),
        (("undo", "7"), 1),
        (("reject", "x", "y"), 2),
        (("drop", "x"), 2),
    ],
)
def test_a_wrong_decision_is_said(folder: Path, arguments: tuple[str, ...], code: int) -> None:
    result = run("decide", *arguments)
    assert result.exit_code == code
    assert re.search("[一-鿿]|Usage", result.stderr)


def test_suggest_drafts_a_whole_form_and_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    with Library(tmp_path / "library", WORDS_ALONE) as opened:
        opened.import_declarations([make_declaration()])
    asked = ["suggest", "--project", "网络维护费", "--library", str(tmp_path / "library")]
    drafted = CliRunner().invoke(main, [*asked, "--draft"])
    assert drafted.exit_code == 0
    assert "草稿" in drafted.stdout
    assert "网络故障处理时间" in drafted.stdout
    assert json.loads(CliRunner().invoke(main, [*asked, "--draft", "--json"]).stdout)["draft"] is True
    lacking = CliRunner().invoke(main, [*asked, "--filled", "数量指标"])
    assert "还没有填：质量指标" in lacking.stderr
    assert CliRunner().invoke(main, [*asked, "--draft", "--text", "w"]).exit_code == 2


def test_an_indicator_that_is_gone_is_said_to_be(folder: Path) -> None:
    gone = run("compare", "0123456789abcdef-01")
    assert gone.exit_code == 1
    assert "资料库里没有这个指标" in gone.stderr
