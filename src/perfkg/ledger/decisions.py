"""What people have decided about indicator concepts: facts of the ledger, with who and when, never overwritten.

A decision is taken back by another one, so that the list of all of them is the history.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from perfkg.errors import InvalidQuestion, OutdatedQuestion, UnknownId
from perfkg.ledger import tables
from perfkg.ledger.database import Database
from perfkg.ledger.stamps import local, now, who

ACTIONS = ("merge", "split", "rename", "reject", "confirm", "refuse", "undo")


@dataclass(frozen=True, slots=True)
class Decision:
    """One numbered decision: `action` is one of ACTIONS, `concepts` the ids it is about, the decided one first.

    `detail` is what the action needs, with the names that the person saw; `at` is UTC, ISO 8601. `undone` is the number
    of the decision that took this one back.
    """

    number: int
    action: str
    concepts: tuple[str, ...]
    detail: Mapping[str, Any]
    actor: str
    at: str
    undone: int | None = None


class Decisions:
    """The decisions in the ledger's own database."""

    def __init__(self, database: Database) -> None:
        """Those of `database`, whose tables are there."""
        self.database = database

    def last(self) -> int:
        """The number of the last decision, 0 where nothing was decided yet."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.max(tables.decisions.c.number))) or 0

    def all(self) -> list[Decision]:
        """Every decision, oldest first, those taken back among them."""
        with self.database.reading() as connection:
            return _all(connection)

    def record(
        self,
        action: str,
        concepts: Collection[str],
        detail: Mapping[str, Any],
        actor: str = "local",
        seen: int | None = None,
    ) -> Decision:
        """Records a decision. `seen` is the number of the last decision that the person knew of.

        Raises OutdatedQuestion where one of the concepts was decided about since then.
        """
        with self.database.writing() as connection:
            known = _all(connection)
            _check_seen(known, concepts, seen)
            number = _insert(connection, action, concepts, detail, actor)
            return next(one for one in _all(connection) if one.number == number)

    def undo(self, number: int, actor: str = "local", seen: int | None = None) -> Decision:
        """Takes decision `number` back. Raises UnknownId where there is none, InvalidQuestion for one that takes another
        back, OutdatedQuestion where it is undone.
        """
        with self.database.writing() as connection:
            known = _all(connection)
            wrong = next((one for one in known if one.number == number), None)
            if wrong is None:
                raise UnknownId("没有这条决定", str(number), "请在指标库的决定记录里核对编号")
            if wrong.action == "undo":
                raise InvalidQuestion("这条决定是一次撤销，不能再撤销", str(number), "请把原来的决定重新作一次")
            if wrong.undone:
                raise OutdatedQuestion("这条决定已经撤销过了", str(number), "请刷新页面，看看现在的情况")
            _check_seen(known, wrong.concepts, seen)
            made = _insert(connection, "undo", wrong.concepts, {"number": number}, actor)
            return next(one for one in _all(connection) if one.number == made)


def _check_seen(known: list[Decision], concepts: Collection[str], seen: int | None) -> None:
    if seen is None:
        return
    newer = [one for one in known if one.number > seen and {*one.concepts} & {*concepts}]
    if newer:
        told = f"{who(newer[-1].actor)}，{local(newer[-1].at)}"
        raise OutdatedQuestion("别人刚刚对这个指标作了决定，您看到的已不是最新的", told, "请刷新页面，看过再决定")


def _insert(
    connection: Connection, action: str, concepts: Collection[str], detail: Mapping[str, Any], actor: str
) -> int:
    row = {
        "action": action,
        "concepts": json.dumps(list(concepts)),
        "detail": json.dumps(dict(detail), ensure_ascii=False),
        "actor": actor,
        "at": now(),
    }
    made = connection.execute(insert(tables.decisions).values(**row)).inserted_primary_key
    return int(made[0]) if made else 0


def _all(connection: Connection) -> list[Decision]:
    rows = connection.execute(select(tables.decisions).order_by(tables.decisions.c.number)).mappings().all()
    details = {row["number"]: json.loads(row["detail"]) for row in rows}
    undone = {details[row["number"]]["number"]: row["number"] for row in rows if row["action"] == "undo"}
    return [
        Decision(
            row["number"],
            row["action"],
            tuple(json.loads(row["concepts"])),
            details[row["number"]],
            row["actor"],
            row["at"],
            undone.get(row["number"]),
        )
        for row in rows
    ]
