"""A question to the slots of an Understanding, by words alone: no model, the same words always give the same slots."""

from __future__ import annotations

import re
from typing import TypeVar

from perfkg import schemes, tokens
from perfkg.ask.intents import take_intent
from perfkg.ask.names import Names, unknown_organization
from perfkg.ask.settle import COUNTED, COUNTERS, settle
from perfkg.ask.spans import Question
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.ask.wanted import take_number
from perfkg.ask.wordlists import names as listed
from perfkg.ask.wordlists import noun, pattern

Found = TypeVar("Found")

_COUNT = r"(?P<count>[1-9]\d?|[一二两三四五六七八九十])"
_LIMIT = re.compile(
    rf"(?:排名)?前{_COUNT}(?:名|位|个|家|条)?|哪{_COUNT.replace('count', 'which')}(?:个|家|条)"
    rf"|(?<=[多少高低大小长短]){_COUNT.replace('count', 'after')}(?:个|家|条)|(?<=[多少高低大小长短]的){_COUNT.replace('count', 'of')}(?:个|家|条)"
)
_RANKED = re.compile(rf"(?:排名|排)?前{_COUNT}(?:名|位|(?=的|是|$|\W))")
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_ASKED = r"(?:哪[一二两三四五几]?[个些家条]?|什么|多少[个家条项份张]?|几[个家条项份张]|有没有)"
_ASKING = r"(?:有?哪|有几|有多少|各?是什么|是哪|$|清单|列表|名单|[?？。!！]|个?数)"
_ENDS = r"(?=[\0\W的是在为有和各共要花最多少增减排前高低大小超不达比合总都]|$)"
_PLACES = {"里", "中", "上", "内", "里面", "当中"}
_FILLER = re.compile(r"(?:的|数量|个数|总数|数目|数|里面|里|中)+$")


def understand(text: str, names: Names) -> Understanding:
    """The slots of the folded question `text`.

    Raises Unanswerable for what these forms do not say.
    """
    question, slots = Question(text), Understanding()
    _refuse(question, names)
    slots.projects = tuple(_noted(slots, "project", names.take_project(question)))
    slots.years = tuple(_noted(slots, "year", names.take_years(question)))
    _take_limit(question, slots)
    _take_number(question, slots)
    slots.organizations = tuple(_noted(slots, "organization", names.take_organizations(question)))
    if name := unknown_organization(question):
        raise Unanswerable(f"资料库里没有名称含“{name}”的单位", name)
    _take_kind(question, slots)
    _take_subject(question, slots)
    take_intent(question, slots)
    _take_category(question, slots)
    _take_scope(question, slots)
    _take_measure(question, slots)
    _take_topic(question, slots)
    settle(slots, question)
    return slots


def _refuse(question: Question, names: Names) -> None:
    reasons = {
        "person": "申报表里没有填写人、联系方式这类内容",
        "reason": "申报表只写目标和资金，不写原因",
        "outlook": "资料库只记录已经申报的内容，不作预测和建议",
        "beyond": "“{}”这种算法还不支持",
        "date": "还不能按月、日筛选",
        "rate": "还不能按单价筛选",
        "other": "这不是项目支出绩效目标表里的内容",
        "relative": f"“{{}}”要看从哪一年算起，请写明年度，资料库里有{'、'.join(map(str, sorted(names.years)))}年",
    }
    for name in listed("refused"):
        if words := question.holds(pattern("refused", name)):
            raise Unanswerable(reasons[name].format(words), words)


def _noted(slots: Understanding, kind: str, found: tuple[Found, str]) -> Found:
    value, words = found
    if value:
        slots.words[kind] = words.split("、")[0]
    return value


def _take_limit(question: Question, slots: Understanding) -> None:
    ranked = any(question.holds(pattern("superlatives", name)) for name in listed("superlatives"))
    found = (_LIMIT if ranked else _RANKED).search(question.rest)
    if found:
        if not ranked:
            slots.intent, slots.words["intent"] = "highest", found[0]
        said = next(group for group in found.groups() if group)
        slots.limit = _DIGITS.get(said) or int(said)
        slots.words["limit"] = question.cut(*found.span())


def _take_number(question: Question, slots: Understanding) -> None:
    """The wanted number, and whether it counts projects or indicators, as the word beside it tells."""
    if not (found := take_number(question)):
        return
    slots.number, words = found
    slots.words["number"] = words
    if slots.number.unit not in {"{个}", "{条}", "{项}"}:
        return
    if beside := _counted_beside(question, question.text.index(words), len(words)):
        slots.measure, (start, end) = beside
        slots.words["measure"] = question.cut(start, end)


