"""No file can hang, crash or swamp the reading, or make it fetch anything: each is refused, and the others go on."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import misbehaving
import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkg.errors import InvalidFile
from perfkg.reading import archive, compound, formats, limits, office, package, sandbox
from perfkg.reading.archive import SourceFile
from perfkg.reading.child import Child, Outcome
from perfkg.reading.grid import Cell, packed
from perfkg.records import Place

FORM = papers.small_form()
SECONDS, BYTES = 10, 500_000_000


def waited(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def changed(data: bytes, part: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package with one part replaced or added."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(stream, "w", compression) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
        target.writestr(part, content)
    return stream.getvalue()


def sheet(inner: bytes, before: bytes = b"") -> bytes:
    """A workbook whose only sheet has this XML in its data, and this before it."""
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    xml = b"<worksheet %s>%s<sheetData>%s</sheetData></worksheet>" % (space, before, inner)
    return changed(papers.xlsx([FORM]), SHEET, xml)


def compound_file(*names: str) -> bytes:
    """An empty compound file with streams of these names."""
    header = bytearray(512)
    header[:8] = compound.MAGIC
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<108I", header, 80, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    entries = b""
    for number, name in enumerate(("Root Entry", *names)):
        encoded = name.encode("utf-16-le")
        entry = encoded.ljust(64, b"\0") + struct.pack("<HB", len(encoded) + 2, 2 if number else 5)
        entries += entry.ljust(116, b"\0") + struct.pack("<IQ", 0xFFFFFFFE, 0)
    return bytes(header) + table + entries.ljust(512, b"\0")


def nested_word(depth: int) -> bytes:
    """A document with tables in one another."""
    opened, closed = b"<w:tbl><w:tr><w:tc>", b"<w:p/></w:tc></w:tr></w:tbl>"
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = b"<w:document %s><w:body>%s%s</w:body></w:document>" % (space, opened * depth, closed * depth)
    return changed(papers.word([FORM]), "word/document.xml", xml)


def zipped(**members: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return stream.getvalue()


def matryoshka(depth: int) -> bytes:
    data = papers.xlsx([FORM])
    for _ in range(depth):
        data = zipped(里=data)
    return data


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"laugh") for level in range(10)
)
ROOT = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
ROOT += b'<c t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData></worksheet>'
BOMB = b"<!DOCTYPE worksheet [%s]>%s" % (LAUGHS, ROOT)
THEFT = b"<!DOCTYPE worksheet [<!ENTITY l9 SYSTEM 'file:///etc/passwd'>]>%s" % ROOT
SHEET = "xl/worksheets/sheet1.xml"


def hostile() -> Iterator[tuple[str, bytes, str]]:
    """Name, content and a word of the refusal."""
    workbook, word = papers.xlsx([FORM]), papers.word([FORM])
    yield "炸弹.xlsx", sheet(b"", b"<!--" + b" " * 200_000_000 + b"-->"), "解压"
    yield "炸弹.docx", changed(word, "word/media/a.bmp", bytes(60_000_000)), "解压"
    yield "谎报.xlsx", sheet(b"", b" " * 9_000_000)[:-200] + b"\xff" * 200, "损坏"
    yield "套娃.zip", matryoshka(6), "嵌套"
    yield "实体.xlsx", changed(workbook, SHEET, BOMB), "实体"
    yield "外部实体.xlsx", changed(workbook, SHEET, THEFT), "实体"
    yield "外部实体.docx", changed(word, "word/document.xml", THEFT), "实体"
    yield "百万列.xlsx", sheet(b'<row r="1"><c r="BDWGN1"><v>1</v></c></row>'), "1000000列"
    yield "自称百万列.xlsx", sheet(b"", b'<dimension ref="A1:BDWGN1"/>'), "1000000列"
    yield "列宽百万.xlsx", sheet(b"", b'<cols><col min="1" max="1000000"/></cols>'), "1000000列"
    yield "格子.xlsx", sheet(b"<row>%s</row>" % (b"<c><v>1</v></c>" * 600_000)), "单元格"
    yield "加密.xlsx", compound_file("EncryptionInfo", "EncryptedPackage"), "密码"
    yield "别的.doc", compound_file("Mystery"), "不是 Word"
    yield "截断.xlsx", workbook[: len(workbook) // 2], "损坏"
    yield "截断.docx", word[:-100], "损坏"
    yield "照片.xlsx", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(500), "图片"
    yield "嵌套.docx", nested_word(40), "嵌套"
    yield "嵌套.html", b"<table><tr><td>" * 60 + b"x", "嵌套"
    yield "深.docx", nested_word(5000), "损坏"
    yield "空.txt", b"", "空的"
    yield "大表.txt", b"a\t" * 15_000_000, "单元格"
    yield "数据.json", b'[{"a": 1}]', "JSON"
    yield "包.rar", b"Rar!\x1a\x07" + bytes(100), "RAR"
    yield "假.pdf", b"%PDF-1.7\n%%EOF", "损坏"
    yield "格式.xlsx", changed(workbook, "xl/styles.xml", b"<a>" * 100_000), "损坏"


MEASURE = """
import json, resource, sys, time
from pathlib import Path
import misbehaving
from perfkg.reading import archive, sandbox
moment = time.monotonic()
for one in sandbox.run(misbehaving.shape, archive.files([Path(sys.argv[1])]), 1):
    last, moment = moment, time.monotonic()
    print(json.dumps([one.file.name, one.result, one.refused and str(one.refused), moment - last]))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks of memory are told by /proc")
