"""A question to the slots of an Understanding, by words alone: no model, the same words always give the same slots."""

from __future__ import annotations

import re
from typing import TypeVar

from perfkg import schemes, tokens
from perfkg.ask.asides import take_left_out, without_courtesies
from perfkg.ask.changes import take_change
from perfkg.ask.counted import take_count_of, take_wanted
from perfkg.ask.intents import take_intent
from perfkg.ask.kindred import take_kind
from perfkg.ask.names import Names, unknown_organization
from perfkg.ask.ranking import take_ranks
from perfkg.ask.settle import COUNTED, COUNTERS, settle
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.ask.wordlists import names as listed
from perfkg.ask.wordlists import noun, pattern
from perfkg.search.spans import Question

Found = TypeVar("Found")

_ASKED = r"(?:哪[一二两三四五几]?[个些家条]?|什么|多少[个家条项份张]?|几[个家条项份张]|有没有)"
_ASKING = r"(?:有?哪|有几|有多少|各?是什么|是哪|$|清单|列表|名单|[?？。!！]|个?数)"
_ENDS = r"(?=[\0\W的是在为有和各共要花最多少增减排前高低大小超不达比合总都]|$)"
_TURNING = frozenset("只 只在 只有 只是 仅 仅在 仅有 仅仅 唯一 不 不是 没 没有 未 非 并非 别 首次 从未 曾经 曾".split())
_NEEDED = re.compile(r"只(?=要|$)|[只仅]有$")
_PLACES = {"里", "中", "上", "内", "里面", "当中"}
_WRITTEN = re.compile(r"写(?:的是|着|了|有|明)(?P<what>(?!什么|哪|多少)[^的,?]{2,20}?)(?=的|$|[,?])")
_ALL_WHICH = re.compile(r"都有(?:哪|什么|多少|几)|都(?:申报|报|安排|做)了?(?:哪|什么|多少|几)")
_WITHIN = re.compile(r"(?<=\0)(?:里面?|当中|之中|中(?![小心学国央医等]))")
_BUYS = re.compile(r"(?<![一-鿿])买了?(?=[一-鿿]{2})")
_FILLER = re.compile(r"(?:的|数量|个数|条数|总数|数目|数|里面|里|中)+$")


def understand(text: str, names: Names) -> Understanding:
    """The slots of the folded question `text`.

    Raises Unanswerable for what these forms do not say.
    """
    question, slots = Question(without_courtesies(text)), Understanding()
    _refuse(question, names)
    take_left_out(question, names, slots)
    _take_quoted(question, slots)
    slots.projects = tuple(_noted(slots, "project", names.take_project(question)))
    slots.years = tuple(_noted(slots, "year", names.take_years(question)))
    _take_every_year(question, slots)
    take_ranks(question, slots)
    take_wanted(question, slots)
    _take_organizations(question, names, slots)
    if name := unknown_organization(question):
        raise Unanswerable(f"资料库里没有名称含“{name}”的单位", name)
    _take_kind(question, slots)
    take_count_of(question, slots)
    _take_subject(question, slots)
    take_change(question, slots)
    take_intent(question, slots)
    _take_category(question, slots)
    take_kind(question, slots)
    _refuse_unread(question)
    if slots.intent == "sum" and slots.measure == "funding":
        # Money buys it: 买彩超多少钱 is the same as 彩超多少钱.
        question.take(_BUYS)
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
        "either": "还不能把两个条件用“{}”合起来问，请分开问",
        "vague": "“{}”没有说到多少为准，请写明数值，例如：低于90%、超过100万元",
        "other": "这不是项目支出绩效目标表里的内容",
        "relative": f"“{{}}”要看从哪一年算起，请写明年度，资料库里有{'、'.join(map(str, sorted(names.years)))}年",
    }
    for name in listed("refused"):
        if words := question.holds(pattern("refused", name)):
            raise Unanswerable(reasons[name].format(words), words)


def _refuse_unread(question: Question) -> None:
    """A word that turns the meaning (只在2021年, 不是) must have been understood by now: dropped, the answer were wrong."""
    for piece in (_NEEDED.sub("", one) for one in question.pieces()):
        known = tokens.cut(piece)
        alone = (sign for sign in piece if sign in _TURNING and not any(sign in word for word in known))
        if word := next((word for word in (*known, *alone) if word in _TURNING), None):
            raise Unanswerable(f"没有读懂“{word}”在这里限定什么", word)


def _take_quoted(question: Question, slots: Understanding) -> None:
    """What is written is no filter: 写的是2021年全年 looks for these very words."""
    if found := _WRITTEN.search(question.rest):
        slots.quoted = found["what"]
        question.cut(*found.span())


