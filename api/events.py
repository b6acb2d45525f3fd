"""Something that takes a while, watched as it goes: server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import StreamingResponse

_LOOK = 0.2
_SILENCE = 15.0


class Watched(Protocol):
    """What happens step by step until it is finished."""

    @property
    def step(self) -> int:
        """How much has happened."""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""


def stream(request: Request, watched: Watched, plain: Callable[[Any], dict[str, Any]]) -> StreamingResponse:
    """Server-sent events: `progress` at every step, `end` with the last; each carries `plain` of what is watched."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stopping = request.app.state.keeper.stopping
    return StreamingResponse(_events(watched, plain, stopping), media_type="text/event-stream", headers=headers)


async def _events(watched: Watched, plain: Callable[[Any], dict[str, Any]], stopping: Any) -> AsyncIterator[str]:
    seen, silent = -1, 0.0
    while not stopping.is_set():
        if watched.step != seen:
            seen, silent = watched.step, 0.0
            kind = "end" if watched.finished else "progress"
            yield f"event: {kind}\ndata: {json.dumps(plain(watched), ensure_ascii=False)}\n\n"
            if watched.finished:
                return
        elif silent > _SILENCE:
            silent = 0.0
            yield ": 仍在进行\n\n"
        await asyncio.sleep(_LOOK)
        silent += _LOOK
