"""How long from files to searchable? Made-up forms as workbooks, Word files and texts, with the real encoder and graph.

    python benchmarks/files.py --indicators 100000

Writes the files first (five forms each, an office's over the years), which is not counted. The time is told by stages,
by the clock and of the processors (children that read included); memory is that of all processes together, at most.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
from libraries import declarations
from scale import _timed, _watch

from perfkg.library import Library
from perfkg.records import Declaration
from perfkg.search import search

_WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)

Form = list[list[str]]


def main() -> None:
    """Makes the files, imports them, tells how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="keep files and library here; files that are there are taken")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name)
        files = folder / "files"
        if not files.is_dir():
            with _timed("files written"):
                write(files, chosen.indicators)
        _measure(files, folder / "library")


def write(folder: Path, indicators: int) -> None:
    """Files of five forms each, in three formats by turns."""
    folder.mkdir(parents=True)
    rest = iter(declarations(indicators))
    formats = cycle((("xlsx", _workbook), ("docx", _word), ("txt", _text)))
    for number, (suffix, save) in enumerate(formats):
        forms = [_form(one) for one in islice(rest, 5)]
        if not forms:
            return
        save(folder / f"{number:06}.{suffix}", forms)


def _form(one: Declaration) -> Form:
    head = [
        ["部门（单位）预算项目支出绩效目标申报表"],
        [f"（{one.year}年度）"],
        ["项目名称", "", one.project or "", "", ""],
        ["预算单位", "", one.organization or "", "", ""],
        ["项目资金(万元)", "", "年度资金总额：", "", "10.00"],
        ["总体目标", "年度目标", "", "", ""],
        ["", one.objective or "", "", "", ""],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值（包含数字及文字描述）"],
    ]
    rows = [
        [row.category.level1 or "", row.category.level2 or "", row.name or "", row.value or ""]
        for row in one.indicators
    ]
    rows.sort(key=lambda row: row[:2])
    shown = ["", ""]
    for row in rows:
        levels = row[:2]
        head.append(
            ["", *(new if levels[: at + 1] != shown[: at + 1] else "" for at, new in enumerate(levels)), *row[2:]]
        )
        shown = levels
    return head


def _workbook(file: Path, forms: Sequence[Form]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for number, form in enumerate(forms, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in form:
            sheet.append(row)
    book.save(file)


def _word(file: Path, forms: Sequence[Form]) -> None:
    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"

    def table(rows: Form) -> str:
        cells = ("".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in row) for row in rows)
        return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"

    parts = [paragraph(form[0][0]) + paragraph(form[1][0]) + table(form[2:]) + paragraph("") for form in forms]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _LINKS)
        package.writestr("word/document.xml", _WORD.format("".join(parts)))


def _text(file: Path, forms: Sequence[Form]) -> None:
    file.write_text("\n\n".join("\n".join("\t".join(row) for row in form) for form in forms), "utf-8")


def _measure(files: Path, folder: Path) -> None:
    stages: dict[str, float] = {}
    memory = Memory()
    with memory, Library(folder) as library:
        _watch(library.ledger, "record", stages, "ledger")
        for part, method, stage in (
            (library.words, "apply", "words"),
            (library.meaning, "prepare", "encode"),
            (library.meaning, "apply", "vectors"),
            (library.graph, "apply", "graph"),
        ):
            if part is not None:
                _watch(part, method, stages, stage)
        began, used = time.perf_counter(), _processor()
        report = library.import_paths([files])
        hits = search(library, "断网多久修好", limit=1).hits
        taken = time.perf_counter() - began
        used = _processor() - used
        stages = {"read": taken - sum(stages.values()), **stages}
        print(
            f"{sum(1 for _ in files.iterdir()):,} files, {report.declarations:,} forms, {report.indicators:,} indicators,"
        )
        print(f"{library.words.distinct:,} texts; {len(report.refused)} files refused, {report.unsure} rows unsure")
        print("  " + ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in stages.items()))
        print(f"  searchable after {taken / 60:.1f} min ({used / 60:.1f} min of processor), best hit {hits[0].name}")
    print(
        f"  closed after {(time.perf_counter() - began) / 60:.1f} min; {memory.most / 2**30:.2f} GB memory at most, all processes"
    )


def _processor() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


class Memory:
    """Watches what this process and its children hold, in bytes, as Linux tells it; 0 elsewhere."""

    most = 0

    def __enter__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self.most = max(self.most, sum(_held()))


def _held() -> Iterator[int]:
    """The private and shared pages of this process and of all below it."""
    me = Path("/proc/self").resolve().name
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[folder.name] = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
    for process in parents:
        above: str | None = process
        while above not in (None, me):
            above = parents.get(above)
        if above == me:
            try:
                yield int(Path("/proc", process, "statm").read_text().split()[1]) * resource.getpagesize()
            except OSError:
                continue


if __name__ == "__main__":
    main()
