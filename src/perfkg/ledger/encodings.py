"""Encoded texts, kept beside the ledger so that no text is ever encoded twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from perfkg.ledger import tables
from perfkg.ledger.database import AT_ONCE, Database

if TYPE_CHECKING:
    import numpy as np

    Row = np.ndarray[Any, np.dtype[np.float32]]


class Encodings:
    """A cache of rows by encoder name and text digest; stored as float16, given as float32."""

    def __init__(self, database: Database) -> None:
        """The cache in the ledger's own `database`."""
        self.database = database

    def find(self, encoder: str, digests: Iterable[bytes]) -> dict[bytes, Row]:
        """The rows known for `digests`; the others are left out."""
        import numpy as np

        wanted = list(digests)
        found: dict[bytes, Row] = {}
        with self.database.reading() as connection:
            for start in range(0, len(wanted), AT_ONCE):
                query = select(tables.encodings.c.digest, tables.encodings.c.row).where(
                    tables.encodings.c.encoder == encoder,
                    tables.encodings.c.digest.in_(wanted[start : start + AT_ONCE]),
                )
                for digest, row in connection.execute(query):
                    found[bytes(digest)] = np.frombuffer(row, dtype=np.float16).astype(np.float32)
        return found

    def keep(self, encoder: str, rows: Mapping[bytes, Row]) -> None:
        """Adds `rows`; a digest that another process has added meanwhile is left as it is."""
        import numpy as np

        with self.database.writing() as connection:
            known = tables.encodings.c.encoder == encoder
            there = select(tables.encodings.c.digest).where(known, tables.encodings.c.digest.in_(list(rows)))
            new = set(rows) - {bytes(digest) for digest in connection.scalars(there)}
            values = [
                {"encoder": encoder, "digest": digest, "row": rows[digest].astype(np.float16).tobytes()}
                for digest in sorted(new)
            ]
            if values:
                connection.execute(insert(tables.encodings), values)
