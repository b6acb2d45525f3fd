from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import make_declaration

from perfkg import tokens
from perfkg.encoder import text_key
from perfkg.errors import InvalidLibrary
from perfkg.index import vectors as vectors_module
from perfkg.index.vectors import Vectors
from perfkg.index.words import EVERYTHING, Filters, Words
from perfkg.ledger import Change
from perfkg.records import Json

TEMPLATE = "{level2}，{name}：{value}"

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
)


def words(tmp_path: Path) -> Words:
    index = Words(tmp_path / "words", TEMPLATE, writing=True)
    made = make_declaration(rows=ROWS)
    other = make_declaration("道路养护", "云岭县交通运输局", 2022, rows=ROWS[2:])
    index.apply([Change(1, "record", made.id, 1, made), Change(2, "record", other.id, 1, other)])
    return index


def asked(text: str) -> dict[str, dict[str, float]]:
    return {
        "grams": dict.fromkeys(tokens.grams(text), 1.0),
        "words": dict.fromkeys(tokens.words(text), 1.0),
    }


def found(index: Words, text: str, filters: Filters = EVERYTHING) -> list[Json]:
    """The contents of the places of the texts that hold a word of `text`."""
    spots = index.places(index.search(asked(text), 10), filters, 10)
    return [document.content for document in index.documents(spots)]


def test_words_find_by_characters(tmp_path: Path) -> None:
    index = words(tmp_path)
    scores = index.search(asked("网络故障"), 10)
    best = max(scores, key=lambda key: scores[key])
    assert index.documents(index.places([best], EVERYTHING, 10))[0].content["name"] == "网络故障处理时间"
    assert index.search(asked("，"), 10) == {}


def test_words_filter(tmp_path: Path) -> None:
    index = words(tmp_path)
    assert len(found(index, "满意度")) == 2
    assert [one["year"] for one in found(index, "满意度", Filters(years=frozenset({2022})))] == [2022]
    one = Filters(organizations=frozenset({"云岭县交通运输局"}))
    assert [one["project"] for one in found(index, "满意度", one)] == ["道路养护"]
    assert index.passing(one) == 1
    assert found(index, "满意度", Filters(concepts=frozenset())) == []
    assert [one["project"] for one in found(index, "满意度", Filters(projects=frozenset({"道路养护"})))] == ["道路养护"]


def test_places_of_a_fitting_context_alone(tmp_path: Path) -> None:
    index = words(tmp_path)
    keys = index.search(asked("满意度"), 10)
    by_words = index.places(keys, EVERYTHING, 10, context=dict.fromkeys(tokens.words("道路养护"), 1.0))
    assert index.documents(by_words)[0].content["project"] == "道路养护"
    assert [spot.score > 0 for spot in by_words] == [True]
    near = text_key("云岭县交通运输局，道路养护")
    by_meaning = index.places(keys, EVERYTHING, 10, near=[near])
    assert [(spot.context, spot.score) for spot in by_meaning] == [(near, 0)]


def test_words_know_their_change_when_opened_again(tmp_path: Path) -> None:
    words(tmp_path).close()
    again = Words(tmp_path / "words", TEMPLATE, writing=True)
    assert (again.change, again.count, again.distinct, again.current) == (2, 4, 3, True)


def test_words_made_with_another_template_are_not_current(tmp_path: Path) -> None:
    words(tmp_path).close()
    assert not Words(tmp_path / "words", "{name}", writing=False).current


def test_words_revise_and_withdraw(tmp_path: Path) -> None:
    index = words(tmp_path)
    made = make_declaration(rows=ROWS)
    revised = make_declaration(rows=ROWS[:1])
    index.apply([Change(3, "revise", revised.id, 2, revised)], [Change(3, "revise", made.id, 1, made)])
    assert (index.count, index.distinct) == (2, 2)
    gone = Change(4, "withdraw", revised.id, 2, None)
    index.apply([gone], [Change(4, "withdraw", revised.id, 2, revised)])
    assert (index.count, index.distinct, index.change) == (1, 1, 4)
    assert found(index, "网络故障") == []
    assert index.holding("key", [text_key("质量指标，网络故障处理时间：24小时")]) == set()


