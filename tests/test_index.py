from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import make_declaration

from perfkg.errors import InvalidLibrary
from perfkg.index.vectors import Vectors
from perfkg.index.words import Filters, Words
from perfkg.ledger import Change

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


def test_words_find_by_characters(tmp_path: Path) -> None:
    found = words(tmp_path).search("网络故障", Filters(), 10)
    assert found[0].content["name"] == "网络故障处理时间"
    assert found[0].score > 0


def test_words_filter(tmp_path: Path) -> None:
    index = words(tmp_path)
    assert len(index.search("满意度", Filters(), 10)) == 2
    assert [d.content["year"] for d in index.search("满意度", Filters(years=frozenset({2022})), 10)] == [2022]
    one = Filters(organizations=frozenset({"云岭县交通运输局"}))
    assert [d.content["project"] for d in index.search("满意度", one, 10)] == ["道路养护"]
    assert index.search("满意度", Filters(concepts=frozenset()), 10) == []


def test_words_know_their_change_when_opened_again(tmp_path: Path) -> None:
    words(tmp_path).close()
    again = Words(tmp_path / "words", TEMPLATE, writing=True)
    assert (again.change, again.count, again.current) == (2, 4, True)


def test_words_made_with_another_template_are_not_current(tmp_path: Path) -> None:
    words(tmp_path).close()
    assert not Words(tmp_path / "words", "{name}", writing=False).current


def test_words_revise_and_withdraw(tmp_path: Path) -> None:
    index = words(tmp_path)
    revised = make_declaration(rows=ROWS[:1])
    index.apply([Change(3, "revise", revised.id, 2, revised)])
    assert index.count == 2
    index.apply([Change(4, "withdraw", revised.id, 2, None)])
    assert (index.count, index.change) == (1, 4)
    assert index.search("网络故障", Filters(), 10) == []


def test_words_of_equal_texts_share_a_key(tmp_path: Path) -> None:
    index = words(tmp_path)
    keys = index.keys()
    assert len(keys) == 3
    assert set(index.texts(keys).values()) == {
        "质量指标，网络故障处理时间：24小时",
        "成本指标，光纤租赁费：4.8万元",
        "服务对象满意度指标，群众满意度：≥95%",
    }


def test_a_truncated_word_index_is_damage(tmp_path: Path) -> None:
    words(tmp_path).close()
    for file in (tmp_path / "words").iterdir():
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
    assert (loaded.keys, loaded.change) == ({1, 2}, 4)
    assert Vectors.load(tmp_path, "another", 16) is None
    file = tmp_path / "vectors.faiss"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(InvalidLibrary, match="损坏"):
        Vectors.load(tmp_path, "test", 16)
    file.unlink()
    with pytest.raises(InvalidLibrary):
        Vectors.load(tmp_path, "test", 16)
