"""What stands around every request: safe headers, a cap on what is sent, and the count for /metrics."""

from __future__ import annotations

import time

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import TooLarge, answer, unexpected

LARGEST = 64 * 1024 * 1024
"""Bytes that one request may send."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Wire:
    """The outermost layer: whatever happens inside, an answer goes out, safe and counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Stands before `app`."""
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def guarded(message: Message) -> None:
            """Sends with our headers, and notes the status."""
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _headers(message["headers"])
            await send(message)

        try:
            await self._answer(scope, receive, guarded)
        except Exception as error:
            if status:
                raise
            await unexpected(Request(scope), error)(scope, receive, guarded)
        finally:
            route = getattr(scope.get("route"), "path", "")
            self.metrics.count(scope["method"], route, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        said = request.headers.get("content-length", "0")
        if not said.isdecimal() or int(said) > LARGEST:
            error = TooLarge("发送的内容太大", None, f"一次最多 {LARGEST // 1024 // 1024} MB，请分几次上传")
            await answer(request, error, {"Connection": "close"})(scope, receive, send)
            return
        await self.app(scope, _capped(receive), send)


def _capped(receive: Receive) -> Receive:
    """A body of unknown length is counted as it comes."""
    total = 0

    async def counting() -> Message:
        """Receives a piece. Raises HTTPException (413) over the limit."""
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LARGEST:
            raise HTTPException(413)
        return message

    return counting


def _headers(given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in given}
    ours = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    return [*given, *(pair for pair in ours if pair[0] not in there)]
