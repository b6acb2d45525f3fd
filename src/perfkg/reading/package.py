"""Office Open XML packages: zipped XML parts, opened with a cap on what they unpack to and no entities at all."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from perfkg.errors import InvalidFile
from perfkg.reading import limits

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_HEAD_BYTES = 4096
_MEMBER, _END, _LOCATOR = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"
_END_BYTES, _LOCATOR_BYTES = 22, 20
_DAMAGED = "请用原来的程序打开确认能否显示，另存一份或重新下载后再导入"


def _members(data: bytes) -> int:
    """At most so many files are in a zip: the marks of members within its directory, which zipfile would make objects of.

    The content of a stored member may be a zip, too, whose marks do not count. The directory is where zipfile looks for it;
    of one in the form for large archives, whose size stands elsewhere, all marks count.
    """
    plain = len(data) - _END_BYTES
    end = plain if data.startswith(_END, max(plain, 0)) and data.endswith(b"\0\0") else data.rfind(_END)
    if end < 0:
        return 0
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    is_large = data.startswith(_LOCATOR, max(0, end - _LOCATOR_BYTES))
    return data.count(_MEMBER, 0 if is_large else max(0, end - size), end)


class Package:
    """The parts of one package by name. Every method raises InvalidFile for what is damaged, oversized or hostile."""

    def __init__(self, data: bytes) -> None:
        if _members(data) > limits.MEMBERS:
            raise InvalidFile(f"压缩包内的文件超过{limits.MEMBERS}个", advice="这不像正常的办公文件，请确认来源")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception as error:  # Zipfile trips over damaged lists of members in many ways.
            raise damaged() from error
        members = self._zip.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise encrypted()
        limits.check_unpacked(len(data), sum(member.file_size for member in members))
        self.names = {member.filename.lstrip("/"): member for member in members}

    def open(self, name: str) -> IO[bytes]:
        """The unpacked bytes of a part, as a stream."""
        try:
            return self._zip.open(self.names[name])
        except (KeyError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError) as error:
            raise damaged(name) from error

    def tree(self, name: str) -> Any:
        """The root element of an XML part."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            tree = etree.parse(self._xml(name), parser)
        except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise damaged(name) from error
        _refuse_entities(tree, name)
        return tree.getroot()

    def elements(self, name: str, *tags: str) -> Iterator[Any]:
        """The elements of these qualified names as they end, each emptied after use, so that any size streams."""
        from lxml import etree

        hardened = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
        try:
            first = True
            for _, element in etree.iterparse(self._xml(name), events=("end",), tag=tags, **hardened):
                if first:
                    _refuse_entities(element.getroottree(), name)
                    first = False
                yield element
                element.clear(keep_tail=False)
                while element.getprevious() is not None and element.getparent() is not None:
                    del element.getparent()[0]
        except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise damaged(name) from error

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Identifier → (type's last word, part name) of the parts that part `name` refers to inside the package."""
        folder, file = posixpath.split(name)
        source = f"{folder}/_rels/{file}.rels".lstrip("/")
        if source not in self.names:
            return {}
        found = {}
        for relation in self.tree(source).iter(_RELATION):
            target = posixpath.normpath(posixpath.join("/" + folder, relation.get("Target", "")))
            if relation.get("TargetMode") != "External":
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], target.lstrip("/"))
        return found

    def _xml(self, name: str) -> IO[bytes]:
        with self.open(name) as stream:
            if b"<!DOCTYPE" in stream.read(_HEAD_BYTES).replace(b"\0", b""):
                raise _entities(name)
        return self.open(name)


def damaged(where: str | None = None) -> InvalidFile:
    """The refusal of a file that its own program could not open either."""
    return InvalidFile("文件已损坏或不完整", where, _DAMAGED)


def unrecognized() -> InvalidFile:
    """The refusal of bytes that are neither text nor any document: most often one that has lost its beginning."""
    return InvalidFile("文件已损坏，或不是 Word、Excel、PDF、网页、文本文件", advice=_DAMAGED)


def encrypted() -> InvalidFile:
    """The refusal of a file that needs a password."""
    return InvalidFile("文件设有打开密码", advice="请在原程序中去掉密码，另存一份再导入")


def _refuse_entities(tree: Any, name: str) -> None:
    """A package part has no document type; one that has is an entity bomb or asks for a file from elsewhere."""
    if tree.docinfo.internalDTD is not None or tree.docinfo.externalDTD is not None:
        raise _entities(name)


def _entities(name: str) -> InvalidFile:
    return InvalidFile("文件内含 XML 实体声明，可能是恶意文件", name, "请确认文件来源；正常的办公文件不含这种内容")
