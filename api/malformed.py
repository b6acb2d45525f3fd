"""What is answered to bytes that are no HTTP request, as an address with Chinese characters that are not percent-encoded."""

from __future__ import annotations

import json

from uvicorn.protocols.http.h11_impl import H11Protocol

_DETAIL = "读不懂这个请求。地址里的汉字要用百分号编码，例如“满意度”写作 %E6%BB%A1%E6%84%8F%E5%BA%A6（浏览器会自动编码）"


class Protocol(H11Protocol):
    """HTTP/1.1 as uvicorn has it, but for the language of its refusal."""

    def send_400_response(self, msg: str) -> None:
        """A problem like all others, in the place of `msg`, and the end of the connection."""
        about = {"type": "about:blank", "title": "请求有误", "status": 400, "detail": _DETAIL}
        body = json.dumps(about, ensure_ascii=False).encode()
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}"
        self.transport.write(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)
        self.transport.close()
