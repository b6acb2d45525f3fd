"""What a person may decide about the catalogue: checked against it as it is now, then recorded in the ledger.

`seen` is always the number of the last decision the person knew of (`Catalogue.decided`); where somebody else has
decided about the same concepts since, OutdatedQuestion is raised and nothing recorded. Unknown ids raise UnknownId.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from perfkg.concepts.catalogue import Catalogue, catalogue
from perfkg.concepts.concept import Concept
from perfkg.concepts.wording import bare
from perfkg.errors import InvalidQuestion, OutdatedQuestion
from perfkg.ledger import Decision
from perfkg.library import Library

LONGEST_NAME = 60

_TOLD = {
    "merge": "把“{1}”并入“{0}”",
    "confirm": "确认“{1}”属于“{0}”",
    "refuse": "否定“{1}”属于“{0}”",
    "split": "从“{0}”拆出“{1}”",
    "rename": "把“{0}”改名为“{1}”",
    "reject": "否决“{0}”，不作为指标",
    "undo": "撤销第 {0} 号决定",
}


def merge(library: Library, id: str, other: str, actor: str = "local", seen: int | None = None) -> Decision:
    """All of `other` belongs in `id`, whose id and name stay."""
    into, from_ = _two(catalogue(library), id, other)
    return _record(library, "merge", (into, from_), (into.name, from_.name), actor, seen)


def confirm(library: Library, id: str, other: str, actor: str = "local", seen: int | None = None) -> Decision:
    """What was proposed is so: `other` belongs in `id`."""
    into, from_ = _proposed(catalogue(library), id, other)
    return _record(library, "confirm", (into, from_), (into.name, from_.name), actor, seen)


def refuse(library: Library, id: str, other: str, actor: str = "local", seen: int | None = None) -> Decision:
    """What was proposed is not so, and is not proposed again."""
    into, from_ = _proposed(catalogue(library), id, other)
    return _record(library, "refuse", (into, from_), (into.name, from_.name), actor, seen)


def split(
    library: Library, id: str, phrases: Collection[str], actor: str = "local", seen: int | None = None
) -> Decision:
    """The phrases (ids, see Alias) leave the concept and are one of their own. Raises InvalidQuestion for none or all."""
    one = catalogue(library).get(id)
    chosen = sorted((phrase for phrase in one.phrases if phrase.id in set(phrases)), key=lambda phrase: phrase.id)
    if not chosen:
        raise InvalidQuestion("没有选中这个概念里的说法", one.name, "请先勾选要拆出去的说法；也可能别人刚刚拆过")
    if len(chosen) == len(one.phrases):
        raise InvalidQuestion("不能把全部说法都拆出去", one.name, "请至少留下一种说法；要换名称请用“改名”")
    names = [alias.name for alias in one.aliases if {*alias.phrases} & {phrase.id for phrase in chosen}]
    new = hashlib.sha256("|".join(["split", one.id, *(phrase.id for phrase in chosen)]).encode()).hexdigest()[:16]
    detail = {"id": new, "phrases": [list(phrase) for phrase in chosen]}
    return _record(library, "split", (one,), (one.name, "、".join(names)), actor, seen, detail)


def rename(library: Library, id: str, name: str, actor: str = "local", seen: int | None = None) -> Decision:
    """The concept's preferred name. Raises InvalidQuestion for an empty or overlong one."""
    one, name = catalogue(library).get(id), " ".join(name.split())
    if not bare(name) or len(name) > LONGEST_NAME:
        raise InvalidQuestion("名称应是 1 到 60 个字", name[:LONGEST_NAME] or None, "例如：网络故障处理时间")
    if name == one.name:
        raise InvalidQuestion("名称没有变", name, "请写上新的名称")
    return _record(library, "rename", (one,), (one.name, name), actor, seen, {"name": name})


def reject(library: Library, id: str, actor: str = "local", seen: int | None = None) -> Decision:
    """The concept is no indicator (各项工作): it is left out of the catalogue, until the decision is undone."""
    one = catalogue(library).get(id)
    if one.state == "rejected":
        raise OutdatedQuestion("这个概念已经否决过了", one.name, "请刷新页面；要恢复请撤销那条决定")
    return _record(library, "reject", (one,), (one.name,), actor, seen)


def undo(library: Library, number: int, actor: str = "local", seen: int | None = None) -> Decision:
    """Takes a decision back: all is as without it."""
    return library.ledger.decisions.undo(number, actor, seen)


def told(one: Decision) -> str:
    """A decision in one Chinese sentence."""
    given = [one.detail["number"]] if one.action == "undo" else one.detail.get("names", ())
    return _TOLD[one.action].format(*given)


def _two(known: Catalogue, id: str, other: str) -> tuple[Concept, Concept]:
    into, from_ = known.get(id), known.get(other)
    if into.id == from_.id:
        raise InvalidQuestion("不能与自己合并", into.name, "两个编号是同一个概念，可能已经合并过了")
    return into, from_


def _proposed(known: Catalogue, id: str, other: str) -> tuple[Concept, Concept]:
    """The two of a proposal that is still open, in its own direction."""
    into, from_ = known.get(id), known.get(other)
    for one in known.proposals:
        if {one.concept, one.other} == {into.id, from_.id}:
            return known.get(one.concept), known.get(one.other)
    raise OutdatedQuestion("这条建议已经不在了", f"{into.name}、{from_.name}", "可能别人已经处理，请刷新页面")


def _record(
    library: Library,
    action: str,
    concepts: tuple[Concept, ...],
    names: tuple[str, ...],
    actor: str,
    seen: int | None,
    detail: Mapping[str, object] | None = None,
) -> Decision:
    facts = {"names": list(names), **(detail or {})}
    return library.ledger.decisions.record(action, [one.id for one in concepts], facts, actor, seen)
