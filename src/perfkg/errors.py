"""One family of errors, named by whose fault it is; both doors (command line, HTTP) read it.

Messages are Chinese sentences for the person at the desk: what happened, where, what to do.
"""

from __future__ import annotations

_LONGEST_QUOTE = 80


class PerfkgError(Exception):
    """Base of the family: `what` happened, `where`, and `advice` on what to do next."""

    status = 500

    def __init__(self, what: str, where: str | None = None, advice: str | None = None) -> None:
        """Keeps the three parts apart, so that a page can lay them out."""
        super().__init__(what, where, advice)
        self.what, self.where, self.advice = what, where, advice

    def __str__(self) -> str:
        where = f"（{self.where}）" if self.where else ""
        advice = f"。{self.advice}" if self.advice else ""
        return f"{self.what}{where}{advice}"


class InvalidFile(PerfkgError):
    """The file's fault: missing, unreadable, encrypted, too large, or not a declaration."""

    status = 422


class InvalidQuestion(PerfkgError):
    """The asker's fault: an empty text, a malformed query, an unknown category."""

    status = 400

    def __init__(self, what: str, where: str | None = None, advice: str | None = None) -> None:
        """Quotes of what was asked no more than shows which it was: a question of 5,000 characters is no message."""
        if where and len(where) > _LONGEST_QUOTE:
            where = f"{where[:_LONGEST_QUOTE]}……，共{len(where)}字"
        super().__init__(what, where, advice)


class UnknownId(InvalidQuestion):
    """The asker named something the library does not hold (any more)."""

    status = 404


class OutdatedQuestion(InvalidQuestion):
    """The asker decided on what has changed since they saw it."""

    status = 409


class InvalidLibrary(PerfkgError):
    """The library folder's fault: made by a newer version, not a library, or its disk is full."""

    status = 500


class UnavailableService(PerfkgError):
    """The fault of something behind us: no encoder, or a query stopped at its limit."""

    status = 503
