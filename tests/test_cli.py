"""The command line as DESIGN fixes it, run in this process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import WORDS_ALONE, make_declaration

from perfkg.cli import main
from perfkg.library import Library

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
)

COMMANDS = set("read target import withdraw search compare suggest sparql export info rebuild serve".split())


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


@pytest.mark.parametrize("ending", ["ttl", "nt", "nq", "trig", "jsonld"])
def test_export(folder: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"all.{ending}"
    assert run("export", str(file)).exit_code == 0
    assert "网络故障处理时间" in file.read_text("utf-8")


def test_export_to_an_unknown_format_or_place_is_refused(folder: Path, tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "all.mp3")).exit_code == 1
    assert run("export", str(tmp_path / "no" / "folder" / "all.ttl")).exit_code == 1


def test_info_and_rebuild(folder: Path) -> None:
    facts = json.loads(run("info", "--json").stdout)
    assert (facts["declarations"], facts["indicators"], facts["change"]) == (1, 2, 1)
    assert run("rebuild").exit_code == 0
    assert json.loads(run("info", "--json").stdout)["projections"]["words"]["indicators"] == 2


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    code = f"{sys.executable} -m perfkg.cli search 网络 --library {folder} | true"
    run = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
