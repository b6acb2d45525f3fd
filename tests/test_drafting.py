"""Drafting over HTTP: a form proposed, saved, opened again, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient

from api.app import create
from perfkg.library import Library

ROWS = (
    ("产出指标", "质量指标", "网络故障处理时间", "≤2小时"),
    ("产出指标", "数量指标", "线路条数", "12条"),
)
FORM: dict[str, Any] = {
    "project": "政务外网/维护费",
    "organization": "云岭县水利局",
    "year": 2022,
    "total": 147600,
    "indicators": [{"category": "质量指标", "name": "网络故障处理时间", "value": "2小时"}],
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    library = Library(tmp_path / "library", WORDS_ALONE)
    library.import_declarations([make_declaration(f"{place}网络维护费", rows=ROWS) for place in "甲乙丙"])
    with TestClient(create(library), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("format", ["docx", "xlsx"])
def test_a_draft_is_saved_and_opened_again(client: TestClient, format: str) -> None:
    saved = client.post(f"/api/draft?format={format}", json=FORM)
    assert saved.content.startswith(b"PK")
    assert unquote(saved.headers["content-disposition"]).endswith(f"政务外网 维护费.{format}")
    [read] = client.post("/api/read", files={"files": (f"表.{format}", saved.content)}).json()["declarations"]
    assert (read["project"], read["year"], read["funding"]["total"]) == ("政务外网/维护费", 2022, 147600)
    assert client.get("/api/declarations").json()["total"] == 3, "nothing is recorded"


def test_a_draft_is_proposed_from_projects_of_the_kind(client: TestClient) -> None:
    given = client.get("/api/draft", params={"project": "丁网络维护费"}).json()
    assert [one["category"] for one in given["sections"]] == ["数量指标", "质量指标"]
    assert given["sections"][1]["suggestions"][0]["evidence"]
    assert "逐条核对" in given["notices"][0]
    assert client.get("/api/draft").status_code == 400


def test_files_that_hold_no_form_say_why(client: TestClient) -> None:
    given = client.post("/api/read", files={"files": ("表.txt", "随便写的")}).json()
    assert given["declarations"] == []
    assert "绩效目标表" in given["refused"][0]["reason"]


@pytest.mark.parametrize(
    "wrong", [{"total": -1}, {"year": 99999}, {"indicators": [{}] * 301}, {"project": "长" * 3000}, {"total": "NaN"}]
)
def test_what_is_no_form_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    assert client.post("/api/draft?format=docx", json=FORM | wrong).status_code == 400
    assert client.post("/api/draft?format=pdf", json=FORM).status_code == 400
