"""What a query must pass before any parser sees it: its length, its nesting, and what it asks for.

Judged on the tokens of the SPARQL grammar, so that a word in a string, an IRI or a comment is no keyword. The parser
behind accepts words run together (trueSERVICE<…>); therefore a word that contains a forbidden one counts as that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.sparql.faults import InvalidQuery
from perfkg.sparql.lexer import Token, position, tokens

LENGTH = 100_000
"""Characters in a query."""
DEPTH = 100
"""Brackets within brackets. The parser recurses: it breaks at a few thousand."""

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for: its `form` (SELECT, ASK, CONSTRUCT, DESCRIBE; None if it has none of them), and the
    `graphs` of its FROM and FROM NAMED as absolute IRIs, None where it has no such clause.
    """

    form: str | None
    graphs: tuple[str, ...] | None


def admit(text: str, prefixes: dict[str, str], base: str) -> Asked:
    """Looks at the query `text` without parsing it; `prefixes` are known undeclared, and relative IRIs are of `base`.

    Raises InvalidQuery.
    """
    if len(text) > LENGTH:
        raise InvalidQuery(f"查询太长：{len(text)} 个字符，最多 {LENGTH} 个", advice="请把查询拆成几个")
    found = [token for token in tokens(text) if token.kind != "comment"]
    _check_nesting(text, found)
    _check_words(text, found)
    form = next((token.word for token in found if token.word in _FORMS), None)
    return Asked(form, _dataset(text, found, prefixes, base))


def _check_nesting(text: str, given: Sequence[Token]) -> None:
    """Counts the brackets within IRI tokens too: a<b && c>d may look like one."""
    depth = 0
    for token in given:
        if token.kind in ("bracket", "iri"):
            for character in token.text:
                depth += (character in "([{") - (character in ")]}")
        if depth > DEPTH:
            raise InvalidQuery(f"括号嵌套超过 {DEPTH} 层", None, "请把查询写得平一些", *position(text, token.start))


def _check_words(text: str, given: Sequence[Token]) -> None:
    first = True
    for token in given:
        word = token.word or (token.text.partition(":")[0].upper() if token.kind == "name" else "")
        if "SERVICE" in word:
            advice = "这里只查本资料库的内容；如果是前缀名，请换一个名字"
            raise InvalidQuery("不能用 SERVICE 查询别处的数据", None, advice, *position(text, token.start))
        if first and token.word and word not in ("PREFIX", "BASE"):
            if word in _UPDATES:
                raise InvalidQuery("这里只能查询，不能修改图谱", None, f"请去掉 {word}", *position(text, token.start))
            first = False


def _dataset(text: str, given: Sequence[Token], prefixes: dict[str, str], base: str) -> tuple[str, ...] | None:
    named = [
        third if following.word == "NAMED" else following
        for token, following, third in zip(given, given[1:], [*given[2:], Token("", "", 0)], strict=False)
        if token.word == "FROM"
    ]
    if not named:
        return None
    begin = next((token.start for token in given if token.word in _FORMS), 0)
    return tuple(graph for token in named if (graph := _absolute(token, text[:begin], prefixes, base)))


def _absolute(token: Token, prologue: str, prefixes: dict[str, str], base: str) -> str | None:
    """The IRI of `token` after `prologue`, which Turtle reads as SPARQL does. None where the engine will object."""
    from pyoxigraph import NamedNode, RdfFormat, parse

    known = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    try:
        read = next(parse(f"{known}{prologue}\n{token.text} <a:> <a:> .", RdfFormat.TURTLE, base_iri=base)).subject
    except (SyntaxError, StopIteration):
        return None
    return read.value if isinstance(read, NamedNode) else None
