"""A library folder: the ledger and its projections, opened, kept up to date, mended.

One process holds the folder for writing, by a lock that dies with it. Others read, and may import: they write to the
ledger alone, and the holder catches up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from perfkg import encoder, tokens
from perfkg.encoder import Settings
from perfkg.encoding import Progress
from perfkg.errors import InvalidFile, InvalidLibrary
from perfkg.graph import GraphStore, names
from perfkg.imports import ImportReport
from perfkg.index.meaning import Meaning
from perfkg.index.words import Words
from perfkg.ledger import Ledger, Undoing
from perfkg.projections import Projections
from perfkg.records import Declaration, Json

_LOCK = "library.lock"
_MARKS = ("ledger.db", _LOCK)
"""By what a folder is known for a library: its ledger, or the lock alone where the ledger is in another database."""

_RENEWAL = "renewal"
"""The folder, within that of the library, where projections are made anew beside the old."""


class Library:
    """An open library. Close it, or use it as a context manager."""

    def __init__(
        self,
        folder: Path,
        settings: Settings | None = None,
        reading: bool = False,
        progress: Progress | None = None,
        patient: bool = True,
    ) -> None:
        """Opens `folder`, making it if it does not exist; to stay out of the way of others, for `reading` alone.

        Another encoder than before has to make all vectors anew: who is `patient` waits for it, and is told by `progress`;
        who is not is answered by words alone, and calls `encode` until they are there. Raises InvalidLibrary.
        """
        self.folder = folder
        self.notices: list[str] = []
        self.settings = settings or encoder.settings()
        _check_folder(folder)
        self.ledger = _ledger(folder)
        self._lock = FileLock(folder / _LOCK)
        holding = not reading and self._take_lock()
        self.projections = Projections(folder, self.ledger, self.settings, holding, self.notices, progress, patient)
        self._settle_base()
        if holding:
            shutil.rmtree(folder / _RENEWAL, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Saves what is unsaved and gives the folder back, also where the disk is full. Raises InvalidLibrary then."""
        try:
            self.projections.close()
        finally:
            self.ledger.close()
            self._lock.release()

    @property
    def base(self) -> str:
        """The IRI under which all identifiers of this library live: as was set where it was made, or last rebuilt."""
        return self.graph.base if self.holding else self.ledger.about("base") or names.BASE

    @property
    def holding(self) -> bool:
        """Whether this process holds the folder for writing."""
        return self.projections.holding

    @property
    def words(self) -> Words:
        """The word index."""
        return self.projections.words

    @property
    def graph(self) -> GraphStore:
        """The graph."""
        return self.projections.graph

    @property
    def graph_folder(self) -> Path:
        """Where the graph stands on disk, for perfkg.sparql."""
        return self.folder / "graph"

    @property
    def meaning(self) -> Meaning | None:
        """The vectors and their encoder; None, with a notice, where none can be loaded."""
        return self.projections.meaning

    @property
    def snapshot(self) -> Json:
        """What an answer given now is made from."""
        name = self.projections.encoder
        decided = self.ledger.decisions.last()
        return {"change": self.words.change, "decision": decided, "encoder": name, "lexicon": tokens.version()}

    def import_paths(
        self, paths: Sequence[Path], actor: str = "local", progress: Progress | None = None
    ) -> ImportReport:
        """Reads files and folders and records every declaration in them in one transaction, then catches up.

        Refused files are in the report; the others are recorded. A file cut short by a crash is recorded not at all.
        """
        from perfkg.reading import expected, read_all

        total = expected(paths)
        read: list[Declaration] = []
        refused: list[tuple[str, InvalidFile]] = []
        for number, outcome in enumerate(read_all(paths), 1):
            read.extend(outcome.declarations)
            if outcome.refusal:
                refused.append((outcome.file, outcome.refusal))
            if progress:
                progress("读取", number, total)
        return self.import_declarations(read, refused, actor, progress)

    def import_declarations(
        self,
        read: Sequence[Declaration],
        refused: Iterable[tuple[str, InvalidFile]] = (),
        actor: str = "local",
        progress: Progress | None = None,
    ) -> ImportReport:
        """Records declarations already read, in one transaction, then catches up."""
        refusals = tuple(refused)
        receipt = self.ledger.record(read, actor, [(file, str(error)) for file, error in refusals])
        if self.holding:
            self.catch_up(progress)
        else:
            self.notices.append("另一个程序正在使用这个资料库：内容已记入台账，由它在一秒内更新检索与图谱")
        return ImportReport.of(receipt, read, refusals)

    def withdraw(self, id: str, actor: str = "local") -> int:
        """Takes a declaration out of everything but its history. Gives the change number. Raises UnknownId."""
        number = self.ledger.withdraw(id, actor)
        self.catch_up()
        return number

    def restore(self, id: str, version: int | None = None, actor: str = "local") -> int:
        """Makes a version (the last, if not said) current again. Gives the change number. Raises UnknownId."""
        number = self.ledger.restore(id, version, actor)
        self.catch_up()
        return number

    def undo_import(self, number: int, actor: str = "local") -> Undoing:
        """Takes a whole import back, as `Imports.undo` says. Raises UnknownId."""
        done = self.ledger.imports.undo(number, actor)
        self.catch_up()
        return done

    def redo_import(self, number: int, actor: str = "local") -> Undoing:
        """Puts back what `undo_import` took back. Raises UnknownId."""
        done = self.ledger.imports.redo(number, actor)
        self.catch_up()
        return done

    def take_over(self) -> bool:
        """Holds the folder from now on if nobody else does (any more); gives whether this process holds it."""
        if not self.holding and self._take_lock():
            with self.projections.lock:
                self.projections.reopen(holding=True)
        return self.holding

    def catch_up(self, progress: Progress | None = None) -> int:
        """Brings the projections to the ledger's last change, if this process holds them; gives that change."""
        return self.projections.catch_up(progress)

    def encode(self) -> bool:
        """Makes some of the vectors that are lacking, for a second or two; gives whether more are."""
        return self.projections.encode()

    def rebuild(self, progress: Progress | None = None) -> None:
        """Drops all projections and makes them anew from the ledger, identifiers under the base that is set now.

        Raises InvalidLibrary if another holds them.
        """
        if not self.holding:
            raise InvalidLibrary("另一个程序正在使用这个资料库", str(self.folder), "请先停止它，再重建")
        with self.projections.lock:
            if (wanted := names.base()) is not None:
                self.ledger.note("base", wanted)
            self.notices.clear()
            self.projections.drop()
            self.catch_up(progress)

    def renew(self, progress: Progress | None = None) -> None:
        """Makes all projections anew while the old ones answer, then puts them in their place: nobody notices but by time.

        What is imported meanwhile is in both. If it is cut short, the old ones stay. Identifiers keep their base.
        Raises InvalidLibrary if another holds them or where the disk is full.
        """
        if not self.holding:
            raise InvalidLibrary("另一个程序正在使用这个资料库", str(self.folder), "请到持有它的服务上重建")
        self.projections.renew(self.folder / _RENEWAL, progress)

    def info(self) -> Json:
        """Sizes and states, for people and monitors."""
        meaning, done = self.meaning, self.projections.encoding.done
        return {
            "folder": str(self.folder),
            "base": self.base,
            "holding": self.holding,
            **self.ledger.totals(),
            "change": self.ledger.last_change(),
            "projections": {
                "graph": {"change": self.graph.change},
                "words": {"change": self.words.change, "indicators": self.words.count, "texts": self.words.distinct},
                "vectors": _about(meaning) if meaning is not None else None,
            },
            "encoder": self.settings.kind,
            "encoding": None if done is None else {"done": done[0], "total": done[1]},
            "lexicon": tokens.version(),
            "notices": list(self.notices),
        }

    def _settle_base(self) -> None:
        """Keeps the base that is set where the library is made; later says where another is set."""
        wanted, kept = names.base(), self.ledger.about("base")
        if kept is None and self.holding:
            # What was recorded before bases were settings has its identifiers under ours.
            kept = wanted if wanted and not self.ledger.last_change() else names.BASE
            self.ledger.note("base", kept)
        if wanted is not None and wanted != (kept or names.BASE):
            self.notices.append(
                f"标识符仍以 {kept} 开头；设置 {names.SETTING} 要的是 {wanted}，要换，请停止服务后运行 perfkg rebuild"
            )

    def _take_lock(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise InvalidLibrary("资料库无法写入", str(self.folder), "请检查写权限和磁盘") from error
        return True


def _ledger(folder: Path) -> Ledger:
    elsewhere = os.environ.get("PERFKG_LEDGER", "").strip()
    return Ledger(elsewhere) if elsewhere else Ledger.at(folder)


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InvalidLibrary("资料库应当是文件夹，这里是一个文件", str(folder), "请用 --library 指定文件夹")
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).exists() for name in _MARKS):
        raise InvalidLibrary("文件夹里有别的内容，不是资料库", str(folder), "请用 --library 另指定一个文件夹")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidLibrary("资料库文件夹无法建立", str(folder), "请检查路径和写权限") from error


def _about(meaning: Meaning) -> Json:
    named = {"texts": meaning.texts, "contexts": meaning.contexts}
    return {name: len(vectors) for name, vectors in named.items()} | {"kind": meaning.texts.kind}
