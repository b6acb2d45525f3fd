"""Any user query, in a killable child process, behind a gate.

`Pool` serves many (a server keeps one); `query` asks once (the command line). `named_query` gives the text of a
question that is kept by name.
"""

import math
from collections.abc import Sequence
from pathlib import Path

from perfkg.graph.names import BASE
from perfkg.sparql.faults import InvalidQuery, QueryStopped, ResultTooLarge
from perfkg.sparql.formats import FORMATS
from perfkg.sparql.matching import Find
from perfkg.sparql.named import NamedQuery, column, named_queries, named_query, recognised
from perfkg.sparql.pool import LIMIT, MEMORY, TIMEOUT, Pool
from perfkg.sparql.process import Result

__all__ = [
    "FORMATS",
    "LIMIT",
    "MEMORY",
    "TIMEOUT",
    "Find",
    "InvalidQuery",
    "NamedQuery",
    "Pool",
    "QueryStopped",
    "Result",
    "ResultTooLarge",
    "column",
    "named_queries",
    "named_query",
    "query",
    "recognised",
]


def query(
    folder: Path,
    text: str,
    *,
    format: str | Sequence[str] = (),
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    limit: int = LIMIT,
    find: Find | None = None,
    base: str = BASE,
) -> Result:
    """The answer to one query on the store in `folder`: see Pool and Pool.query."""
    with Pool(folder, workers=1, memory=memory, find=find, slow=math.inf, base=base) as pool:
        return pool.query(text, formats=format, timeout=timeout, limit=limit)
