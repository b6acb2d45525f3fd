"""The line before the query workers: nobody waits for another's fifty queries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import pytest

from api.desk import Desk
from perfkg.sparql import Pool, QueryStopped, Result


class _Held:
    """Stands in for queries: each notes its asker, and is at work until it is let go."""

    def __init__(self, workers: int, tmp_path: Path) -> None:
        self.desk = Desk(Pool(tmp_path, workers=workers))
        self.begun: list[str] = []
        self.go = Event()

    async def ask(self, asker: str, patience: float = 20) -> Result:
        def work(_: Pool) -> Any:
            self.begun.append(asker)
            assert self.go.wait(20)
            return asker

        return await self.desk.answer(work, asker, patience)


async def _settled(begun: list[str], count: int) -> None:
    with anyio.fail_after(10):
        while len(begun) < count:
            await anyio.sleep(0.01)


def _run(story: Callable[[], Awaitable[None]]) -> None:
    anyio.run(story)


def test_one_asker_with_many_queries_leaves_a_worker_for_the_others(tmp_path: Path) -> None:
    held = _Held(3, tmp_path)

    async def story() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(held.ask, "many")
            await _settled(held.begun, 2)
            tasks.start_soon(held.ask, "one")
            await _settled(held.begun, 3)
            assert held.begun == ["many", "many", "one"]
            held.go.set()
        assert held.begun.count("many") == 10

    _run(story)


def test_who_has_the_fewest_at_work_is_next(tmp_path: Path) -> None:
    held = _Held(1, tmp_path)

    async def story() -> None:
        async with anyio.create_task_group() as tasks:
            for asker in ("many", "many", "many", "other"):
                tasks.start_soon(held.ask, asker)
                await anyio.sleep(0.02)
            held.go.set()
        assert held.begun == ["many", "many", "many", "other"]  # one worker: in the order they came

    _run(story)
    busy = _Held(2, tmp_path)

    async def two() -> None:
        async with anyio.create_task_group() as tasks:
            for asker in ("a", "b", "a", "c"):
                tasks.start_soon(busy.ask, asker)
                await anyio.sleep(0.02)
            busy.go.set()
        assert busy.begun[:2] == ["a", "b"]
        assert sorted(busy.begun) == ["a", "a", "b", "c"]

    _run(two)


def test_the_line_has_an_end_and_so_has_patience(tmp_path: Path) -> None:
    held = _Held(2, tmp_path)

    async def story() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(17):
                tasks.start_soon(held.ask, "many")
            await _settled(held.begun, 1)
            await anyio.sleep(0.05)
            with pytest.raises(QueryStopped, match="排队"):
                await held.ask("many")
            tasks.start_soon(held.ask, "other")
            await _settled(held.begun, 2)
            with pytest.raises(QueryStopped, match="没有轮到"):
                await held.ask("third", 0.05)
            held.go.set()
        assert len(held.begun) == 18

    _run(story)


def test_who_leaves_the_line_takes_no_place(tmp_path: Path) -> None:
    held = _Held(1, tmp_path)

    async def story() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(held.ask, "first")
            await _settled(held.begun, 1)
            with anyio.move_on_after(0.05):
                await held.ask("gone")
            tasks.start_soon(held.ask, "last")
            await anyio.sleep(0.02)
            held.go.set()
        assert held.begun == ["first", "last"]

    _run(story)