def test_applying_twice_is_as_once(tmp_path: Path) -> None:
    index = words(tmp_path)
    made = make_declaration(rows=ROWS)
    index.apply([Change(2, "record", made.id, 1, made)])
    assert (index.count, index.distinct) == (4, 3)


def test_words_of_equal_texts_share_a_key(tmp_path: Path) -> None:
    index = words(tmp_path)
    keys = index.keys(Filters(years=frozenset({2021, 2022})))
    assert len(keys) == 3
    shared = text_key("服务对象满意度指标，群众满意度：≥95%")
    assert index.copies(shared) == 2
    assert index.totals(keys, EVERYTHING, {"year": 10}) == {"year": {"2021": 3, "2022": 1}}


def test_a_truncated_word_index_is_damage(tmp_path: Path) -> None:
    words(tmp_path).close()
    for file in (tmp_path / "words").rglob("*"):
        if file.suffix in {".term", ".store", ".idx"}:
            file.write_bytes(file.read_bytes()[:10])
    with pytest.raises(InvalidLibrary):
        Words(tmp_path / "words", TEMPLATE, writing=True)


def unit_rows(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rows = np.random.default_rng(7).normal(size=(count, 16)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_vectors_find_the_closest() -> None:
    rows = unit_rows(50)
    vectors = Vectors("test", 16)
    vectors.add(list(range(100, 150)), rows)
    found = vectors.search(rows[7], 5)
    assert max(found, key=lambda key: found[key]) == 107
    assert set(vectors.search(rows[7], 3, among={101, 102, 103, 104})) <= {101, 102, 103, 104}
    assert vectors.closeness(rows[7], [107, 999]).keys() == {107}


def test_vectors_forget() -> None:
    vectors = Vectors("test", 16)
    vectors.add([1, 2, 3], unit_rows(3))
    vectors.remove([2, 9])
    assert vectors.keys == {1, 3}
    assert 2 not in vectors.search(unit_rows(3)[1], 3)


def test_vectors_are_saved_with_a_checksum(tmp_path: Path) -> None:
    vectors = Vectors("test", 16)
    vectors.add([1, 2], unit_rows(2))
    vectors.change = 4
    vectors.save(tmp_path)
    loaded = Vectors.load(tmp_path, "test", 16)
    assert loaded is not None
    assert (loaded.keys, loaded.change) == (frozenset({1, 2}), 4)
    assert Vectors.load(tmp_path, "another", 16) is None
    file = tmp_path / "vectors.faiss"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(InvalidLibrary, match="损坏"):
        Vectors.load(tmp_path, "test", 16)
    file.unlink()
    with pytest.raises(InvalidLibrary):
        Vectors.load(tmp_path, "test", 16)


def test_many_vectors_are_searched_by_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells are learned on the way, rows can still come and go, and the file keeps it all."""
    monkeypatch.setattr(vectors_module, "FEW", 500)
    rows = unit_rows(2000)
    vectors = Vectors("test", 16)
    for start in range(0, 2000, 400):
        vectors.add(list(range(start, start + 400)), rows[start : start + 400])
    assert vectors.kind.startswith("ivf-")
    vectors.remove([7])
    assert 7 not in vectors.search(rows[7], 10)
    vectors.add([7], rows[7:8])
    assert next(iter(vectors.search(rows[7], 10))) == 7
    assert vectors.recall(rows[3], 10) >= 0.1
    few = vectors.search(rows[3], 5, among=range(100, 120))
    assert list(few) == sorted(few, key=lambda key: -few[key])
    assert set(few) <= set(range(100, 120))
    assert np.allclose(vectors.centre, rows.mean(axis=0), atol=1e-3)
    vectors.change = 9
    vectors.save(tmp_path)
    loaded = Vectors.load(tmp_path, "test", 16)
    assert loaded is not None
    assert (loaded.kind, loaded.keys, len(loaded)) == (vectors.kind, vectors.keys, 2000)
    assert next(iter(loaded.search(rows[7], 10))) == 7
    loaded.remove([7])
    assert 7 not in loaded.search(rows[7], 10)
