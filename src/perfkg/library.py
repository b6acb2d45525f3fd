"""A library folder: the ledger and its projections, opened, kept up to date, mended.

One process holds the folder for writing, by a lock that dies with it. Others read, and may import: they write to the
ledger alone, and the holder catches up.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from perfkg import encoder, tokens
from perfkg.encoder import CachedEncoder, Settings
from perfkg.errors import InvalidFile, InvalidLibrary, UnavailableService
from perfkg.graph import GraphStore, names
from perfkg.index.meaning import Meaning
from perfkg.index.words import Words
from perfkg.ledger import Change, Ledger, Receipt, Undoing
from perfkg.ledger.encodings import Encodings
from perfkg.records import Declaration, Json

Progress = Callable[[str, int, int | None], None]
"""Told the stage (in Chinese), how much of it is done, and of how much, if known."""

_CHUNK = 500
_RENEWAL = "renewal"
"""The folder, within that of the library, where projections are made anew beside the old."""

_UNSAVED = 1000
"""More changes than these, and than a quarter of all, are not left to be made again after a crash."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: the receipt, the files refused, and what a person should look at."""

    receipt: Receipt
    refused: tuple[tuple[str, InvalidFile], ...]
    declarations: int
    indicators: int
    repaired: int
    unsure: int
    leftovers: int