def test_hostile_files_are_refused_in_time_and_the_others_go_on(tmp_path: Path) -> None:
    given = {name: (data, word) for name, data, word in hostile()}
    for name, (data, _) in given.items():
        (tmp_path / name).write_bytes(data)
    with (tmp_path / "巨大.txt").open("wb") as huge:
        huge.truncate(200_000_000)
    (tmp_path / "好.xlsx").write_bytes(papers.xlsx([FORM]))
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=Path(__file__).parent, check=True)
    *lines, kilobytes = map(json.loads, done.stdout.splitlines())
    assert kilobytes * 1024 < BYTES
    outcomes = {name: rest for name, *rest in lines}
    assert outcomes.pop("好.xlsx")[0] == misbehaving.shape("好.xlsx", papers.xlsx([FORM]))
    assert "200 MB" in outcomes.pop("巨大.txt")[1]
    outcomes = {name.partition("/")[0]: rest for name, rest in outcomes.items()}
    assert set(outcomes) == set(given)
    for name, (result, refusal, seconds) in outcomes.items():
        assert result is None, name
        assert given[name][1] in refusal, (name, refusal)
        assert name in refusal, (name, refusal)
        assert "请" in refusal, (name, refusal)
        assert seconds < SECONDS, (name, seconds)


def run(*names: str, workers: int = 2) -> list[Outcome]:
    return list(sandbox.run(misbehaving.read, [SourceFile(name, b"abc", "") for name in names], workers))


def test_a_child_that_misbehaves_costs_its_own_file_alone() -> None:
    names = ["first", "hang", "crash", "greedy", "faulty", "refused", "place", "noisy", "slow", "last"]
    outcomes = run(*names)
    assert [one.file.name for one in outcomes] == names
    refusals = {one.file.name: str(one.refused) for one in outcomes if one.refused}
    assert set(refusals) == {"hang", "crash", "greedy", "faulty", "refused"}
    assert "时间上限" in refusals["hang"]
    assert "异常中止" in refusals["crash"]
    assert "内存" in refusals["greedy"]
    assert "KeyError" in refusals["faulty"]
    assert refusals["refused"] == "读不了（refused，第3页）。请重做"
    assert [one.result for one in outcomes if not one.refused] == [3, [{"page": 3}], 3, 3, 3]


def test_the_log_tells_where_a_reading_failed_and_nothing_of_the_file(caplog: pytest.LogCaptureFixture) -> None:
    (outcome,) = run("quoting")
    assert "ValueError" in str(outcome.refused)
    assert "misbehaving.py" in caplog.text
    assert "abcabc" not in caplog.text


