"""The pages and routes of the shelf: lists, imports and what they did, two forms side by side, state, files to take away."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from test_api import finished
from test_pages import HOSTILE, NETWORK, form, serving, shown

from api import access
from perfkg.library import Library
from perfkg.records import Leftover, Place

OWN = {"Origin": "http://127.0.0.1"}
ROADS = make_declaration("道路养护", "云岭县交通局", 2022, total=500000.0)
NAMELESS = replace(make_declaration(year=2023), id="f" * 16, project=None, organization=None)
DOUBTFUL = replace(
    make_declaration("村级道路", "云岭县交通局", 2020), leftovers=(Leftover(f"填报人：{HOSTILE}", Place(line=3)),)
)
FORM = form("一级指标\t二级指标\t三级指标\t指标值\n产出指标\t质量指标\t网络故障处理时间\t4小时\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NAMELESS, NETWORK, ROADS, DOUBTFUL])
    return tmp_path / "library"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    yield from serving(folder)


@pytest.fixture
def clerk(folder: Path) -> Iterator[TestClient]:
    """A browser that has given the token."""
    token = access.policy(folder, "127.0.0.1")[1]
    for client in serving(folder):
        client.post("/login", data={"token": token, "next": "/library"})
        yield client


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TestClient]:
    yield from serving(tmp_path / "empty")


def listed(text: str) -> list[str]:
    return re.findall(r"data-hit>(.*?)</a>", text)


def imported(client: TestClient, *files: tuple[str, str | bytes]) -> str:
    """The page of an import, once it has ended."""
    page = client.post("/library/import", files=[("files", file) for file in files], headers=OWN)
    client.get(f"/api/jobs/{page.url.path.rpartition('/')[2]}/events")
    return shown(client.get(str(page.url)))


# What is in the library


def test_incomplete_forms_do_not_come_first(client: TestClient) -> None:
    assert listed(shown(client.get("/library"))) == ["道路养护", "网络运行维护费", "村级道路", "（没有项目名称）"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("organization=交通", ["道路养护", "村级道路"]),
        ("organization=交通&year=2020", ["村级道路"]),
        ("kind=self-evaluation", []),
        ("doubt=leftovers", ["村级道路"]),
        ("doubt=blanks&q=", ["网络运行维护费", "（没有项目名称）"]),
        ("order=total&q=路", ["道路养护", "村级道路"]),
    ],
)
def test_the_list_is_narrowed_and_sorted(client: TestClient, asked: str, found: list[str]) -> None:
    text = shown(client.get(f"/library?{asked}"))
    assert listed(text) == found
    assert f"{len(found)} 份" in text


def test_the_addresses_of_a_list_keep_its_filters(tmp_path: Path) -> None:
    with Library(tmp_path / "many", WORDS_ALONE) as library:
        library.import_declarations([make_declaration(f"第{number:03}号") for number in range(60)])
    for client in serving(tmp_path / "many"):
        text = shown(client.get("/library?q=号&order=project"))
        assert 'href="/library?q=%E5%8F%B7&amp;order=project&amp;page=2"' in text
        assert "/api/export?format=csv&amp;q=%E5%8F%B7" in text


@pytest.mark.parametrize("asked", ["year=abc", "kind=x", "doubt=x", "order=x", "page=0", "page=9999999999999"])
def test_filters_that_make_no_sense_are_said(client: TestClient, asked: str) -> None:
    shown(client.get(f"/library?{asked}"), 400)


@pytest.mark.parametrize(
    "path", ["/library", "/library/imports", "/library/log", "/library/log?withdrawn=1", "/library/state"]
)
def test_an_empty_library_has_every_page(empty: TestClient, path: str) -> None:
    assert "/read" in shown(empty.get(path))


@pytest.mark.parametrize("path", ["/library?page=9", "/library/imports?page=9", "/library/log?page=9"])
def test_pages_that_are_not_there_lead_back(client: TestClient, path: str) -> None:
    assert "只有 1 页" in shown(client.get(path))


# Imports


def test_an_import_is_checked_by_the_server(folder: Path) -> None:
    for client in serving(folder):
        address = "/library/imports/1"
        client.get(f"{address}/shapes")
        text = shown(client.get(address))
        assert "图谱检查（SHACL）：4 份表" in text
        assert "data-above" not in text


def test_an_import_is_shown_before_it_is_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr("api.pages.intake.PATIENCE", 0.01)
    monkeypatch.setattr("api.pages.shapes.validate", lambda form: free.wait(20) and ())
    for client in serving(folder):
        text = shown(client.get("/library/imports/1"))
        assert "导入完成" in text
        assert 'data-above="/library/imports/1/shapes?page=1"' in text
        assert '<noscript><meta http-equiv="refresh"' in text
        free.set()


def test_an_import_is_told_file_by_file_and_taken_back(clerk: TestClient) -> None:
    text = imported(clerk, ("新.txt", FORM), (f"{HOSTILE}.txt", "随便写的"), ("图.png", b"\x89PNG\r\n"))
    assert "导入完成" in text
    assert "新增 1 份" in text
    assert text.count("没有读成：") == 2
    assert "撤销这次导入（1 份）" in text
    number = re.findall(r"/library/imports/(\d+)/undo", text)[0]
    undone = shown(clerk.post(f"/library/imports/{number}/undo", headers=OWN))
    assert "已撤销 1 份" in undone
    assert "恢复这次导入" in undone
    assert clerk.get("/api/declarations?q=政务外网").json()["total"] == 0
    assert "政务外网运维费" in shown(clerk.get("/library/log?withdrawn=1"))
    assert "已恢复 1 份" in shown(clerk.post(f"/library/imports/{number}/redo", headers=OWN))
    assert clerk.get("/api/declarations?q=政务外网").json()["total"] == 1
    assert f"第 {number} 次" in shown(clerk.get("/library/imports"))


def test_what_to_look_at_leads_to_its_row(folder: Path) -> None:
    row = replace(NETWORK.indicators[0], unsure=True)
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([replace(NETWORK, indicators=(row, *NETWORK.indicators[1:]))])
    for client in serving(folder):
        text = shown(client.get("/library/imports/2"))
        assert f'href="/declarations/{NETWORK.id}?hit={row.id}#hit"' in text
        assert "两种读法" in text
        assert f"/declarations/{NETWORK.id}/changes?before={NETWORK.id}@1&amp;after={NETWORK.id}@2" in text


def test_fifty_files_at_once(clerk: TestClient) -> None:
    files = [(f"表{number}.txt", FORM.replace("政务外网", f"第{number}条线路")) for number in range(50)]
    text = imported(clerk, *files)
    assert "50 个文件，读到申报表 50 份" in text
    assert "第 1 / 2 页" in text
    assert "第 2 / 2 页" in shown(clerk.get("/library/imports/2?page=2"))


def test_two_imports_at_once_are_both_done(clerk: TestClient) -> None:
    jobs: list[str] = []

    def send(number: int) -> None:
        files = {"files": (f"{number}.txt", FORM.replace("政务外网", f"第{number}条线路"))}
        jobs.append(clerk.post("/api/declarations", files=files, headers=OWN).json()["id"])

    senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [finished(clerk, id)["state"] for id in jobs] == ["done"] * 4
    assert clerk.get("/api/declarations?q=条线路").json()["total"] == 4
    assert clerk.get("/api/imports").json()["total"] == 5


def test_files_of_a_folder_keep_their_names_within_it(clerk: TestClient) -> None:
    other = FORM.replace("政务外网", "电子档案")
    files: list[tuple[str, str | bytes]] = [
        ("2024/甲局/表.txt", FORM),
        ("2024/乙局/表.txt", other),
        ("../../坏.txt", FORM),
    ]
    text = imported(clerk, *files)
    assert "<h2>甲局/表.txt</h2>" in text
    assert "<h2>乙局/表.txt</h2>" in text
    assert "<h2>坏.txt</h2>" in text
    assert ".." not in "".join(re.findall("<h2>.*?</h2>", text))


@pytest.mark.parametrize("name", ["长" * 300 + ".txt", "名\x00字.txt", "..."])
def test_names_that_no_disk_holds(clerk: TestClient, name: str) -> None:
    assert "导入完成" in imported(clerk, (name, FORM))


def test_an_import_of_nothing_readable_says_so(clerk: TestClient) -> None:
    text = imported(clerk, ("通知.txt", "随便写的"))
    assert "没有读到申报表" in text
    assert "撤销这次导入" not in text


@pytest.mark.parametrize("number", ["0", "99", "9" * 30, "-1"])
def test_imports_that_never_were(clerk: TestClient, number: str) -> None:
    shown(clerk.get(f"/library/imports/{number}"), 404)
    shown(clerk.post(f"/library/imports/{number}/undo", headers=OWN), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/library/imports/1/undo",
        "/library/imports/1/redo",
        "/library/token",
        "/library/backup",
        "/api/backup",
        "/api/imports/1/undo",
        f"/api/declarations/{NETWORK.id}/restore",
    ],
)
def test_writing_needs_the_token(client: TestClient, path: str) -> None:
    assert client.post(path, headers=OWN).status_code == 401
    assert client.get("/api/declarations").json()["total"] == 4


# Versions and years


def test_two_versions_side_by_side(folder: Path) -> None:
    row = replace(NETWORK.indicators[0], value="4小时")
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations(
            [replace(NETWORK, objective="保障网络畅通", indicators=(row, *NETWORK.indicators[2:]))]
        )
    for client in serving(folder):
        text = shown(client.get(f"/declarations/{NETWORK.id}/changes"))
        assert "<del>24</del>小时" in text
        assert "<ins>4</ins>小时" in text
        assert "删去 1" in text
        assert "&lt;img src=x" in text
        body = client.get(f"/api/declarations/{NETWORK.id}/changes").json()
        assert body["counts"] == {"same": 2, "changed": 1, "added": 0, "removed": 1}
        assert [one["field"] for one in body["fields"]] == ["objective"]
        back = client.get(f"/api/declarations/{NETWORK.id}/changes?before={NETWORK.id}@2&after={NETWORK.id}@1").json()
        assert back["counts"]["added"] == 1


def test_two_years_of_a_project_side_by_side(folder: Path) -> None:
    later = make_declaration("2022年网络运行维护费", year=2022)
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([later])
    for client in serving(folder):
        text = shown(client.get(f"/declarations/{later.id}/changes"))
        assert "<ins>2022</ins>年网络运行维护费" in text or "<ins>2022年</ins>网络运行维护费" in text
        assert "2021 年 · 申报表" in text
        other = client.get(f"/api/declarations/{later.id}/changes?before={ROADS.id}").json()
        assert other["before"]["project"] == "道路养护"


def test_nothing_to_stand_beside(client: TestClient) -> None:
    assert "没有可以对照的" in shown(client.get(f"/declarations/{ROADS.id}/changes"))
    assert client.get(f"/api/declarations/{ROADS.id}/changes").status_code == 404
    for asked in ("before=unknown", f"before={ROADS.id}@9", "after=unknown@1", "before=@"):
        assert client.get(f"/api/declarations/{ROADS.id}/changes?{asked}").status_code == 404
    assert client.get(f"/api/declarations/{ROADS.id}/changes?before={ROADS.id}@x").status_code == 400
    shown(client.get("/declarations/unknown/changes"), 404)


def test_an_earlier_version_is_put_back(folder: Path) -> None:
    with Library(folder, WORDS_ALONE) as library:
        library.import_declarations([replace(NETWORK, objective="保障网络畅通")])
    token = access.policy(folder, "127.0.0.1")[1]
    for client in serving(folder):
        client.post("/login", data={"token": token})
        assert "恢复成这一版" in shown(client.get(f"/declarations/{NETWORK.id}?version=1"))
        shown(client.post(f"/declarations/{NETWORK.id}/restore?version=1", headers=OWN))
        assert client.get(f"/api/declarations/{NETWORK.id}").json()["objective"] == NETWORK.objective
        [line] = client.get("/api/changes?limit=1").json()["changes"]
        assert (line["action"], line["version"], line["actor"]) == ("revise", 3, "web@testclient")


def test_what_was_withdrawn_is_listed_and_put_back(clerk: TestClient) -> None:
    clerk.post(f"/declarations/{ROADS.id}/withdraw", headers=OWN)
    assert listed(shown(clerk.get("/library/log?withdrawn=1"))) == ["道路养护"]
    assert clerk.get("/api/changes?withdrawn=1").json()["total"] == 1
    assert clerk.post(f"/api/declarations/{ROADS.id}/restore", headers=OWN).json()["restored"] == ROADS.id
    assert "没有撤回着的" in shown(clerk.get("/library/log?withdrawn=1"))
    assert "恢复" in shown(clerk.get(f"/declarations/{ROADS.id}"))


# State, files, token


def test_the_state_tells_what_each_part_has_reached(client: TestClient) -> None:
    text = shown(client.get("/library/state"))
    assert text.count("已齐") == 2
    assert "没有：只按字词检索" in text
    body = client.get("/api/library?recall=1").json()
    assert body["projections"]["words"]["change"] == body["change"] == 4
    assert body["recall"] is None
    assert all(body["bytes"][part] > 0 for part in ("ledger", "graph", "words"))
    assert "folder" not in body


def test_a_part_that_lags_behind_says_how_far_it_is(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    library: Library = client.app.state.keeper.library  # type: ignore[attr-defined]
    monkeypatch.setattr(library, "catch_up", lambda progress=None: 0)
    library.ledger.record([make_declaration("刚记下的")])
    answer = client.get("/library/state")
    assert re.search(r'<progress max="5" value="4"', shown(answer))
    assert 'http-equiv="refresh"' in answer.text


def test_everything_can_be_taken_away(client: TestClient) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/api/export?format=csv").content.decode("utf-8-sig"))))
    assert len(rows) == 1 + client.get("/api/library").json()["indicators"]
    assert {len(row) for row in rows} == {22}
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get("/api/export?format=xlsx&q=道路").content), read_only=True
    ).active
    found = list(sheet.iter_rows(values_only=True))
    assert [row[3] for row in found[1:]] == ["道路养护", "村级道路"]
    for format, part in (("ttl", "perfkg:Indicator"), ("nq", "<http"), ("jsonld", '"@id"'), ("graphml", "<graphml")):
        answer = client.get(f"/api/export?format={format}")
        assert part in answer.text
        assert re.search(rf'attachment; filename="perfkg-\d{{8}}\.{format}"', answer.headers["content-disposition"])
    assert client.get("/api/export?format=exe").status_code == 400
    assert client.get("/api/export?q=没有这个").status_code == 400


def test_no_file_is_left_behind(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    client.get("/api/export?format=csv")
    client.get("/api/export?format=xlsx&q=没有这个")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_backup_is_the_whole_ledger(clerk: TestClient, tmp_path: Path) -> None:
    answer = clerk.post("/library/backup", headers=OWN)
    (tmp_path / "restored").mkdir()
    (tmp_path / "restored" / "ledger.db").write_bytes(answer.content)
    assert sqlite3.connect(tmp_path / "restored" / "ledger.db").execute("SELECT COUNT(*) FROM current").fetchone() == (
        4,
    )
    with Library(tmp_path / "restored", WORDS_ALONE) as library:
        library.catch_up()
        assert library.ledger.totals()["declarations"] == 4


def test_a_new_token_makes_the_old_one_void_at_once(clerk: TestClient, folder: Path) -> None:
    old = clerk.cookies["perfkg_token"]
    [made] = re.findall(r'<code class="token">(.*?)</code>', shown(clerk.post("/library/token", headers=OWN)))
    policy = access.policy(folder, "127.0.0.1")[0]
    assert (policy.knows(made), policy.knows(old)) == (True, False)
    assert "另发一个口令" in shown(clerk.get("/library/state"))
    renewed = access.renew(folder)
    assert (policy.knows(renewed), policy.knows(made)) == (True, False)
    assert clerk.post("/library/token", headers=OWN).status_code == 401


def test_routes_are_described(client: TestClient) -> None:
    described: Any = client.get("/openapi.json").json()["paths"]
    for path in ("/api/imports/{number}/undo", "/api/export", "/api/backup", "/api/declarations/{id}/changes"):
        assert any("一" <= letter <= "鿿" for one in described[path].values() for letter in one["summary"])
