"""The catalogue of indicator concepts: what is gathered, what is proposed, what people decide, and that it stays so."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import WORDS_ALONE, make_declaration
from counties import recorded, understood
from pyoxigraph import Literal, NamedNode

from perfkg.compare import compare
from perfkg.concepts import deciding
from perfkg.concepts.catalogue import Catalogue, catalogue, find, with_concepts
from perfkg.concepts.concept import Concept
from perfkg.concepts.projection import keep
from perfkg.concepts.sense import dimension, sense
from perfkg.concepts.telling import whole
from perfkg.concepts.wording import plain
from perfkg.errors import InvalidQuestion, OutdatedQuestion, UnknownId
from perfkg.graph import term
from perfkg.graph.concepts import catalogue_graph
from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.search import search
from perfkg.suggest import suggest
from perfkg.targets import read

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "concepts.json").read_text("utf-8"))
PRECISION, RECALL = 0.97, 0.7
"""Of pairs in one concept, by words alone; benchmarks/concepts.py measures the shipped encoder."""

NETWORK = (
    ("网络故障处理时间", "24小时", "政务外网租赁费"),
    ("断网修复时间", "4小时内", "电子政务网络维护"),
    ("故障响应时限", "1小时", "网络运行维护费"),
)


def form(name: str, value: str, project: str, category: str = "质量指标", **more: Any) -> Declaration:
    """A form of one row, of an organization of its own."""
    organization = more.pop("organization", f"云岭县{project}中心")
    return understood(make_declaration(project, organization, rows=(("产出指标", category, name, value),), **more))


def filled(library: Library, *rows: tuple[str, ...]) -> Catalogue:
    library.import_declarations([form(*row) for row in rows])
    return catalogue(library)


def named(known: Catalogue, name: str) -> Concept:
    """The concept that has this wording."""
    return next(one for one in known.all(rejected=True) if name in {alias.name for alias in one.aliases})


def wordings(one: Concept) -> set[str]:
    return {alias.name for alias in one.aliases}


@pytest.fixture
def network(library: Library) -> Library:
    filled(library, *NETWORK, ("电梯故障处理时间", "2小时", "电梯维保"), ("网络故障处理率", "100%", "专网维护"))
    return library


# What is gathered


def test_what_means_the_same_is_one_concept(network: Library) -> None:
    one = named(catalogue(network), "断网修复时间")
    assert wordings(one) == {"网络故障处理时间", "断网修复时间", "故障响应时限"}
    assert (one.name, one.projects, one.organizations, one.years) == ("断网修复时间", 3, 3, (2021,))
    assert (one.dimension, one.measure, one.direction, one.label) == ("h", "响应和处理时间", "smaller", "质量指标")
    assert one.spread.typical is not None
    assert (one.spread.typical.low, one.spread.typical.median, one.spread.typical.high) == (1, 4, 24)


def test_why_a_member_is_one_is_said(network: Library) -> None:
    ties = {alias.name: alias.tie for alias in named(catalogue(network), "断网修复时间").aliases}
    tie = ties["故障响应时限"]
    assert tie is not None
    assert (tie.kind, tie.there, tie.place) == ("place", ("网络",), 1)
    assert "网络" in tie.why
    assert ties["网络故障处理时间"] is None


def test_judged_pairs_are_together_or_apart(library: Library) -> None:
    pairs = []
    for number, case in enumerate(CASES):
        sides = (
            form(case[side][0], case[side][1], case[side][2], case["category"], organization=f"{number}{side}")
            for side in ("one", "other")
        )
        pairs.append(tuple(sides))
    library.import_declarations([one for pair in pairs for one in pair])
    known = catalogue(library).of_indicator
    counts: Counter[tuple[bool, bool]] = Counter()
    for (one, other), case in zip(pairs, CASES, strict=True):
        counts[case["together"], known[one.indicators[0].id] == known[other.indicators[0].id]] += 1
    assert len(CASES) >= 120
    assert counts[True, True] / (counts[True, True] + counts[False, True]) >= PRECISION
    assert counts[True, True] / (counts[True, True] + counts[True, False]) >= RECALL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("合格率", "≥95%"), ("不合格率", "≤5%")),
        (("设备完成时间", "10天"), ("设备完成率", "100%")),
        (("县道优良路率", "≥80%"), ("乡道优良路率", "≥80%")),
        (("培训费", "5万元"), ("人均培训费", "300元/人")),
    ],
)
def test_what_differs_says_something_else(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = (
        sense("2015/quality", plain(name), dimension(read(value, name, 2021))) for name, value in (one, other)
    )
    assert first != second
    assert first.id != second.id


def test_another_category_is_a_proposal(library: Library) -> None:
    known = filled(library, ("网络故障处理时间", "24小时", "甲网"), ("网络故障处理时间", "2小时", "乙网", "时效指标"))
    assert len(known) == 2
    assert [one.tie.kind for one in known.proposals] == ["category"]


def test_two_in_one_form_are_two(library: Library) -> None:
    rows = (("产出指标", "质量指标", "故障响应时间", "1小时"), ("产出指标", "质量指标", "网络故障处理时间", "24小时"))
    library.import_declarations([understood(make_declaration("网络运行维护费", rows=rows))])
    known = catalogue(library)
    assert len(known) == 2
    assert not known.proposals


def test_a_value_without_a_number_stays_with_its_wording(library: Library) -> None:
    known = filled(
        library,
        ("网络故障处理时间", "24小时", "甲网"),
        ("网络故障处理时间", "2小时", "乙网"),
        ("网络故障处理时间", "及时处理", "丙网"),
        ("网络故障处理时间", "100%", "丁网"),
    )
    assert sorted(one.projects for one in known.all()) == [1, 3]


def test_the_order_of_imports_changes_nothing(tmp_path: Path) -> None:
    made = [one for name in ("seed", "examples") for one in recorded(name)]
    told = []
    for name, order in {"one": made, "other": random.Random(7).sample(made, len(made))}.items():
        with Library(tmp_path / name, WORDS_ALONE) as library:
            for part in (order[: len(order) // 2], order[len(order) // 2 :]):
                library.import_declarations(part)
                known = catalogue(library)
            told.append((known.of_indicator, {one.id: one.name for one in known.all()}, known.proposals))
    assert told[0] == told[1]


def test_little_moves_when_an_organization_comes(library: Library) -> None:
    made = [one for name in ("seed", "examples") for one in recorded(name)]
    last = made[-1].organization
    library.import_declarations([one for one in made if one.organization != last])
    before = catalogue(library).of_phrase
    library.import_declarations(made)
    after = catalogue(library).of_phrase
    assert sum(after[phrase] == id for phrase, id in before.items()) / len(before) > 0.98


# What people decide


def test_a_merge_is_a_fact_that_survives_and_can_be_undone(network: Library) -> None:
    known = catalogue(network)
    one, other = named(known, "断网修复时间"), named(known, "电梯故障处理时间")
    made = deciding.merge(network, one.id, other.id, "审核员")
    assert (made.number, made.action, made.actor) == (1, "merge", "审核员")
    assert deciding.told(made) == "把“电梯故障处理时间”并入“断网修复时间”"
    merged = catalogue(network)
    assert named(merged, "电梯故障处理时间").id == one.id == merged.get(other.id).id
    assert merged.get(one.id).state == "decided"
    network.rebuild()
    assert catalogue(network).of_indicator == merged.of_indicator
    network.import_declarations([form("电梯故障修复时间", "3小时", "电梯年检")])
    assert "电梯故障修复时间" in wordings(catalogue(network).get(one.id))
    deciding.undo(network, made.number)
    apart = catalogue(network)
    assert wordings(apart.get(other.id)) == {"电梯故障处理时间", "电梯故障修复时间"}
    assert [one.action for one in apart.history(one.id)] == ["undo", "merge"]
    assert apart.history(one.id)[1].undone == 2


def test_a_decision_is_there_when_the_library_is_opened_again(tmp_path: Path) -> None:
    with Library(tmp_path / "l", WORDS_ALONE) as library:
        one = named(filled(library, *NETWORK), "断网修复时间")
        deciding.rename(library, one.id, "网络故障恢复时间")
    with Library(tmp_path / "l", WORDS_ALONE) as library:
        assert catalogue(library).get(one.id).name == "网络故障恢复时间"
        assert library.snapshot["decision"] == 1


def test_a_split_stays_apart_from_what_it_was_computed_into(network: Library) -> None:
    one = named(catalogue(network), "断网修复时间")
    phrase = next(alias.phrases for alias in one.aliases if alias.name == "故障响应时限")
    deciding.split(network, one.id, phrase)
    known = catalogue(network)
    assert wordings(named(known, "故障响应时限")) == {"故障响应时限"}
    assert wordings(known.get(one.id)) == {"网络故障处理时间", "断网修复时间"}
    with pytest.raises(InvalidQuestion, match="没有选中"):
        deciding.split(network, one.id, phrase)
    with pytest.raises(InvalidQuestion, match="不能把全部"):
        deciding.split(network, one.id, [phrase.id for phrase in known.get(one.id).phrases])


def test_what_is_rejected_is_left_out_and_not_suggested(network: Library) -> None:
    one = named(catalogue(network), "断网修复时间")
    assert one.id in {each.concept for each in suggest(network, "网络", text="断网").suggestions}
    made = deciding.reject(network, one.id)
    known = catalogue(network)
    assert one.id not in {each.id for each in known.all()}
    assert [each.id for each in known.find(state="rejected")] == [one.id]
    assert not any(each.concept == one.id for each in suggest(network, "网络", text="断网").suggestions)
    with pytest.raises(OutdatedQuestion, match="已经否决过"):
        deciding.reject(network, one.id)
    deciding.undo(network, made.number)
    assert one.id in {each.id for each in catalogue(network).all()}


def test_a_proposal_is_confirmed_or_refused_once(library: Library) -> None:
    rows = ("网络故障处理时间", "24小时", "甲网"), ("网络故障处理时间", "2小时", "乙网", "时效指标")
    proposal = filled(library, *rows).proposals[0]
    deciding.refuse(library, proposal.concept, proposal.other)
    assert not catalogue(library).proposals
    with pytest.raises(OutdatedQuestion, match="建议已经不在"):
        deciding.confirm(library, proposal.concept, proposal.other)
    deciding.undo(library, 1)
    deciding.confirm(library, proposal.other, proposal.concept)
    known = catalogue(library)
    assert len(known) == 1
    assert known.get(proposal.other).id == proposal.concept


def test_of_two_people_the_second_is_told(network: Library) -> None:
    known = catalogue(network)
    one, other = named(known, "断网修复时间"), named(known, "电梯故障处理时间")
    deciding.rename(network, one.id, "网络故障恢复时间", "甲", known.decided)
    with pytest.raises(OutdatedQuestion, match=r"别人刚刚.*甲"):
        deciding.merge(network, other.id, one.id, "乙", known.decided)
    deciding.rename(network, other.id, "电梯故障恢复时间", "乙", known.decided)
    assert catalogue(network).decided == 2
    deciding.undo(network, 1)
    with pytest.raises(OutdatedQuestion, match="已经撤销过"):
        deciding.undo(network, 1)
    with pytest.raises(InvalidQuestion, match="不能再撤销"):
        deciding.undo(network, 3)


def test_what_cannot_be_decided_is_said(network: Library) -> None:
    one = named(catalogue(network), "断网修复时间")
    with pytest.raises(UnknownId):
        deciding.merge(network, one.id, "gone")
    with pytest.raises(UnknownId):
        deciding.undo(network, 99)
    with pytest.raises(InvalidQuestion, match="不能与自己合并"):
        deciding.merge(network, one.id, one.id)
    for name in ("", "  ，", "字" * 61, one.name):
        with pytest.raises(InvalidQuestion):
            deciding.rename(network, one.id, name)
    assert catalogue(network).decided == 0


def test_a_decision_about_what_is_gone_waits_for_its_return(network: Library) -> None:
    known = catalogue(network)
    one, other = named(known, "断网修复时间"), named(known, "电梯故障处理时间")
    deciding.merge(network, one.id, other.id)
    lift = form("电梯故障处理时间", "2小时", "电梯维保")
    network.withdraw(lift.id)
    assert catalogue(network).idle == {1}
    network.import_declarations([lift])
    assert catalogue(network).get(other.id).id == one.id


# What it is used for


def test_a_concept_is_found_and_told_with_all_it_stands_on(network: Library) -> None:
    known = catalogue(network)
    assert {one.name for one in known.find("断网修复")} == {"断网修复时间"}
    assert known.find("断网", "成本指标") == []
    with pytest.raises(InvalidQuestion):
        known.find("", "没有这一类")
    told = whole(known, known.find("断网修复")[0])
    assert [member["project"] for member in told["members"]] == [row[2] for row in sorted(NETWORK, key=lambda r: r[2])]
    assert json.loads(json.dumps(told)) == told


def test_where_no_wording_has_the_words_the_nearest_concepts_are_told(network: Library) -> None:
    assert catalogue(network).find("网络坏了几小时处理") == []
    assert "断网修复时间" in {one.name for one in find(network, "网络坏了几小时处理")}
    assert find(network, "网络坏了几小时处理", "成本指标") == []


def test_compare_by_concept_and_rows_know_theirs(network: Library) -> None:
    one = named(catalogue(network), "断网修复时间")
    found = compare(network, concept=one.id)
    assert [sorted(row.number or 0 for row in group.rows) for group in found.groups] == [[1, 4, 24]]
    assert {row.concept for row in found.groups[0].rows} == {one.id}
    assert found.question == one.name
    rows = {row.name: row.concept for group in compare(network, "网络故障处理时间").groups for row in group.rows}
    assert rows["网络故障处理时间"] == one.id
    with pytest.raises(UnknownId):
        compare(network, concept="gone")
    with pytest.raises(InvalidQuestion):
        compare(network, "网络", concept=one.id)
    assert {hit.concept for hit in with_concepts(network, search(network, "断网修复时间", limit=1).hits)} == {one.id}


def test_suggestions_count_by_concept(network: Library) -> None:
    first = suggest(network, "网络运行维护费", "质量指标", "网络故障处理时").suggestions[0]
    assert (first.name, first.support, first.organizations) == ("网络故障处理时间", 3, 3)
    assert {"断网修复时间", "故障响应时限"} <= set(first.aliases)


def test_the_graph_has_the_concepts_and_follows(network: Library) -> None:
    def said(predicate: str) -> list[str]:
        quads = network.graph.store.quads_for_pattern(None, term(predicate), None, graph)
        return sorted(quad.object.value for quad in quads if isinstance(quad.object, Literal | NamedNode))

    graph = catalogue_graph(network.graph.base)
    keep(network)
    one, other = (named(catalogue(network), name) for name in ("断网修复时间", "电梯故障处理时间"))
    assert len(said("skos:prefLabel")) == len(catalogue(network)) == 3
    assert said("skos:altLabel") == sorted({"故障响应时限", "网络故障处理时间"})
    assert len(said("perfkg:concept")) == 5
    deciding.merge(network, one.id, other.id)
    deciding.rename(network, one.id, "故障恢复时间")
    keep(network)
    assert said("skos:prefLabel") == ["故障恢复时间", "网络故障处理率"]
    assert len(set(said("perfkg:concept"))) == 2
    network.withdraw(form(*NETWORK[0]).id)
    keep(network)
    assert len(said("perfkg:concept")) == 4


def test_a_whole_library_of_concepts_is_written_in_bulk(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfkg.graph.store._BULK", 5)
    one = named(filled(library, *NETWORK), "断网修复时间")
    keep(library)
    deciding.rename(library, one.id, "新名")
    keep(library)
    quads = list(library.graph.store.quads_for_pattern(None, term("skos:prefLabel"), None, catalogue_graph()))
    assert [quad.object for quad in quads] == [Literal("新名")]


def test_who_does_not_wait_makes_nothing_that_another_is_making(
    network: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change every page asks for the catalogue; the thread that waits for it makes it, once."""
    from perfkg.concepts import catalogue as module

    before = catalogue(network)
    begun, go_on, made = threading.Event(), threading.Event(), []

    class Slow(Catalogue):
        def __init__(self, *given: Any) -> None:
            made.append(threading.current_thread().name)
            begun.set()
            assert go_on.wait(10)
            super().__init__(*given)

    monkeypatch.setattr(module, "Catalogue", Slow)
    monkeypatch.setattr(module, "_QUICK", 0.0)
    network.import_declarations([make_declaration("道路养护费")])
    maker = threading.Thread(target=catalogue, args=(network,), name="maker")
    maker.start()
    assert begun.wait(10)
    try:
        assert catalogue(network, waiting=False) is before
    finally:
        go_on.set()
        maker.join(10)
    after = catalogue(network, waiting=False)
    assert (after.change, made) == (network.words.change, ["maker"])


def test_an_empty_library_has_an_empty_catalogue(library: Library) -> None:
    known = catalogue(library)
    assert (len(known), known.all(), known.proposals) == (0, [], ())
    with pytest.raises(UnknownId):
        known.get("")


def test_rows_without_a_name_are_in_no_concept(library: Library) -> None:
    one = form("甲", "1%", "乙")
    library.import_declarations([replace(one, indicators=(replace(one.indicators[0], name=None),))])
    assert len(catalogue(library)) == 0
