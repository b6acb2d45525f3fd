"""What a query must pass before any parser sees it: its length, its nesting, and what it asks for.

Judged on the tokens of the SPARQL grammar, so that a word in a string, an IRI or a comment is no keyword. The parser
behind accepts words run together (trueSERVICE<…>); therefore a word that contains a forbidden one counts as that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from perfkg.sparql.faults import InvalidQuery

LENGTH = 100_000
"""Characters in a query."""
DEPTH = 100
"""Brackets within brackets. The parser recurses: it breaks at a few thousand."""

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<blank>_:[\w.-]+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w:.%-]|\\.)*)
    | (?P<word>[^\W\d]\w*)
    | (?P<bracket>[(){}\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for: its `form` (SELECT, ASK, CONSTRUCT, DESCRIBE; None if it has none of them), and the
    `graphs` of its FROM and FROM NAMED as absolute IRIs, None where it has no such clause.
    """

    form: str | None
    graphs: tuple[str, ...] | None


def admit(text: str, prefixes: dict[str, str]) -> Asked:
    """Looks at the query `text` without parsing it; `prefixes` are known undeclared. Raises InvalidQuery."""
    if len(text) > LENGTH:
        raise InvalidQuery(f"查询太长：{len(text)} 个字符，最多 {LENGTH} 个", advice="请把查询拆成几个")
    _check_nesting(text)
    tokens = [(kind, token) for kind, token, _ in _tokens(text) if kind not in ("comment", "bracket", "string")]
    _check_words(text)
    form = next((token.upper() for kind, token in tokens if kind == "word" and token.upper() in _FORMS), None)
    return Asked(form, _dataset(tokens, prefixes))


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    return ((found.lastgroup or "", found.group(), found.start()) for found in _TOKEN.finditer(text))


def _check_nesting(text: str) -> None:
    """Counts the brackets within IRI tokens too: a<b && c>d may look like one."""
    depth = 0
    for kind, token, start in _tokens(text):
        if kind in ("bracket", "iri"):
            for character in token:
                depth += (character in "([{") - (character in ")]}")
        if depth > DEPTH:
            raise InvalidQuery(f"括号嵌套超过 {DEPTH} 层", None, "请把查询写得平一些", *_position(text, start))


def _check_words(text: str) -> None:
    first = True
    for kind, token, start in _tokens(text):
        word = (token if kind == "word" else token.partition(":")[0] if kind == "name" else "").upper()
        if "SERVICE" in word:
            advice = "这里只查本资料库的内容；如果是前缀名，请换一个名字"
            raise InvalidQuery("不能用 SERVICE 查询别处的数据", None, advice, *_position(text, start))
        if kind == "word" and first and word not in ("PREFIX", "BASE"):
            if word in _UPDATES:
                raise InvalidQuery("这里只能查询，不能修改图谱", None, f"请去掉 {word}", *_position(text, start))
            first = False


def _dataset(tokens: list[tuple[str, str]], prefixes: dict[str, str]) -> tuple[str, ...] | None:
    known, graphs = dict(prefixes), []
    for (kind, token), (_, following), (_, third) in zip(
        tokens, [*tokens[1:], ("", "")], [*tokens[2:], ("", ""), ("", "")], strict=False
    ):
        word = token.upper() if kind == "word" else ""
        if word == "PREFIX":
            known[following.removesuffix(":")] = third[1:-1]
        elif word == "FROM":
            graphs.append(_absolute(third if following.upper() == "NAMED" else following, known))
    return tuple(graphs) or None


def _absolute(token: str, prefixes: dict[str, str]) -> str:
    if token.startswith("<"):
        return token[1:-1]
    prefix, _, local = token.partition(":")
    return prefixes.get(prefix, "") + local


def _position(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