def test_what_reads_files_has_no_network() -> None:
    allowed = subprocess.run(
        [sys.executable, "-c", "from perfkg.offline import leave_network; print(leave_network())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1]).encode()
        (outcome,) = sandbox.run(misbehaving.read, [SourceFile("connecting", port, "")], 1)
    # A system that forbids a network namespace leaves the connection possible; on others it must not be.
    assert (outcome.result == "connected") == (allowed == "False")


def test_files_are_taken_only_as_they_are_needed() -> None:
    taken: list[int] = []

    def endless() -> Iterator[SourceFile]:
        for number in range(10_000):
            taken.append(number)
            yield SourceFile(f"{number}", b"x", "")

    outcomes = sandbox.run(misbehaving.read, endless(), 1)
    assert next(outcomes).file.name == "0"
    outcomes.close()  # type: ignore[attr-defined]
    assert len(taken) < 100


def test_a_function_that_cannot_be_imported_is_said_once() -> None:
    broken: Any = type("Broken", (), {"__module__": "no.such.module", "__qualname__": "f"})
    with pytest.raises(Exception, match="无法启动"):
        list(sandbox.run(broken, [SourceFile("a", b"", "")], 1))


def test_archives_that_unpack_without_end_are_cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", 2_500_000)
    inner = zipped(甲=b"x" * 1_000_000, 乙=b"y" * 1_000_000)
    (tmp_path / "包.zip").write_bytes(zipped(一=inner, 二=inner))
    found = list(archive.files([tmp_path]))
    assert [bool(file.refused) for file in found] == [False, False, True, True]
    assert "过大" in str(found[2].refused)


def test_members_are_counted_in_the_directory_not_in_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 20)
    inner = zipped(**{f"份{number}": b"x" for number in range(15)})
    stored = BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as outer:
        for number in range(3):
            outer.writestr(f"{number}.zip", inner)
    assert len(package.Package(stored.getvalue()).names) == 3
    for comment in (b"", "说明".encode()):
        many = BytesIO()
        with zipfile.ZipFile(many, "w") as outer:
            outer.comment = comment
            for number in range(21):
                outer.writestr(f"{number}", b"x")
        with pytest.raises(InvalidFile, match="超过20个"):
            package.Package(many.getvalue())


def test_a_conversion_that_takes_too_long_ends_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/started\nwait\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(limits, "CONVERSION_SECONDS", 1)
    with pytest.raises(InvalidFile, match="超时"):
        office.converted(b"x", "docx")
    status = Path(f"/proc/{(tmp_path / 'started').read_text().strip()}/status")
    time.sleep(0.2)
    assert not status.exists() or "State:\tZ" in status.read_text("utf-8")


def test_a_child_ended_while_it_converts_leaves_neither_program_nor_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program, copies = tmp_path / "soffice", tmp_path / "copies"
    copies.mkdir()
    program.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/at && mv {tmp_path}/at {tmp_path}/started\nsleep 300\n", "utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMPDIR", str(copies))
    child = Child("perfkg.reading:within")
    try:
        waited(lambda: child.hear() is None and child.is_free)
        child.give(0, SourceFile("预算.rtf", b"{\\rtf1 }", "0"))
        waited((tmp_path / "started").exists)
        assert list(copies.rglob("given"))
    finally:
        child.end()
    status = Path(f"/proc/{(tmp_path / 'started').read_text().strip()}/status")
    time.sleep(0.2)
    assert not status.exists() or "State:\tZ" in status.read_text("utf-8")
    assert not list(copies.iterdir())


def test_macros_stay_where_they_are() -> None:
    with_macro = changed(papers.xlsx([FORM]), "xl/vbaProject.bin", b"\xcc\x61 Auto_Open Shell" * 100)
    assert papers.texts(formats.grids(with_macro)) == papers.texts(formats.grids(papers.xlsx([FORM])))


def test_links_of_a_package_are_not_followed(tmp_path: Path) -> None:
    document: Any = docx.Document()
    document.part.relate_to((tmp_path / "secret").as_uri(), "http://x/header", is_external=True)
    document.add_paragraph("文")
    stream = BytesIO()
    document.save(stream)
    assert papers.texts(formats.grids(stream.getvalue())) == [["文"]]


def test_a_member_without_a_name_does_not_stop_the_walk(tmp_path: Path) -> None:
    packed = zipped(aaa=b"x", bbb=b"y")
    at = packed.index(b"PK\x01\x02")
    nameless = packed[: at + 28] + b"\0\0" + packed[at + 30 : at + 46] + packed[at + 49 :]
    (tmp_path / "包.zip").write_bytes(nameless)
    assert all(file.refused or file.data for file in archive.files([tmp_path]))


def test_values_no_sheet_has_are_passed_over() -> None:
    data = sheet(b'<row r="["><c s="x"><v>1e999</v></c><c s="-1" t="s"><v>2</v></c></row>')
    with pytest.raises(InvalidFile):
        formats.grids(data)
    assert papers.texts(formats.grids(sheet(b'<row r="["><c s="x"><v>1e999</v></c></row>'))) == [["inf"]]


def test_control_characters_show_as_damaged() -> None:
    data = sheet(b'<row r="1"><c t="str"><v>a_x0000_</v></c><c t="inlineStr"><is><t>b_xD800_</t></is></c></row>')
    assert papers.texts(formats.grids(data)) == [["a_x0000_", "b\ufffd"]]


@pytest.fixture(scope="module")
def honest() -> list[bytes]:
    text = "\n".join("\t".join(row) for row in FORM)
    return [
        papers.xlsx([FORM]),
        papers.word([FORM]),
        papers.page([FORM]),
        text.encode("gb18030"),
        compound_file("Book"),
    ]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(honest: list[bytes], data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(honest)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
        content = content or bytearray(b"x")
    with contextlib.suppress(InvalidFile):
        formats.grids(bytes(content))


placed = st.builds(
    Cell, st.sampled_from(["", "甲", "乙"]), st.integers(0, 9), st.just(Place()), st.integers(1, 12), st.integers(1, 5)
)


@given(st.dictionaries(st.integers(0, 30), st.lists(placed, max_size=5)))
def test_packed_rows_keep_all_text_and_spans_within_the_grid(rows: dict[int, list[Cell]]) -> None:
    result = packed(rows)
    assert [sorted(cell.text for cell in row) for row in result] == [
        filled for number in sorted(rows) if (filled := sorted(cell.text for cell in rows[number] if cell.text))
    ]
    for index, row in enumerate(result):
        assert [cell.column for cell in row] == sorted(cell.column for cell in row)
        assert all(1 <= cell.row_span <= len(result) - index for cell in row)
