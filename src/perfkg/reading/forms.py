"""Forms as read → Declarations: whose they are, which year, how much money, and their identity."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from perfkg import targets
from perfkg.reading.identity import declaration_id, indicator_id
from perfkg.reading.layouts import Form
from perfkg.reading.layouts.entries import Entry, unbroken
from perfkg.reading.layouts.head import Head, funding
from perfkg.records import Declaration, Indicator, Repair, Source, Target
from perfkg.text import fold, squeeze, strip_html

_CODED = re.compile(
    r"(?:[\[【]\s*(?P<code>[0-9A-Za-z]{2,})\s*[\]】]|(?P<number>[0-9][0-9A-Za-z]{3,})\s*[-—–－_])\s*(?P<name>\S.*)"
    r"|(?P<named>.*\S)\s*[(（](?!20[0-4]\d[)）])(?P<last>[0-9A-Z]*\d{3,}[0-9A-Z]*)[)）]",
    re.DOTALL,
)
_SEAL = re.compile(r"\s*[(（](?:盖章|公章|签章|签字|盖公章|单位公章|加盖公章|章)[)）]\s*$")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)\s*(?:年|-|$|\D)")
_WHOLE = re.compile(r"((?:部门|单位)整体(?:支出)?)")
_ANNOUNCED = re.compile(r"关于(.{2,40}?(?:项目|资金|经费))(?:支出)?绩效目标")
_TITLED = re.compile(
    r"(?:关于|20\d\d年度?)*([\u4e00-\u9fff]{1,10}?(?:省|自治区|市|县|区|旗|自治州|盟|镇|乡|街道)[\u4e00-\u9fff]{0,20}?"
    r"(?:局|委员会|委|办公室|办|中心|学校|中学|小学|幼儿园|大学|学院|医院|卫生院|检察院|法院|研究院|所|站|馆|队|政府|办事处"
    r"|厅|联合会|协会|公司|委党校))(?=20\d\d年|部门|单位|项目支出|预算|整体|绩效)"
)
_IN_TITLE = re.compile(r"(20[0-4]\d)\s*年")


@dataclass(slots=True)
class _Facts:
    """What a head says about whose form it is, with what had to be mended to know it."""

    head: Head
    title: str | None
    repairs: list[Repair] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def split(self, role: str) -> tuple[str | None, str | None]:
        """The text of a label and the code printed before or after it: [066]…, 219001-…, …（216）."""
        text = self._unsealed(unbroken(self.clean(role) or ""))
        if not text or not (found := _CODED.fullmatch(text)):
            return text, None
        bare = found["name"] or found["named"]
        self.repairs.append(Repair("code-split", "名称前后的编码单独记录", before=text, after=bare))
        return bare, found["code"] or found["number"] or found["last"]

    def _unsealed(self, text: str) -> str | None:
        """The name without the （盖章） printed after it."""
        bare = _SEAL.sub("", text)
        if bare != text:
            self.repairs.append(Repair("seal-removed", "名称后的盖章字样不是名称的一部分", before=text, after=bare))
        return bare or None

    def clean(self, role: str) -> str | None:
        """The text of a label without HTML left-overs."""
        text = self.head.text(role)
        if text is None:
            return None
        bare = strip_html(text).strip()
        if bare != text:
            self.repairs.append(Repair("html-removed", "文字里残留的网页标记已去掉", before=text, after=bare))
        filled = bare.strip("_＿ \u3000")
        if filled != bare:
            self.repairs.append(Repair("blanks-removed", "填空的横线不是所填的内容", before=bare, after=filled))
        return filled or None


def declarations(forms: Sequence[Form], file: str, data: bytes) -> list[Declaration]:
    """The forms of one file as Declarations; forms of the same key are told apart by an ordinal and a note."""
    digest = hashlib.sha256(data).hexdigest()
    made: list[Declaration] = []
    seen: dict[str, int] = {}
    for form in forms:
        made.append(_declaration(form, Source(file, digest, form.place), seen))
    return made


def _declaration(form: Form, source: Source, seen: dict[str, int]) -> Declaration:
    title = " ".join(piece.text for piece in form.head.titles[:1]) or None
    facts = _Facts(form.head, title)
    coded = {role: facts.split(role) for role in ("organization", "implementer", "department")}
    organization, organization_code = _organization(facts, coded)
    project, project_code = facts.split("project")
    project = project or _whole(facts)
    year = _year(facts)
    kind = "self-evaluation" if form.self_evaluation else "declaration"
    money, money_repairs, money_notes = funding(form.head)
    content = [] if organization and project else ["\n".join(piece.text for piece in form.traced)]
    key = declaration_id(organization, project, year, kind, *content)
    seen[key] = seen.get(key, 0) + 1
    if seen[key] > 1:
        facts.notes.append(f"同一文件中有单位、项目、年度都相同的表，这是第{seen[key]}份")
        key = declaration_id(organization, project, year, kind, *content, seen[key])
    return Declaration(
        id=key,
        kind=kind,
        title=title,
        year=year,
        organization=organization,
        project=project,
        funding=money,
        objective=facts.clean("objective"),
        indicators=tuple(_indicator(key, number, one, year) for number, one in enumerate(form.entries, start=1)),
        source=source,
        leftovers=tuple(form.leftovers),
        notes=(*form.notes, *facts.notes, *money_notes),
        repairs=(*facts.repairs, *money_repairs),
        department=coded["department"][0],
        implementer=coded["implementer"][0],
        organization_code=facts.head.text("organization_code") or organization_code,
        project_code=facts.head.text("project_code") or project_code,
        term_objective=facts.clean("term_objective"),
    )


def _organization(facts: _Facts, coded: dict[str, tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    """The unit the form is of, with its code: 预算单位, or who stands for it where the form names none."""
    if coded["organization"][0]:
        return coded["organization"]
    for role, label in (("implementer", "实施单位"), ("department", "主管部门")):
        name, _ = coded[role]
        if name:
            facts.repairs.append(Repair("organization-inferred", f"表中没有预算单位，以{label}为单位", after=name))
            return coded[role]
    if found := _TITLED.match(squeeze(facts.title or "")):
        facts.repairs.append(
            Repair("organization-from-title", "表中没有预算单位，以标题中的单位为单位", after=found[1])
        )
        return found[1], None
    return None, None


def _whole(facts: _Facts) -> str | None:
    """The project as the title names it: 部门整体支出, or 关于…项目绩效目标的公示."""
    found = _WHOLE.search(facts.title or "") or _ANNOUNCED.search(facts.title or "")
    if not found:
        return None
    reason = "表中没有项目名称，以标题中的字样为项目"
    facts.repairs.append(Repair("project-from-title", reason, after=found.group(1)))
    return found.group(1)


def _year(facts: _Facts) -> int | None:
    """The year of the heading （2021年度）, of a 年度 cell, or of the title; a guess from the project is none."""
    if facts.head.year:
        return facts.head.year
    for text in (facts.head.text("year"), *(piece.text for piece in (*facts.head.titles, *facts.head.other_titles))):
        if found := _YEAR.search(fold(text or "")):
            return int(found.group(1))
    return None


def _indicator(declaration: str, number: int, one: Entry, year: int | None) -> Indicator:
    return Indicator(
        id=indicator_id(declaration, number),
        category=one.category,
        name=one.name,
        value=one.value,
        targets=_targets(one, year),
        actual=one.actual,
        weight=one.weight,
        score=one.score,
        note=one.note,
        place=one.place,
        repairs=tuple(one.repairs),
        unsure=one.unsure,
    )


def _targets(one: Entry, year: int | None) -> tuple[Target, ...]:
    if one.value is None:
        return ()
    return tuple(targets.read(one.value, one.name, year, sign=one.sign, unit=one.unit))
