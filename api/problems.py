"""What goes wrong, in Chinese: RFC 9457 problems for programs, a page of the same words for people."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.answers import Json
from api.html import message
from perfkg.errors import InvalidQuestion, PerfkgError, UnavailableService

TITLES = {
    400: "请求有误",
    401: "需要口令",
    403: "不允许",
    404: "没有找到",
    405: "这个地址不支持这种请求",
    406: "没有所要求的格式",
    409: "已有变化",
    413: "内容太大",
    415: "不支持这种内容类型",
    422: "文件读不成申报表",
    500: "资料库出错",
    503: "暂时不可用",
}
"""The title of a problem, by status."""

_PROGRAMS = ("/api/", "/sparql", "/id/", "/health", "/metrics", "/openapi.json")
_KIND = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VALIDATION = {
    "missing": "缺少参数",
    "int_parsing": "应当是整数",
    "int_type": "应当是整数",
    "int_parsing_size": "数字太大",
    "float_parsing": "应当是数字",
    "finite_number": "应当是普通的数字",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "应当大于 {gt}",
    "less_than": "应当小于 {lt}",
    "string_too_long": "不能超过 {max_length} 个字",
    "too_long": "太长，最多 {max_length}",
    "literal_error": "应当是 {expected} 之一",
}


class TooLarge(PerfkgError):
    """What was sent, or what was asked for, is over a limit."""

    status = 413


class NeedsToken(PerfkgError):
    """Asked without the token, or with a wrong one."""

    status = 401


class Refused(PerfkgError):
    """Not to be done at all: a foreign host name or origin."""

    status = 403


class NotAcceptable(PerfkgError):
    """None of the formats that the asker accepts can be given."""

    status = 406


def register(app: FastAPI) -> None:
    """Makes `app` answer every error of ours, of the framework and of validation in this way."""
    app.add_exception_handler(PerfkgError, _ours)
    app.add_exception_handler(HTTPException, _frameworks)
    app.add_exception_handler(RequestValidationError, _validation)


def answer(request: Request, error: PerfkgError, headers: Mapping[str, str] | None = None) -> Response:
    """The response for `error`: a page where a browser asks for a page, else a problem."""
    extra = dict(headers or {})
    if error.status == 401:
        extra["WWW-Authenticate"] = 'Bearer realm="perfkg"'
    if error.status == 503:
        extra.setdefault("Retry-After", str(getattr(error, "retry_after", 5)))
    if _by_program(request):
        return Json(_problem(request, error), error.status, extra, "application/problem+json")
    return message(request, TITLES.get(error.status, "出错了"), error, extra)


def unexpected(request: Request, error: Exception) -> Response:
    """The response for a fault of ours; what it was stands in the server's log alone."""
    logging.getLogger("perfkg").error("%s %s", request.method, request.url.path, exc_info=error)
    return answer(request, PerfkgError("程序内部出错，已记入服务日志", None, "请把操作步骤告诉维护人员"))


def _problem(request: Request, error: PerfkgError) -> dict[str, Any]:
    kind = _KIND.sub("-", type(error).__name__).lower()
    parts = {name: getattr(error, name, None) for name in ("where", "advice", "line", "column")}
    return {
        "type": f"https://perfkg.example/problem/{kind}",
        "title": TITLES.get(error.status, "出错了"),
        "status": error.status,
        "detail": str(error),
        "instance": request.url.path,
    } | {key: value for key, value in parts.items() if value is not None}


def _by_program(request: Request) -> bool:
    return request.url.path.startswith(_PROGRAMS) or "text/html" not in request.headers.get("accept", "")


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PerfkgError)
    if error.status >= 500 and not isinstance(error, UnavailableService):
        logging.getLogger("perfkg").error("%s %s: %s", request.method, request.url.path, error)
    return answer(request, error)


def _frameworks(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    advice = (_ADVICE if _by_program(request) else _ADVICE | _TO_PEOPLE).get(error.status_code)
    said = PerfkgError(TITLES.get(error.status_code, "请求有误"), request.url.path, advice)
    said.status = error.status_code
    return answer(request, said, error.headers)


_ADVICE = {
    400: "请求的内容读不懂，请对照 /docs 检查",
    404: "地址可能有误，请对照 /docs 检查",
    405: "请对照 /docs 换一种请求方法",
    413: "请减少文件或分几次上传",
}
_TO_PEOPLE = {
    404: "地址可能有误，或这一页已经没有了，请从首页开始",
    405: "请从页面上的链接和按钮进入",
}


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    template = _VALIDATION.get(first["type"], "格式不对")
    said = template.format_map({key: str(value) for key, value in first.get("ctx", {}).items()})
    advice = "请对照 /docs 改正后再试" if _by_program(request) else "请回到那一页重新填写或选择"
    return answer(request, InvalidQuestion(f"参数 {name} {said}", None, advice))