def _counted_beside(question: Question, start: int, length: int) -> tuple[str, tuple[int, int]] | None:
    """The noun before the number (指标超过20条) or right after it (两个以上项目), and where it stands."""
    nouns = {subject: pattern("subjects", subject) for subject in ("projects", "indicators")}
    before = question.rest[:start]
    for subject, word in nouns.items():
        if found := re.search(rf"(?:{word.pattern})(?:个?数量?)?$", before):
            return subject, found.span()
    for subject, word in nouns.items():
        if found := word.match(question.rest, start + length):
            return subject, found.span()
    return None


def _take_kind(question: Question, slots: Understanding) -> None:
    if words := question.take(pattern("intents", "unmet")):
        slots.unmet, slots.kind = True, "self-evaluation"
        slots.words["kind"] = words
    if found := question.take_all(pattern("kinds", "evaluation")):
        slots.kind, slots.words["kind"] = "self-evaluation", found[0]
        if any("完成" in words for words in found):
            slots.subject = "indicators"


def _take_subject(question: Question, slots: Understanding) -> None:
    """What is asked for: the noun beside the interrogative, else the one the question ends on."""
    for name in ("organization", "year", "category", "project"):
        if words := question.take(pattern("by", name)):
            slots.by = slots.by or name
            slots.words["by"] = words
    if words := question.take(pattern("subjects", "years")):
        slots.subject, slots.words["subject"] = "years", words
        return
    if found := COUNTED.search(question.rest):
        slots.subject = COUNTERS[found["counter"]]
        slots.words["subject"] = found[0]
        question.take(noun(slots.subject))
    for before, after, said in ((_ASKED, "", True), ("", _ASKING, True), ("", "", False)):
        for name in listed("subjects"):
            found = re.search(rf"{before}(?P<noun>{noun(name).pattern}){after}", question.rest)
            if found and slots.subject is None:
                slots.subject = name
                words = question.cut(*found.span("noun"))
                if said:
                    slots.words["subject"] = words
    for name in ("projects", "organizations"):
        word = noun(name).pattern
        question.take_all(re.compile(rf"(?<![一-鿿])(?:{word})|(?:{word})(?![一-鿿])|(?<=[的类])(?:{word})"))


def _take_category(question: Question, slots: Understanding) -> None:
    labels = {schemes.fold(label) for one in schemes.concepts() for label in (one.label, *one.alternatives)}
    either = "|".join(sorted(map(re.escape, labels - {""}), key=len, reverse=True))
    alone = r"(?:(?<![一-鿿])|(?<=[的有年里和了无设]))"
    found = re.search(rf"{alone}(?:{either})(?:类?(?:三级)?指标|类(?=目标))", question.rest)
    if found is None and slots.subject == "indicators":
        found = re.search(rf"{alone}(?:{either})类?(?![一-鿿])", question.rest)
    if found and (concepts := _label(found[0])):
        slots.category = concepts
        slots.words["category"] = question.cut(*found.span())


def _label(words: str) -> str | None:
    """The heading as the schemes know it: 质量类指标 is 质量指标."""
    plain = re.sub(r"类?(?:三级)?指标$|类$", "", words)
    return next((one for one in (f"{plain}指标", plain) if schemes.find(one)), None)


def _take_measure(question: Question, slots: Understanding) -> None:
    """资金 is the project's money, where it stands alone; 培训费 is a thing that costs."""
    for part in ("fiscal", "other"):
        if words := question.take(pattern("measures", part)):
            slots.part, slots.measure, slots.words["measure"] = part, "funding", words
    found = re.search(
        rf"(?:(?<![一-鿿])|(?<=[的年要]))(?:{pattern('measures', 'funding').pattern}){_ENDS}", question.rest
    )
    if found and slots.measure is None:
        slots.measure, slots.words["measure"] = "funding", question.cut(*found.span())
    if slots.measure == "funding":
        question.take_all(pattern("measures", "funding"))
    if slots.intent in {"highest", "lowest"} and slots.measure is None:
        _take_counted(question, slots)


def _take_counted(question: Question, slots: Understanding) -> None:
    """指标最多 counts indicators, 项目最多 projects: the noun before the superlative."""
    before = question.text.split(slots.words["intent"])[0]
    before = _FILLER.sub("", before)
    for subject in ("indicators", "projects"):
        if re.search(rf"(?:{pattern('subjects', subject).pattern})$", before) and slots.subject != subject:
            slots.measure = subject
            question.take_all(pattern("subjects", subject))


def _take_scope(question: Question, slots: Understanding) -> None:
    """Where the topic is to be looked for; and the words that say nothing are taken."""
    for name in ("named", "anywhere"):
        words = question.take(pattern("scopes", name))
        if words:
            slots.scope, slots.words["scope"] = ("name" if name == "named" else "anywhere"), words
    question.take_all(pattern("empty", "words"))


def _take_topic(question: Question, slots: Understanding) -> None:
    question.take_all(pattern("subjects", "indicators"))
    found = [piece for rest in question.pieces() for piece in tokens.pieces(rest) if piece not in _PLACES]
    if found:
        slots.topic = " ".join(found)
        slots.words["topic"] = found[0]
