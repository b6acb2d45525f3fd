"""What follows from the slots together, once all words are read."""

from __future__ import annotations

import re

from perfkg.ask.intents import ALL, MONEY_WORDS
from perfkg.ask.understanding import Unanswerable, Understanding
from perfkg.ask.wordlists import names, noun, pattern
from perfkg.search.spans import Question

COUNTERS = {"家": "organizations", "条": "indicators", "份": "declarations", "张": "declarations"}
COUNTED = re.compile(r"(?:多少|几|哪几)(?P<counter>[家条份张])")
_ADDED = re.compile("加起来|加总|合计|之和|总和|加在一起|累计")
_EACH = re.compile("各有|各是|各自|分别")
_EACH_ASKED = re.compile("分别|各(?:自|是|为|要|有|花)?(?:多少|几)")
_ITS = re.compile("最[多高大少低小贵]的?(?:[那这]?一?个)?项目")
_THEIR = re.compile("项目的[^,，]{2,12}(?:是多少|有多少|多少|怎么样)?[?？]?$")
_PER = {"organization": "organizations", "project": "projects", "year": "years"}
_MEASURED = re.compile("(?:率|度|数|量|时间|时限|次|费|费用|成本|金额|期|价)$")


def settle(slots: Understanding, question: Question) -> None:
    """Fills the slots that follow from the others. Raises Unanswerable where they do not go together."""
    _refuse_sums_ranked(slots, question)
    if slots.subject is None and slots.kind and not slots.unmet:
        slots.subject = "declarations"
    _refuse_years_apart(slots, question)
    _settle_by(slots, question)
    _settle_subject(slots, question)
    _settle_values(slots)
    _settle_several(slots, question)
    _settle_unit(slots)
    _settle_money(slots)
    _settle_theirs(slots, question)


def _settle_by(slots: Understanding, question: Question) -> None:
    """By what the answer is told apart: what is compared, 平均每个单位, 各有多少."""
    if slots.intent == "compare" and slots.by is None:
        if not slots.topic and max(len(slots.years), len(slots.organizations), len(slots.projects)) < 2:
            raise Unanswerable("没有读懂拿什么和什么比，请写明两个年度或两个单位", slots.words.get("intent", ""))
        slots.by = _compared_by(slots)
    if slots.intent == "average" and slots.by in _PER and re.search("平均每", question.text):
        slots.subject, slots.measure = _PER[slots.by], slots.measure or slots.subject
        slots.by = None
    listed = slots.intent == "list" and slots.subject in {"projects", "indicators"} and slots.measure is None
    several = max(len(slots.organizations), len(slots.years)) > 1
    if slots.by is None and not listed and several and _EACH.search(question.text):
        slots.by = "organization" if len(slots.organizations) > 1 else "year"


def _settle_subject(slots: Understanding, question: Question) -> None:
    """What is counted or ranked."""
    if slots.intent == "count" and slots.subject is None and slots.topic:
        slots.subject, slots.intent = "values", "list"
    ranked = slots.intent in {"highest", "lowest"}
    ranking = slots.limit == ALL and slots.by in _PER
    if ranked and (ranking or slots.subject in {None, "values", _PER.get(slots.by or "")}):
        # 各单位中资金最多的 asks for the one of all.
        slots.subject, slots.by = _PER.get(slots.by or "", slots.subject), None
    counted = COUNTED.fullmatch(slots.words.get("subject", ""))
    if counted and slots.topic and not noun(COUNTERS[counted["counter"]]).search(question.text):
        # 医院有几家 asks for a target, not for our organizations.
        slots.subject, slots.intent, slots.unit = "values", "list", f"{{{counted['counter']}}}"


def _settle_values(slots: Understanding) -> None:
    """A topic that ends in what is measured (合格率) asks for targets."""
    about = slots.topic.split() if slots.topic and slots.measure is None else []
    if slots.subject == "projects" and "subject" not in slots.words and len(about) > 1 and _MEASURED.search(about[-1]):
        slots.subject = "values"
    if slots.topic and "intent" not in slots.words and slots.subject is None and _MEASURED.search(slots.topic):
        slots.subject = "values"


