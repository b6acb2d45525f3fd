"""What those who run the service look at: health, counts, and the description of the API."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import Held, Json
from perfkg import __version__

routes = APIRouter(tags=["运维"])


@routes.get("/health", summary="是否正常")
def health(request: Request, library: Held) -> Json:
    """200 while the library follows its ledger, 503 when it cannot; nothing here tells what is recorded."""
    keeper = request.app.state.keeper
    state = {
        "status": "trouble" if keeper.trouble else "ok",
        "trouble": keeper.trouble,
        "warm": keeper.warm.is_set(),
        "holding": library.holding,
        "version": __version__,
        "snapshot": library.snapshot,
    }
    return Json(state, 503 if keeper.trouble else 200, {"Cache-Control": "no-store"})


@routes.get("/metrics", summary="计数（Prometheus）")
def metrics(request: Request, library: Held) -> Response:
    """Requests, latencies, sizes and changes as Prometheus text."""
    return Response(
        request.app.state.metrics.text(library, request.app.state.desk.pool),
        media_type="text/plain; version=0.0.4; charset=utf-8",
    )
