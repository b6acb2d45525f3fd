"""Which format a file has, by its content and never by its name, and its grids.

What cannot be read is refused by what it is (a picture, an encrypted workbook, a slide show), with what to do instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from perfkg.errors import InvalidFile
from perfkg.reading import boxes, compound, html, limits, mht, office, pdf, plain, spreadsheet97, word, workbook
from perfkg.reading.compound import Compound
from perfkg.reading.grid import Grid
from perfkg.reading.package import Package, damaged, encrypted, unrecognized

Reader = Callable[[bytes], tuple[Grid, ...]]

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"RIFF": "WEBP",
}
_PACKED = {b"Rar!": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_OFFICE_PARTS = {"word/document.xml", "xl/workbook.xml", "_rels/.rels"}
_BINARY = bytes(range(9)) + bytes(range(14, 32))
_SHARE_BINARY = 0.01
_SAMPLE_BYTES = 65536
_FEW_LETTERS = 300
_DOCUMENTS = (".doc", ".docx", ".xls", ".xlsx", ".wps", ".et", ".pdf")
_MANIFEST = "META-INF/manifest.xml"
_OFFICE_2003 = re.compile(r"schemas-microsoft-com:office:spreadsheet|schemas.microsoft.com/office/word/2003")
_AS_WORD = "请另存为 .docx、.xlsx 或文本后再导入"


def grids(source: bytes | Path) -> tuple[Grid, ...]:
    """The grids of a document given as bytes or as a path; InvalidFile, whatever is wrong with it."""
    data = source if isinstance(source, bytes) else _loaded(source)
    if len(data) > limits.FILE_BYTES:
        raise too_large(len(data))
    try:
        return tuple(map(_without_controls, _reader(data)(data)))
    except (InvalidFile, MemoryError):
        raise
    except Exception as error:  # Whatever a parser trips over, the file is at fault.
        raise damaged() from error


def _without_controls(grid: Grid) -> Grid:
    """The grid with line breaks of one kind, and a visible mark for characters that no text has."""
    if not any(_CONTROL.search(cell.text) or _BREAK.search(cell.text) for row in grid.rows for cell in row):
        return grid
    rows = (tuple(replace(cell, text=_printable(cell.text)) for cell in row) for row in grid.rows)
    return replace(grid, rows=tuple(rows))


def _printable(text: str) -> str:
    return _CONTROL.sub("\ufffd", _BREAK.sub("\n", text))


def is_archive(data: bytes) -> bool:
    """Whether this is a zip of files rather than one document that happens to be zipped."""
    return data.startswith(ZIP) and _zipped(frozenset(Package(data).names)) is None


def too_large(size: int) -> InvalidFile:
    """The refusal of a file of so many bytes."""
    what = f"文件有{size / 1e6:.0f} MB，超过{limits.FILE_BYTES / 1e6:.0f} MB 的上限"
    return InvalidFile(what, advice="请拆分成几个文件后再导入")


def _loaded(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > limits.FILE_BYTES:
            raise too_large(size)
        return path.read_bytes()
    except OSError as error:
        raise InvalidFile("文件无法打开", path.name, "请检查文件是否存在、是否有读取权限") from error


def _reader(data: bytes) -> Reader:
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise InvalidFile("文件是空的", advice="请确认导出或下载是否完整")
    if data.startswith(ZIP):
        return _zipped(frozenset(Package(data).names)) or _refuse_archive("ZIP")
    if data.startswith(compound.MAGIC):
        return _compound(Compound(data))
    if b"%PDF-" in data[:1024]:
        return pdf.grids
    if data.startswith(b"{\\rtf"):
        return _through_word
    for magic, name in _PICTURES.items():
        if data.startswith(magic) and (name != "BMP" or data[6:10] == b"\0" * 4):
            raise InvalidFile(
                f"这是一张图片（{name}），没有可读的文字", advice="请提供原来的 Word、Excel 文件或带文字的 PDF"
            )
    for magic, name in _PACKED.items():
        if data.startswith(magic):
            return _refuse_archive(name)
    return _textual(data)


def _zipped(names: frozenset[str]) -> Reader | None:
    """The reader of a zipped document by the parts it has; None for an archive."""
    if "OFD.xml" in names:
        raise InvalidFile("这是 OFD 版式文件，暂不能读取", advice="请用阅读器另存为 PDF，或提供原来的 Word、Excel 文件")
    if "mimetype" in names and "content.xml" in names:
        return _through_workbook if any(name.startswith("Object") for name in names) else _open_document
    if "[Content_Types].xml" not in names:
        if names & _OFFICE_PARTS:
            raise damaged()
        return None
    if "xl/workbook.bin" in names:
        return _through_workbook
    if any(name.startswith("word/") for name in names):
        return _word
    if any(name.startswith("xl/") for name in names):
        return workbook.grids
    raise InvalidFile("这不是 Word 或 Excel 文件（可能是幻灯片）", advice=_AS_WORD)


def _compound(file: Compound) -> Reader:
    if "EncryptedPackage" in file.names:
        raise encrypted()
    if file.names & {"Workbook", "Book"}:
        return spreadsheet97.grids
    if not file.names:
        raise damaged()
    if "WordDocument" in file.names:
        if file.read("WordDocument")[11:12] and file.read("WordDocument")[11] & 1:
            raise encrypted()
        return _through_word
    raise InvalidFile("这不是 Word 或 Excel 文件", advice=_AS_WORD)


def _textual(data: bytes) -> Reader:
    text = _decoded(data[:4096] if len(data) > 4096 else data, data)
    if mht.is_mht(text):
        return mht.grids
    if _OFFICE_2003.search(text):
        return _through_workbook if "spreadsheet" in text else _through_word
    if _HTML.search(text):
        return html.grids
    start = text.lstrip()[:15]
    if start.startswith("<?xml"):
        raise InvalidFile("这是 XML 数据，不是绩效表", advice=_AS_WORD)
    if start[:1] in {"{", "["} and _is_json(data):
        return boxes.grids
    return lambda content: tuple(grid for grid in (plain.grid(content),) if grid.rows)


def _decoded(start: bytes, data: bytes) -> str:
    """The first of the text; bytes with control characters all through are no text in any encoding."""
    try:
        return plain.decoded(start)
    except InvalidFile as error:
        sample = data[:_SAMPLE_BYTES]
        if len(sample) - len(sample.translate(None, _BINARY)) > _SHARE_BINARY * len(sample):
            raise unrecognized() from error
        raise


def without_form(name: str, data: bytes, letters: int) -> InvalidFile:
    """The refusal of a file of so many letters that shows no form, by what it shows instead."""
    if _is_page(data) and name.lower().endswith(_DOCUMENTS):
        what = "文件里是一个没有绩效目标表的网页，不是它的扩展名所说的文档，可能是出错提示或登录页面"
        return InvalidFile(what, advice="请重新下载后再导入")
    pictures = data.startswith(ZIP) and any("media/" in part for part in Package(data).names)
    if pictures and letters < _FEW_LETTERS:
        what = "文件里没有绩效目标表的文字，只有图片" if letters else "文件里只有图片，没有可读的文字"
        return InvalidFile(what, advice="请提供原来的 Word、Excel 文件，或先做文字识别（OCR）")
    if not letters:
        return InvalidFile("文件里没有文字", advice="请确认导出是否完整，表格是否已填写")
    return InvalidFile("文件中没有找到绩效目标表", advice="请确认文件里有“三级指标、指标值”等表头的绩效目标表")


def _is_page(data: bytes) -> bool:
    if data.startswith((*ZIP, compound.MAGIC)):
        return False
    try:
        return bool(_HTML.search(plain.decoded(data[:4096])))
    except InvalidFile:
        return False


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _word(data: bytes) -> tuple[Grid, ...]:
    """The document, and the web pages that a system has put into it whole for Word to convert when it opens them."""
    found = list(word.grids(data))
    for content in word.chunks(data):
        text = plain.decoded(content[:4096])
        found += mht.grids(content) if mht.is_mht(text) else html.grids(content) if _HTML.search(text) else ()
    return tuple(found)


def _through_word(data: bytes) -> tuple[Grid, ...]:
    return word.grids(office.converted(data, "docx"))


def _through_workbook(data: bytes) -> tuple[Grid, ...]:
    return workbook.grids(office.converted(data, "xlsx"))


def _open_document(data: bytes) -> tuple[Grid, ...]:
    package = Package(data)
    kind = package.open("mimetype").read(100)
    if _MANIFEST in package.names and b"encryption-data" in package.open(_MANIFEST).read(_SAMPLE_BYTES):
        raise encrypted()
    return _through_workbook(data) if b"spreadsheet" in kind else _through_word(data)


def _refuse_archive(name: str) -> Reader:
    raise InvalidFile(f"这是{name}压缩包", advice="请解压后再导入其中的文件")
