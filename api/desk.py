"""The desk where queries are taken: in turn, so that one asker with many queries keeps nobody else waiting long."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.to_thread import run_sync

from perfkg.sparql import Pool, QueryStopped, Result

_EACH = 16
"""Queries that one asker may have waiting."""
_ALL = 64
"""Queries that may wait in all."""


@dataclass(eq=False, slots=True)
class _Waiting:
    asker: str
    called: anyio.Event = field(default_factory=anyio.Event)


class Desk:
    """Asks `pool`, as many queries at once as it has workers; those of one asker leave one for the others.

    Who has the fewest queries at work is next; who has waited longest, among equals. The waiting take no thread.
    """

    def __init__(self, pool: Pool) -> None:
        """Nobody waits yet."""
        self.pool = pool
        self._at_work: Counter[str] = Counter()
        self._line: list[_Waiting] = []
        self._threads = anyio.CapacityLimiter(pool.workers)

    async def answer(self, ask: Callable[[Pool], Result], asker: str, patience: float) -> Result:
        """The result of `ask`, when the turn of `asker` has come.

        Raises what the pool raises, and QueryStopped where too many wait or `patience` (seconds) is at its end.
        """
        async with self._turn(asker, patience):
            return await run_sync(ask, self.pool, limiter=self._threads)

    @asynccontextmanager
    async def _turn(self, asker: str, patience: float) -> AsyncIterator[None]:
        if self._has_room(asker):
            self._at_work[asker] += 1
        else:
            await self._wait(asker, patience)
        try:
            yield
        finally:
            self._at_work -= Counter([asker])
            self._call()

    async def _wait(self, asker: str, patience: float) -> None:
        own = sum(one.asker == asker for one in self._line)
        if own >= _EACH or len(self._line) >= _ALL:
            raise QueryStopped("排队的查询太多", None, "请稍后再试")
        me = _Waiting(asker)
        self._line.append(me)
        try:
            with anyio.fail_after(patience):
                await me.called.wait()
        except BaseException as error:
            if me in self._line:
                self._line.remove(me)
            else:  # called just now, but not to come
                self._at_work -= Counter([asker])
                self._call()
            if isinstance(error, TimeoutError):
                raise QueryStopped("正在执行的查询太多，没有轮到这一个", None, "请稍后再试") from None
            raise

    def _has_room(self, asker: str) -> bool:
        each = max(1, self.pool.workers - 1)
        return self._at_work.total() < self.pool.workers and self._at_work[asker] < each

    def _call(self) -> None:
        """Calls whoever is next, as long as there is room."""
        while able := [one for one in self._line if self._has_room(one.asker)]:
            following = min(able, key=lambda one: self._at_work[one.asker])
            self._line.remove(following)
            self._at_work[following.asker] += 1
            following.called.set()
