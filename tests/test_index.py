from __future__ import annotations

import math
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from conftest import make_declaration

from perfkg import schemes, tokens
from perfkg.encoder import text_key
from perfkg.errors import InvalidLibrary
from perfkg.index import cells
from perfkg.index.documents import documents, occurrences
from perfkg.index.filters import EVERYTHING, Filters
from perfkg.index.gate import Gate
from perfkg.index.postings import Postings
from perfkg.index.vectors import Vectors
from perfkg.index.view import View, best
from perfkg.index.words import Words
from perfkg.ledger import Change, Ledger
from perfkg.records import Occurrence

TEMPLATE = "{level2}，{name}：{value}"

ROWS = (
    ("项目完成", "质量指标", "网络故障处理时间", "24小时"),
    ("项目完成", "成本指标", "光纤租赁费", "4.8万元"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
)


def words(folder: Path) -> Words:
    index = Words(folder / "words", TEMPLATE)
    made = make_declaration(rows=ROWS)
    other = make_declaration("道路养护", "云岭县交通运输局", 2022, rows=ROWS[2:])
    index.apply([Change(1, "record", made.id, 1, made), Change(2, "record", other.id, 1, other)])
    return index


def asked(text: str) -> dict[str, dict[str, float]]:
    return {
        "grams": dict.fromkeys(tokens.grams(text), 1.0),
        "words": dict.fromkeys(tokens.words(text), 1.0),
    }


def found(view: View, text: str, filters: Filters = EVERYTHING) -> list[Occurrence]:
    """Whose the places are that pass and have a text that holds a word of `text`."""
    places, *_ = view.places_of(view.rows(view.search(asked(text), 10)))
    return occurrences(view, [place for place in places if view.passing(filters).places[place]])


def test_words_find_by_characters(tmp_path: Path) -> None:
    view = words(tmp_path).view
    scores = view.search(asked("网络故障"), 10)
    assert max(scores, key=lambda key: scores[key]) == text_key("质量指标，网络故障处理时间：24小时")
    assert view.search(asked("，"), 10) == {}


def test_words_filter(tmp_path: Path) -> None:
    view = words(tmp_path).view
    assert len(found(view, "满意度")) == 2
    assert [one.year for one in found(view, "满意度", Filters(years=frozenset({2022})))] == [2022]
    one = Filters(organizations=frozenset({"云岭县交通运输局"}))
    assert [one.project for one in found(view, "满意度", one)] == ["道路养护"]
    assert (view.passing(one).count, view.passing(EVERYTHING).count) == (1, 4)
    assert found(view, "满意度", Filters(concepts=frozenset())) == []
    assert [one.project for one in found(view, "满意度", Filters(projects=frozenset({"道路养护"})))] == ["道路养护"]
    assert (view.has_project("道路养护"), view.has_project("道路")) == (True, False)


def test_filters_are_joined() -> None:
    year, office = Filters(years=frozenset({2021})), Filters(organizations=frozenset({"云岭县公安局"}))
    assert year & office == Filters(organizations=frozenset({"云岭县公安局"}), years=frozenset({2021}))
    assert year & EVERYTHING == year
    assert (year & Filters(years=frozenset({2022}))).years == frozenset()
    assert EVERYTHING.empty
    assert not year.empty


def test_words_know_their_change_when_opened_again(tmp_path: Path) -> None:
    words(tmp_path).save()
    again = Words(tmp_path / "words", TEMPLATE)
    assert (again.change, again.count, again.distinct, again.current) == (2, 4, 3, True)
    assert found(again.view, "网络故障") == found(words(tmp_path / "anew").view, "网络故障")


def test_words_made_with_another_template_are_not_current(tmp_path: Path) -> None:
    words(tmp_path).save()
    assert not Words(tmp_path / "words", "{name}").current


def test_words_revise_and_withdraw(tmp_path: Path) -> None:
    index = words(tmp_path)
    before = index.view
    revised = make_declaration(rows=ROWS[:1])
    index.apply([Change(3, "revise", revised.id, 2, revised)])
    assert (index.count, index.distinct) == (2, 2)
    index.apply([Change(4, "withdraw", revised.id, 2, None)])
    assert (index.count, index.distinct, index.change) == (1, 1, 4)
    assert found(index.view, "网络故障") == []
    assert index.view.holding("key", {text_key("质量指标，网络故障处理时间：24小时")}) == set()
    assert (before.change, len(found(before, "网络故障"))) == (2, 1)


def test_applying_twice_is_as_once(tmp_path: Path) -> None:
    index = words(tmp_path)
    made = make_declaration(rows=ROWS)
    index.apply([Change(2, "record", made.id, 1, made)])
    assert (index.count, index.distinct) == (4, 3)


def test_words_of_equal_texts_are_one_text(tmp_path: Path) -> None:
    view = words(tmp_path).view
    passing = view.passing(Filters(years=frozenset({2021, 2022})))
    assert len(passing.keys) == 3
    shared = view.rows([text_key("服务对象满意度指标，群众满意度：≥95%")])
    assert view.copies(int(shared[0])) == 2
    assert view.copies(int(shared[0]), Filters(years=frozenset({2021}))) == 1
    fields = {"year": 10, "organization": 1, "kind": 10}
    assert view.totals(np.flatnonzero(passing.texts), EVERYTHING, fields) == {
        "year": {"2021": 3, "2022": 1},
        "organization": {"云岭县大数据中心": 3},
        "kind": {},
    }


def test_an_indicator_and_a_declaration_are_found_by_id(tmp_path: Path) -> None:
    view = words(tmp_path).view
    made = make_declaration(rows=ROWS)
    place = view.place(made.indicators[1].id)
    assert place is not None
    assert occurrences(view, [place])[0].id == made.indicators[1].id
    ids = [one.id for one in occurrences(view, view.of_declaration(made.id).tolist())]
    assert ids == [row.id for row in made.indicators]
    assert (view.place("no"), len(view.of_declaration("no"))) == (None, 0)


def test_documents_are_of_the_version_that_was_searched(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    made = make_declaration(rows=ROWS)
    ledger.record([made])
    index = Words(tmp_path / "words", TEMPLATE)
    index.apply(ledger.changes())
    ledger.record([make_declaration(rows=ROWS[:1])])
    shown = documents(index.view, ledger, [1, 0])
    assert [one.content["name"] for one in shown] == ["光纤租赁费", "网络故障处理时间"]
    assert (shown[0].content["declaration"], shown[0].content["organization"]) == (made.id, made.organization)
    ledger.close()


def test_a_truncated_word_index_is_damage(tmp_path: Path) -> None:
    words(tmp_path).save()
    file = tmp_path / "words" / "words.npz"
    whole = file.read_bytes()
    for harm in (whole[:10], whole[: len(whole) // 2], whole.replace("云岭县".encode(), "云岭市".encode(), 1), b""):
        file.write_bytes(harm)
        with pytest.raises(InvalidLibrary, match="损坏"):
            Words(tmp_path / "words", TEMPLATE)
    file.unlink()
    with pytest.raises(InvalidLibrary):
        Words(tmp_path / "words", TEMPLATE)


def some_changes(count: int) -> list[Change]:
    """Forms recorded, revised and withdrawn at random, with many texts in common."""
    chance = Random(3)
    there: dict[str, int] = {}
    changes = []
    for number in range(1, count + 1):
        project, office = f"项目{chance.randrange(12)}", chance.choice(("云岭县公安局", "云岭县水利局", "芦汀县水利局"))
        rows = tuple(chance.sample(MANY, chance.randrange(6)))
        made = make_declaration(project, office, chance.choice((2020, 2021)), rows=rows)
        gone = made.id in there and chance.random() < 0.4
        there[made.id] = there.get(made.id, 0) + (not gone)
        action = "withdraw" if gone else "revise" if there[made.id] > 1 else "record"
        changes.append(Change(number, action, made.id, there[made.id], None if gone else made))
    return changes


MANY = tuple(
    (*ROWS[kind][:2], f"{thing}{measure}", value)
    for kind, measure, value in ((0, "完好率", "≥95%"), (1, "费用", "3万元"), (2, "满意度", "≥90%"))
    for thing in ("路灯", "水库", "学校", "网络", "河道", "桥梁")
)


def state(view: View) -> dict[str, Any]:
    """All that can be asked of a view, whatever the order of its rows."""
    questions = ("路灯完好率", "水利局 满意度", "3万元", "网络")
    places = range(len(view.places))
    texts = view.texts.key[view.places.text].tolist()
    return {
        "places": sorted(zip(map(astuple, occurrences(view, places)), texts, strict=True)),
        "scores": [view.search(asked(text), 100) for text in questions],
        "rarity": [view.fields["grams"].rarity(token) for token in ("路", "率", "网络", "没")],
        "around": [
            sorted(
                zip(
                    view.around.scores(dict.fromkeys(tokens.words(text), 1.0)).tolist(),
                    view.forms.key.tolist(),
                    strict=True,
                )
            )
            for text in questions
        ],
        "kept": [sorted(view.holding(name, set(keys.tolist()))) for name, keys in columns(view)],
    }


def columns(view: View) -> tuple[tuple[str, Any], ...]:
    return ("key", view.texts.key), ("context", view.forms.context)


def test_following_changes_is_as_making_it_anew(tmp_path: Path) -> None:
    """After any of them, in any portions, and after having been saved on the way."""
    changes = some_changes(150)
    following = Words(tmp_path / "following", TEMPLATE)
    for end in range(1, len(changes) + 1):
        following.apply(changes[end - 1 : end])
        if end % 30 == 0:
            following.save()
            following = Words(tmp_path / "following", TEMPLATE)
            last = {change.id: change for change in changes[:end]}
            anew = Words(tmp_path / "anew", TEMPLATE)
            anew.apply([change for change in last.values() if change.declaration])
            assert state(following.view) == state(anew.view)
            assert following.count == sum(len(one.declaration.indicators) for one in last.values() if one.declaration)


def test_filters_let_pass_what_one_by_one_would(tmp_path: Path) -> None:
    index = Words(tmp_path / "words", TEMPLATE)
    index.apply(changes := some_changes(60))
    forms = {change.id: change.declaration for change in changes}
    rows = [(form, row) for form in forms.values() if form for row in form.indicators]
    quality = schemes.find("质量指标")
    for offices in (
        None,
        frozenset({"云岭县公安局"}),
        frozenset({"云岭县公安局", "芦汀县水利局"}),
        frozenset({"没有"}),
    ):
        for years in (None, frozenset({2020}), frozenset({1999})):
            for concepts in (None, quality, schemes.find("产出")):
                wanted = Filters(offices, concepts, years)
                passing = index.view.passing(wanted)
                ids = {one.decode() for one in index.view.places.id[passing.places].tolist()}
                assert ids == {
                    row.id
                    for form, row in rows
                    if (offices is None or form.organization in offices)
                    and (years is None or form.year in years)
                    and (concepts is None or row.category.concept in concepts)
                }
                assert passing.count == len(ids)
                texts = set(index.view.places.text[passing.places].tolist())
                assert set(np.flatnonzero(passing.texts).tolist()) == texts


def test_scores_are_bm25(tmp_path: Path) -> None:
    rows = [["a", "b", "a"], ["b"], ["c", "a", "d", "e"], []]
    postings = Postings.empty().adding(rows[:1]).adding(rows[1:])
    average = 8 / 4

    def bm25(row: list[str], token: str) -> float:
        holding = sum(token in one for one in rows)
        rarity = math.log(1 + (4 - holding + 0.5) / (holding + 0.5))
        count = row.count(token)
        return rarity * 2.2 * count / (count + 1.2 * (0.25 + 0.75 * len(row) / average)) if count else 0.0

    expected = [bm25(row, "a") + 0.5 * bm25(row, "b") for row in rows]
    assert np.allclose(postings.scores({"a": 1.0, "b": 0.5, "unknown": 1.0}), expected)


def test_the_best_rows_are_those_of_the_highest_scores() -> None:
    scores = np.array([0.0, 3.0, 1.0, 2.0, 2.0, 2.0], np.float32)
    assert best(scores, None, 2).tolist() == [1, 3]
    assert best(scores, np.array([True, False, True, False, True, True]), 2).tolist() == [4, 5]
    assert best(scores, None, 100).tolist() == [1, 2, 3, 4, 5]


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


def test_a_row_that_came_after_a_choice_was_made_is_found_by_it() -> None:
    """An index of words is ahead of its vectors for a moment: who filters then must not hide the row from the others."""
    rows, chosen = unit_rows(2), np.array([1, 2])
    vectors = Vectors("test", 16)
    vectors.add([1], rows[:1])
    assert vectors.search(rows[1], 2, chosen).keys() == {1}
    vectors.add([2], rows[1:])
    assert next(iter(vectors.search(rows[1], 2, chosen))) == 2


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


def celled(count: int = 2000) -> tuple[Vectors, np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    rows = unit_rows(count)
    vectors = Vectors("test", 16)
    for start in range(0, count, 400):
        vectors.add(list(range(start, start + 400)), rows[start : start + 400])
        vectors.settle()
    return vectors, rows


def test_many_vectors_are_searched_by_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells are learned on the way, rows can still come and go, and the file keeps it all."""
    monkeypatch.setattr(cells, "FEW", 500)
    vectors, rows = celled()
    assert vectors.kind == "ivf-32/4"
    vectors.remove([7])
    assert 7 not in vectors.search(rows[7], 10)
    vectors.add([7], rows[7:8])
    assert next(iter(vectors.search(rows[7], 10))) == 7
    assert 0.1 <= vectors.recall(rows[3], 10) <= 1
    assert np.allclose(vectors.centre, rows.mean(axis=0), atol=1e-3)
    vectors.change = 9
    vectors.save(tmp_path)
    loaded = Vectors.load(tmp_path, "test", 16)
    assert loaded is not None
    assert (loaded.kind, loaded.keys, len(loaded)) == (vectors.kind, vectors.keys, 2000)
    assert next(iter(loaded.search(rows[7], 10))) == 7
    loaded.remove([7])
    assert 7 not in loaded.search(rows[7], 10)


def test_cells_learned_after_the_last_save_are_saved_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "FEW", 500)
    vectors, rows = Vectors("test", 16), unit_rows(600)
    with monkeypatch.context() as patched:
        patched.setattr(cells, "learned", lambda *_: 1 / 0)
        vectors.add(list(range(599)), rows[:599])
        vectors.settle()
    vectors.change = 9
    vectors.save(tmp_path)
    vectors.add([599], rows[599:])  # of the same change: a large import is saved in between
    vectors.settle()
    vectors.save(tmp_path)
    loaded = Vectors.load(tmp_path, "test", 16)
    assert loaded is not None
    assert (vectors.kind, loaded.kind) == ("ivf-32/4", "ivf-32/4")


def test_chosen_vectors_are_searched_exactly_if_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "FEW", 500)
    vectors, rows = celled()
    for size in (1, 20, 700):
        among = np.random.default_rng(size).choice(2000, size, replace=False).astype(np.int64)
        closeness = rows[among] @ rows[3]
        expected = among[np.argsort(-closeness)[:5]].tolist()
        assert list(vectors.search(rows[3], 5, among)) == expected
        assert list(vectors.search(rows[3], 5, among)) == expected
    assert vectors.search(rows[3], 5, []) == {}


def test_cells_are_learned_beside_searches_and_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks meanwhile is answered, and what comes and goes meanwhile is there, or gone, afterwards."""
    monkeypatch.setattr(cells, "FEW", 500)
    learn, begun, go_on = cells.learned, threading.Event(), threading.Event()

    def slowly(*given: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return learn(*given)

    monkeypatch.setattr(cells, "learned", slowly)
    rows = unit_rows(1200)
    vectors = Vectors("test", 16)
    vectors.add(list(range(600)), rows[:600])
    assert begun.wait(10)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(vectors.search, rows[number], 3) for number in range(300)]
        vectors.remove(range(50))
        vectors.add(list(range(600, 1200)), rows[600:])
        vectors.add([3], rows[3:4])
        assert vectors.kind == "flat"
        go_on.set()
        asked += [pool.submit(vectors.search, rows[number], 3) for number in range(100, 1200)]
        answers = [one.result() for one in asked]
    vectors.settle()
    assert all(len(answer) == 3 for answer in answers)
    assert vectors.kind.startswith("ivf-")
    assert vectors.keys == {3, *range(50, 1200)}
    among = np.arange(1200)
    for number in (0, 3, 49, 50, 599, 600, 1199):
        assert (number in vectors.search(rows[number], 1, among)) == (number in vectors.keys)


def test_vectors_stay_as_they_are_if_cells_cannot_be_learned(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cells, "FEW", 500)
    monkeypatch.setattr(cells, "learned", lambda *_: 1 / 0)
    vectors, rows = celled()
    assert vectors.kind == "flat"
    assert 3 in vectors.search(rows[3], 1)
    assert "未能分格" in caplog.text


def test_threads_share_what_a_view_remembers(tmp_path: Path) -> None:
    view = words(tmp_path).view
    wanted = [Filters(years=frozenset({year})) for year in range(1990, 2030)]

    def ask(start: int) -> None:
        for number in range(4000):
            filters = wanted[(start + number) % len(wanted)]
            assert view.passing(filters).everything is False

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(ask, 7 * number) for number in range(4)]:
                done.result()
    finally:
        sys.setswitchinterval(before)


def test_readers_share_a_gate_and_a_writer_has_it_alone() -> None:
    gate, inside, most, log = Gate(), [0], [0], threading.Lock()

    def read() -> None:
        with gate.reading():
            with log:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            with log:
                inside[0] -= 1

    def write() -> None:
        with gate.writing():
            assert inside[0] == 0
            time.sleep(0.01)
            assert inside[0] == 0

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write if number % 5 == 4 else read) for number in range(40)]:
            done.result()
    assert most[0] > 1
