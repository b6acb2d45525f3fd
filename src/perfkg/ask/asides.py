"""What stands beside a question and is no part of what it looks for: courtesies, organizations left out."""

from __future__ import annotations

import re

from perfkg.ask.names import Names
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.ask.wordlists import pattern
from perfkg.search.spans import Question

_EXCEPT = re.compile(
    r"(?:除了?|除开|除去|不算|不包括|不含|不计|剔除|扣除|去掉)(?P<what>[^,，]{2,30}?)"
    r"(?:以外|之外|外(?![一-鿿]{0,3}网)|(?=[,，]))[,，]?(?:的?(?:其他|其余|其它|别的|剩下)的?|还有?(?=哪|多少|几))?"
)
_KIND = re.compile(
    r"(?:除了?|除开|除去|不算|不包括|不含|不计|剔除|扣除|去掉)(?P<what>[一-鿿]{2,8}?)类?的?项目(?:以外|之外)?[,，]?(?:还有?|的?其他的?)?"
)
_ONCE = re.compile(r"[一1](?=(?:周|星期|天|日|个?月|个?季度)[一-鿿]{0,6}?(?:几|多少)次)")
_WHO = re.compile(r"(?:归|由|是)谁(?:来|在)?(?:管|承担|实施|申报|牵头|负责|报|做)的?(?=[?？。]|$)")
_WHOSE = re.compile(r"谁(?:家)?(?:花|报|用|要)?的?(?:钱|资金|经费|预算)(?:更|最)?多(?=[?？。]|$)")
_OUTSIDE = re.compile(r"(?P<what>[一-鿿]{2,20}?)(?:以外|之外)的?(?:其他|其余|其它)?")


def without_courtesies(text: str) -> str:
    """A question without 请帮我查一下 and 呢; 一周几次 is said as 每周几次, 归谁管 as 是哪个单位."""
    said = pattern("polite", "before").sub("", pattern("polite", "after").sub("", text)).lstrip(",，、:：")
    return _WHOSE.sub("哪个单位资金最多", _WHO.sub("是哪个单位", _ONCE.sub("每", said)))


def take_left_out(question: Question, names: Names, slots: Understanding) -> None:
    """Fills `without`, the organizations left out (除了公安局以外), or `unlike`, a kind of project (不含医疗类项目).

    Raises Unanswerable where something else is left out.
    """
    if kind := _KIND.search(question.rest):
        slots.unlike, slots.words["unlike"] = kind["what"], question.cut(*kind.span())
        return
    found = _EXCEPT.search(question.rest) or _OUTSIDE.search(question.rest)
    if found is None:
        return
    inner = Question(found["what"])
    organizations, _ = names.take_organizations(inner)
    rest = "".join(inner.pieces()).strip("的和与及、")
    if not organizations or rest:
        if found[0].startswith(("不算", "不包括", "不含", "不计")):
            return
        raise Unanswerable(f"还不能把“{found['what']}”排除在外，只能排除单位", found[0])
    slots.without, slots.words["without"] = tuple(organizations), question.cut(*found.span())
    question.take(re.compile("(?:其他|其余|其它|别的|剩下)的?(?=单位|部门|项目|资金|预算|经费|一共|总共|还|的|有)"))
