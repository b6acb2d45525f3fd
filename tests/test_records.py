from __future__ import annotations

import dataclasses
import json

from conftest import make_declaration

from perfkg.records import Declaration, Leftover, Place, Repair, Target, as_json


def test_a_declaration_survives_json() -> None:
    target = Target("quantity", "24小时", "=", 24, unit="h", span=(0, 4))
    made = make_declaration()
    row = dataclasses.replace(
        made.indicators[0], targets=(target,), repairs=(Repair("shifted-left", "左移一列"),), unsure=True
    )
    made = dataclasses.replace(
        made, indicators=(row,), leftovers=(Leftover("附注", Place(line=3)),), notes=("金额单位按万元",)
    )
    assert Declaration.from_json(json.loads(json.dumps(as_json(made)))) == made


def test_a_target_shows_the_keys_of_its_kind() -> None:
    assert as_json(Target("quantity", "≥95%", ">=", 95, unit="%")) == {
        "kind": "quantity",
        "comparator": ">=",
        "value": 95,
        "unit": "%",
        "label": None,
        "text": "≥95%",
    }
    assert as_json(Target("quantity", "90%-95%", "[]", low=90, high=95, unit="%")) == {
        "kind": "quantity",
        "comparator": "[]",
        "low": 90,
        "high": 95,
        "unit": "%",
        "label": None,
        "text": "90%-95%",
    }
    assert as_json(Target("period", "12月底前", "<=", end="2021-12-31")) == {
        "kind": "period",
        "comparator": "<=",
        "end": "2021-12-31",
        "text": "12月底前",
    }
    assert as_json(Target("trend", "有所提高")) == {"kind": "trend", "text": "有所提高"}


def test_a_place_reads_as_a_person_counts() -> None:
    assert str(Place(sheet="Sheet1", row=3, column=2)) == "工作表“Sheet1”第3行第2列"
    assert str(Place(table=1, row=25, column=2)) == "第1个表第25行第2列"
    assert str(Place(page=2, row=3)) == "第2页表内第3行"
