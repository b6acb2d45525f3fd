"""What an import did, counted from what was read and what the ledger made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from perfkg.errors import InvalidFile
from perfkg.ledger import Receipt
from perfkg.records import Declaration, Json


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: the receipt, the files refused, and what a person should look at."""

    receipt: Receipt
    refused: tuple[tuple[str, InvalidFile], ...]
    declarations: int
    indicators: int
    repaired: int
    unsure: int
    leftovers: int

    @classmethod
    def of(cls, receipt: Receipt, read: Sequence[Declaration], refused: tuple[tuple[str, InvalidFile], ...]) -> Self:
        """The report of what was `read`, and of the files `refused` with their reasons."""
        rows = [row for declaration in read for row in declaration.indicators]
        repairs = sum(len(declaration.repairs) for declaration in read) + sum(len(row.repairs) for row in rows)
        leftovers = sum(len(declaration.leftovers) for declaration in read)
        return cls(receipt, refused, len(read), len(rows), repairs, sum(bool(row.unsure) for row in rows), leftovers)

    def as_json(self) -> Json:
        """As `perfkg import --json` and the jobs of the server give it."""
        return {
            "declarations": self.declarations,
            "indicators": self.indicators,
            "recorded": list(self.receipt.recorded),
            "revised": list(self.receipt.revised),
            "unchanged": list(self.receipt.unchanged),
            "repairs": self.repaired,
            "unsure": self.unsure,
            "leftovers": self.leftovers,
            "refused": [{"file": name, "reason": str(refusal)} for name, refusal in self.refused],
            "change": self.receipt.change,
            "import": self.receipt.number,
        }
