"""Reviews on the pages: many files watched as they are judged, one form beside its findings, decisions recorded."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docx
import pytest
from conftest import WORDS_ALONE, make_declaration
from fastapi.testclient import TestClient
from test_pages import COSTLY, HOSTILE, NETWORK, PAGE, REPAIRS, TABLE, form, shown

from api import access
from api.app import create
from api.pages import review as reviews
from perfkg.library import Library
from perfkg.review import review

Files = list[tuple[str, tuple[str, str]]]
OWN = {"Origin": "http://127.0.0.1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, *REPAIRS])
    return tmp_path / "library"


@pytest.fixture
def token(folder: Path) -> str:
    return access.policy(folder, "127.0.0.1")[1] or ""


@pytest.fixture
def client(folder: Path, token: str) -> Iterator[TestClient]:
    with TestClient(create(Library(folder, WORDS_ALONE)), base_url="http://127.0.0.1", headers=PAGE) as client:
        yield client


def sent(*files: tuple[str, str]) -> Files:
    return [("files", file) for file in files]


def finished(client: TestClient, answer: Any) -> str:
    """The address of a review once all its files were looked at."""
    batch = client.app.state.reviews.get(str(answer.url).split("/reviews/")[1].split("/")[0])  # type: ignore[attr-defined]
    for _ in range(600):
        if batch.finished:
            return f"/reviews/{batch.id}"
        time.sleep(0.05)
    raise AssertionError("the review does not end")


def decisions(text: str) -> list[str]:
    return re.findall(r'data-finding="(\w+)"', text)


def test_the_headings_count_as_the_summary_does(client: TestClient) -> None:
    vague = "".join(f"效益指标\t社会效益指标\t{name}\t明显提升\n" for name in ("办事效率", "服务水平", "社会影响"))
    text = shown(client.get(finished(client, client.post("/review", files=sent(("表.txt", COSTLY + vague))))))
    [told] = re.findall(r"发现问题(\d+)处", text)
    headings = re.findall(r'class="severity s-(\w+)">.*?<span class="number">(\d+) 处', text)
    assert sum(int(count) for kind, count in headings if kind != "deferred") == int(told)
    assert int(told) > len(set(decisions(text)))


def test_one_form_is_shown_beside_its_findings(client: TestClient) -> None:
    vague = f"{COSTLY}产出指标\t数量指标\t租赁线路\t若干\n"
    address = finished(client, client.post("/review", files=sent(("表.txt", vague))))
    answer = client.get(address)
    assert str(answer.url).endswith(f"{address}/1")
    text = shown(answer)
    assert re.search(r'class="severity s-serious">须改正', text)
    assert "99万元" in text
    assert re.search(r'href="#row-(\w+-02)"', text)
    assert re.search(r'<tr id="row-\w+-02" class="found s-', text)
    assert client.get("/api/declarations").json()["total"] == 1 + len(REPAIRS), "nothing is recorded"
    shown(client.get(f"{address}/2"), 404)
    shown(client.get("/reviews/unknown"), 404)


def test_50_files_are_watched_and_seen_at_once(client: TestClient) -> None:
    good = [
        (f"表{n}.txt", form(f"{TABLE[TABLE.index('一级') :]}").replace("云岭县", f"云岭县{n % 5}")) for n in range(47)
    ]
    files = sent(*good, ("贵.txt", COSTLY), (f"{HOSTILE}.txt", "乱写"), ("空.docx", ""))
    address = finished(client, client.post("/review", files=files))
    text = shown(client.get(address))
    assert "50 个文件，48 份申报表，2 个没有读成" in text
    assert "notice bad" in text
    assert "先处理这" in text
    assert 'class="list heat"' in text
    first = re.search(r'<tr data-form="\w+"><td class="wrap"><a href="/reviews/[^"]+/48"', text)
    assert first, "the costly one is first"
    with client.stream("GET", f"{address}/events") as stream:
        assert '"done": 50, "total": 50, "forms": 48' in stream.read().decode()
    taken = client.post("/review/opinion?format=docx", data={"review": address.rpartition("/")[2]})
    assert "共审核48份表" in "".join(one.text for one in docx.Document(io.BytesIO(taken.content)).paragraphs)


def test_others_are_served_while_an_opinion_is_made(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, answered, waited = threading.Event(), threading.Event(), []

    def slow(*given: Any) -> Any:
        begun.set()
        waited.append(answered.wait(5))
        return review(*given)

    monkeypatch.setattr(reviews, "judge", slow)
    with ThreadPoolExecutor() as pool:
        taken = pool.submit(client.post, "/review/opinion", data={"declaration": NETWORK.id})
        assert begun.wait(5)
        assert client.get("/health").status_code == 200
        answered.set()
        assert taken.result().status_code == 200
    assert waited == [True]


def test_a_number_of_a_form_begins_at_one(client: TestClient) -> None:
    address = finished(client, client.post("/review", files=sent(("表.txt", COSTLY))))
    for number in ("0", "-1"):
        asked = {"review": address.rpartition("/")[2], "number": number}
        shown(client.post("/review/opinion", data=asked), 400)


def test_only_refusals_say_what_to_do(client: TestClient) -> None:
    address = finished(client, client.post("/review", files=sent(("表.txt", "乱写"))))
    text = shown(client.get(address))
    assert "没有可以审核的申报表" in text
    shown(client.post("/review"), 422)
    shown(client.post("/review/opinion", data={"review": address.rpartition("/")[2]}), 404)


def test_what_the_browser_dismissed_is_left_out_of_the_opinion(client: TestClient) -> None:
    address = finished(client, client.post("/review", files=sent(("表.txt", COSTLY))))
    text = shown(client.get(f"{address}/1"))
    [digest], key = re.findall(r'class="judging" data-form="(\w+)"', text), decisions(text)[0]
    ruling = {"form": digest, "finding": key, "decision": "dismissed", "reason": "另有说明"}
    asked = {"review": address.rpartition("/")[2], "number": "1", "rulings": json.dumps([ruling])}
    taken = client.post("/review/opinion?format=docx", data=asked)
    tables = docx.Document(io.BytesIO(taken.content)).tables
    assert any(cell.text == "另有说明" for table in tables for row in table.rows for cell in row.cells)
    shown(client.post("/review/opinion", data=asked | {"rulings": "[{}]"}), 400)


def test_decisions_are_recorded_with_the_token_and_hold_for_the_same_form(client: TestClient, token: str) -> None:
    first = finished(client, client.post("/review", files=sent(("表.txt", COSTLY))))
    text = shown(client.get(f"{first}/1"))
    [digest], key = re.findall(r'class="judging" data-form="(\w+)"', text), decisions(text)[0]
    ruling = {"form": digest, "finding": key, "decision": "dismissed", "reason": "另有<b>说明"}
    assert client.post("/review/rulings", json=ruling, headers=OWN).status_code == 401
    client.post("/login", data={"token": token, "next": "/"})
    assert client.post("/review/rulings", json=ruling, headers={"Origin": "http://evil.example"}).status_code == 403
    made = client.post("/review/rulings", json=ruling, headers=OWN).json()
    assert made["actor"].startswith("web@")
    again = finished(client, client.post("/review", files=sent(("另存.txt", COSTLY))))
    assert f'data-finding="{key}" data-decision="dismissed" data-reason="另有&lt;b&gt;说明"' in shown(
        client.get(f"{again}/1")
    )
    for wrong in ({"reason": ""}, {"decision": "maybe"}, {"form": "x"}, {"reason": "长" * 600}):
        assert client.post("/review/rulings", json=ruling | wrong, headers=OWN).status_code == 400
    client.post("/review/rulings", json=ruling | {"decision": "open"}, headers=OWN)
    assert 'data-decision="dismissed"' not in shown(client.get(f"{again}/1"))


def test_forms_of_the_library_are_reviewed(client: TestClient) -> None:
    text = shown(client.get(f"/declarations/{NETWORK.id}/review"))
    assert decisions(text)
    taken = client.post("/review/opinion?format=xlsx", data={"declaration": NETWORK.id})
    assert taken.content.startswith(b"PK")
    address = finished(client, client.post("/review/library", data={"year": "2021", "organization": "公安局"}))
    assert "公安局网络维护费" in shown(client.get(address))
    everything = finished(client, client.post("/review/library", data={"year": ""}))
    assert f"{1 + len(REPAIRS)} 份申报表" in shown(client.get(everything))
    shown(client.post("/review/library", data={"organization": "没有这个"}), 400)
    shown(client.get("/declarations/unknown/review"), 404)


def test_a_form_of_200_rows_with_hostile_names(client: TestClient) -> None:
    rows = tuple(("产出指标", "数量指标", f"{HOSTILE}第{n}类", f"{n}") for n in range(200))
    client.app.state.keeper.library.import_declarations([make_declaration("长" * 300, rows=rows)])  # type: ignore[attr-defined]
    [entry] = client.get("/api/declarations?q=长长长").json()["declarations"]
    assert shown(client.get(f"/declarations/{entry['id']}/review")).count("&lt;script&gt;") >= 200


def test_older_reviews_make_room_for_newer_ones(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.reviews.KEPT_FORMS", 2)
    files = sent(("一.txt", COSTLY), ("二.txt", TABLE))
    first = finished(client, client.post("/review", files=files))
    shown(client.get(first))
    second = finished(client, client.post("/review", files=files))
    assert "不再保留" in shown(client.get(first), 404)
    shown(client.get(second))


def test_no_more_waits_for_review_than_there_is_room_for(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.reviews.WAITING_BYTES", 4000)
    for _ in range(3):  # what was reviewed makes room
        answer = client.post("/review", files={"f": ("a.txt", "x" * 3000)})
        assert answer.status_code == 200
        id = str(answer.url).split("/reviews/")[1].split("/")[0]
        while not client.app.state.reviews.get(id).finished:  # type: ignore[attr-defined]
            time.sleep(0.02)
    refused = client.post("/review", files={"f": ("a.txt", "x" * 5000)})
    assert refused.status_code == 503
    assert "排队等待审核的文件太多" in refused.text
