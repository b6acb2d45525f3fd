"""What the SPARQL service can do and what it holds: SPARQL 1.1 Service Description, VoID and DCAT."""

from __future__ import annotations

from collections.abc import Iterator

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pyoxigraph import Literal, NamedNode, Triple

from api.linked import written
from api.negotiation import GRAPHS, SOLUTIONS, accepted
from api.problems import NotAcceptable
from perfkg.graph import PREFIXES, VOCABULARY, term
from perfkg.library import Library

routes = APIRouter(tags=["SPARQL"])

_SPACES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "formats": "http://www.w3.org/ns/formats/",
}
_FORMATS = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
}
_USED = ("perfkg", "dcterms", "org", "prov", "qudt", "schema", "skos", "time")


@routes.get("/.well-known/void", summary="数据集的说明（VoID）")
async def void(request: Request) -> Response:
    """The same description, where catalogues look for it."""
    return await run_sync(described, request)


def described(request: Request) -> Response:
    """The description as Turtle, N-Triples, JSON-LD or RDF/XML. Raises NotAcceptable."""
    library: Library = request.app.state.keeper.library
    wanted = accepted(request.headers.get("accept", ""), GRAPHS)
    if not wanted:
        raise NotAcceptable("所要求的格式都给不出", None, f"可用：{'、'.join(types[0] for types in GRAPHS.values())}")
    endpoint = f"{request.base_url}sparql"
    return written([*_service(endpoint), *_dataset(endpoint, library)], wanted[0], _SPACES)


def _service(endpoint: str) -> Iterator[Triple]:
    me = NamedNode(endpoint)
    yield Triple(me, term("rdf:type"), _name("sd:Service"))
    yield Triple(me, _name("sd:endpoint"), me)
    yield Triple(me, _name("sd:supportedLanguage"), _name("sd:SPARQL11Query"))
    yield Triple(me, _name("sd:feature"), _name("sd:UnionDefaultGraph"))
    yield Triple(me, _name("sd:propertyFeature"), term("perfkg:matches"))
    for name in (*SOLUTIONS, *GRAPHS):
        yield Triple(me, _name("sd:resultFormat"), _name(f"formats:{_FORMATS[name]}"))
    yield Triple(me, _name("sd:defaultDataset"), NamedNode(f"{endpoint}#dataset"))


def _dataset(endpoint: str, library: Library) -> Iterator[Triple]:
    """The dataset: its size, its vocabularies, and the graphs that are not a declaration's."""
    data, default = NamedNode(f"{endpoint}#dataset"), NamedNode(f"{endpoint}#default")
    for kind in ("sd:Dataset", "void:Dataset", "dcat:Dataset"):
        yield Triple(data, term("rdf:type"), _name(kind))
    yield Triple(data, term("dcterms:title"), Literal("绩效目标资料库", language="zh"))
    yield Triple(data, term("dcterms:title"), Literal("Budget performance declarations", language="en"))
    yield Triple(data, _name("void:sparqlEndpoint"), NamedNode(endpoint))
    yield Triple(data, _name("void:uriSpace"), Literal(library.graph.base))
    for prefix in _USED:
        yield Triple(data, _name("void:vocabulary"), NamedNode(PREFIXES[prefix]))
    yield Triple(data, _name("void:triples"), _count(len(library.graph)))
    totals = library.ledger.totals()
    for kind, count in (("Declaration", totals["declarations"]), ("Indicator", totals["indicators"])):
        part = NamedNode(f"{endpoint}#{kind.lower()}s")
        yield Triple(data, _name("void:classPartition"), part)
        yield Triple(part, _name("void:class"), term(f"perfkg:{kind}"))
        yield Triple(part, _name("void:entities"), _count(count))
    yield Triple(data, _name("sd:defaultGraph"), default)
    yield Triple(default, term("rdf:type"), _name("sd:Graph"))
    for graph in VOCABULARY.values():
        node = NamedNode(f"{endpoint}#{graph.value.rpartition('/')[2]}")
        yield Triple(data, _name("sd:namedGraph"), node)
        yield Triple(node, term("rdf:type"), _name("sd:NamedGraph"))
        yield Triple(node, _name("sd:name"), graph)


def _name(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(_SPACES[prefix] + local)


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=term("xsd:integer"))