class Library:
    """An open library. Close it, or use it as a context manager."""

    def __init__(
        self, folder: Path, settings: Settings | None = None, reading: bool = False, ledger: Ledger | None = None
    ) -> None:
        """Opens `folder`, making it if it does not exist; to stay out of the way of others, for `reading` alone.

        Raises InvalidLibrary.
        """
        self.folder = folder
        self.notices: list[str] = []
        self.settings = settings or encoder.settings()
        self._apply_lock = threading.RLock()
        _check_folder(folder)
        self.ledger = ledger or _ledger(folder)
        self._lock = FileLock(folder / "library.lock")
        self.holding = not reading and self._take_lock()
        self._settle_base()
        if self.holding:
            shutil.rmtree(folder / _RENEWAL, ignore_errors=True)
        self._meaning: Meaning | None = None
        self._meaning_tried = False
        self._words: Words | None = None
        self._graph: GraphStore | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Saves what is unsaved and gives the folder back."""
        if self._meaning is not None:
            self._meaning.settle()
        with _disk(self.folder):
            self._save()
        self._close_projections()
        self.ledger.close()
        self._lock.release()

    @property
    def base(self) -> str:
        """The IRI under which all identifiers of this library live: as was set where it was made, or last rebuilt."""
        return self.graph.base if self.holding else self.ledger.about("base") or names.BASE

    @property
    def words(self) -> Words:
        """The word index, opened when first asked for and rebuilt if damaged."""
        # Looked at before the lock is asked for: an import that holds it for minutes holds up no search.
        if (words := self._words) is not None:
            return words
        with self._apply_lock:
            if self._words is None:
                self._words = self._open_words()
            return self._words

    @property
    def graph(self) -> GraphStore:
        """The graph, opened when first asked for and rebuilt if damaged."""
        # Not by truth: the length of a graph is a count of all its quads.
        if (graph := self._graph) is not None:
            return graph
        with self._apply_lock:
            if self._graph is None:
                self._graph = self._open_graph()
            return self._graph

    @property
    def graph_folder(self) -> Path:
        """Where the graph stands on disk, for perfkg.sparql."""
        return self.folder / "graph"

    @property
    def meaning(self) -> Meaning | None:
        """The vectors and their encoder, loaded when first asked for; None, with a notice, where none can be loaded."""
        self._open_meaning()
        return self._meaning

    @property
    def snapshot(self) -> Json:
        """What an answer given now is made from."""
        name = self._meaning.encoder.name if self._meaning else None
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
        return _report(receipt, read, refusals)

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
            with self._apply_lock:
                self._close_projections()
                self.holding = True
                self._meaning, self._meaning_tried = None, False
        return self.holding

    def catch_up(self, progress: Progress | None = None) -> int:
        """Brings the projections to the ledger's last change, if this process holds them; gives that change."""
        with self._apply_lock, _disk(self.folder):
            last = self.ledger.last_change()
            if self._change() < last:
                self._apply_all(last, progress)
        return self.words.change

    def rebuild(self, progress: Progress | None = None) -> None:
        """Drops all projections and makes them anew from the ledger, identifiers under the base that is set now.

        Raises InvalidLibrary if another holds them.
        """
        if not self.holding:
            raise InvalidLibrary("另一个程序正在使用这个资料库", str(self.folder), "请先停止它，再重建")
        with self._apply_lock:
            self._close_projections()
            if (wanted := names.base()) is not None:
                self.ledger.note("base", wanted)
            self.notices.clear()
            for name in ("words", "graph", "vectors"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            self._meaning, self._meaning_tried = None, False
            self.catch_up(progress)

    def renew(self, progress: Progress | None = None) -> None:
        """Makes all projections anew while the old ones answer, then puts them in their place: nobody notices but by time.

        What is imported meanwhile is in both. If it is cut short, the old ones stay. Identifiers keep their base.
        Raises InvalidLibrary if another holds them or where the disk is full.
        """
        if not self.holding:
            raise InvalidLibrary("另一个程序正在使用这个资料库", str(self.folder), "请到持有它的服务上重建")
        folder = self.folder / _RENEWAL
        with _disk(self.folder):
            shutil.rmtree(folder, ignore_errors=True)
            beside = Library(folder, self.settings, ledger=self.ledger)
            try:
                if self.meaning is not None:
                    beside._meaning = Meaning(folder / "vectors", self.meaning.encoder, self.settings.passage)
                beside._meaning_tried = True
                beside.catch_up(progress)
                with self._apply_lock:
                    beside.catch_up()
                    self._take(beside)
            finally:
                beside._close_projections()
                beside._lock.release()
                shutil.rmtree(folder, ignore_errors=True)

    def info(self) -> Json:
        """Sizes and states, for people and monitors."""
        meaning = self.meaning
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

    def _close_projections(self) -> None:
        if self._graph is not None:
            self._graph.close()
        self._words = self._graph = None

    def _take(self, beside: Library) -> None:
        """Puts the projections of `beside` in the place of this one's, on disk too."""
        words, meaning, graph = beside.words, beside._meaning, self.graph
        if meaning is not None:
            meaning.settle()
        beside._save()
        beside._close_projections()
        for name in ("words", "vectors"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            if (beside.folder / name).exists():
                os.replace(beside.folder / name, self.folder / name)
        words.folder = self.folder / "words"
        self._words = words
        if meaning is not None:
            meaning.folder = self.folder / "vectors"
            self._meaning = meaning
        graph.take(beside.graph_folder)

    def _change(self) -> int:
        """The change that the projections kept by this process stand at: a reader's graph is the holder's."""
        return min(self.words.change, self.graph.change) if self.holding else self.words.change

    def _apply_all(self, last: int, progress: Progress | None) -> None:
        start = done = self._change()
        while changes := self.ledger.changes(done, _CHUNK):
            before = self._before(changes)
            if self.meaning is not None:
                self.meaning.prepare(changes)
            if new := [change for change in changes if change.number > self.words.change]:
                self.words.apply(new)
            if self.holding and (new := [change for change in changes if change.number > self.graph.change]):
                self.graph.apply(new)
            if self.meaning is not None:
                self.meaning.apply(changes, before, self.words.view)
            done = changes[-1].number
            if done - self.words.saved > max(_UNSAVED, done // 4):
                self._save()
            if progress:
                progress("建立索引", done - start, last - start)

    def _save(self) -> None:
        """Writes what is kept in memory: what is not written is made again from the ledger after a crash."""
        if self.holding and self._words is not None:
            self._words.save()
        if self.holding and self._meaning is not None:
            self._meaning.save()

    def _before(self, changes: Sequence[Change]) -> list[Change]:
        """The versions that `changes` took the place of."""
        return [
            replace(change, declaration=self.ledger.get(change.id, change.version - (change.action == "revise")))
            for change in changes
            if change.action != "record"
        ]

    def _open_meaning(self) -> None:
        if self._meaning_tried:
            return
        with self._apply_lock:
            if not self._meaning_tried:
                try:
                    self._meaning = self._tried_meaning()
                finally:
                    self._meaning_tried = True

    def _tried_meaning(self) -> Meaning | None:
        try:
            engine = encoder.load(self.settings)
        except UnavailableService as error:
            self.notices.append(f"没有按意思检索，只按字词：{error.what}")
            return None
        return None if engine is None else self._load_meaning(CachedEncoder(engine, Encodings(self.ledger.database)))

    def _load_meaning(self, engine: CachedEncoder) -> Meaning:
        folder = self.folder / "vectors"
        try:
            loaded = Meaning(folder, engine, self.settings.passage)
        except InvalidLibrary as error:
            self.notices.append(f"{error.what}，已自动重建")
            loaded = Meaning(folder, engine, self.settings.passage, afresh=True)
        if loaded.change > self.ledger.last_change():
            loaded = Meaning(folder, engine, self.settings.passage, afresh=True)
        while loaded.change < self.words.change and (changes := self.ledger.changes(loaded.change, _CHUNK)):
            loaded.apply(changes, self._before(changes), self.words.view)
        return loaded

    def _open_words(self) -> Words:
        folder, template = self.folder / "words", self.settings.passage
        try:
            words = Words(folder, template)
            if words.current and words.change <= self.ledger.last_change():
                return words
            reason = "字词索引与词典或台账不一致"
        except InvalidLibrary as error:
            reason = error.what
        if not self.holding:
            raise InvalidLibrary(reason, str(folder), "请停止占用资料库的程序后运行 perfkg rebuild")
        shutil.rmtree(folder, ignore_errors=True)
        self.notices.append(f"{reason}，已自动重建")
        return Words(folder, template)

    def _open_graph(self) -> GraphStore:
        folder, base = self.graph_folder, self.ledger.about("base") or names.BASE
        try:
            graph = GraphStore(folder, self.holding, base)
            if graph.change <= self.ledger.last_change():
                return graph
            reason = "图谱与台账不一致"
            graph.close()
        except InvalidLibrary as error:
            reason = error.what
        if not self.holding:
            raise InvalidLibrary(reason, str(folder), "请停止占用资料库的程序后运行 perfkg rebuild")
        shutil.rmtree(folder, ignore_errors=True)
        self.notices.append(f"{reason}，已自动重建")
        return GraphStore(folder, True, base)

    def _take_lock(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise InvalidLibrary("资料库无法写入", str(self.folder), "请检查写权限和磁盘") from error
        return True


def _ledger(folder: Path) -> Ledger:
    return Ledger(os.environ["PERFKG_LEDGER"]) if "PERFKG_LEDGER" in os.environ else Ledger.at(folder)


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InvalidLibrary("资料库应当是文件夹，这里是一个文件", str(folder), "请用 --library 指定文件夹")
    if folder.is_dir() and not (folder / "ledger.db").exists() and any(folder.iterdir()):
        raise InvalidLibrary("文件夹里有别的内容，不是资料库", str(folder), "请用 --library 另指定一个文件夹")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidLibrary("资料库文件夹无法建立", str(folder), "请检查路径和写权限") from error


def _about(meaning: Meaning) -> Json:
    named = {"texts": meaning.texts, "contexts": meaning.contexts}
    return {name: len(vectors) for name, vectors in named.items()} | {"kind": meaning.texts.kind}


def _report(
    receipt: Receipt, read: Sequence[Declaration], refused: tuple[tuple[str, InvalidFile], ...]
) -> ImportReport:
    rows = [row for declaration in read for row in declaration.indicators]
    repairs = sum(len(declaration.repairs) for declaration in read) + sum(len(row.repairs) for row in rows)
    leftovers = sum(len(declaration.leftovers) for declaration in read)
    return ImportReport(
        receipt, refused, len(read), len(rows), repairs, sum(bool(row.unsure) for row in rows), leftovers
    )


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidLibrary(
            f"写入资料库时出错：{error.strerror}", str(folder), "台账完好；清理磁盘后再打开，检索与图谱会自动补齐"
        ) from error
