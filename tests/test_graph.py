from __future__ import annotations

import copy
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, parse

from perfkg import sparql
from perfkg.errors import InvalidFile, InvalidLibrary, InvalidQuestion
from perfkg.graph import BASE, PREFIXES, VOCABULARY, GraphStore, iri, organizations, quads, term
from perfkg.graph.validation import validate, violations
from perfkg.ledger import Change
from perfkg.records import Declaration, as_json

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
SAMPLE: dict[str, Any] = json.loads((CASES / "declaration.json").read_text("utf-8"))
VIOLATIONS = json.loads((CASES / "violations.json").read_text("utf-8"))
OURS = PREFIXES["perfkg"]


def _declaration(**changed: Any) -> Declaration:
    return replace(Declaration.from_json(copy.deepcopy(SAMPLE)), **changed)


def _numbered(number: int, **changed: Any) -> Declaration:
    one = _declaration(id=f"d{number}", **changed)
    return replace(one, indicators=tuple(replace(row, id=f"d{number}.{n}") for n, row in enumerate(one.indicators)))


def _record(number: int, declaration: Declaration) -> Change:
    return Change(number, "record", declaration.id, 1, declaration)


def _withdraw(number: int, id: str) -> Change:
    return Change(number, "withdraw", id, 1, None)


def _known(store: GraphStore) -> set[Quad]:
    """What the store holds of declarations: all but the vocabulary and the state."""
    return {quad for quad in store.store if str(quad.graph_name).startswith(f"<{BASE}")}


def _said(given: set[Quad], subject: NamedNode, name: str) -> set[str]:
    about = {quad.object for quad in given if quad.subject == subject and quad.predicate == term(name)}
    return {node.value for node in about if isinstance(node, NamedNode | Literal)}


def test_a_declaration_is_told_in_full() -> None:
    given = set(quads(_declaration()))
    me, row = iri("declaration", "d1"), iri("indicator", "d1.1")
    assert _said(given, me, "perfkg:year") == {"2021"}
    assert _said(given, me, "perfkg:organization") == {BASE + "organization/盐边县公安局"}
    assert _said(given, me, "perfkg:organizationAsWritten") == {"[066]盐 边县公安局"}
    assert _said(given, me, "perfkg:organizationCode") == {"066"}
    assert _said(given, me, "perfkg:objective") == {'保障网络畅通；\n"不断网"'}
    assert _said(given, me, "perfkg:leftover") == {"填报人：张三"}
    assert len(_said(given, me, "perfkg:indicator")) == 2
    assert _said(given, row, "dcterms:subject") == {PREFIXES["scheme"] + "sichuan/quality"}
    assert _said(given, row, "perfkg:level1") == {"项目完成"}
    assert _said(given, row, "perfkg:value") == {"24小时"}
    assert _said(given, row, "perfkg:unsure") == {"true"}
    assert _said(given, row, "perfkg:place") == {"第12行"}
    assert _said(given, iri("funding", "d1"), "schema:value") == {"147600"}
    assert _said(given, iri("funding", "d1"), "perfkg:asWritten") == {"14.760万元"}
    assert _said(given, iri("repair", "d1.1.1"), "perfkg:rule") == {"shifted-cells"}
    assert _said(given, iri("source", "d1"), "schema:sha256") == {"00ff"}


def test_targets_are_told_as_understood() -> None:
    given = set(quads(_declaration()))

    def said(number: int, name: str) -> set[str]:
        return _said(given, iri("target", f"d1.2.{number}"), name)

    hours = iri("target", "d1.1.1")
    assert _said(given, hours, "qudt:hasUnit") == {PREFIXES["unit"] + "hour"}
    assert _said(given, hours, "perfkg:canonicalValue") == {"24"}
    assert (said(1, "perfkg:comparator"), said(1, "qudt:numericValue")) == ({">="}, {"95"})
    assert (said(2, "schema:startDate"), said(2, "schema:endDate")) == ({"2021-01-01"}, {"2021-12-31"})
    assert (said(3, "qudt:numericValue"), said(3, "qudt:ucumCode")) == ({"2"}, {"/mo"})
    assert (said(4, "schema:minValue"), said(4, "schema:maxValue")) == ({"3"}, {"5"})
    assert said(4, "rdfs:label") == {"设备"}
    assert said(5, "perfkg:doubt") == {"不知道和哪一年比"}
    assert term("perfkg:TrendTarget").value in said(5, "rdf:type")


