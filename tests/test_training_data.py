"""The graded answers of `training/`: form, and that no judged question is among them."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from perfkg import tokens
from training import judged


def bare(text: str) -> str:
    return "".join(tokens.runs(text))


def questions_of_judgements() -> set[str]:
    folder = resources.files("embeddings").joinpath("judgements")
    files = [file for file in folder.iterdir() if file.name.endswith(".jsonl")]
    return {bare(json.loads(line)["q"]) for file in files for line in file.read_text("utf-8").splitlines()}


@pytest.mark.parametrize("rows", [judged.lists(), *judged.libraries()], ids=lambda rows: rows.name)
def test_questions_are_graded_on_rows_that_are_there(rows: judged.Rows) -> None:
    assert all("，" in text and "：" in text for text in rows.texts)
    assert len({question.text for question in rows.questions}) >= 60
    for question in rows.questions:
        assert question.grades.keys() <= set(range(len(rows.texts))), question.text
        assert set(question.grades.values()) <= {0, 1, 2}, question.text
        assert max(question.grades.values()) > 0, question.text


@pytest.mark.parametrize("rows", judged.libraries(), ids=lambda rows: rows.name)
def test_a_library_has_forms_of_several_offices(rows: judged.Rows) -> None:
    assert len(rows.texts) == len(rows.contexts) >= 250
    assert all(organization and project for organization, _, project in (one.partition("，") for one in rows.contexts))
    assert len({context.partition("，")[0] for context in rows.contexts}) >= 10


def test_the_lists_name_a_row_once() -> None:
    assert len(set(judged.lists().texts)) == len(judged.lists().texts)


def test_no_judged_question_is_learned_from() -> None:
    learned = {bare(one.text) for rows in (judged.lists(), *judged.libraries()) for one in rows.questions}
    assert learned.isdisjoint(questions_of_judgements())


def test_the_manifest_of_the_adapter_names_these_files() -> None:
    manifest = json.loads(resources.files("embeddings").joinpath("adapter.json").read_text("utf-8"))
    assert manifest["graded"]["graded_sha256"] == judged.digest()
