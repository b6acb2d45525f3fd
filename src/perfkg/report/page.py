"""A review as one self-contained web page, for reading and for printing."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from perfkg.report import opinion
from perfkg.report.cells import clean
from perfkg.review import Report


def reviews(reports: Sequence[Report]) -> bytes:
    """The page, with a contents list where there are several forms. It loads nothing from anywhere."""
    import jinja2

    text = resources.files("perfkg.report").joinpath("review.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_clean)
    return environment.from_string(text).render(reports=reports, opinion=opinion).encode("utf-8", "replace")


def _clean(value: object) -> object:
    return clean(value) if type(value) is str else "" if value is None else value