def test_the_graph_is_made_from_content_alone() -> None:
    first, again = list(quads(_declaration())), list(quads(_declaration()))
    assert first == again
    assert not [quad for quad in first if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)]
    elsewhere = list(quads(_declaration(), "http://budget.test/id/"))
    assert [str(quad).replace("http://budget.test/id/", BASE) for quad in elsewhere] == [str(quad) for quad in first]


def test_a_bare_declaration_has_no_empty_words() -> None:
    bare = _declaration(
        title=None, year=None, organization=None, project=None, department=None, implementer=None, objective=None,
        indicators=(), leftovers=(), notes=(), repairs=(), project_code=None, funding=Declaration.from_json(
            SAMPLE | {"funding": {"total": None, "fiscal": None, "other": None, "text": None}}).funding,
    )  # fmt: skip
    given = list(quads(bare))
    assert {quad.graph_name for quad in given} == {iri("declaration", "d1")}
    assert [quad for quad in given if isinstance(quad.object, Literal) and quad.object.value in ("", "None")] == []


@pytest.mark.parametrize("id", ["a b/c?d#e", "甲〔2021〕第3号", '<>"{}|\\^`%', "项目·二期", "长" * 400])
def test_any_id_makes_an_iri_of_its_own(id: str) -> None:
    node = iri("project", id)
    assert node.value.startswith(BASE + "project/")
    assert not re.search(r"[\s<>\"{}|\\^`#?]", node.value)
    assert len(node.value) < 400
    assert node != iri("project", id + "x")


@pytest.mark.parametrize(
    ("name", "folded", "code", "area", "whole"),
    [
        ("盐边县公安局", "盐边县公安局", None, "盐边县", None),
        ("盐边县 公安局交警大队", "盐边县公安局交警大队", None, "盐边县", "盐边县公安局"),
        ("[066]六安市农业农村局", "六安市农业农村局", "066", "六安市", None),
        ("２１９００１—池州市教育局", "池州市教育局", "219001", "池州市", None),
        ("中国共产党盐边县委员会办公室", "中国共产党盐边县委员会办公室", None, "盐边县", "中国共产党盐边县委员会"),
        ("武汉市青山区教育局", "武汉市青山区教育局", None, "武汉市青山区", None),
        ("北京市市场监督管理局", "北京市市场监督管理局", None, "北京市", None),
        ("盐边县城市管理局", "盐边县城市管理局", None, "盐边县", None),
        ("110指挥中心", "110指挥中心", None, None, None),
        ("南岳镇政府（本级）", "南岳镇政府(本级)", None, None, "南岳镇人民政府"),
    ],
)
def test_a_name_tells_which_organization_it_means(
    name: str, folded: str, code: str | None, area: str | None, whole: str | None
) -> None:
    assert organizations.fold(name) == folded
    assert organizations.code(name) == code
    assert organizations.area(name) == area
    assert organizations.whole(name) == whole


PAIRS = json.loads((Path(__file__).parent / "cases" / "organizations.json").read_text("utf-8"))


@pytest.mark.parametrize(("one", "other", "why"), PAIRS["same"])
def test_names_that_differ_in_spelling_alone_mean_one_organization(one: str, other: str, why: str) -> None:
    assert organizations.formal(one) == organizations.formal(other), why
    assert organizations.formal(organizations.formal(one)) == organizations.formal(one)


@pytest.mark.parametrize(("one", "other", "why"), PAIRS["apart"])
def test_names_that_do_not_show_it_are_kept_apart(one: str, other: str, why: str) -> None:
    assert organizations.formal(one) != organizations.formal(other), why


@pytest.mark.parametrize(("name", "whole", "area"), PAIRS["parts"])
def test_a_name_shows_where_an_organization_belongs_or_nothing(name: str, whole: str | None, area: str | None) -> None:
    assert (organizations.whole(name), organizations.area(name)) == (whole, area)


