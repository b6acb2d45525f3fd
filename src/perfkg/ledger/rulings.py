"""What reviewers decided of findings: accepted or dismissed, why, by whom, when. Nothing is overwritten.

A ruling is of a form's content, recorded or not (its `content_digest`), and of one finding's key: a form that says
something else is to be looked at anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, inspect, select

from perfkg.ledger import tables
from perfkg.ledger.database import Database
from perfkg.ledger.stamps import now

ACCEPTED, DISMISSED, OPEN = DECISIONS = ("accepted", "dismissed", "open")
"""OPEN takes back what was decided."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision on one finding; `actor` and `at` (ISO, UTC) are None for one that is kept in a browser alone."""

    decision: str
    reason: str
    actor: str | None = None
    at: str | None = None


class Rulings:
    """The rulings in the ledger's own `database`. Their table is made with the first of them."""

    def __init__(self, database: Database) -> None:
        """Nothing is read before it is asked for."""
        self.database = database

    def record(self, form: str, finding: str, ruling: Ruling, actor: str) -> Ruling:
        """Adds a ruling on `finding` of the form with the content digest `form`; gives it as recorded."""
        made = Ruling(ruling.decision, ruling.reason, actor, now())
        with self.database.writing() as connection:
            tables.rulings.create(connection, checkfirst=True)
            row = {"decision": made.decision, "reason": made.reason, "actor": made.actor, "at": made.at}
            connection.execute(insert(tables.rulings).values(form=form, finding=finding, **row))
        return made

    def of(self, forms: Collection[str]) -> dict[str, dict[str, Ruling]]:
        """By form and finding the last ruling, where it is not taken back."""
        found: dict[str, dict[str, Ruling]] = {form: {} for form in forms}
        columns = tables.rulings.c
        query = select(tables.rulings).where(columns.form.in_(list(forms))).order_by(columns.number)
        with self.database.reading() as connection:
            if not forms or not inspect(connection).has_table(tables.rulings.name):
                return found
            for row in connection.execute(query).mappings():
                found[row["form"]].pop(row["finding"], None)
                if row["decision"] != OPEN:
                    made = Ruling(row["decision"], row["reason"], row["actor"], row["at"])
                    found[row["form"]][row["finding"]] = made
        return found
