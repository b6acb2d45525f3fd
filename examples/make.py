"""Writes county.toml as the files of this folder, and what a reading of them has to give as a test case.

    python examples/make.py [FOLDER]

FOLDER is where the files go (this folder, and ../tests/cases/examples.jsonl, if left out). The same content gives the
same bytes; the .pdf needs LibreOffice (`soffice`) and differs with its version and fonts.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from itertools import groupby
from pathlib import Path
from typing import Any

from drawing import Box, Table, write_page, write_pdf, write_sheets, write_word

HERE = Path(__file__).parent
CASES = HERE.parent / "tests" / "cases" / "examples.jsonl"

Form = dict[str, Any]

# First level of each second level: the Sichuan wording, the national model of 2015, and 财预〔2021〕101号.
OUTPUT = ("数量指标", "质量指标", "时效指标")
EFFECT = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")
SCHEMES = {
    "sichuan": {"项目完成": (*OUTPUT, "成本指标"), "项目效益": EFFECT, "满意度指标": ("服务对象满意度指标",)},
    "2015": {"产出指标": (*OUTPUT, "成本指标"), "效益指标": EFFECT, "满意度指标": ("服务对象满意度指标",)},
    "2021": {
        "成本指标": ("经济成本指标", "社会成本指标", "生态环境成本指标"),
        "产出指标": OUTPUT,
        "效益指标": EFFECT,
        "满意度指标": ("服务对象满意度指标",),
    },
}


def level1_of(scheme: str, level2: str) -> str:
    """The first level above a second level."""
    return next(level1 for level1, below in SCHEMES[scheme].items() if level2 in below)


def rows_of(form: Form) -> list[tuple[list[str], str]]:
    """The rows of a form as cells (first level, second level, name, value …) and the columns they are printed in."""
    rows = []
    for line in form["rows"].strip().splitlines():
        content, _, columns = line.partition("@")
        cells = [cell.strip() for cell in content.split("|")]
        rows.append(([level1_of(form["scheme"], cells[0]), *cells], columns.strip()))
    return rows


# The seed's kind of text: tabs, a fixed number of columns, cells shifted by merged ones.


def text_line(width: int, cells: dict[int, str]) -> str:
    """A line of `width` columns with the given cells."""
    return "\t".join(cells.get(column, "") for column in range(width))


def text_head(form: Form) -> list[str]:
    """The lines of a form above its indicators."""
    style = {"columns": 5, "label": 2, "amount": 4, "colon": ":", "fiscal": "其中:财政拨款"} | form.get("text", {})
    heading = style.get("heading", "（包含数字及文字描述）")
    width, label, amount = style["columns"], style["label"], style["amount"]
    total = {label: "年度资金总额" + style["colon"]}
    fiscal, other = {label: style["fiscal"]}, {label: "其他资金"}
    for cells, money in ((total, form["total"]), (fiscal, form["fiscal"]), (other, form.get("other", ""))):
        if amount == "label":
            cells[label] += money
        else:
            cells[amount] = money
    lines: list[dict[int, str]] = [
        {0: "项目名称", label: form["project"]},
        {0: "预算单位", label: form["organization"]},
        {0: "项目资金(万元)"} | total,
        fiscal,
        other,
        {0: "总体目标", 1: "年度目标"},
        {1: form["objective"]},
        dict(enumerate(["绩效指标", "一级指标", "二级指标", "三级指标", "指标值" + heading])),
    ]
    return [text_line(width, line) for line in lines]


def text_rows(form: Form) -> list[str]:
    """The indicator lines: a heading is printed once, a hidden one never."""
    style = {"columns": 5, "value": 4} | form.get("text", {})
    lines, printed = [], set(form.get("hidden", []))
    for cells, columns in rows_of(form):
        level1, level2, name, value = cells
        shown = [(place, text) for place, text in ((1, level1), (2, level2)) if text not in printed]
        printed |= {level1, level2}
        shown += [(place, text) for place, text in ((3, name), (style["value"], value)) if text]
        spots = [spot.split(",") for spot in columns.split()] or [[str(place)] for place, _ in shown]
        line = {int(column): text for spot, (_, text) in zip(spots, shown, strict=True) for column in spot}
        lines.append(text_line(style["columns"], line))
    return lines


def write_text(path: Path, forms: list[Form]) -> None:
    """All forms in one file, as a web page copied into a text editor leaves them: no newline at the end."""
    blocks = []
    for form in forms:
        title = ["部门（单位）预算项目支出绩效目标申报表", "", f"（{form['year']}年度）", ""]
        blocks.append("\n".join(title + text_head(form) + text_rows(form)))
    path.write_text("\n\n" + "\n\n".join(blocks), encoding="utf-8", newline="\n")


# Forms drawn as tables: rows of boxes that span rows and columns, whatever the program.


def indicator_boxes(form: Form, headings: list[str]) -> Table:
    """The indicators with their headings, the levels merged down, behind one cell 绩效指标."""
    rows = [cells + [""] * (len(headings) - len(cells)) for cells, _ in rows_of(form)]
    table: Table = [[Box("绩效指标", rows=len(rows) + 1), *(Box(text) for text in headings)]]
    for _, below1 in groupby(rows, key=lambda cells: cells[0]):
        first, *_ = group1 = list(below1)
        for _, below2 in groupby(group1, key=lambda cells: cells[1]):
            second, *_ = group2 = list(below2)
            for cells in group2:
                level1 = [Box(cells[0], rows=len(group1))] if cells is first else []
                level2 = [Box(cells[1], rows=len(group2))] if cells is second else []
                table.append([*level1, *level2, *(Box(text) for text in cells[2:])])
    return table


def declaration_boxes(form: Form) -> Table:
    """项目支出绩效目标申报表: five columns."""
    table: Table = [[Box("项目名称", columns=2), Box(form["project"], columns=3)]]
    if "department" in form:
        who = [Box("主管部门", columns=2), Box(form["department"]), Box("实施单位"), Box(form["organization"])]
    else:
        who = [Box("预算单位", columns=2), Box(form["organization"], columns=3)]
    table += [
        who,
        [Box("项目资金（万元）", rows=3, columns=2), Box("年度资金总额：", columns=2), Box(form["total"])],
        [Box("其中：财政拨款", columns=2), Box(form["fiscal"])],
        [Box("其他资金", columns=2), Box(form.get("other", ""))],
    ]
    if "term" in form:
        table.append([Box("总体目标", rows=2), Box("中期目标", columns=2), Box("年度目标", columns=2)])
        table.append([Box(form["term"], columns=2), Box(form["objective"], columns=2)])
    else:
        table.append([Box("总体目标", rows=2), Box("年度目标", columns=4)])
        table.append([Box(form["objective"], columns=4)])
    return table + indicator_boxes(form, ["一级指标", "二级指标", "三级指标", "指标值"])


def evaluation_boxes(form: Form) -> Table:
    """项目支出绩效自评表 (model of 2020): nine columns."""
    total, fiscal, spent = form["total"], form["fiscal"], form["spent"]
    share = float(spent) / float(total)
    score = sum(float(cells[6]) for cells, _ in rows_of(form)) + round(10 * share, 1)
    money = ["年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
    whole = [total, total, spent, "10", f"{share:.1%}", f"{10 * share:.1f}"]
    department = [Box("主管部门", columns=2), Box(form["department"], columns=3)]
    table: Table = [
        [Box("项目名称", columns=2), Box(form["project"], columns=7)],
        [*department, Box("实施单位"), Box(form["organization"], columns=3)],
        [Box("项目资金（万元）", rows=4), Box("", columns=2), *(Box(text) for text in money)],
        [Box("年度资金总额", columns=2), *(Box(text) for text in whole)],
        [Box("其中：当年财政拨款", columns=2), *(Box(text) for text in (fiscal, fiscal, spent, "—", "—", "—"))],
        [Box("其他资金", columns=2), *(Box(text) for text in ("", "", "", "—", "—", "—"))],
        [Box("年度总体目标", rows=2), Box("预期目标", columns=4), Box("实际完成情况", columns=4)],
        [Box(form["objective"], columns=4), Box(form["done"], columns=4)],
    ]
    levels, facts = ["一级指标", "二级指标", "三级指标"], ["年初目标值", "实际完成值", "分值", "得分"]
    last = [Box("总分", columns=6), Box("100"), Box(f"{score:.1f}"), Box("")]
    return [*table, *indicator_boxes(form, [*levels, *facts, "偏差原因分析及改进措施"]), last]


# The one-row-per-indicator export of the integrated budget system.

EXPORT = ["单位名称", "项目名称", "年度", "年度资金总额(万元)", "其中：财政拨款", "其他资金", "年度绩效目标"]
EXPORT += ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "权重"]


def export_boxes(forms: list[Form]) -> Table:
    """One sheet: the cells of a project merged down, sign, number and unit of a value apart."""
    table: Table = [[Box(text) for text in EXPORT]]
    for form in forms:
        who = [f"{form['code']}-{form['organization']}", form["project"], str(form["year"])]
        head = [*who, form["total"], form["fiscal"], form.get("other", ""), form["objective"]]
        rows = rows_of(form)
        for number, ((level1, level2, name, value, weight), _) in enumerate(rows):
            facts = re.fullmatch(r"([≥≤=])([\d.]+)(\D+)", value)
            parts = facts.groups() if facts else ("定性", value, "")
            merged = [Box(text, rows=len(rows)) for text in head] if number == 0 else []
            table.append([*merged, *(Box(text) for text in (level1, level2, name, *parts, weight))])
    return table


# What a reading has to give.


def yuan(text: str) -> float | None:
    """An amount in 万元 as yuan."""
    return round(float(text.replace(",", "")) * 10000, 2) if text else None


def expected_row(cells: list[str]) -> dict[str, Any]:
    """An indicator as a reading gives it."""
    row: dict[str, Any] = dict(zip(("level1", "level2"), cells, strict=False))
    row |= {"name": cells[2] or None, "value": cells[3] or None}
    if len(cells) == 5:
        row["weight"] = float(cells[4])
    if len(cells) > 5:
        row |= {"actual": cells[4], "weight": float(cells[5]), "score": float(cells[6])}
        row["note"] = cells[7] if len(cells) > 7 else None
    return row


def expected(form: Form) -> dict[str, Any]:
    """A declaration as a reading gives it."""
    return {
        "file": form["file"],
        "kind": "self-evaluation" if "done" in form else "declaration",
        "year": form["year"],
        "organization": form["organization"],
        "department": form.get("department"),
        "organization_code": form.get("code"),
        "project": form["project"],
        "funding": {name: yuan(form.get(name, "")) for name in ("total", "fiscal", "other")},
        "objective": re.sub(r"</?p>", "", form["objective"]),
        "term_objective": form.get("term"),
        "indicators": [expected_row(cells) for cells, _ in rows_of(form)],
    }


def write(path: Path, layout: str, forms: list[Form]) -> None:
    """Writes one file in its layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    year = f"（{forms[0]['year']}年度）"
    if layout == "text":
        write_text(path, forms)
    elif layout == "sheets":
        sheets = {form["sheet"]: declaration_boxes(form) for form in forms}
        write_sheets(path, sheets, ["项目支出绩效目标申报表", year], "单位负责人（签章）：        填报人：")
    elif layout == "export":
        write_sheets(path, {"绩效目标": export_boxes(forms)})
    elif layout == "self-evaluation":
        write_word(path, [evaluation_boxes(form) for form in forms], ["项目支出绩效自评表", year])
    elif layout == "word":
        write_word(path, [declaration_boxes(form) for form in forms], ["项目支出绩效目标表", year])
    elif layout == "page":
        write_page(path, [declaration_boxes(form) for form in forms], ["项目支出绩效目标表", year])
    else:
        write_pdf(path, [declaration_boxes(form) for form in forms], ["县级财政项目支出绩效目标申报表", year])


def content() -> list[tuple[str, str, list[Form]]]:
    """What county.toml holds: path, layout and forms of each file."""
    files = tomllib.loads((HERE / "county.toml").read_text(encoding="utf-8"))["file"]
    return [
        (
            file["path"],
            file["layout"],
            [{"file": file["path"], "year": file["year"], "scheme": file["scheme"]} | form for form in file["form"]],
        )
        for file in files
    ]


def cases() -> list[dict[str, Any]]:
    """What a reading of all files has to give."""
    return [expected(form) for _, _, forms in content() for form in forms]


def main(folder: Path, into: Path) -> None:
    """Writes all files below `folder` and the expected readings to `into`."""
    for path, layout, forms in content():
        write(folder / path, layout, forms)
    into.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases()), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), Path(sys.argv[1]) / CASES.name)
    else:
        main(HERE, CASES)