def test_spellings_of_one_organization_are_one_node_and_others_are_not() -> None:
    store = GraphStore()
    names = ["盐边县公安局", "盐边县 公安局", "[066]盐边县公安局", "盐边县公安局（本级）"]
    store.apply([_record(n, _numbered(n, organization=name)) for n, name in enumerate(names, start=1)])
    nodes = {quad.object for quad in store.store.quads_for_pattern(None, term("perfkg:organization"), None)}
    assert len(nodes) == 2
    written = store.store.quads_for_pattern(None, term("perfkg:organizationAsWritten"), None)
    assert {quad.object.value for quad in written if isinstance(quad.object, Literal)} == set(names)
    query = sparql.named_query("organization-spellings").text
    rows = store.store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    assert [(row["written"].value, row["evidence"].value) for row in rows] == [
        ("[066]盐边县公安局", "去掉编码后相同"),
        ("盐边县 公安局", "统一写法后相同"),
        ("盐边县公安局（本级）", "统一写法后相同"),
    ]


def test_applying_adds_revises_and_withdraws_and_leaves_no_trace() -> None:
    store = GraphStore()
    empty = _known(store)
    first, second = _numbered(1), _numbered(2, organization="盐边县财政局", year=2022)
    store.apply([_record(1, first), _record(2, second)])
    assert _known(store) == set(quads(first)) | set(quads(second))
    assert store.change == 2
    revised = replace(first, year=2023, organization="盐边县信访局", implementer=None)
    store.apply([Change(3, "revise", "d1", 2, revised)])
    assert _known(store) == set(quads(revised)) | set(quads(second))
    store.apply([_withdraw(4, "d1"), _withdraw(5, "d2")])
    assert _known(store) == empty
    assert store.change == 5


def test_the_last_word_on_a_declaration_counts() -> None:
    store = GraphStore()
    store.apply([_record(1, _numbered(1)), Change(2, "revise", "d1", 2, _numbered(1, year=2030)), _withdraw(3, "d1")])
    assert (_known(store), store.change) == (set(), 3)
    store.apply([])
    assert store.change == 3


def test_what_declarations_share_stays_while_one_speaks_of_it() -> None:
    store = GraphStore()
    store.apply([_record(n, _numbered(n)) for n in (1, 2)])
    store.apply([_withdraw(3, "d1")])
    assert _known(store) == set(quads(_numbered(2)))


def test_no_triple_is_in_two_graphs() -> None:
    store = GraphStore()
    store.apply([_record(n, _numbered(n, year=2020 + n % 2)) for n in range(1, 6)])
    counted = Counter(quad.triple for quad in store.store)
    assert [triple for triple, times in counted.items() if times > 1] == []


def test_a_failed_change_changes_nothing() -> None:
    store = GraphStore()
    store.apply([_record(1, _numbered(1))])
    before = _known(store)
    broken = _numbered(2, objective="\ud800")
    with pytest.raises(ValueError, match="literal"):
        store.apply([_withdraw(2, "d1"), _record(3, broken)])
    assert (_known(store), store.change) == (before, 1)


def test_the_store_keeps_what_it_was_told(tmp_path: Path) -> None:
    store = GraphStore(tmp_path / "graph")
    store.apply([_record(7, _numbered(1))])
    with pytest.raises(InvalidLibrary, match="另一个程序"):
        GraphStore(tmp_path / "graph")
    reader = GraphStore(tmp_path / "graph", writing=False)
    assert (_known(reader), reader.change) == (set(quads(_numbered(1))), 7)
    store.close()
    again = GraphStore(tmp_path / "graph")
    assert (again.change, len(again)) == (7, len(reader))
    again.close()


def test_a_reader_opens_while_a_writer_writes(tmp_path: Path) -> None:
    for number in range(12):
        store = GraphStore(tmp_path / str(number))
        store.apply([_record(1, _numbered(1))])
        assert GraphStore(tmp_path / str(number), writing=False).change == 1
        store.close()


def test_many_at_once_are_written_in_bulk_and_a_cut_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfkg.graph.store._BULK", 100)
    many = [_numbered(number) for number in range(1, 5)]
    store = GraphStore(tmp_path / "graph")
    store.apply([_record(number, one) for number, one in enumerate(many, start=1)])
    assert _known(store) == {quad for one in many for quad in quads(one)}
    assert store.change == 4
    store.apply([_record(5, replace(many[0], year=2030))])
    assert _known(store) == {quad for one in [replace(many[0], year=2030), *many[1:]] for quad in quads(one)}

    def cut(name: str) -> None:
        raise KeyboardInterrupt(name)

    whole = store._write
    monkeypatch.setattr(store, "_write", lambda *given: cut("x") if len(given) == 3 else whole(*given))
    with pytest.raises(KeyboardInterrupt):
        store.apply([_record(6, _numbered(6))])
    monkeypatch.undo()
    store.close()
    with pytest.raises(InvalidLibrary, match="没有写完"):
        GraphStore(tmp_path / "graph")


