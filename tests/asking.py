"""Whether an answer is the one a person expects: for the tests of asking and for benchmarks/ask.py."""

from __future__ import annotations

from typing import Any

from perfkg.ask import Answer
from perfkg.ask.names import project_name
from perfkg.search.spans import plain

Case = dict[str, Any]


def wrong(answer: Answer, expect: Case) -> str | None:
    """What is wrong with an answer, None if it is exact."""
    kind = expect["kind"]
    if kind == "refused" or answer.refused:
        return None if answer.refused == (kind == "refused") else f"refused={answer.refused}"
    if "number" in expect and (answer.number is None or abs(answer.number - expect["number"]) > 1e-6):
        return f"number {answer.number}"
    if "size" in expect and len(answer.rows) != expect["size"]:
        return f"{len(answer.rows)} rows"
    if kind == "groups":
        found = {row.get("group"): row["number"] for row in answer.rows}
        return None if expect["groups"].items() <= found.items() else f"groups {found}"
    if "names" not in expect:
        return None
    labels = [label(kind, row) for row in answer.rows]
    if kind != "indicators":
        labels = list(dict.fromkeys(labels))
    return _unlike(labels, expect["names"], bool(expect.get("ordered")))


def label(kind: str, row: Case) -> str:
    """What a row of an answer is known by, as the cases name it."""
    if kind == "projects":
        return project_name(row.get("project") or "")
    if kind == "indicators":
        return plain(f"{row.get('name') or ''}：{row.get('value') or ''}")
    return str(row.get("group") or row.get("organization"))


def _unlike(found: list[str], wanted: list[str], ordered: bool) -> str | None:
    """Each wanted name stands in just one found, and the other way round."""
    left = list(found)
    for name in wanted:
        match = next((one for one in left if project_name(name) in plain(one)), None)
        if match is None or (ordered and match != left[0]):
            return f"found {found}"
        left.remove(match)
    return f"too many: {left}" if left else None
