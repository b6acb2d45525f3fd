"""Bytes that are no request, over a real socket."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest


@pytest.mark.parametrize("line", ["GET /api/search?q=满意度 HTTP/1.1", "你好", "GET / HTTP/9.9.9"])
def test_what_is_no_request_is_answered_in_chinese(served: tuple[str, str], line: str) -> None:
    address = urlsplit(served[0])
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(f"{line}\r\nHost: {address.netloc}\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Type: application/problem+json" in head
    problem = json.loads(body)
    assert (problem["title"], problem["status"]) == ("请求有误", 400)
    assert "百分号编码" in problem["detail"]
