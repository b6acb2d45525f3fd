"""The names of the graph: prefixes, terms written as `prefix:name`, and the IRIs of what the library holds."""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from urllib.parse import quote

from pyoxigraph import NamedNode

from perfkg.errors import InvalidLibrary

BASE = "https://perfkg.example/id/"
"""Where identifiers live unless a setting says otherwise; the HTTP API answers them."""

SETTING = "PERFKG_BASE"
"""The environment variable that says otherwise."""

PREFIXES = {
    "perfkg": "https://perfkg.example/ontology#",
    "scheme": "https://perfkg.example/scheme/",
    "unit": "https://perfkg.example/unit/",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qudt": "http://qudt.org/schema/qudt/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "time": "http://www.w3.org/2006/time#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Known in every query without being declared."""

_LONGEST = 120
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_BASE = re.compile(r"https?://[^\s<>\"{}|\\^`?#/]+/(?:[^\s<>\"{}|\\^`?#]*/)?")


@lru_cache(maxsize=4096)
def term(name: str) -> NamedNode:
    """The node of a prefixed name: `term("perfkg:value")`."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def iri(kind: str, id: str, base: str = BASE) -> NamedNode:
    """The node of one thing: its `kind` (declaration, indicator, organization, project …) and its id."""
    return NamedNode(base + local(kind, id))


def local(kind: str, id: str) -> str:
    """What follows the base in the IRI of one thing.

    Chinese stays readable; what an IRI may not hold is percent-encoded, and an over-long id ends in a digest.
    """
    if len(id) > _LONGEST:
        id = id[:_LONGEST] + "~" + hashlib.sha256(id.encode()).hexdigest()[:16]
    if not _PLAIN.fullmatch(id):
        id = "".join(c if c.isalnum() else quote(c, safe="-._~") for c in id)
    return f"{kind}/{id}"


def base() -> str | None:
    """The base IRI that the environment variable PERFKG_BASE sets; None where it sets none. Raises InvalidLibrary."""
    wanted = os.environ.get(SETTING, "").strip()
    if not wanted:
        return None
    if not _BASE.fullmatch(wanted) or any(space.startswith(wanted) for space in PREFIXES.values()):
        raise InvalidLibrary(
            f"{SETTING} 不能用作标识符的开头",
            wanted,
            "应当是 http 或 https 网址，以 / 结尾，例如 https://jixiao.example.gov.cn/id/",
        )
    return wanted