def _settle_theirs(slots: Understanding, question: Question) -> None:
    """What is asked of the projects that money or rank picks out."""
    if slots.intent in {"highest", "lowest"} and slots.subject == "organizations" and _ITS.search(question.text):
        # Whose is the largest project is not who has most.
        slots.subject = "projects"
    yuan = slots.number is not None and slots.number.unit == "CNY" and slots.measure is None
    if yuan and _THEIR.search(question.text.split(slots.words.get("number", ""))[-1]):
        # 低于100万的项目的满意度: money is the project's, 满意度 has none.
        slots.measure = "funding"
    rich = slots.measure == "funding" and slots.number and slots.intent == "list" and slots.topic
    if rich and slots.subject in {"projects", "values"} and _THEIR.search(question.text):
        slots.of_rich = bool(_MEASURED.search(slots.topic or ""))
    if slots.of_rich:
        slots.subject = "values"


def _settle_several(slots: Understanding, question: Question) -> None:
    """办公费和差旅费分别多少 asks for both, each its own."""
    pieces = tuple((slots.topic or "").split())
    joined = re.search("[和与及、]".join(map(re.escape, pieces)), question.text)
    plainly = slots.subject in {"values", None} and slots.intent in {"list", "sum"} and slots.number is None
    if len(pieces) > 1 and joined and plainly and slots.by is None and _EACH_ASKED.search(question.text):
        slots.several, slots.subject, slots.intent = pieces, "values", "list"
        if slots.measure == "funding":
            slots.measure, slots.unit = None, "CNY"


def _refuse_years_apart(slots: Understanding, question: Question) -> None:
    """2022年超过100万的项目2023年的资金: a year of the condition, and another of what is asked. Raises Unanswerable."""
    at = question.text.find(slots.words.get("number", ""))
    places = [place for year in slots.years if (place := question.text.find(str(year))) >= 0]
    if slots.number and at >= 0 and places and min(places) < at < max(places):
        raise Unanswerable("条件和要看的数不在同一年，还不能这样问，请分开问", slots.words["number"])


def _refuse_sums_ranked(slots: Understanding, question: Question) -> None:
    """成本指标加起来最多的单位 ranks sums of indicators, which is not done; that of money is."""
    ranked = slots.intent in {"highest", "lowest"} and slots.measure is None
    if ranked and not slots.summed and (words := question.holds(_ADDED)):
        raise Unanswerable("还不能先把指标值加起来再排名", words)


def _settle_unit(slots: Understanding) -> None:
    """村医通的费用 asks for 村医通 in money, 巡检的频次 for 巡检 in times a year."""
    *rest, last = (slots.topic or "").split() or [""]
    unit = next((one for one in names("dimensions") if pattern("dimensions", one).fullmatch(last)), None)
    if rest and unit and slots.subject == "values" and slots.measure is None:
        slots.topic, slots.unit = " ".join(rest), slots.unit or unit


def _settle_money(slots: Understanding) -> None:
    if slots.words.get("intent") in MONEY_WORDS and (slots.category or slots.subject == "indicators"):
        # The dearest of the cost indicators is an indicator, not a project.
        slots.measure, slots.unit = None, "CNY"
    alone = not (slots.topic or slots.category or slots.measure)
    if slots.number and slots.number.unit == "CNY" and alone and slots.subject != "indicators":
        slots.measure = "funding"
    if slots.subject == "values" and slots.projects and alone and not slots.number and not slots.unit:
        slots.measure = "funding"


def _compared_by(slots: Understanding) -> str:
    """Several years or organizations compared are compared by them, else numbers by project and money by organization."""
    if len(slots.years) > 1 and len(slots.organizations) < 2:
        return "year"
    return "project" if slots.topic and slots.measure != "funding" and len(slots.organizations) < 2 else "organization"