def _take_every_year(question: Question, slots: Understanding) -> None:
    """2022年和2023年都有的项目 are those of both years; 都有哪些 says nothing."""
    words = question.take(re.compile(r"每年都|都(?=有|申报|报|安排|出现|做|[在达要不超低高是定设][^哪什]|[\0])"))
    slots.every_year = bool(words) and (len(slots.years) > 1 or words == "每年都") and not question.holds(_ALL_WHICH)


def _noted(slots: Understanding, kind: str, found: tuple[Found, str]) -> Found:
    value, words = found
    if value:
        slots.words[kind] = words.split("、")[0]
    return value


def _take_organizations(question: Question, names: Names, slots: Understanding) -> None:
    """A name may stand for several, as 水利局 for that of every county: the answer says so."""
    found, words = names.take_organizations(question)
    slots.organizations = tuple(_noted(slots, "organization", (found, words)))
    if len(found) > words.count("、") + 1 and "个乡镇" not in words:
        slots.wide = words


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
    if found := re.search(rf"(?<![一-鿿])(?:{noun('projects').pattern})(?=[一-鿿])", question.rest):
        slots.before = found[0]
    for name in ("organization", "year", "category", "project"):
        if words := question.take(pattern("by", name)):
            if slots.by and not (name == "year" and len(slots.years) == 1):
                raise Unanswerable(f"还不能同时按“{slots.words['by']}”和“{words}”分，请分开问", words)
            slots.by = slots.by or name
            slots.words["by"] = slots.words.get("by", words)
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
    alone = r"(?:(?<![一-鿿])|(?<=[的有年里和了无设既又]))"
    found = re.search(rf"{alone}(?:{either})(?:类?(?:三级)?指标|类(?=目标)|(?=里面?[有写含包提]))", question.rest)
    if found is None and slots.subject == "indicators":
        found = re.search(rf"{alone}(?:{either})类?(?![一-鿿])", question.rest)
    if found and (concepts := _label(found[0])):
        slots.category = concepts
        slots.words["category"] = question.cut(*found.span())
    question.take_all(_WITHIN)


def _label(words: str) -> str | None:
    """The heading as the schemes know it: 质量类指标 is 质量指标."""
    plain = re.sub(r"类?(?:三级)?指标$|类$", "", words)
    return next((one for one in (f"{plain}指标", plain) if schemes.find(one)), None)


def _take_measure(question: Question, slots: Understanding) -> None:
    """资金 is the project's money, where it stands alone; 培训费 is a thing that costs."""
    for part in ("fiscal", "other"):
        if words := question.take(pattern("measures", part)):
            if slots.part:
                raise Unanswerable(f"“{slots.words['measure']}”和“{words}”请分开问", words)
            slots.part, slots.measure, slots.words["measure"] = part, "funding", words
            slots.own = bool(re.search(rf"(?:资金|预算|经费|钱|项目)[里中]面?的?{words}", question.text))
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
            question.take_all(re.compile("条数|个数|数量|数目"))


def _take_scope(question: Question, slots: Understanding) -> None:
    """Where the topic is to be looked for; and the words that say nothing are taken."""
    for name in ("named", "anywhere"):
        words = question.take(pattern("scopes", name))
        if words:
            slots.scope, slots.words["scope"] = ("name" if name == "named" else "anywhere"), words
    beside = [word for word in ("全年", "每月", "每年", "年度") if word in question.rest]
    question.take_all(pattern("empty", "words"))
    slots.beside = (*beside, *(word for word in _take_verbs(question) if len(word) > 1))


def _take_verbs(question: Question) -> list[str]:
    """Verbs that stand alone or behind a topic, taken: 拿, 承担, 给. They narrow nothing, but tell rows apart: 上报案件."""
    alone = question.take_all(re.compile(rf"(?<![一-鿿])(?:{pattern('verbs', 'alone').pattern})(?![一-鿿])"))
    question.take_all(re.compile(rf"(?<=[一-鿿]{{2}})(?:{pattern('verbs', 'behind').pattern})(?![一-鿿])"))
    return alone


def _content(question: Question) -> list[str]:
    return [piece for rest in question.pieces() for piece in tokens.pieces(rest) if piece not in _PLACES]


def _take_topic(question: Question, slots: Understanding) -> None:
    question.take_all(pattern("subjects", "indicators"))
    _take_verbs(question)
    if slots.intent == "lacking":
        before = Question(question.rest[: question.text.index(slots.words["intent"])])
        slots.about = " ".join(_content(before)) or None
        question.cut(0, len(before.text))
    if found := [*_content(question), *([f"“{slots.quoted}”"] if slots.quoted else [])]:
        slots.topic = " ".join(found)
        single = next((piece for piece in found if len(piece) == 1), None)
        # A single character stands in any text: what holds it is about nothing that was asked.
        if single and (slots.intent == "lacking" or len(found) == 1 or single in "多少高低大小长短贵快慢好坏"):
            raise Unanswerable(f"没有读懂“{single}”在这里指什么", single)
        slots.words["topic"] = found[0]
