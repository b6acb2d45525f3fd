"""The SPARQL that a structured question stands on: what `perfkg sparql` gives the rows again by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfkg import schemes
from perfkg.ask.topics import Topic, quoted
from perfkg.ask.understanding import Understanding
from perfkg.ask.wordlists import names, pattern
from perfkg.records import Target
from perfkg.search.wanted import bounds


def declarations(slots: Understanding, topic: Topic | None = None, where: str = "name") -> str:
    """The declarations that pass the filters, and whose name, objective, indicators or any of them hold the topic."""
    places = {"name": _NAME, "objective": _OBJECTIVE, "indicators": _INDICATORS, "anywhere": _ANYWHERE}
    lines = [*_scope(slots), _money(slots)]
    if topic:
        found = places[where].replace("%", topic.sparql("?text"))
        lines = [*lines, found] if where == "name" else [found, *lines]
    if slots.number and slots.measure == "funding" and slots.subject != "organizations":
        lines.append(_compared("?total", slots))
    if slots.part and slots.number is None and slots.intent in {"list", "count"}:
        lines.append("FILTER(?total > 0)")
    return _query(_FORMS, lines, "DESC(?total) ?declaration")


def indicators(slots: Understanding, topic: Topic | None = None, numbered: bool = False, where: str = "row") -> str:
    """The indicators that pass the filters and hold the topic; with their numbers if asked for one, or `numbered`.

    `where` is title (category and name), row (the value as well), project: then the project's name may hold a part
    of the topic, the row the last part (道路项目的满意度); or named: the project's name holds it all.
    """
    number = slots.number if slots.measure is None else None
    lines = [*_narrowing(slots, topic, where), "?form perfkg:indicator ?row .", *_scope(slots)]
    lines += [_money(slots), _INDICATOR]
    if topic:
        lines += _holding(topic, where)
    if numbered and not number:
        lines.append(f"OPTIONAL {{ {_TARGET} }}")
    return _query(_ROW, lines, _ORDER)


def _narrowing(slots: Understanding, topic: Topic | None, where: str) -> Iterator[str]:
    """What leaves few indicators, first: on a large graph all that follows is asked of these alone."""
    if slots.number and slots.measure is None:
        often = " ?target a perfkg:FrequencyTarget ." if slots.number.kind == "frequency" else ""
        yield f"{{ SELECT ?row ?number ?unit {{ {_TARGET}{often}  {_compared('?number', slots)} }} }}"
    if slots.category:
        yield _of_category(slots.category)
    if topic and where == "named":
        return
    if topic and not slots.category and (slots.number is None or slots.measure is not None):
        said = "schema:name|perfkg:level2" if where == "title" else "schema:name|perfkg:level2|perfkg:value"
        first = (topic.last if where == "project" else topic).longest.sparql("?said")
        yield f"{{ SELECT DISTINCT ?row {{ ?row {said} ?said  FILTER({first}) }} }}"


def _holding(topic: Topic, where: str) -> list[str]:
    if where == "named":
        return [f"FILTER({topic.sparql(_PROJECT)})"]
    if where == "project":
        return [_TEXT, f"FILTER({topic.last.sparql('?text')})", _BOTH, f"FILTER({topic.sparql('?both')})"]
    return [_TITLE if where == "title" else _TEXT, f"FILTER({topic.sparql('?text')})"]


def lacking(slots: Understanding, topic: Topic | None) -> str:
    """The declarations that pass the filters and have no indicator of the category, or none that holds the topic."""
    if slots.scope == "anywhere" and topic:
        body = _ANYWHERE.replace("%", topic.sparql("?text"))
        return _query(_FORMS, [*_about(slots), f"MINUS {{\n    {body}\n  }}"], "?organization ?year ?project")
    inner = ["?form perfkg:indicator ?row ."]
    if slots.category:
        inner.append(_of_category(slots.category))
    if topic:
        texts = (("perfkg:level2", "category"), ("schema:name", "name"), ("perfkg:value", "value"))
        inner += [f"OPTIONAL {{ ?row {predicate} ?{name} }}" for predicate, name in texts]
        inner += [_TEXT, f"FILTER({topic.sparql('?text')})"]
    body = "\n    ".join(inner)
    return _query(_FORMS, [*_about(slots), f"MINUS {{\n    {body}\n  }}"], "?organization ?year ?project")


def of_rich(query: str, number: Target) -> str:
    """The rows of a query in projects with so much money: 资金超过1000万的项目的满意度."""
    _, tests = bounds(number) or ("", [])
    passing = " && ".join(f"?total {comparator} {bound:.12g}" for comparator, bound in tests)
    return f"SELECT * {{\n{{ {query} }}\nFILTER({passing})\n}}"


def concepts(category: str) -> list[str]:
    """The IRIs of the concepts that a category is called by."""
    wanted = schemes.named(category) or schemes.find(category)
    return [one.iri for one in schemes.concepts() if one.id in wanted]


def telling(category: str) -> list[str]:
    """The words by which a name alone tells that an indicator is of the category, where its form gives no heading."""
    of = {id for one in names("telling") for id in (schemes.named(one) or schemes.find(one))}
    wanted = schemes.named(category) or schemes.find(category)
    return [
        word
        for one in names("telling")
        if wanted and wanted <= of
        for word in pattern("telling", one).pattern.split("|")
    ]


def _about(slots: Understanding) -> Iterator[str]:
    """The declarations that pass the filters, of projects named for what they are about."""
    yield from _scope(slots)
    yield _money(slots)
    if slots.about:
        yield _NAME.replace("%", Topic(slots.about).sparql("?text")).replace("?text", "?named")


_SCOPE = {"project": "projectAsWritten", "organization": "organizationAsWritten", "year": "year"}
_PROJECT = 'COALESCE(?project, "")'
_FORMS = "?declaration ?project ?organization ?year ?total"
_MONEY = {None: "schema:value", "fiscal": "perfkg:fiscalFunding", "other": "perfkg:otherFunding"}
_ROW = "?indicator ?declaration ?project ?organization ?year ?total ?category ?name ?value ?actual ?number ?unit"
_ORDER = "?organization ?year ?indicator ?number"
_WORDS = """OPTIONAL { ?row perfkg:level2 ?category }  OPTIONAL { ?row schema:name ?name }
  OPTIONAL { ?row perfkg:value ?value }"""
_ABOUT = "?row dcterms:identifier ?indicator .  OPTIONAL { ?row perfkg:actual ?actual }"
_INDICATOR = f"""?row dcterms:identifier ?indicator .
  {_WORDS}  OPTIONAL {{ ?row perfkg:actual ?actual }}"""
_TEXT = 'BIND(CONCAT(COALESCE(?category, ""), " ", COALESCE(?name, ""), " ", COALESCE(?value, "")) AS ?text)'
_TITLE = 'BIND(CONCAT(COALESCE(?category, ""), " ", COALESCE(?name, "")) AS ?text)'
_BOTH = 'BIND(CONCAT(COALESCE(?project, ""), " ", ?text) AS ?both)'
_TARGET = "?row perfkg:target ?target . ?target perfkg:canonicalValue ?number ; perfkg:canonicalUnit ?unit ."
_NAME = 'BIND(COALESCE(?project, "") AS ?text)\n  FILTER(%)'
_OBJECTIVE = "?form perfkg:objective ?text .\n  FILTER(%)"
_ROWS = "{ ?row schema:name|perfkg:value ?text"
_INDICATORS = f"{{ SELECT DISTINCT ?form {_ROWS}  FILTER(%)  ?form perfkg:indicator ?row }} }}"
_ANYWHERE = f"""{{ SELECT DISTINCT ?form {{
    {{ ?form perfkg:projectAsWritten|perfkg:objective ?text  FILTER(%) }}
    UNION {_ROWS}  FILTER(%)  ?form perfkg:indicator ?row }}
  }} }}"""


def _query(columns: str, lines: Iterable[str], order: str) -> str:
    body = "\n  ".join(lines)
    return f"SELECT DISTINCT {columns} {{\n  {body}\n}} ORDER BY {order}"


def _scope(slots: Understanding) -> Iterator[str]:
    named = (("organization", slots.organizations), ("project", slots.projects))
    wanted = {name: f"VALUES ?{name} {{ {' '.join(map(quoted, values))} }}" for name, values in named if values}
    if slots.years:
        wanted["year"] = f"VALUES ?year {{ {' '.join(map(str, slots.years))} }}"
    said = {name: f"?form perfkg:{predicate} ?{name} ." for name, predicate in _SCOPE.items()}
    # Each with its own values: values of two beside each other would be tried in all pairs.
    yield from (f"{values}  {said[name]}" for name, values in wanted.items())
    yield "?form a perfkg:Declaration ; dcterms:identifier ?declaration ."
    not_ = "" if slots.kind == "self-evaluation" else "NOT "
    yield f"FILTER {not_}EXISTS {{ ?form a perfkg:SelfEvaluation }}"
    yield from (f"OPTIONAL {{ {stated} }}" for name, stated in said.items() if name not in wanted)
    if slots.unlike:
        yield f"FILTER(!({Topic(slots.unlike).sparql(_PROJECT)}))"
    if slots.without:
        yield f'FILTER(COALESCE(?organization, "") NOT IN ({", ".join(map(quoted, slots.without))}))'


def _money(slots: Understanding) -> str:
    return f"OPTIONAL {{ ?form perfkg:funding/{_MONEY[slots.part]} ?total }}"


def _compared(variable: str, slots: Understanding) -> str:
    assert slots.number
    unit, tests = bounds(slots.number) or ("", [])
    conditions = [f"{variable} {comparator} {number:.12g}" for comparator, number in tests]
    if variable == "?number":
        conditions.insert(0, f"?unit = {quoted(unit)}")
    return f"FILTER({' && '.join(conditions)})"


def _of_category(category: str) -> str:
    filed = (
        f"VALUES ?concept {{ {' '.join(f'<{one}>' for one in concepts(category))} }}  ?row dcterms:subject ?concept ."
    )
    words = [f"CONTAINS(?called, {quoted(word)})" for word in telling(category)]
    if not words:
        return filed
    named = (
        f"?row schema:name ?called  FILTER({' || '.join(words)})  FILTER NOT EXISTS {{ ?row perfkg:level2 ?second }}"
    )
    return f"{{ SELECT DISTINCT ?row {{ {{ {filed} }} UNION {{ {named} }} }} }}"
