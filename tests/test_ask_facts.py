"""What is found in the columns is what the query that is shown finds in the graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED, WORDS_ALONE, make_declaration

from perfkg import targets
from perfkg.ask import ask, facts, following
from perfkg.ask.facts import Fact, Query
from perfkg.ask.topics import Topic
from perfkg.ask.understanding import Understanding
from perfkg.graph.names import PREFIXES
from perfkg.library import Library
from perfkg.records import Declaration, Funding

CASES = sorted((Path(__file__).parent / "cases").glob("ask_*.jsonl"))
QUESTIONS = [json.loads(line)["q"] for file in CASES for line in file.read_text("utf-8").splitlines()]


def from_graph(library: Library, query: Query) -> Iterator[Fact]:
    found: Any = library.graph.store.query(str(query), prefixes=PREFIXES, use_default_graph_as_union=True)
    names = [variable.value for variable in found.variables]
    for solution in found:
        row: dict[str, Any] = dict.fromkeys(("project", "organization", "year"))
        row |= {name: node.value for name in names if (node := solution[name]) is not None}
        row |= {name: float(row[name]) for name in ("total", "number") if name in row}
        yield Fact(**row | {"year": int(row["year"]) if row["year"] else None})


def the_queries_of(library: Library, monkeypatch: pytest.MonkeyPatch) -> dict[str, Query]:
    """All that is asked of the columns for the questions of the cases."""
    asked: dict[str, Query] = {}
    run = facts.run

    def noted(library: Library, query: Query) -> list[Fact]:
        asked[str(query)] = query
        return run(library, query)

    monkeypatch.setattr(facts, "run", noted)
    for question in QUESTIONS:
        ask(library, question)
    return asked


def in_order(query: str, rows: list[Fact]) -> list[Fact]:
    """The rows as they are, where the query puts them in an order; equals are in any."""
    return rows if "MINUS" not in query and "SELECT * {" not in query else sorted(rows, key=str)


@pytest.mark.parametrize("source", ["examples", "seed"])
def test_the_rows_are_those_of_the_query(
    source: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "examples":
        library = request.getfixturevalue("examples_library")
    elif not (SHARED / "seed").exists():
        pytest.skip("the real forms are not beside this checkout")
    else:
        library = Library(tmp_path / "library", WORDS_ALONE)
        library.import_paths([SHARED / "seed", SHARED / "data" / "forms"])
    queries = the_queries_of(library, monkeypatch)
    assert len(queries) > len(QUESTIONS) // 2
    filled = 0
    for text, query in queries.items():
        rows = query.rows(following.stated(library))
        filled += bool(rows)
        assert in_order(text, rows) == in_order(text, list(from_graph(library, query))), text
    assert filled > len(queries) // 10
    if source != "examples":
        library.close()


def told(library: Library) -> list[tuple[str | None, str | None, float | None, str | None]]:
    """What the columns say of every indicator of a declaration."""
    rows = facts.run(library, facts.indicators(Understanding(), None, numbered=True))
    return [(row.project, row.name, row.number, row.unit) for row in rows]


def test_the_columns_follow_the_ledger(library: Library) -> None:
    fault = ("项目完成", "质量指标", "网络故障处理时间", "1天")
    first, other = make_declaration(rows=(fault,)), make_declaration("道路养护", rows=(fault, fault))
    library.import_declarations([read(first), read(other)])
    assert len(told(library)) == 3
    library.import_declarations([read(replace(first, indicators=first.indicators[:1], objective="改了"))])
    library.withdraw(other.id)
    assert told(library) == [("网络运行维护费", "网络故障处理时间", 24.0, "h")]
    assert [row.project for row in facts.run(library, facts.declarations(Understanding(), Topic("改了"), "objective"))]
    library.restore(other.id)
    assert len(told(library)) == 3


def read(declaration: Declaration) -> Declaration:
    """With its targets understood, as the reader does."""
    rows = (replace(row, targets=targets.read(row.value, row.name, 2021)) for row in declaration.indicators)
    return replace(declaration, indicators=tuple(rows))


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library whose columns are kept in a file."""
    monkeypatch.setattr(following, "_UNSAVED", 1)
    with Library(tmp_path / "large", WORDS_ALONE) as opened:
        opened.import_declarations([read(make_declaration(name)) for name in ("甲项目", "乙项目", "丙项目")])
        assert len(told(opened)) == 3
        yield opened


def test_a_large_library_is_not_read_twice(large: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(large)
    following._known.clear()

    def refuse(*_: object) -> Sequence[object]:
        raise AssertionError

    monkeypatch.setattr(large.ledger, "changes", refuse)
    assert told(large) == whole


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"PK\x03\x04"])
def test_a_damaged_file_is_made_anew(large: Library, damage: bytes) -> None:
    whole, file = told(large), large.words.folder / "stated.npz"
    file.write_bytes(damage)
    following._known.clear()
    assert told(large) == whole
    assert file.read_bytes() != damage


def test_the_file_of_another_version_is_made_anew(large: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(large)
    following._known.clear()
    monkeypatch.setattr(following, "__version__", "another")
    large.import_declarations([read(make_declaration("丁项目"))])
    assert len(told(large)) == len(whole) + 1


def test_money_that_is_not_stated_is_under_no_bound(library: Library) -> None:
    poor, unknown = make_declaration("甲", "云岭县民政局", total=10_000.0), make_declaration("乙", "云岭县司法局")
    library.import_declarations([poor, replace(unknown, funding=Funding())])
    assert [row["group"] for row in ask(library, "资金低于5万元的单位有哪些").rows] == ["云岭县民政局"]
    assert not ask(library, "资金高于5万元的单位有哪些").rows
