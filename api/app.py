"""The web server: one library held open, the routes around it, and how it starts and ends."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

from api import (
    access,
    concepts,
    deliver,
    description,
    drafting,
    judging,
    linked,
    named,
    network,
    origins,
    pages,
    problems,
    questions,
    recording,
    service,
    shelves,
    sparql,
    vocabulary,
)
from api.desk import Desk
from api.jobs import Jobs
from api.keeper import Keeper
from api.metrics import Metrics
from api.reviews import Reviews
from api.waiting import Waiting
from api.wire import Wire
from perfkg import __version__
from perfkg.errors import UnavailableService
from perfkg.library import Library
from perfkg.search.matching import finder
from perfkg.sparql import Pool

_HEAD = 200_000
"""Bytes of a request's head: a question of 10,000 characters takes 90,000 in an address."""

_READERS = 2
"""Previews that are read at once, by anybody; each takes a process."""

_TURN = 0.0005
"""Seconds until a thread that computes lets another go on. By default it is ten times that, and an answer to a question
changes threads some five times: while the catalogue of concepts is gathered, each would wait 25 ms longer."""

_GRACE = 3
"""Seconds that open connections get when the server ends."""


def create(library: Library | Path, policy: access.Policy | None = None) -> FastAPI:
    """The application over `library`, which it closes at its end. Without a `policy`, as on 127.0.0.1.

    Raises InvalidLibrary where a folder is given that cannot be opened, InvalidQuestion for a setting that makes no sense.
    """
    held = library if isinstance(library, Library) else Library(library, patient=False)
    app = FastAPI(title="perfkg", version=__version__, lifespan=_life, docs_url=None, redoc_url=None)
    app.state.keeper = Keeper(held)
    app.state.metrics = Metrics()
    app.state.policy = policy or access.policy(held.folder, "127.0.0.1")[0]
    app.add_middleware(access.Gate, policy=app.state.policy)
    origins.allow(app)
    app.add_middleware(Wire, metrics=app.state.metrics)
    problems.register(app)
    for module in (
        questions,
        concepts,
        judging,
        drafting,
        recording,
        shelves,
        deliver,
        named,
        network,
        sparql,
        description,
        linked,
        vocabulary,
        service,
        pages,
    ):
        app.include_router(module.routes)
    app.mount("/static", _Static(directory=Path(__file__).parent / "pages" / "static"), name="static")
    return app


class _Static(StaticFiles):
    """Files that a browser asks after each time: an upgrade's pages must not meet the scripts of before."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """The file, or that it is as it was."""
        answer = super().file_response(*given, **named)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    keeper: Keeper = app.state.keeper
    held = keeper.library
    ledger = held.ledger.database.url
    app.state.desk = Desk(Pool(held.graph_folder, find=finder(held), base=held.base, ledger=ledger))
    threading.Thread(target=app.state.desk.pool.warm, name="warming", daemon=True).start()
    app.state.readers = anyio.CapacityLimiter(_READERS)
    app.state.makers = network.Makers()
    app.state.waiting = Waiting()
    app.state.jobs = Jobs(lambda: keeper.library)
    app.state.reviews = Reviews(lambda: keeper.library)
    keeper.start()
    try:
        yield
    finally:
        app.state.desk.pool.close()
        app.state.waiting.close()
        await anyio.to_thread.run_sync(app.state.jobs.close)
        await anyio.to_thread.run_sync(app.state.reviews.close)
        await anyio.to_thread.run_sync(keeper.stop)


def serve(folder: Path, host: str, port: int) -> None:
    """Serves the library in `folder` until interrupted. Port 0 takes a free one; where it listens is said.

    Raises InvalidLibrary, and UnavailableService when the address is taken.
    """
    import uvicorn

    from api.malformed import Protocol

    sys.setswitchinterval(_TURN)
    listening = _listen(host, port)
    with listening:
        library = Library(folder, patient=False)
        policy, token = access.policy(folder, host)
        app = create(library, policy)
        _greet(listening, policy, token, folder)
        settings = uvicorn.Config(
            app,
            http=Protocol,
            log_level="warning",
            server_header=False,
            limit_concurrency=500,
            timeout_graceful_shutdown=_GRACE,
            h11_max_incomplete_event_size=_HEAD,
        )
        uvicorn.Server(settings).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio turns off Nagle's delay (40 ms an answer) on the connections.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UnavailableService("这个地址不能监听", f"{host}:{port}", "可能已被占用，请用 --port 另选端口") from error
    return listening


def _greet(listening: socket.socket, policy: access.Policy, token: str | None, folder: Path) -> None:
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = [f"资料库 {folder}，请在浏览器中打开 {address}", f"Serving {folder} at {address}"]
    if token:
        lines += [
            f"写入口令（只显示这一次，请保存）：{token}",
            f"The token for writing, shown this once: {token}",
        ]
    if not policy.open:
        lines += [
            "这个地址读取也需要口令；设 PERFKG_OPEN=1 可放开",
            "Reading needs the token too, unless PERFKG_OPEN=1",
        ]
    print("\n".join(lines), file=sys.stderr, flush=True)
