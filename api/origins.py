"""Pages of other sites that may ask: none, unless a setting names them (CORS)."""

from __future__ import annotations

import os
import re

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from perfkg.errors import InvalidQuestion

SETTING = "PERFKG_CORS"

_ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?|https?://\[[0-9a-fA-F:]+\](:\d+)?")
_HOUR = 3600


def named() -> list[str]:
    """The origins of PERFKG_CORS (set apart by spaces; `*` for all). Raises InvalidQuestion where it is no list of them."""
    origins = os.environ.get(SETTING, "").split()
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise InvalidQuestion(
                f"{SETTING} 里有一项不是网站的来源", origin, "例如 https://data.example.org，多个用空格隔开，* 为全部"
            )
    return origins


def allow(app: FastAPI) -> None:
    """Lets the origins that are named ask `app`, without the cookie of the pages. Raises InvalidQuestion as `named` does."""
    if origins := named():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Accept", "Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["ETag", "Perfkg-Change", "Retry-After", "Server-Timing"],
            max_age=_HOUR,
        )
