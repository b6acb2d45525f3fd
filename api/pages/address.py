"""What stands in the address of a page: every state has one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from api.answers import FormYear

__all__ = ["FormYear", "address"]


def address(path: str, **parameters: Any) -> str:
    """`path` with those of the parameters that say something; of a list each one."""
    said = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(said, doseq=True, errors='replace')}" if said else path