def test_a_store_of_another_kind_is_refused(tmp_path: Path) -> None:
    GraphStore(tmp_path / "graph").close()
    with pytest.raises(InvalidLibrary, match="重建"):
        GraphStore(tmp_path / "graph", base="http://budget.test/id/")
    with pytest.raises(InvalidLibrary):
        GraphStore(tmp_path / "nowhere", writing=False)


@pytest.mark.parametrize("how", ["delete", "truncate"])
def test_a_damaged_store_is_noticed_or_unharmed(tmp_path: Path, how: str) -> None:
    whole = tmp_path / "whole"
    store = GraphStore(whole)
    store.apply([_record(1, _numbered(1))])
    store.store.flush()
    store.close()
    outcomes = set()
    for file in sorted(whole.iterdir()):
        damaged = tmp_path / "damaged"
        shutil.copytree(whole, damaged)
        if how == "delete":
            (damaged / file.name).unlink()
        else:
            (damaged / file.name).write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        try:
            opened = GraphStore(damaged)
        except InvalidLibrary:
            outcomes.add("refused")
        else:
            outcomes.add("opened")
            assert _known(opened) == (set(quads(_numbered(1))) if opened.change else set()), file.name
            opened.close()
        shutil.rmtree(damaged)
    assert outcomes == {"refused", "opened"}


def test_exports_are_whole(tmp_path: Path) -> None:
    store = GraphStore()
    store.apply([_record(1, _numbered(1))])
    everything = set(store.store)
    for ending in (".nq", ".trig", ".jsonld"):
        store.export(tmp_path / f"all{ending}")
        format = RdfFormat.from_extension(ending[1:])
        assert format
        assert set(parse((tmp_path / f"all{ending}").read_bytes(), format=format)) == everything
    triples = {quad.triple for quad in everything}
    for ending in (".nt", ".ttl"):
        store.export(tmp_path / f"all{ending}")
        format = RdfFormat.from_extension(ending[1:])
        assert format
        assert {one.triple for one in parse((tmp_path / f"all{ending}").read_bytes(), format=format)} == triples
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.jsonld", "all.nq", "all.nt", "all.trig", "all.ttl"]


def test_an_export_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    store = GraphStore()
    with pytest.raises(InvalidQuestion, match=r"\.ttl"):
        store.export(tmp_path / "graph.docx")
    with pytest.raises(InvalidFile, match="写不进去"):
        store.export(tmp_path / "no folder" / "graph.ttl")


@pytest.mark.parametrize("case", VIOLATIONS, ids=lambda case: "/".join(map(str, case["at"])) + f"={case['to']!s:.20}")
def test_shapes_find_what_is_wrong_and_nothing_else(case: dict[str, Any]) -> None:
    sample = copy.deepcopy(SAMPLE)
    sample["indicators"][1]["name"] = "社会评价"
    holder = sample
    for step in case["at"][:-1]:
        holder = holder[step]
    holder[case["at"][-1]] = case["to"]
    found = validate(Declaration.from_json(sample))
    assert sorted({one.shape for one in found}) == case["shapes"]
    assert all(re.search("[一-鿿]", one.message) and one.severity in ("violation", "warning") for one in found)


LACKING = {"identifier": "dcterms:identifier", "currency": "schema:currency", "position": "schema:position",
           "written": "perfkg:asWritten", "reason": "perfkg:reason"}  # fmt: skip
"""Shapes of what a record cannot lack, tried on a graph that does."""


@pytest.mark.parametrize(("shape", "name"), LACKING.items())
def test_a_graph_that_lacks_what_every_record_has_is_noticed(shape: str, name: str) -> None:
    whole = [quad.triple for quad in quads(_declaration())]
    kept = [one for one in whole if one.predicate != term(name)]
    assert len(kept) < len(whole)
    assert shape in {one.shape for one in violations(kept)} - {one.shape for one in violations(whole)}


def test_every_shape_is_tried_by_a_sample() -> None:
    named = set(
        re.findall(r"^shape:([a-z]+) sh:path", (files("graph") / "shapes.ttl").read_text("utf-8"), re.MULTILINE)
    )
    tried = {shape for case in VIOLATIONS for shape in case["shapes"]}
    assert named - tried == set(LACKING)


