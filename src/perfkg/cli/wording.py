"""Answers as lines for a person at a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfkg.ask import Answer
    from perfkg.compare import Group
    from perfkg.imports import ImportReport
    from perfkg.records import Declaration, Hit, Indicator, Target
    from perfkg.review import Report
    from perfkg.suggest import Draft, Suggestion


_ROWS = 20
"""Rows of an answer shown; a pipe takes them all with --json."""


def origin(row: Any) -> str:
    """Organization, project and year in one line."""
    return " · ".join(str(part) for part in (row.organization, row.project, row.year) if part)


def hit_text(number: int, hit: Hit, doubtful: bool = False) -> str:
    """A search hit in three lines; `doubtful` where it is likely about something else."""
    reasons = hit.reasons
    satisfied = "" if reasons.number is None else f"数值 {reasons.number:.2f}，"
    meaning = "" if reasons.meaning is None else f"意思 {reasons.meaning:.2f}，"
    category = " / ".join(part for part in (hit.category.level1, hit.category.level2) if part)
    copies = f"（共 {hit.count} 处）" if hit.count > 1 else ""
    doubt = "〔可能不相干〕" if doubtful else ""
    return (
        f"{number:>2}. {hit.name or '（无名称）'}：{hit.value or '（无指标值）'}{copies}{doubt}\n"
        f"    {origin(hit)} · {category}\n"
        f"    {hit.score:.2f}（{satisfied}{meaning}字词 {reasons.words:.2f}：{'、'.join(reasons.matched) or '无'}） 编号 {hit.id}"
    )


_STRICTER = {"smaller": "小的严", "larger": "大的严"}


def group_text(group: Group) -> str:
    """A group of comparable targets: what they measure, a line a project, and what the numbers say together."""
    from perfkg.targets.wording import named

    told = "，".join(filter(None, (f"单位 {named(group.unit)}", _STRICTER.get(group.direction or ""))))
    lines = [f"{group.measure or '同名的指标'}（{told}）：{len(group.rows)} 个项目"]
    lines += [f"  {row.text}\t{row.name or '（无名称）'}\t{origin(row)}" for row in group.rows]
    if group.quartiles:
        lines.append("  下四分位 {:,.12g}，中位 {:,.12g}，上四分位 {:,.12g}".format(*group.quartiles))
    lines += [f"  {said}" for said in (group.standing.said if group.standing else None, group.note) if said]
    return "\n".join(lines)


def target_text(target: Target) -> str:
    """A target in words after the text it was read from."""
    from perfkg.targets.wording import KINDS, fact

    return f"{target.text}\t{KINDS.get(target.kind) or fact(target)}{'？' + target.doubt if target.doubt else ''}"


def info_text(facts: dict[str, Any]) -> str:
    """What is in a library, and how far its projections are."""
    graph, words, vectors = (facts["projections"][name] for name in ("graph", "words", "vectors"))
    lines = [
        f"资料库 {facts['folder']}",
        f"标识符以 {facts['base']} 开头",
        f"申报表 {facts['declarations']} 份，指标 {facts['indicators']} 条，单位 {facts['organizations']} 个",
        f"台账      到第 {facts['change']} 号变更",
        f"图谱      到第 {graph['change']} 号变更",
        f"字词索引  到第 {words['change']} 号变更，指标 {words['indicators']} 条，不同文字 {words['texts']} 种",
        f"意思索引  向量 {vectors['texts']} 个，编码器 {facts['encoder']}"
        if vectors
        else "意思索引  没有，只按字词检索",
    ]
    if (recall := facts.get("recall")) is not None:
        lines.append(f"前十条召回率（对照精确检索）：{recall}")
    return "\n".join(lines)


def declaration_text(declaration: Declaration) -> str:
    """A declaration as a table, with its repairs, doubts and leftovers beneath the rows they are about."""
    funding = declaration.funding.total
    lines = [
        f"{declaration.title or '（无标题）'}  {declaration.year or ''}",
        f"项目  {declaration.project or '（无）'}",
        f"单位  {declaration.organization or '（无）'}",
        f"资金  {'（无）' if funding is None else f'{funding:,.2f} 元'}",
        f"目标  {declaration.objective or '（无）'}",
        *_rows(declaration.indicators),
    ]
    lines += [f"  修正：{repair.reason}" for repair in declaration.repairs]
    lines += [f"  说明：{note}" for note in declaration.notes]
    lines += [f"  未用：{left.text}（{left.place}）" for left in declaration.leftovers]
    return "\n".join(lines) + "\n"


def _rows(indicators: Sequence[Indicator]) -> Iterator[str]:
    above: tuple[str | None, str | None] = (None, None)
    for row in indicators:
        levels = row.category.level1, row.category.level2
        shown = " / ".join(part for part in levels if part) if levels != above else ""
        above = levels
        doubt = "  ？存疑" if row.unsure else ""
        yield f"  {_padded(shown, 36)} {_padded(row.name or '（空）', 32)} {row.value or '（空）'}{doubt}"
        yield from (f"  {'':36}   修正：{repair.reason}" for repair in row.repairs)


def _padded(text: str, width: int) -> str:
    """Filled up to `width` columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - taken)


