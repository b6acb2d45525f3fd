"""The searches in a query, `?i perfkg:matches "网络维护"`, as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from perfkg.graph.names import PREFIXES, term
from perfkg.sparql.faults import InvalidQuery
from perfkg.sparql.lexer import Token, absolute, declared, position, tokens

DEFAULT = 100
"""Hits where the query sets no `perfkg:limit`."""
MOST = 1000
"""Hits at most."""

_MATCHES, _SCORE, _LIMIT = (term(f"perfkg:{name}").value for name in ("matches", "score", "limit"))
_FORM = '请写成 ?i perfkg:matches "网络维护" ; perfkg:score ?score ; perfkg:limit 20 .'
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_ORDERED = {"ORDER", "GROUP", "HAVING", "COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"}
_PATHS = frozenset("/|*+?^(")
_STATEMENTS = {"FILTER", "OPTIONAL", "BIND", "MINUS", "VALUES", "GRAPH", "UNION"}
_OPEN, _CLOSE = frozenset("({["), frozenset(")}]")


@dataclass(frozen=True, slots=True)
class Search:
    """One search of a query: the variable of its `subject`, the `text` and `limit`, the variable of the `score`, and the
    tokens it is written in: from `verb` to `last`, and the `options`. `depth` is that of its group.
    """

    subject: Token
    verb: Token
    last: Token
    text: str
    limit: int
    score: str | None
    options: tuple[tuple[Token, Token], ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Query:
    """The tokens `given` of the query `text`, with the `prefixes` it knows."""

    text: str
    given: Sequence[Token]
    prefixes: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> Query:
        """The query `text`."""
        given = [token for token in tokens(text) if token.kind != "comment"]
        return cls(text, given, declared(given, PREFIXES))

    def searches(self) -> Iterator[Search]:
        """The search patterns, in the order of the query."""
        pattern = self._beginning_of_pattern()
        for at, token in enumerate(self.given):
            if at < pattern or self._means(token) != _MATCHES or self._at(at - 1).text in ("{", "}", "."):
                continue
            following = self._at(at + 1)
            if following.kind in ("string", "variable"):
                yield self._search(at)
            elif following.text in _PATHS or following.kind in ("number", "iri"):
                self.refuse(token, "perfkg:matches 的写法不对", _FORM)

    def refuse(self, token: Token, what: str, advice: str) -> NoReturn:
        """Raises InvalidQuery at `token`."""
        raise InvalidQuery(what, None, advice, *position(self.text, token.start))

    def _at(self, index: int) -> Token:
        return self.given[index] if 0 <= index < len(self.given) else Token("", "", len(self.text))

    def _means(self, token: Token) -> str:
        return absolute(token, self.prefixes) if token.kind in ("name", "iri") else ""

    def _search(self, at: int) -> Search:
        subject, depth = self._subject(at), self._depth(at)
        after = at + (3 if self._at(at + 2).kind == "language" else 2)
        last = self._at(after - 1)
        if self._at(after).text in (",", "^"):
            self.refuse(self._at(after), "perfkg:matches 后面只能有一段文字", _FORM)
        options = list(self._options(after))
        scores = [value.text for kind, _, value in options if kind == _SCORE]
        limits = [int(value.text) for kind, _, value in options if kind == _LIMIT]
        if len(scores) > 1 or len(limits) > 1:
            self.refuse(options[-1][1], "perfkg:score 和 perfkg:limit 在一句里各写一次", _FORM)
        return Search(
            subject=subject,
            verb=self._at(at),
            last=last,
            text=self._literal(at + 1),
            limit=limits[0] if limits else DEFAULT,
            score=scores[0] if scores else None,
            options=tuple((verb, value) for _, verb, value in options),
            depth=depth,
        )

    def _options(self, at: int) -> Iterator[tuple[str, Token, Token]]:
        """What follows the search in its statement: the option, its token and its value."""
        for index in self._verbs(at):
            verb, value = self._at(index), self._at(index + 1)
            kind = self._means(verb)
            if kind == _MATCHES:
                self.refuse(verb, "一句里只能有一个 perfkg:matches", "请分成两句，两句可以用同一个变量")
            if kind == _SCORE and value.kind != "variable":
                self.refuse(value, "perfkg:score 后面应是变量", _FORM)
            if kind == _LIMIT and not (value.text.isdecimal() and len(value.text) < 9 and 1 <= int(value.text) <= MOST):
                self.refuse(value, f"perfkg:limit 后面应是 1 到 {MOST} 的整数", _FORM)
            if kind in (_SCORE, _LIMIT):
                yield kind, verb, value

    def _subject(self, at: int) -> Token:
        """The variable that begins the statement in which the token at `at` is a verb."""
        first = self._at(at - 1)
        if first.text == ";":
            first = self._at(self._beginning(at - 1))
        if first.kind != "variable":
            self.refuse(self._at(at), "perfkg:matches 前面应是变量", _FORM)
        return first

    def _beginning(self, at: int) -> int:
        """The index of the first token of the statement that goes on at `at`."""
        depth = 0
        while at > 0:
            before = self._at(at - 1)
            if depth == 0 and (before.text in (".", "{", "}", "[", "(") or self._ends_expression(at - 1)):
                break
            depth += (before.text in _CLOSE) - (before.text in _OPEN)
            at -= 1
        return at

    def _ends_expression(self, at: int) -> bool:
        """Whether the token at `at` closes the brackets of FILTER(…), BIND(…), regex(…), not of a list of terms."""
        if self._at(at).text != ")":
            return False
        depth = 0
        while at >= 0:
            depth += (self._at(at).text == ")") - (self._at(at).text == "(")
            if depth == 0:
                break
            at -= 1
        before = self._at(at - 1)
        return before.kind == "word" and before.text != "a"

    def _verbs(self, at: int) -> Iterator[int]:
        """The indices of the tokens after each `;` from `at` to the end of the statement."""
        depth = 0
        while at < len(self.given):
            token = self._at(at)
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
            if depth < 0 or (depth == 0 and (token.text in (".", "}") or token.word in _STATEMENTS)):
                return
            if depth == 0 and token.text == ";":
                yield at + 1
            at += 1

    def _depth(self, at: int) -> int:
        return sum((token.text == "{") - (token.text == "}") for token in self.given[:at])

    def _literal(self, at: int) -> str:
        """The text of the string at `at`, or of the one that `VALUES ?text { "…" }` gives to the variable there."""
        from pyoxigraph import Literal, RdfFormat, parse

        token = self._at(at)
        if token.kind == "variable":
            bound = [
                self.given[n + 3]
                for n in range(len(self.given) - 4)
                if self.given[n].word == "VALUES"
                and [one.text for one in self.given[n + 1 : n + 3]] == [token.text, "{"]
                and (self.given[n + 3].kind, self.given[n + 4].text) == ("string", "}")
            ]
            if len(bound) != 1:
                self.refuse(
                    token, "perfkg:matches 后面应是一段写明的文字", f'{_FORM}，或先写 VALUES {token.text} {{ "…" }}'
                )
            token = bound[0]
        try:
            read = next(parse(f"<a:> <a:> {token.text} .", RdfFormat.TURTLE)).object
        except SyntaxError:
            self.refuse(token, "文字里的转义写法不对", "反斜杠请写成 \\\\")
        assert isinstance(read, Literal)
        return read.value

    def orderable(self, search: Search) -> bool:
        """Whether the answer may be put in the order of `search`: it stands in the outermost group of a plain SELECT."""
        words = [token.word for token in self.given]
        form = next((word for word in words if word in _FORMS), "")
        return search.depth == 1 and form == "SELECT" and _ORDERED.isdisjoint(words)

    def selects_all(self) -> bool:
        """Whether it is SELECT *, so that a new variable would show."""
        texts = [token.text for token in self.given]
        return "*" in texts[: texts.index("{")]

    def _beginning_of_pattern(self) -> int:
        """The index from which the query says what to look for: after the template of CONSTRUCT {…}."""
        for at, token in enumerate(self.given):
            if token.word == "CONSTRUCT":
                return at + self._length(at + 1) + 1
            if token.text == "{":
                break
        return 0

    def end_of_pattern(self) -> int:
        """The place after the outermost group."""
        opening = next(at for at, token in enumerate(self.given) if token.text == "{")
        return self._at(opening + self._length(opening) - 1).end

    def _length(self, at: int) -> int:
        """How many tokens the group that opens at `at` has; none if nothing opens there."""
        depth = 0
        for length, token in enumerate(self.given[at:]):
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return length + 1 if length else 0
        return len(self.given) - at
