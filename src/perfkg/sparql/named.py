"""The named queries of `graph/queries`: questions an analyst asks again and again.

A file is a query that runs as it is in any SPARQL client. Its first line is the question; a line
`VALUES ?year { 2021 }  # 整数 年度` declares a parameter with its default, kind (文字, 整数, 数) and what it means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from perfkg.errors import InvalidQuestion, UnknownId

_PARAMETER = re.compile(
    r"^(?P<indent> *)VALUES \?(?P<name>\w+) \{ (?P<default>.*?) \}  # (?P<kind>文字|整数|数) (?P<about>.+)$",
    re.MULTILINE,
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

_EXPRESSION = re.compile(r"(?P<before>FILTER\(REGEX\(.*, )\?(?P<name>\w+)(?=\)\)$)", re.MULTILINE)
"""The variable at the end of a line FILTER(REGEX(…, ?words))."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value the asker may give: its `kind` is 文字, 整数 or 数, its `default` what the file has."""

    name: str
    kind: str
    default: str
    about: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query by `name`, the Chinese `question` it answers, its `parameters`, and its `text` with their defaults."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    text: str

    def bound(self, values: Mapping[str, str]) -> str:
        """The query with `values` for its parameters. Raises InvalidQuestion for an unknown or unfitting one."""
        for name in values:
            if name not in {one.name for one in self.parameters}:
                known = "、".join(one.name for one in self.parameters) or "没有参数"
                raise InvalidQuestion(f"查询 {self.name} 没有参数 {name}", None, f"可用的参数：{known}")
        text = _parameterised(self.text, values)
        # A regular expression in a variable is compiled anew for every row.
        written = {one.name: _literal(one, values) for one in self.parameters}
        return _EXPRESSION.sub(lambda found: found["before"] + written[found["name"]], text)


def named_queries() -> tuple[NamedQuery, ...]:
    """All named queries, in the order of their names."""
    return tuple(_all().values())


def named_query(name: str) -> NamedQuery:
    """The query called `name`. Raises UnknownId."""
    if name not in _all():
        raise UnknownId(f"没有名为 {name} 的查询", None, f"可用的查询：{'、'.join(_all())}")
    return _all()[name]


def recognised(text: str) -> tuple[NamedQuery, dict[str, str]] | None:
    """The named query that `text` is, but for the values of its parameters, and these values; None for any other text."""
    written = "\n".join(line.rstrip() for line in text.strip().splitlines())
    kept = next((one for one in named_queries() if written.startswith(f"# {one.question}\n")), None)
    values = {found["name"]: _value(found) for found in _PARAMETER.finditer(written)}
    given = {name: value for name, value in values.items() if value is not None}
    if kept is None or given.keys() != {one.name for one in kept.parameters}:
        return None
    try:
        same = written in (kept.bound(given).strip(), _parameterised(kept.text, given).strip())
    except InvalidQuestion:
        return None
    return (kept, given) if same else None


def column(query: str, variable: str) -> str:
    """What people call a column of the named `query`, by `graph/queries/columns.tsv`; itself where it has no name."""
    called = _columns()
    return called.get(f"{query}/{variable}") or called.get(variable, variable)


@cache
def _columns() -> dict[str, str]:
    """Columns to their Chinese names; where a query means another by one, its name stands before it."""
    lines = (files("graph") / "queries" / "columns.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


@cache
def _all() -> dict[str, NamedQuery]:
    folder = files("graph") / "queries"
    texts = {
        one.name.removesuffix(".rq"): one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".rq")
    }
    return {name: _query(name, texts[name]) for name in sorted(texts)}


def _query(name: str, text: str) -> NamedQuery:
    parameters = tuple(
        Parameter(found["name"], found["kind"], found["default"].strip('"'), found["about"])
        for found in _PARAMETER.finditer(text)
    )
    return NamedQuery(name, text.partition("\n")[0].removeprefix("# "), parameters, text)


def _parameterised(text: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: _filled(found, values), text)


def _value(found: re.Match[str]) -> str | None:
    """The one value that a parameter has in a query; None where there are several, or what is none."""
    written = found["default"]
    if found["kind"] != "文字":
        return written if _NUMBER.fullmatch(written) else None
    try:
        value = json.loads(written)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["name"] not in values:
        return found[0]
    written = _written(values[found["name"]], found["kind"], found["name"])
    return f"{found['indent']}VALUES ?{found['name']} {{ {written} }}  # {found['kind']} {found['about']}"


def _literal(one: Parameter, values: Mapping[str, str]) -> str:
    return _written(values.get(one.name, one.default), one.kind, one.name)


def _written(value: str, kind: str, name: str) -> str:
    """The value as SPARQL writes it; nothing in it can become a part of the query."""
    from pyoxigraph import Literal

    if kind == "文字":
        return str(Literal(value))
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (kind == "整数" and number != number.to_integral_value()) or abs(number) > 10**15:
        raise InvalidQuestion(f"参数 {name} 应是{kind}", f"给的是“{value}”", "请改正后再查")
    return format(number, "f")
