"""Which bytes make a format reader do anything but read or refuse? Coverage-guided, with atheris (pip install atheris).

    python benchmarks/fuzz_reading.py html -max_total_time=60 -timeout=10 -rss_limit_mb=1000

The first word is the target, the rest are libFuzzer's options. An exception that is not InvalidFile is printed once for
each place it comes from, with the bytes, and the run goes on; a hang or too much memory ends it. For the zipped formats
the fuzzed bytes are a part of the package, not the zip around it.
"""

from __future__ import annotations

import sys
import traceback
import zipfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["perfkg.reading"]):
    from perfkg.reading import archive, display, formats, html, pdf, plain, spreadsheet97, word, workbook

from perfkg.errors import InvalidFile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import papers

FORM = papers.small_form()
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = b'<worksheet %s><sheetData><row r="1"><c r="A1" s="1"><v>0.95</v></c></row></sheetData></worksheet>' % MAIN
STYLES = (
    b'<styleSheet %s><numFmts count="1"><numFmt numFmtId="164" formatCode="0%%"/></numFmts>'
    b'<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>' % MAIN
)


def with_part(package: bytes, part: str, data: bytes) -> bytes:
    """The package with `data` for one of its parts, the styles of numbers being in use."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, SHEET if name.endswith("sheet1.xml") else source.read(name))
        target.writestr(part, data)
    return stream.getvalue()


def part_of(package: bytes, part: str) -> bytes:
    with zipfile.ZipFile(BytesIO(package)) as source:
        return source.read(part)


def number(data: bytes) -> None:
    value, _, code = data.decode("utf-8", "replace").partition("\n")
    try:
        display.shown(float(value), code)
    except ValueError:
        display.shown(float(len(data)), code)


def walk(data: bytes) -> None:
    with TemporaryDirectory() as name:
        Path(name, "a.zip").write_bytes(data)
        for _ in archive.files([Path(name)]):
            pass


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Name → what is called with the fuzzed bytes, and bytes to begin with."""
    text = "\n".join("\t".join(row) for row in FORM)
    book, document = papers.xlsx([FORM]), papers.word([FORM])
    sheet_part, styles_part, body = "xl/worksheets/sheet1.xml", "xl/styles.xml", "word/document.xml"
    return {
        "any": (formats.grids, [text.encode(), text.encode("gb18030"), book, document, papers.page([FORM])]),
        "plain": (plain.grid, [text.encode(), text.encode("utf-16"), text.replace("\t", "|").encode()]),
        "html": (html.grids, [papers.page([FORM], "utf-8")]),
        "sheet": (lambda data: workbook.grids(with_part(book, sheet_part, data)), [part_of(book, sheet_part), SHEET]),
        "styles": (lambda data: workbook.grids(with_part(book, styles_part, data)), [STYLES]),
        "document": (lambda data: word.grids(with_part(document, body, data)), [part_of(document, body)]),
        "number": (number, [b"0.95\n0.00%", b'44197\nyyyy"\xe5\xb9\xb4"m', b'-3\n#,##0.00;[Red]-0;"-"??']),
        "archive": (walk, [book, with_part(document, "a.zip", book)]),
        "pdf": (pdf.grids, [path.read_bytes() for path in sorted(Path("fuzz-seeds").glob("*.pdf"))]),
        "xls": (spreadsheet97.grids, [path.read_bytes() for path in sorted(Path("fuzz-seeds").glob("*.xls"))]),
    }


def attempt(function: Callable[[bytes], object], seen: set[str], data: bytes) -> None:
    try:
        function(data)
    except InvalidFile:
        pass
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        if place not in seen:
            seen.add(place)
            print(f"FOUND {place}: {error} with {data[:300]!r}", flush=True)


def main() -> None:
    name, *options = sys.argv[1:]
    function, seeds = targets()[name]
    with TemporaryDirectory() as corpus:
        for index, seed in enumerate(seeds):
            Path(corpus, str(index)).write_bytes(seed)
        atheris.Setup([sys.argv[0], corpus, *options], partial(attempt, function, set()))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
