"""Compound files ([MS-CFB]), the container of .doc, .xls, .wps, .et and of encrypted Office files."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from perfkg.reading import limits
from perfkg.reading.package import damaged

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


class Compound:
    """The streams of one compound file by their names, wherever in its folders; InvalidFile if it is damaged."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(MAGIC):
            raise damaged("文件头")
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise damaged("文件头")
        self._size = 1 << shift
        first_directory, _, self._cutoff, first_mini, _, first_difat = struct.unpack_from("<IIIIII", data, 48)
        self._fat = self._numbers(self._fat_sectors(first_difat))
        self._mini_fat = self._numbers(self._chain(first_mini, self._fat))
        self._mini = b""
        self._entries: dict[str, tuple[int, int]] = {}
        self._read_directory(b"".join(map(self._sector, self._chain(first_directory, self._fat))))

    @property
    def names(self) -> frozenset[str]:
        """The names of all streams."""
        return frozenset(self._entries)

    def read(self, name: str) -> bytes:
        """The bytes of a stream."""
        start, size = self._entries[name]
        if size < self._cutoff:
            parts = [self._mini[at * 64 : at * 64 + 64] for at in self._chain(start, self._mini_fat)]
        else:
            parts = [self._sector(at) for at in self._chain(start, self._fat)]
        return b"".join(parts)[:size]

    def _read_directory(self, directory: bytes) -> None:
        for at in range(0, len(directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            if kind == _ROOT:
                self._mini = b"".join(map(self._sector, self._chain(start, self._fat)))
            elif kind == _STREAM:
                self._entries.setdefault(name, (start, size))

    def _fat_sectors(self, difat: int) -> Iterator[int]:
        yield from (at for at in struct.unpack_from("<109I", self._data, 76) if at < _LAST_SECTOR)
        for _ in range(len(self._data) // self._size):
            if difat >= _LAST_SECTOR:
                return
            *sectors, difat = struct.unpack(f"<{self._size // 4}I", self._sector(difat))
            yield from (at for at in sectors if at < _LAST_SECTOR)

    def _numbers(self, sectors: Iterator[int]) -> list[int]:
        found: list[int] = []
        for sector in sectors:
            found += struct.unpack(f"<{self._size // 4}I", self._sector(sector))
            if len(found) * 4 > limits.FILE_BYTES // 16:
                raise damaged("扇区表")
        return found

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise damaged("扇区表")
        return self._data[start : start + self._size].ljust(self._size, b"\0")

    @staticmethod
    def _chain(start: int, table: list[int]) -> Iterator[int]:
        """The sectors from `start` on; a chain longer than its table bites its own tail."""
        for _ in range(len(table) + 1):
            if start >= _LAST_SECTOR:
                return
            yield start
            if start >= len(table):
                raise damaged("扇区表")
            start = table[start]
        raise damaged("扇区表")
