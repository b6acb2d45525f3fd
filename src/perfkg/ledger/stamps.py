"""When and by whom, as a line of the ledger has it, and as people are told."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time as the ledger writes it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def local(at: str) -> str:
    """A time of the ledger as this machine's clock shows it, to the minute."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def who(actor: str) -> str:
    """Who is noted for a change: a browser by its machine, the command line as this one."""
    return "本机命令行" if actor == "local" else actor.replace("web@", "网页 ")
