"""Files, folders and zip archives → one file after another, only one of them in memory at a time."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfkg.errors import InvalidFile
from perfkg.reading import limits
from perfkg.reading.formats import ZIP, is_archive, too_large
from perfkg.reading.package import damaged, encrypted

_NOT_DOCUMENTS = re.compile(
    r"^(~\$|\.|__)|\.(?:py|toml|md|ini|cfg|js|css|sh|bat|exe|dll|so|db|sqlite|log|tmp|lnk|url)$", re.IGNORECASE
)
"""What folders hold beside documents: a program's own files and those of the desktop. Given by name, they are read."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file found: its name relative to what was given, and its bytes, or why they were `refused`."""

    name: str
    data: bytes
    sha256: str
    refused: InvalidFile | None = None


class _Budget:
    """How many bytes one archive, with all archives in it, may still unpack to."""

    def __init__(self) -> None:
        self.left = limits.ARCHIVE_BYTES


def files(paths: Sequence[Path]) -> Iterator[SourceFile]:
    """The files at `paths`, those in folders and in zip archives too, by name. Never raises for what it finds:
    a file that is missing, unreadable or too large comes as `refused`, and the others go on.
    """
    for path in paths:
        if not path.exists():
            yield _refused(_shown(path.name), InvalidFile("找不到文件", _shown(path.name), "请检查路径是否正确"))
        elif path.is_dir():
            found = list(_walked(path))
            if not found:
                name = _shown(path.name)
                yield _refused(name, InvalidFile("文件夹里没有文件", name, "请检查路径是否正确"))
            for file in found:
                yield from _read(file, _shown(str(file.relative_to(path))))
        else:
            yield from _read(path, _shown(path.name))


def count(paths: Sequence[Path]) -> int | None:
    """How many files `files` will give, by their names alone; None where an archive hides how many."""
    found = [file for path in paths for file in (list(_walked(path)) or [path] if path.is_dir() else [path])]
    return None if any(file.suffix.lower() == ".zip" for file in found) else len(found)


def _walked(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _NOT_DOCUMENTS.search(name))
        for name in sorted(names):
            if not _NOT_DOCUMENTS.search(name):
                yield Path(root, name)


def _read(path: Path, name: str) -> Iterator[SourceFile]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidFile("不是普通文件", name, "请导入文件或文件夹")
        if status.st_size > limits.FILE_BYTES:
            raise _at(name, too_large(status.st_size))
        data = path.read_bytes()
    except InvalidFile as error:
        yield _refused(name, error)
    except OSError:
        yield _refused(name, InvalidFile("文件无法打开", name, "请检查读取权限"))
    else:
        yield from _opened(name, data, _Budget(), 0)


def _opened(name: str, data: bytes, budget: _Budget, depth: int) -> Iterator[SourceFile]:
    """The file itself, or what is in it."""
    try:
        if not data.startswith(ZIP) or not is_archive(data):
            yield SourceFile(name, data, hashlib.sha256(data).hexdigest())
            return
        if depth >= limits.NESTED_ARCHIVES:
            raise InvalidFile(f"压缩包嵌套超过{limits.NESTED_ARCHIVES}层", name, "请解压后再导入")
        archive = zipfile.ZipFile(io.BytesIO(data))
    except InvalidFile as error:
        yield _refused(name, error, data)
        return
    except Exception:  # Whatever zipfile trips over, the archive is at fault.
        yield _refused(name, damaged(), data)
        return
    is_empty = True
    for member in sorted(archive.infolist(), key=lambda member: member.filename):
        inner = _member_name(member)
        if not member.filename.endswith("/") and not any(_NOT_DOCUMENTS.match(part) for part in inner.split("/")):
            is_empty = False
            yield from _unpacked(archive, member, f"{name}/{inner}", budget, depth)
    if is_empty:
        yield _refused(name, InvalidFile("压缩包里没有可以读取的文件", advice="请确认打包是否完整"), data)


def _unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, budget: _Budget, depth: int
) -> Iterator[SourceFile]:
    try:
        if member.flag_bits & 1:
            raise encrypted()
        if member.file_size > limits.FILE_BYTES:
            raise too_large(member.file_size)
        budget.left -= member.file_size
        if budget.left < 0:
            raise InvalidFile("压缩包解压后过大", advice="请解压后分批导入")
        data = archive.read(member)
    except InvalidFile as error:
        yield _refused(name, error)
    except Exception:
        yield _refused(name, damaged())
    else:
        yield from _opened(name, data, budget, depth + 1)


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: without a mark it is in the encoding of the machine that packed it, mostly GBK."""
    if member.flag_bits & _UTF8_NAME:
        return _shown(member.filename)
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return _shown(member.filename)
    return _text(raw)


def _shown(name: str) -> str:
    return _text(os.fsencode(name))


def _text(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return _CONTROL.sub("\ufffd", raw.decode(encoding)).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return _CONTROL.sub("\ufffd", raw.decode("utf-8", "replace"))


def _at(name: str, error: InvalidFile) -> InvalidFile:
    return InvalidFile(error.what, error.where or name, error.advice)


def _refused(name: str, error: InvalidFile, data: bytes = b"") -> SourceFile:
    return SourceFile(name, b"", hashlib.sha256(data).hexdigest(), _at(name, error))
