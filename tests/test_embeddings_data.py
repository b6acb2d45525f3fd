"""The data of `embeddings/`: form, size and promises of its README; judged keys stand for rows that exist."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from perfkg import tokens

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
KINDS = {
    "matter", "measure", "object", "organization", "person", "money", "quality", "place", "action", "time", "document",
}  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fd5]+")

Question = dict[str, Any]


def lines(name: str) -> list[str]:
    return resources.files("embeddings").joinpath(name).read_text("utf-8").splitlines()


@cache
def lexicon() -> list[list[str]]:
    return [line.split(" ") for line in lines("lexicon.txt")]


def synonyms() -> list[list[str]]:
    return [line.split("\t") for line in lines("synonyms.tsv")]


@cache
def questions() -> list[Question]:
    files = ["seed", "real", "examples", "unseen"]
    return [json.loads(line) for name in files for line in lines(f"judgements/{name}.jsonl")]


def judged(corpus: str) -> list[Question]:
    return [question for question in questions() if question["corpus"] == corpus]


# --- lexicon


def test_a_lexicon_line_is_term_frequency_and_kind() -> None:
    assert len(lexicon()) >= 1500
    for term, frequency, kind in lexicon():
        assert CHINESE.fullmatch(term), term
        assert len(term) > 1, term
        assert int(frequency) >= 10, term
        assert kind in KINDS, term


def test_no_term_is_in_the_lexicon_twice() -> None:
    assert [term for term, count in Counter(line[0] for line in lexicon()).items() if count > 1] == []


def test_every_kind_is_used_and_described() -> None:
    readme = "\n".join(lines("README.md"))
    assert {line[2] for line in lexicon()} == KINDS
    assert [kind for kind in KINDS if f"| `{kind}` |" not in readme] == []


def test_the_cutter_keeps_every_term_whole() -> None:
    assert [term for term, *_ in lexicon() if term not in tokens.words(term)] == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("会议丢包率5%以下延时30ms以下", ["丢包率", "延时"]),
        ("在押人员医疗保障费用29万元", ["在押人员", "医疗保障", "费用"]),
        ("户用卫生厕所改造验收通过率", ["验收通过率", "通过率", "厕所"]),
        ("农村低保救助资金按标准发放", ["农村低保", "低保", "救助资金"]),
        ("委托财政评审中心评审的项目", ["财政评审中心", "评审"]),
    ],
)
def test_terms_are_found_inside_the_text_of_an_indicator(text: str, terms: list[str]) -> None:
    assert set(terms) <= set(tokens.words(text))


# --- synonyms and stop words


def test_a_group_has_at_least_two_clean_terms() -> None:
    assert len(synonyms()) >= 800
    for group in synonyms():
        assert len(group) >= 2, group
        for term in group:
            assert term == term.strip(), group
            assert 2 <= len(term) <= 14, term


def test_no_term_is_in_two_groups() -> None:
    counts = Counter(term for group in synonyms() for term in group)
    assert [term for term, count in counts.items() if count > 1] == []


def test_chinese_synonyms_are_in_the_lexicon() -> None:
    known = {line[0] for line in lexicon()}
    chinese = {term for group in synonyms() for term in group if CHINESE.fullmatch(term)}
    assert sorted(chinese - known) == []


def test_words_of_one_meaning_name_one_kind_of_thing() -> None:
    """A measure is never the synonym of an organization; task and action, office and place may meet."""
    kinds = {line[0]: line[2] for line in lexicon()}
    apart = [{"organization", "measure"}, {"organization", "money"}, {"person", "money"}, {"person", "measure"}]
    groups = [(group, {kinds[term] for term in group if term in kinds}) for group in synonyms()]
    assert [group for group, found in groups if any(pair <= found for pair in apart)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("断网", "网络故障"), ("摄像头", "视频监控"), ("专线", "光纤租赁"), ("上访", "信访"), ("低保", "最低生活保障")],
)
def test_words_of_the_trade_and_of_the_street_are_together(one: str, other: str) -> None:
    assert any({one, other} <= set(group) for group in synonyms())


@pytest.mark.parametrize(
    ("one", "other"),
    [("就业", "再就业"), ("完成率", "及时率"), ("低保", "特困供养"), ("信访", "投诉"), ("差旅费", "培训费")],
)
def test_what_a_reviewer_keeps_apart_is_apart(one: str, other: str) -> None:
    assert not any({one, other} <= set(group) for group in synonyms())


def test_stop_words_are_few_and_carry_no_matter() -> None:
    words = lines("stopwords.txt")
    assert 50 <= len(words) <= 200
    assert len(set(words)) == len(words)
    assert {"哪些", "怎么", "指标"} <= set(words)
    assert not {"不", "没有", "多久", "每月", "最低", "保障", "会"} & set(words)
    assert not {term for group in synonyms() for term in group} & set(words)
    headings = {line[0] for line in lexicon() if line[2] == "document"}
    assert {line[0] for line in lexicon()} & set(words) <= headings


# --- judgements


def test_there_are_enough_questions_of_each_sort() -> None:
    assert len(judged("seed")) >= 80
    assert len(judged("real")) >= 70
    assert len(judged("examples")) >= 20
    assert {question["who"] for question in questions()} == {"reviewer", "drafter", "analyst"}
    shares = {key: Counter(question[key] for question in questions()) for key in ("overlap", "split")}
    assert 0.45 <= shares["overlap"]["low"] / len(questions()) <= 0.6
    assert 0.4 <= shares["split"]["test"] / (shares["split"]["test"] + shares["split"]["tune"]) <= 0.6
    assert shares["split"]["unseen"] >= 100


def test_a_question_has_its_fields_and_a_right_answer() -> None:
    for question in questions():
        assert list(question) == ["q", "id", "corpus", "split", "overlap", "who", "grades"], question["id"]
        assert question["overlap"] in {"low", "high"}, question["id"]
        assert set(question["grades"].values()) <= {0, 1, 2}, question["id"]
        assert 2 in question["grades"].values(), question["id"]
        assert 0 in question["grades"].values(), question["id"]


def test_ids_are_unique_and_no_question_is_asked_twice_of_a_corpus() -> None:
    assert len({question["id"] for question in questions()}) == len(questions())
    assert len({(question["corpus"], question["q"]) for question in questions()}) == len(questions())


def test_the_split_follows_from_the_question() -> None:
    for question in questions():
        if question["split"] == "unseen":
            continue
        even = hashlib.sha256(question["q"].encode()).digest()[0] % 2 == 0
        assert question["split"] == ("tune" if even else "test"), question["id"]


def test_no_question_off_topic_is_judged_or_learned_from() -> None:
    unrelated = lines("judgements/unrelated.txt")
    assert len(unrelated) >= 100
    assert len(set(unrelated)) == len(unrelated)
    learned = {question for line in lines("pairs.jsonl") if line for question in json.loads(line)["questions"]}
    assert not set(unrelated) & ({question["q"] for question in questions()} | learned)


def test_judged_examples_exist() -> None:
    content = ROOT / "examples" / "county.toml"
    if not content.is_file():
        pytest.skip("examples/county.toml is not here")
    forms = [form for file in tomllib.loads(content.read_text("utf-8"))["file"] for form in file["form"]]
    names = [
        "|".join((form["organization"], form["project"], row.split("|")[1].split(" @ ")[0].strip()))
        for form in forms
        for row in form["rows"].strip().splitlines()
    ]
    keys = {key for question in judged("examples") for key in question["grades"]}
    assert sorted(keys - set(names)) == []


# --- against the real documents


def seed_lines() -> list[str]:
    file = SHARED / "seed" / "yanbian_2021.txt"
    if not file.is_file():
        pytest.skip("the real documents (../shared) are not here")
    return file.read_text("utf-8").split("\n")


def real_rows() -> list[dict[str, Any]]:
    file = SHARED / "data" / "indicators.jsonl"
    if not file.is_file():
        pytest.skip("the real documents (../shared) are not here")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def seed_indicator_lines() -> set[str]:
    """Line numbers of the rows under a header 绩效指标, up to the title of the next form."""
    numbers, inside = set(), False
    for number, line in enumerate(seed_lines(), 1):
        if "申报表" in line:
            inside = False
        elif line.startswith("绩效指标\t"):
            inside = True
        elif inside and line.strip() and "\t" in line:
            numbers.add(str(number))
    return numbers


def test_judged_seed_keys_are_lines_of_indicators() -> None:
    rows = seed_indicator_lines()
    assert len(rows) == 276
    keys = {key for question in judged("seed") for key in question["grades"]}
    assert sorted(keys - rows) == []


def test_judged_real_keys_are_rows() -> None:
    rows = {str(number) for number in range(1, len(real_rows()) + 1)}
    keys = {key for question in judged("real") for key in question["grades"]}
    assert sorted(keys - rows) == []


def grams(text: str) -> set[str]:
    plain = "".join(character for character in text if character.isalnum())
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def overlap(question: Question, answers: list[str]) -> str:
    asked = grams(question["q"].split("，", 1)[1] if "指标，" in question["q"] else question["q"])
    shares = [len(asked & grams(answer)) / len(asked) for answer in answers]
    return "low" if sum(shares) / len(shares) < 0.2 else "high"


def test_overlap_is_what_the_readme_says() -> None:
    rows = real_rows()
    for question in judged("real"):
        right = [rows[int(key) - 1] for key, grade in question["grades"].items() if grade == 2]
        answers = [f"{row['level3'] or ''}：{row['value'] or ''}" for row in right]
        assert question["overlap"] == overlap(question, answers), question["id"]


def test_no_real_text_is_shipped() -> None:
    """No run of 14 characters of a real document in any of our data files; a question may quote a short value."""
    real = "".join(seed_lines()) + "".join(f"{row['level3']}{row['value']}" for row in real_rows())
    found = {real[at : at + 14] for at in range(len(real) - 13)}
    texts = [*lines("lexicon.txt"), *lines("synonyms.tsv"), *lines("stopwords.txt"), *(q["q"] for q in questions())]
    shipped = [text for text in texts if any(text[at : at + 14] in found for at in range(len(text) - 13))]
    assert shipped == []
