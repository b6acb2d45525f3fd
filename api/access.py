"""Who may do what: reading is open on this machine, writing needs the token, everywhere.

The gate stands before every route, so that a new route is closed until it is opened here, and looks at nothing but the
head of a request: nobody without the token can make the server read a body that is to be recorded.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api import origins
from api.html import COOKIE
from api.problems import NeedsToken, Refused, answer
from perfkg.errors import InvalidLibrary, PerfkgError

_FILE = "token.sha256"
_ASKING = {
    ("POST", path)
    for path in (
        *("/sparql", "/sparql/", "/read", "/review", "/review/library", "/review/opinion", "/login"),
        *("/api/review", "/api/review/draft", "/api/read", "/api/draft"),
    )
}
"""What is posted but records nothing."""

_ALWAYS = ("/static/", "/login", "/health")
_PORT = re.compile(r":\d*$")
_SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Where the hash of the token is; whether reading needs it; whether only this machine's own names are answered to."""

    file: Path
    open: bool
    local: bool

    def knows(self, token: str) -> bool:
        """Whether `token` is the one; read each time, so that a new one holds at once."""
        try:
            return secrets.compare_digest(_digest(token), self.file.read_text("ascii").strip())
        except (OSError, UnicodeDecodeError):
            return False


def policy(folder: Path, host: str) -> tuple[Policy, str | None]:
    """The policy for a library folder served on `host`, and the token where it was made just now.

    PERFKG_OPEN=1 opens reading on any address. Raises InvalidLibrary where the hash cannot be written or read.
    """
    opened, local = os.environ.get("PERFKG_OPEN") == "1", is_local(host)
    file, token = folder / _FILE, None
    try:
        if not file.exists():
            token = renew(folder)
        file.read_text("ascii")
        return Policy(file, opened or local, local and not opened), token
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidLibrary("写入口令无法保存或读出", str(file), "请检查写权限；删去这个文件会另发口令") from error


def renew(folder: Path) -> str:
    """Makes a new token for a library folder, void the old one. Raises InvalidLibrary where it cannot be kept."""
    token, file = secrets.token_urlsafe(32), folder / _FILE
    if not folder.is_dir():
        raise InvalidLibrary("没有这个资料库文件夹", str(folder), "请用 --library 指定文件夹")
    beside = file.with_suffix(".new")
    try:
        beside.unlink(missing_ok=True)
        _write_privately(beside, _digest(token))
        beside.replace(file)
    except OSError as error:
        raise InvalidLibrary("写入口令无法保存", str(file), "请检查写权限和磁盘") from error
    return token


def is_local(host: str) -> bool:
    """Whether `host` names this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Gate:
    """Lets a request through, or answers 401 or 403."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        """Stands before `app`. Raises InvalidQuestion where PERFKG_CORS is no list of origins."""
        self.app, self.policy, self._origins = app, policy, origins.named()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Looks at the head of the request."""
        if scope["type"] == "http":
            request = Request(scope)
            refusal = self._refusal(request)
            if refusal is not None:
                await answer(request, refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, request: Request) -> PerfkgError | None:
        host = request.headers.get("host", "")
        if self.policy.local and not is_local(_PORT.sub("", host)):
            # A foreign name that leads to this machine is a web page trying to read it (DNS rebinding).
            return Refused("不认得这个主机名", host, "请用 http://127.0.0.1 打开")
        # The path that is routed. That of `request.url` is put together with the Host header, which may hold a slash.
        path = request.scope["path"]
        if request.method not in _SAFE and self._from_elsewhere(request):
            # A page of any site that is open in a browser here could have it read files and answer queries without end.
            return Refused("请求来自别的网站", request.headers.get("origin"), "请在本系统的页面上操作")
        asking = request.method in _SAFE or (request.method, path) in _ASKING
        if path.startswith(_ALWAYS) or (asking and self.policy.open):
            return None
        bearer = _bearer(request.headers.get("authorization", ""))
        token = bearer or request.cookies.get(COOKIE, "")
        if not self.policy.knows(token):
            return NeedsToken("这一步需要口令", None, "口令在服务第一次启动时显示在终端上；网页上请先到“口令”页输入")
        if not bearer and not asking and _foreign(request):
            return Refused("请求来自别的网站", request.headers.get("origin"), "请在本系统的页面上操作")
        return None

    def _from_elsewhere(self, request: Request) -> bool:
        """Whether a browser says that the request is of another site's page, and no setting lets that one ask."""
        named = {"*", request.headers.get("origin", "")} & set(self._origins)
        return request.headers.get("sec-fetch-site") == "cross-site" and not named


def actor(request: Request) -> str:
    """Who is noted in the ledger for a change made by this request."""
    return f"web@{request.client.host if request.client else '?'}"


def _bearer(header: str) -> str:
    """The token of an Authorization header; empty for another scheme, of which a proxy may have its own."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _foreign(request: Request) -> bool:
    """A browser sends the cookie's origin with every post; one without is no browser's page."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc != request.headers.get("host")


def _write_privately(file: Path, text: str) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(text)


def _digest(token: str) -> str:
    # 256 random bits cannot be guessed from a plain hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
