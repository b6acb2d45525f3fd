"""Who closes the connection stops the query, over real sockets."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from conftest import WORDS_ALONE, make_declaration

from api.app import create
from api.desk import Desk
from perfkg.library import Library
from perfkg.sparql.process import Process, Result

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, tuple[str, int]]]:
    """The desk of a server in this process, and its address."""
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([make_declaration()])
    app = create(tmp_path / "library")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, http="h11", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        _until(lambda: server.started)
        yield app.state.desk, listening.getsockname()
        server.should_exit = True
        thread.join(20)


def _until(settled: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not settled():
        assert time.monotonic() < end
        time.sleep(0.02)


def _post(address: tuple[str, int]) -> socket.socket:
    body = urlencode({"query": ENDLESS, "timeout": 25})
    head = f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    return _sent(address, f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}")


def _get(address: tuple[str, int]) -> socket.socket:
    return _sent(
        address, f"GET /sparql?{urlencode({'query': ENDLESS, 'timeout': 25})} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    )


def _page(address: tuple[str, int]) -> socket.socket:
    return _sent(address, f"GET /query?{urlencode({'query': ENDLESS})} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def _sent(address: tuple[str, int], request: str) -> socket.socket:
    opened = socket.create_connection(address)
    opened.sendall(request.encode())
    return opened


def _ask(address: tuple[str, int]) -> tuple[int, float]:
    begun = time.monotonic()
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request("GET", "/sparql?query=ASK%20%7B%7D")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.monotonic() - begun


@pytest.mark.parametrize("way", [_post, _get, _page])
def test_a_query_nobody_waits_for_is_stopped_and_its_place_is_free(
    served: tuple[Desk, tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[tuple[str, int]], socket.socket],
) -> None:
    desk, address = served
    working: list[Process] = []
    ask = Process.ask

    def noted(self: Process, *given: Any) -> Result:
        working.append(self)
        return ask(self, *given)

    monkeypatch.setattr(Process, "ask", noted)
    _until(lambda: _ask(address)[0] == 200)
    working.clear()
    opened = [way(address) for _ in range(3)]
    _until(lambda: len(working) == 2 and len(desk._line) == 1)
    for one in opened:
        one.close()
    _until(lambda: not desk._at_work.total() and not desk._line, 3)
    assert [one.alive for one in working[:2]] == [False, False]
    assert len(working) == 2, "the one in the line was never asked"
    status, seconds = _ask(address)
    assert (status, seconds < 5) == (200, True)
