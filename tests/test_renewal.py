"""Projections made anew while the old ones answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from test_library import assert_agree, filled
from test_pages import shown

from api import access
from api.app import create
from perfkg.concepts.projection import keep
from perfkg.errors import InvalidLibrary
from perfkg.library import Library
from perfkg.search import search

OWN = {"Origin": "http://127.0.0.1"}


def test_answers_and_imports_go_on_meanwhile(tmp_path: Path) -> None:
    filled(tmp_path)
    seen: list[tuple[int, int]] = []
    with Library(tmp_path, WORDS_ALONE) as library:
        graph, words = library.graph, library.words

        def meanwhile(stage: str, done: int, total: int | None) -> None:
            if not seen:
                library.import_declarations([make_declaration("后来的项目")])
                library.withdraw(library.ledger.entries()[-1].id)
            seen.append((len(search(library, "网络故障").hits), graph.change))

        before = library.ledger.last_change()
        library.renew(meanwhile)
        assert seen[0][0] > 0
        assert seen[0][1] == before + 2
        assert library.graph is graph
        assert library.words is not words
        assert graph.change == library.words.change == before + 2
        assert_agree(library)
        keep(library)
        library.import_declarations([make_declaration("更后来的项目")])
        assert_agree(library)
        assert not (tmp_path / "renewal").exists()
    with Library(tmp_path, WORDS_ALONE) as library:
        assert library.words.change == library.graph.change == before + 3
        assert not library.notices
        assert_agree(library)


def test_what_is_being_read_is_read_to_its_end(tmp_path: Path) -> None:
    filled(tmp_path)
    with Library(tmp_path, WORDS_ALONE) as library:
        reading: Any = library.graph.store.quads_for_pattern(None, None, None)
        next(reading)
        renewing = threading.Thread(target=library.renew)
        renewing.start()
        renewing.join(0.8)
        assert renewing.is_alive()
        assert sum(1 for _ in reading) > 100
        del reading
        renewing.join(10)
        assert not renewing.is_alive()
        assert_agree(library)


def test_cut_short_the_old_ones_stay(tmp_path: Path) -> None:
    filled(tmp_path)
    with Library(tmp_path, WORDS_ALONE) as library:
        words, number = library.words, library.graph.change

        def stop(*told: Any) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            library.renew(stop)
        assert library.words is words
        assert library.graph.change == number
        assert not (tmp_path / "renewal").exists()
        library.renew()
        assert_agree(library)
        with Library(tmp_path, WORDS_ALONE) as other, pytest.raises(InvalidLibrary, match="另一个程序"):
            other.renew()
    (tmp_path / "renewal" / "graph").mkdir(parents=True)
    with Library(tmp_path, WORDS_ALONE):
        assert not (tmp_path / "renewal").exists()


def test_what_is_damaged_on_disk_is_whole_afterwards(tmp_path: Path) -> None:
    filled(tmp_path)
    with Library(tmp_path, WORDS_ALONE) as library:
        library.catch_up()
        library.graph.store.update("DELETE WHERE { GRAPH ?g { ?s <http://schema.org/name> ?o } }")
        (tmp_path / "words" / "words.npz").write_bytes(b"")
        library.renew()
        assert_agree(library)
    with Library(tmp_path, WORDS_ALONE) as library:
        library.catch_up()
        assert not library.notices


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """One who has given the token."""
    filled(tmp_path)
    token = access.policy(tmp_path, "127.0.0.1")[1]
    assert token
    with TestClient(create(Library(tmp_path, WORDS_ALONE)), base_url="http://127.0.0.1") as client:
        client.cookies.set("perfkg_token", token)
        yield client


def test_it_is_begun_from_the_page_and_watched(client: TestClient) -> None:
    assert "从台账重建图谱和索引" in shown(client.get("/library/state"))
    begun = client.post("/library/rebuild", headers=OWN, follow_redirects=False)
    assert begun.headers["location"] == "/library/state"
    last = client.get(f"/api/jobs/{app(client).jobs.rebuilt.id}/events").text
    assert "event: end" in last
    text = shown(client.get("/library/state"))
    assert "重建完成" in text
    assert "正在导入" not in shown(client.get("/library"))
    job = client.post("/api/rebuild", headers=OWN)
    assert job.status_code == 202
    assert client.get(f"/imports/{job.json()['id']}", follow_redirects=False).headers["location"] == "/library/state"


def test_it_goes_on_once_shows_how_far_it_is_and_ends_with_the_server(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, library = threading.Event(), app(client).keeper.library

    def renew(tell: Any) -> None:
        tell("建立索引", 1, 4)
        begun.set()
        while True:
            tell("建立索引", 2, 4)
            time.sleep(0.01)

    monkeypatch.setattr(library, "renew", renew)
    first = client.post("/api/rebuild", headers=OWN).json()
    assert begun.wait(10)
    assert client.post("/api/rebuild", headers=OWN).json()["id"] == first["id"]
    text = shown(client.get("/library/state"))
    assert f"/api/jobs/{first['id']}/events" in text
    assert "检索和导入照常" in text
    app(client).jobs.close()
    assert "原来的索引和图谱没有变" in shown(client.get("/library/state"))


def test_an_import_ends_with_the_server_and_is_there_whole_or_not_at_all(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, library = threading.Event(), app(client).keeper.library

    def import_paths(_paths: Any, _actor: str, tell: Any) -> None:
        begun.set()
        while True:
            tell("读取", 1, 4)
            time.sleep(0.01)

    monkeypatch.setattr(library, "import_paths", import_paths)
    job = app(client).jobs.submit([("表.txt", b"")], "tester")
    waiting = app(client).jobs.submit([("另一份.txt", b"")], "tester")
    assert begun.wait(10)
    app(client).jobs.close()
    assert (job.state, waiting.state) == ("failed", "waiting")
    assert "要么都在，要么都不在" in job.problem


def test_without_the_token_nothing_is_rebuilt(client: TestClient) -> None:
    client.cookies.clear()
    for path in ("/library/rebuild", "/api/rebuild"):
        assert client.post(path, headers=OWN).status_code == 401
    text = shown(client.get("/library/state"))
    assert "从台账重建图谱和索引</button>" not in text
    assert "请先 <a" in text


def app(client: TestClient) -> Any:
    served: Any = client.app
    return served.state
