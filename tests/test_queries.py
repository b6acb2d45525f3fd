from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import WORDS_ALONE
from pyoxigraph import Literal

from perfkg import reading, sparql
from perfkg.concepts.projection import keep
from perfkg.errors import InvalidQuestion, UnknownId
from perfkg.graph import iri
from perfkg.library import Library

ROOT = Path(__file__).parents[1]
SEED = ROOT.parent / "shared" / "seed" / "yanbian_2021.txt"
CASES = json.loads((ROOT / "tests" / "cases" / "named_queries.json").read_text("utf-8"))


def _pool(folder: Path, files: list[Path]) -> sparql.Pool:
    declarations = [one for file in files for one in reading.read(file)]
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations(declarations)
        keep(library)
    rows = [row for one in declarations for row in one.indicators]

    def find(text: str, limit: int) -> list[tuple[str, float]]:
        """Stands in for search, which needs a library: names that hold the text."""
        return [(iri("indicator", row.id).value, 1.0) for row in rows if row.name and text in row.name][:limit]

    return sparql.Pool(folder / "graph", workers=1, find=find)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sparql.Pool]:
    formats = (".txt", ".xlsx", ".docx", ".html", ".pdf")
    files = [file for file in sorted((ROOT / "examples").glob("20*/*")) if file.suffix in formats]
    with _pool(tmp_path_factory.mktemp("examples") / "library", files) as pool:
        yield pool


@pytest.mark.parametrize("name", [one.name for one in sparql.named_queries()])
def test_each_question_is_answered_on_the_examples(examples: sparql.Pool, name: str) -> None:
    case = CASES[name]
    answer = examples.query(sparql.named_query(name).bound(case.get("values", {})), formats="csv").body.decode()
    for text in case["has"]:
        assert text in answer, answer[:2000]
    for text in case.get("lacks", ()):
        assert text not in answer
    for variable in answer.partition("\r\n")[0].split(","):
        assert re.search("[一-鿿]", sparql.column(name, variable)), variable


def test_a_column_is_called_as_its_query_means_it() -> None:
    assert [sparql.column(query, "score") for query in ("alike", "unmet-targets")] == ["相近程度", "得分"]
    assert sparql.column("alike", "nothing") == "nothing"


def test_each_query_declares_what_it_is() -> None:
    named = sparql.named_queries()
    assert len(named) >= 15
    assert set(CASES) == {one.name for one in named}
    for one in named:
        assert re.search("[一-鿿].*？$", one.question), one.name
        assert all(parameter.about for parameter in one.parameters)
        assert "REGEX" in one.text or one.bound({}) == one.text
    declared = {one.name: parameter for one in named for parameter in one.parameters}
    assert (declared["largest-projects"].kind, declared["largest-projects"].default) == ("整数", "1000000")


@pytest.mark.parametrize("one", sparql.named_queries(), ids=lambda one: one.name)
def test_no_rows_are_in_an_order_of_chance(examples: sparql.Pool, one: sparql.NamedQuery) -> None:
    columns = examples.query(one.text, formats="csv").body.decode().partition("\r\n")[0].split(",")
    assert set(columns) <= set(re.findall(r"\?(\w+)", one.text.rpartition("ORDER BY")[2]))


@pytest.mark.parametrize("words", [None, "处理", "处理|响应", "小时))", "[", '" || true || "', ""])
def test_an_expression_in_its_place_finds_what_it_finds_in_a_variable(examples: sparql.Pool, words: str | None) -> None:
    one, values = sparql.named_query("response-times"), {} if words is None else {"words": words}
    bound = one.bound(values)
    assert "?words))" not in bound
    written = Literal(one.parameters[0].default if words is None else words)
    variable = bound.replace(f", {written}))", ", ?words))")
    assert variable.count("?words") == 2
    rows = [examples.query(text, formats="csv").body for text in (bound, variable)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("name", [one.name for one in sparql.named_queries()])
def test_a_query_is_recognised_with_its_values(name: str) -> None:
    kept = sparql.named_query(name)
    values = {one.name: one.default for one in kept.parameters}
    other = {one.name: '网"络\\\n' if one.kind == "文字" else "7" for one in kept.parameters}
    assert sparql.recognised(kept.text) == (kept, values)
    assert sparql.recognised(f"\n{kept.bound(other)}\n".replace("\n", "\r\n")) == (kept, other)
    assert sparql.recognised(kept.text.replace("SELECT", "SELECT DISTINCT", 1)) is None


@pytest.mark.parametrize("values", ['"a" "b"', "UNDEF", "?x", '"a"@zh', "1"])
def test_a_query_with_other_than_one_text_is_not_recognised(values: str) -> None:
    text = sparql.named_query("drift").text.replace('VALUES ?word { "" }', f"VALUES ?word {{ {values} }}")
    assert sparql.recognised(text) is None


@pytest.mark.parametrize("word", ['"', '" } SERVICE <urn:x> {', "\\", "\n}", "网络", "?x", "{}"])
def test_a_parameter_stays_a_value(examples: sparql.Pool, word: str) -> None:
    query = 'SELECT ?word {\n  VALUES ?word { "x" }  # 文字 任何文字\n}'
    named = sparql.NamedQuery("echo", "？", sparql.named_query("drift").parameters, query)
    answer = json.loads(examples.query(named.bound({"word": word})).body)
    assert [row["word"]["value"] for row in answer["results"]["bindings"]] == [word]


@pytest.mark.parametrize("value", ["很多", "1.5", "NaN", "Infinity", "1e99", "", "1 } #"])
def test_a_number_must_be_one(value: str) -> None:
    with pytest.raises(InvalidQuestion, match="应是整数"):
        sparql.named_query("largest-projects").bound({"least": value})


def test_unknown_names_are_told_what_there_is() -> None:
    with pytest.raises(UnknownId, match="drift"):
        sparql.named_query("nothing")
    with pytest.raises(InvalidQuestion, match="least"):
        sparql.named_query("largest-projects").bound({"most": "1"})


@pytest.mark.skipif(not SEED.exists(), reason="needs the real forms in ../shared/seed")
def test_the_real_forms_are_counted_and_listed(tmp_path: Path) -> None:
    with _pool(tmp_path / "library", [SEED]) as pool:

        def answer(query: str) -> list[str]:
            return pool.query(query, formats="csv").body.decode().splitlines()[1:]

        assert answer("SELECT (COUNT(*) AS ?n) { ?i a perfkg:Indicator }") == ["276"]
        assert answer("SELECT (COUNT(*) AS ?n) { ?d perfkg:indicator ?i }") == ["276"]
        assert answer("SELECT (COUNT(*) AS ?n) { ?d a perfkg:Declaration }") == ["24"]
        of_police = "?d perfkg:organization/skos:prefLabel '盐边县公安局' ; perfkg:indicator ?i"
        listed = answer(f"SELECT ?name ?value {{ {of_police} . ?i schema:name ?name ; perfkg:value ?value }}")
        assert len(listed) == 26
        assert "看守所生活费,42万元" in listed
        of_costs = "?i dcterms:subject/skos:exactMatch? <https://perfkg.example/scheme/2015/cost>"
        of_prison = "?d perfkg:projectAsWritten '2021年看守所经费' ; perfkg:indicator ?i"
        amount = "?i perfkg:target [ perfkg:canonicalUnit 'CNY' ; perfkg:canonicalValue ?n ]"
        assert answer(f"SELECT (SUM(?n) AS ?sum) {{ {of_prison} . {of_costs} . {amount} }}") == ["1400000"]
