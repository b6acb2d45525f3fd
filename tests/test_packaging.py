"""What is installed: the wheel holds all that the program reads, and both readmes name what there is."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from perfkg.cli import main

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = str(tmp_path_factory.mktemp("wheel"))
    [wheel] = WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def read_by_the_program() -> Iterator[str]:
    """Every file of the packages, and the guides, as the wheel names them."""
    for package in ("src/perfkg", "graph", "embeddings", "api"):
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(ROOT / "src" if package.startswith("src") else ROOT).as_posix()
    for folder in ("guide", "pictures"):
        yield from (f"api/docs/{folder}/{file.name}" for file in (ROOT / "docs" / folder).iterdir())


def test_the_wheel_holds_all_that_the_program_reads(names: set[str]) -> None:
    assert set(read_by_the_program()) - names == set()
    for part in ("api/pages/templates/base.html", "graph/queries/drift.rq", "embeddings/lexicon.txt"):
        assert part in names


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"perfkg", "graph", "embeddings", "api"}


def commands(name: str) -> set[str]:
    """The commands that a readme's examples show."""
    text = (ROOT / name).read_text("utf-8")
    shown = re.findall(r"(?:^ {4}|· )perfkg ([a-z]+)", text, re.MULTILINE)
    return set(shown)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_command(name: str) -> None:
    assert commands(name) == set(main.commands)


def parts(name: str) -> dict[str, list[str]]:
    """What a readme shows, whatever its language: worked examples, settings, benchmarks, documents."""
    text = (ROOT / name).read_text("utf-8")
    return {
        "sections": re.findall("^#+", text, re.MULTILINE),
        "worked": re.findall(r"^ {4}\$ .*", text, re.MULTILINE),
        "settings": re.findall(r"^\| `(PERFKG_\w+)`", text, re.MULTILINE),
        "benchmarks": re.findall(r"benchmarks/\w+\.py", text),
        "documents": re.findall(r"docs/[\w-]+\.md", text),
    }


@pytest.mark.parametrize("part", ["sections", "worked", "settings", "benchmarks", "documents"])
def test_both_readmes_show_the_same(part: str) -> None:
    assert parts(READMES[0])[part] == parts(READMES[1])[part]
