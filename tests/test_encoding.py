"""Another encoder than before: the vectors are made anew, and nobody waits who need not."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import make_declaration
from fastapi.testclient import TestClient
from test_pages import shown

from api.app import create
from perfkg import encoder, encoding
from perfkg.concepts.catalogue import catalogue
from perfkg.encoder import Rows, Settings
from perfkg.library import Library
from perfkg.search import search

FORMS = [
    make_declaration(f"网络运行维护费{n}", rows=(("产出", "质量指标", f"网络故障处理时间{n}", f"{n}小时"),))
    for n in range(1, 9)
]


class Letters:
    """Counts letters: quick, and different by name."""

    dimension = 16

    def __init__(self, name: str) -> None:
        self.name = name
        self.encoded: list[str] = []
        self.allowed = threading.Event()
        self.allowed.set()

    def passages(self, texts: Sequence[str]) -> Rows:
        assert self.allowed.wait(20)
        self.encoded += texts
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Rows:
        row = np.ones(self.dimension, np.float32)
        for letter in f"{self.name[0]}{text}":
            row[ord(letter) % self.dimension] += 1
        return np.asarray(row / np.linalg.norm(row), np.float32)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Letters]:
    """Two encoders, and a library in tmp_path made with the first; whatever is lacking takes more than a moment."""
    engines = {name: Letters(name) for name in ("old", "new")}
    monkeypatch.setattr(encoder, "load", lambda chosen: engines[chosen.kind])
    with Library(tmp_path, Settings("old")) as library:
        library.import_declarations(FORMS)
        assert search(library, "网络").snapshot["encoder"] == "old"
    monkeypatch.setattr(encoding, "_MOMENT", 0)
    monkeypatch.setattr(encoding, "STEP", 1)
    return engines


def test_who_cannot_wait_is_answered_by_words_until_the_vectors_are_whole(
    tmp_path: Path, known: dict[str, Letters]
) -> None:
    with Library(tmp_path, Settings("new"), patient=False) as library:
        answer = search(library, "网络故障")
        assert answer.hits[0].reasons.meaning is None
        assert answer.snapshot["encoder"] is None
        assert "换过编码器，重算向量，已完成0%；算完之前没有按意思检索，只按字词" in answer.notices
        assert known["new"].encoded == []
        assert library.info()["encoding"] == {"done": 0, "total": 8}
        for done in range(1, 9):
            assert library.encode()
            assert library.info()["encoding"] == {"done": done, "total": 8}
            assert any(f"已完成{100 * done // 8}%" in notice for notice in library.notices)
        assert not library.encode()
        assert library.info()["encoding"] is None
        assert library.notices == []
        answer = search(library, "网络故障")
        assert answer.hits[0].reasons.meaning is not None
        assert answer.snapshot["encoder"] == "new"
    known["new"].encoded.clear()
    with Library(tmp_path, Settings("new"), patient=False) as library:
        assert search(library, "网络故障").snapshot["encoder"] == "new"


def test_what_is_imported_and_withdrawn_meanwhile_is_in_the_new_vectors(
    tmp_path: Path, known: dict[str, Letters]
) -> None:
    with Library(tmp_path, Settings("new"), patient=False) as library:
        assert library.meaning is None
        assert library.encode()
        library.withdraw(FORMS[0].id)
        library.import_declarations([make_declaration("后来的项目", rows=(("产出", "质量指标", "后来的指标", "1次"),))])
        while library.encode():
            pass
        assert library.meaning is not None
        assert library.meaning.change == library.words.change == 10
        assert library.meaning.texts.keys == set(library.words.view.texts.key.tolist())


def test_who_can_wait_is_told_how_far_it_is(tmp_path: Path, known: dict[str, Letters]) -> None:
    told: list[tuple[str, int, int | None]] = []
    with Library(tmp_path, Settings("new"), progress=lambda *said: told.append(said)) as library:
        assert search(library, "网络故障").hits[0].reasons.meaning is not None
        assert not library.notices
    assert told == [("换过编码器，重算向量", done, 8) for done in range(1, 9)]


def test_a_stop_in_between_loses_nothing(tmp_path: Path, known: dict[str, Letters]) -> None:
    with Library(tmp_path, Settings("new"), patient=False) as library:
        assert library.meaning is None
        library.encode()
        library.encode()
    with Library(tmp_path, Settings("old"), patient=False) as library:
        assert search(library, "网络故障").snapshot["encoder"] == "old"
    with Library(tmp_path, Settings("new")) as library:
        assert library.meaning is not None
    assert len(known["new"].encoded) == len(set(known["new"].encoded))


def test_a_rebuild_meanwhile_has_all_at_once(tmp_path: Path, known: dict[str, Letters]) -> None:
    with Library(tmp_path, Settings("new"), patient=False) as library:
        assert library.meaning is None
        library.encode()
        library.renew()
        while library.encode():
            pass
        assert library.meaning is not None
        assert library.meaning.change == library.words.change
        assert search(library, "网络故障").snapshot["encoder"] == "new"


def test_the_catalogue_follows_the_encoder(tmp_path: Path, known: dict[str, Letters]) -> None:
    with Library(tmp_path, Settings("new"), patient=False) as library:
        by_words = catalogue(library)
        assert catalogue(library) is by_words
        while library.encode():
            pass
        assert catalogue(library) is not by_words


def test_the_server_answers_at_once_and_swaps(
    tmp_path: Path, known: dict[str, Letters], monkeypatch: pytest.MonkeyPatch
) -> None:
    known["new"].allowed.clear()
    monkeypatch.setenv("PERFKG_ENCODER", "new")
    with TestClient(create(tmp_path), base_url="http://127.0.0.1") as client:
        found = client.get("/api/search", params={"q": "网络故障"}).json()
        assert len(found["hits"]) == 8
        assert any("重算向量" in notice for notice in found["notices"])
        assert "换过编码器，重算向量，已完成0%" in shown(client.get("/?q=网络故障"))
        state = shown(client.get("/library/state"))
        assert "换过编码器，正在重算：0 / 8 个" in state
        assert "已完成0%" not in state
        known["new"].allowed.set()
        until = time.monotonic() + 20
        while client.get("/api/search", params={"q": "网络故障"}).json()["snapshot"]["encoder"] != "new":
            assert time.monotonic() < until
            time.sleep(0.05)
        assert "重算向量" not in shown(client.get("/?q=网络故障"))
