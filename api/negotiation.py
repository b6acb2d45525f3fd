"""Content negotiation: which of our formats an Accept header asks for, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Offers = Mapping[str, Sequence[str]]
"""A format's name to its media types."""

SOLUTIONS: Offers = {
    "json": ("application/sparql-results+json", "application/json"),
    "xml": ("application/sparql-results+xml", "application/xml", "text/xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
}
GRAPHS: Offers = {
    "ttl": ("text/turtle", "application/x-turtle"),
    "nt": ("application/n-triples", "text/plain"),
    "jsonld": ("application/ld+json", "application/json"),
    "rdf": ("application/rdf+xml",),
}
PAGE: Offers = {"html": ("text/html", "application/xhtml+xml")}


def accepted(header: str, offers: Offers) -> list[str]:
    """The names of `offers` that `header` accepts, best first, ties in our order; all where there is no header."""
    wanted = _wanted(header) or {"*/*": 1.0}
    quality = {name: max(_quality(one, wanted) for one in types) for name, types in offers.items()}
    return sorted((name for name in offers if quality[name] > 0), key=lambda name: -quality[name])


def _wanted(header: str) -> dict[str, float]:
    """Media range to quality; what cannot be read of a header is left out."""
    found = {}
    for part in header.split(","):
        media, *parameters = (piece.strip() for piece in part.lower().split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        if media:
            found[media] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
    return found


def _quality(media: str, wanted: Mapping[str, float]) -> float:
    """The most specific range counts."""
    ranges = (media, media.partition("/")[0] + "/*", "*/*")
    return next((wanted[one] for one in ranges if one in wanted), 0.0)