def review_text(report: Report) -> str:
    """The findings of a review, failures and doubts first; what passed in one line."""
    from perfkg.report import opinion

    form = report.declaration
    lines = [f"{form.project or '（无项目名称）'}  {form.organization or ''}", opinion.summary(report)]
    for verdict, sign in (("fail", "✗"), ("deferred", "？")):
        for one in opinion.items(report, verdict):
            lines.append(f"  {sign} {one.title}（{one.severity}）：{one.message}（{one.where}）")
            lines += [f"      {quote}" for quote in one.quotes]
            lines.append(f"      建议：{one.advice}")
    lines += [f"  ✓ {one.message}" for one in report.findings if one.verdict == "pass"]
    lines += [f"  相近：{origin(one)}，{one.same}条相同，{one.alike}条名称相近" for one in report.nearest]
    return "\n".join(lines) + "\n"


def suggestion_text(one: Suggestion) -> str:
    """A wording with its values, its support and its latest source; of a vague one what to write instead."""
    spread = " / ".join(one.spread[:3])
    line = f"{one.name}\t{spread}\t{one.support} 个项目\t{origin(one.evidence[0])}"
    if not one.vague:
        return line
    measurable = "、".join(f"{other.name} {other.value or ''}".strip() for other in one.instead)
    return f"{line}\n  难以核对，别的项目写的是：{measurable}" if measurable else f"{line}\n  难以核对"


def draft_text(made: Draft) -> str:
    """The sections of a draft, marked as one."""
    lines = [f"草稿：{made.project}", *made.notices]
    for section in made.sections:
        lines.append(section.category)
        for one in section.suggestions:
            lines.append(f"  {one.name}\t{one.value or '（待填）'}\t{one.support} 个项目\t{origin(one.evidence[0])}")
    return "\n".join(lines)


def ask_text(answer: Answer) -> str:
    """The answer, how the question was understood, the first rows, and the query; or near questions."""
    chips = "，".join(f"{chip.label}＝{chip.shown}" for chip in answer.understood)
    lines = [answer.answer, f"读作  {chips or '（没有读懂）'}"]
    lines += [f"  {_ask_row(row)}" for row in answer.rows[:_ROWS]]
    if len(answer.rows) > _ROWS:
        lines.append(f"  …… 共 {len(answer.rows)} 行，--json 给出全部")
    if answer.not_understood:
        lines.append(f"没有用上的词  {'、'.join(answer.not_understood)}")
    lines += [f"可以问  {question}" for question in answer.alternatives]
    return "\n".join([*lines, *(["依据", answer.query] if answer.query else [])])


def _ask_row(row: dict[str, Any]) -> str:
    from perfkg.targets.wording import amount

    number = "" if row["number"] is None else f"\t{amount(row['number'], row['unit'])}"
    if "group" in row:
        return f"{row['group']}{number}"
    about = " · ".join(str(row[name]) for name in ("organization", "project", "year") if row[name])
    said = f"{row['name'] or '（无名称）'}：{row['value'] or '（未填）'}\t" if "indicator" in row else ""
    return f"{said}{about}{number}"


def concept_line(one: dict[str, Any]) -> str:
    """A concept of the catalogue in a line."""
    doubts = f"，{one['proposals']} 条待确认" if isinstance(one["proposals"], int) and one["proposals"] else ""
    state = {"decided": "，人定", "rejected": "，已否决"}.get(one["state"], "")
    used = f"{one['projects']} 个项目，{one['organizations']} 个单位，{one['wordings']} 种说法"
    return f"{one['id']}  {one['name']}  {one['category']['label']}  {used}{state}{doubts}"


def concept_text(one: dict[str, Any]) -> str:
    """A concept in full: wordings, members, proposals with their evidence, decisions."""
    from perfkg.ledger.stamps import local, who
    from perfkg.targets.wording import named

    counted = "日期" if one["dimension"] == "date" else named(one["dimension"]) or "（不是数）"
    years = "、".join(map(str, one["years"]))
    lines = [
        concept_line(one),
        f"所量  {one['measure'] or '（不明）'}，计 {counted}；年度  {years}",
    ]
    if typical := one["typical"]:
        low, middle, high = (f"{typical[name]:g}" for name in ("low", "median", "high"))
        lines.append(f"数值  最低 {low}，中位 {middle}，最高 {high}（{named(typical['unit'])}，{typical['count']} 个）")
    for alias in one["aliases"]:
        why = alias["tie"]["why"] if alias["tie"] else "人定" if alias["decided"] else ""
        lines.append(f"说法  {alias['name']}\t{alias['projects']} 个项目\t{' '.join(alias['phrases'])}\t{why}")
    for member in one["members"]:
        values = "；".join(f"{row['year'] or ''} {row['value'] or '（未填）'}" for row in member["indicators"])
        lines.append(f"项目  {member['organization'] or ''} · {member['project'] or ''}\t{values}")
    for each in one["proposals"]:
        other = each["other"] if each["concept"]["id"] == one["id"] else each["concept"]
        lines.append(f"待确认  {other['id']}  {other['name']}（{each['evidence']['why']}）")
    for each in one["history"]:
        undone = "（已撤销）" if each["undone"] else ""
        lines.append(f"决定  第 {each['number']} 号  {each['told']}{undone}  {who(each['actor'])}  {local(each['at'])}")
    return "\n".join(lines)


def report_text(report: ImportReport) -> str:
    """The summary of an import in two lines."""
    receipt = report.receipt
    which = f"第 {receipt.number} 次导入：" if receipt.number else ""
    return (
        f"{which}读到申报表 {report.declarations} 份，指标 {report.indicators} 条："
        f"新增 {len(receipt.recorded)} 份，更新 {len(receipt.revised)} 份，未变 {len(receipt.unchanged)} 份\n"
        f"修正 {report.repaired} 处，存疑 {report.unsure} 条，未用文字 {report.leftovers} 处，"
        f"未读文件 {len(report.refused)} 个"
    )