def _defined() -> dict[str, dict[str, set[str]]]:
    """Each own term of the ontology with its labels and comments by language."""
    terms: dict[str, dict[str, set[str]]] = {}
    for triple in parse((files("graph") / "ontology.ttl").read_bytes(), format=RdfFormat.TURTLE):
        if isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(OURS):
            about = terms.setdefault(triple.subject.value.removeprefix(OURS), {})
            if isinstance(triple.object, Literal):
                about.setdefault(triple.predicate.value.rsplit("#")[-1], set()).add(triple.object.language or "")
            else:
                about.setdefault("is", set()).add(str(triple.object))
    return terms


def _used() -> Iterator[str]:
    """The own terms that the code and the data files write."""
    for path in [*(ROOT / "src" / "perfkg" / "graph").glob("*.py"), *(ROOT / "graph").rglob("*.*")]:
        if path.suffix in (".py", ".ttl", ".rq") and path.name != "ontology.ttl":
            yield from re.findall(r"(?<![\w:])perfkg:(\w+)", path.read_text("utf-8"))


def test_the_ontology_and_the_code_have_the_same_terms() -> None:
    assert set(_used()) == set(_defined())


def test_every_term_is_explained_in_both_languages() -> None:
    for name, about in _defined().items():
        assert about["label"] == about["comment"] == {"zh", "en"}, name
        assert about["is"], name


def test_what_is_written_keeps_to_domain_and_range() -> None:
    given = set(quads(_numbered(1, year=2021, kind="self-evaluation", term_objective="长期")))
    types: dict[str, set[str]] = {}
    for quad in given:
        if quad.predicate == term("rdf:type"):
            types.setdefault(str(quad.subject), set()).add(str(quad.object))
    ontology = set(parse((files("graph") / "ontology.ttl").read_bytes(), format=RdfFormat.TURTLE))
    for quad in given:
        for rule in ontology:
            if rule.subject != quad.predicate:
                continue
            if rule.predicate == term("rdfs:domain"):
                assert str(rule.object) in types[str(quad.subject)], quad
            if rule.predicate == term("rdfs:range"):
                kinds = {str(quad.object.datatype)} if isinstance(quad.object, Literal) else types[str(quad.object)]
                assert str(rule.object) in kinds, quad


def test_the_vocabulary_is_in_the_store_in_graphs_of_its_own() -> None:
    store = GraphStore()
    for graph in VOCABULARY.values():
        assert store.store.contains_named_graph(graph)
    scheme = term("scheme:2015/quality")
    assert [quad.graph_name for quad in store.store.quads_for_pattern(scheme, term("rdf:type"), None)] == [
        VOCABULARY["schemes.ttl"]
    ]


def test_the_json_of_a_declaration_is_the_graph_in_json_ld() -> None:
    context = json.loads((files("graph") / "context.jsonld").read_text("utf-8"))
    told = json.loads(json.dumps(as_json(_declaration()))) | context
    linked = {_outline(quad) for quad in parse(json.dumps(told), format=RdfFormat.JSON_LD)}
    own = iri("declaration", "d1")
    stored = {_outline(quad) for quad in quads(_declaration()) if quad.graph_name == own}
    used = {predicate for _, predicate, _ in linked} - {term("rdf:type").value}
    assert {one for one in linked if one[1] in used and one[2] != "false"} == {one for one in stored if one[1] in used}
    assert linked - stored == {one for one in linked if one[2] == "false"}
    carried = set(SAMPLE) - {"department", "implementer"}  # the graph has them as nodes alone
    assert carried <= set(context["@context"])


def _outline(quad: Quad) -> tuple[str, str, str]:
    """A statement with the names of parts of a declaration left out, and numbers of any type alike."""
    shown = (quad.object.value, quad.object.datatype.value) if isinstance(quad.object, Literal) else ("", "")
    number = shown[1].rsplit("#")[-1] in ("integer", "decimal", "double")
    text = str(float(shown[0])) if number else shown[0] or _outlined(quad.object)
    return _outlined(quad.subject), quad.predicate.value, text


def _outlined(node: object) -> str:
    parts = ("funding", "source", "target", "repair")
    if isinstance(node, NamedNode) and not node.value.startswith(tuple(f"{BASE}{part}/" for part in parts)):
        return node.value
    return "a part"
