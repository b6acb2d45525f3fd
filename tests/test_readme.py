"""The worked examples of the README, as far as they need no encoder, are what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import WORDS_ALONE

from perfkg.cli import main
from perfkg.library import Library

ROOT = Path(__file__).parents[1]


def shown(command: str) -> list[str]:
    """The lines the README shows below a command."""
    _, _, after = (ROOT / "README.md").read_text("utf-8").partition(f"    $ perfkg {command}")
    block = after.split("\n\n")[0].splitlines()[1:]
    return [line.removeprefix("    ") for line in block if line.strip() != "…"]


@pytest.mark.parametrize("command", ["ask", "compare", "review"])
def test_a_worked_example_is_what_is_printed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    monkeypatch.setenv("PERFKG_LIBRARY", str(tmp_path / "library"))
    with Library(tmp_path / "library", WORDS_ALONE) as opened:
        opened.import_paths([ROOT / "examples" / str(year) for year in (2021, 2022, 2023)])
    arguments = {
        "ask": "2023年比2022年资金多了的单位有哪些",
        "compare": "群众满意度93%",
        "review": str(ROOT / "examples" / "2022" / "芦汀县2022年项目支出绩效目标申报表.xlsx"),
    }
    printed = CliRunner().invoke(main, [command, arguments[command]]).stdout.splitlines()
    lines = shown(command)
    assert len(lines) > 2
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/guide/analyst.md"])
def test_an_address_to_type_is_one_that_a_server_takes(name: str) -> None:
    """What is no ASCII is left to curl to encode: raw in an address it is refused."""
    shown = re.findall(r"curl .*?'(http[^']*)'(.*)", (ROOT / name).read_text("utf-8"))
    assert shown
    for address, rest in shown:
        assert address.isascii()
        assert " " not in address
        assert rest.isascii() or "--data-urlencode" in rest
