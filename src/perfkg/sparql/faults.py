"""How a query can fail, in words for its author."""

from __future__ import annotations

import re

from perfkg.errors import InvalidQuestion, UnavailableService

_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
_CAUSES = {
    "Prefix not found": "前缀没有声明，请在开头写 PREFIX",
    "variable that is unbound": "SELECT 里有变量在查询正文或 GROUP BY 里没有出现",
    "blank node": "同一个空节点标签不能用在两处",
}
_COMMON = "请检查这一处和它之前的括号、句点、引号和变量名"


class InvalidQuery(InvalidQuestion):
    """The query is malformed or asks for what is not allowed; `line` and `column` (from 1) where that is one place."""

    def __init__(
        self,
        what: str,
        where: str | None = None,
        advice: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        """Where no `where` is given, it is told from the line and column."""
        super().__init__(what, where or (f"第{line}行第{column}列" if line else None), advice)
        self.line, self.column = line, column


class ResultTooLarge(InvalidQuestion):
    """The result passed the size limit. Nothing of it is given, so that no part is taken for the whole."""

    status = 413


class QueryStopped(UnavailableService):
    """The query was stopped at its limit of time or memory, or found no worker; `retry_after` is in seconds."""

    def __init__(self, what: str, where: str | None = None, advice: str | None = None, retry_after: int = 5) -> None:
        """The advice is to narrow the query unless told otherwise."""
        super().__init__(what, where, advice or "请缩小范围：加上年度、单位或分类条件，或加 LIMIT")
        self.retry_after = retry_after


def syntax_error(message: str) -> InvalidQuery:
    """The engine's message (`error at 1:17: expected …`) as an InvalidQuery."""
    found = _POSITION.match(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    advice = next((told for sign, told in _CAUSES.items() if sign in message), _COMMON)
    return InvalidQuery("查询有语法错误", advice=advice, line=line, column=column)
