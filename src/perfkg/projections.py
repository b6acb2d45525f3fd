"""The projections of a ledger in a folder: the graph, the word index and the vectors, opened, kept up to date, mended.

Who holds the folder writes them; others read what the holder has written, and keep the word index and the vectors up to
date in memory.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from perfkg.encoder import Settings
from perfkg.encoding import Encoding, Progress, replaced
from perfkg.errors import InvalidLibrary
from perfkg.graph import GraphStore, names
from perfkg.index.meaning import Meaning
from perfkg.index.words import Words
from perfkg.ledger import Ledger

_Part = TypeVar("_Part", Words, GraphStore)
_PARTS = ("words", "graph", "vectors")
_CHUNK = 500
_UNSAVED = 1000
"""More changes than these, and than a quarter of all, are not left to be made again after a crash."""


class Projections:
    """What is made from `ledger` in `folder`, each part opened when first asked for. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        settings: Settings,
        holding: bool,
        notices: list[str],
        progress: Progress | None = None,
        patient: bool = True,
    ) -> None:
        """Opens nothing yet. What people should know is added to `notices`; only who is `holding` the folder writes.

        Where vectors are to be made anew, who is `patient` waits for them, with `progress`; see `Encoding`.
        """
        self.folder, self.ledger, self.settings = folder, ledger, settings
        self.holding, self.notices = holding, notices
        self.lock = threading.RLock()
        vectors = folder / "vectors"
        self.encoding = Encoding(vectors, ledger, settings, lambda: self.words, self.lock, notices, progress, patient)
        self._words: Words | None = None
        self._graph: GraphStore | None = None

    @property
    def words(self) -> Words:
        """The word index, opened when first asked for and rebuilt if damaged."""
        # Looked at before the lock is asked for: an import that holds it for minutes holds up no search.
        if (words := self._words) is not None:
            return words
        with self.lock:
            if self._words is None:
                self._words = self._mended("words", self._words_at)
            return self._words

    @property
    def graph(self) -> GraphStore:
        """The graph, opened when first asked for and rebuilt if damaged."""
        # Not by truth: the length of a graph is a count of all its quads.
        if (graph := self._graph) is not None:
            return graph
        with self.lock:
            if self._graph is None:
                self._graph = self._mended("graph", self._graph_at)
            return self._graph

    @property
    def meaning(self) -> Meaning | None:
        """The vectors and their encoder, loaded when first asked for; None, with a notice, where none are there."""
        return self.encoding.meaning

    @property
    def encoder(self) -> str | None:
        """The name of the encoder that the vectors are made by, once they are loaded."""
        return opened.encoder.name if (opened := self.encoding.opened) else None

    def catch_up(self, progress: Progress | None = None) -> int:
        """Brings all to the ledger's last change, as far as this process keeps them; gives that change."""
        with self.lock, disk(self.folder):
            last = self.ledger.last_change()
            if self._change() < last:
                self._apply_all(last, progress)
            if not self.holding and self._graph is not None and self._graph.change < last:
                # The holder's graph as it was when it was opened here: it is opened anew when asked for next.
                self._graph = None
        return self.words.change

    def encode(self) -> bool:
        """Makes some of the vectors that are lacking; gives whether more are. Nothing where they are whole."""
        if self.encoding.step():
            with self.lock, disk(self.folder):
                self._save()
        return self.encoding.done is not None

    def drop(self) -> None:
        """Removes all from the disk, to be made anew."""
        self.reopen()
        for name in _PARTS:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def reopen(self, holding: bool | None = None) -> None:
        """Closes all, so that each is opened anew when asked for next; `holding` where that has changed."""
        self._close()
        self.encoding.forget()
        self.holding = self.holding if holding is None else holding

    def renew(self, folder: Path, progress: Progress | None = None) -> None:
        """Makes all anew in `folder`, which is gone afterwards, while the old ones answer, and puts them in their place."""
        with disk(self.folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            beside = Projections(folder, self.ledger, self.settings, True, [])
            try:
                now = self.meaning
                beside.encoding.put(now and Meaning(folder / "vectors", now.encoder, self.settings.passage))
                beside.catch_up(progress)
                with self.lock:
                    beside.catch_up()
                    self._take(beside)
            finally:
                beside._close()
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Saves what is unsaved and lets the folder go."""
        if (opened := self.encoding.opened) is not None:
            opened.settle()
        try:
            with disk(self.folder):
                self._save()
        finally:
            self._close()

    def _close(self) -> None:
        graph, self._words, self._graph = self._graph, None, None
        if graph is not None:
            graph.close()

    def _take(self, beside: Projections) -> None:
        """Puts the projections of `beside` in the place of this one's, on disk too."""
        words, meaning, graph = beside.words, beside.encoding.opened, self.graph
        if meaning is not None:
            meaning.settle()
        beside._save()
        beside._close()
        for name in ("words", "vectors"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            if (beside.folder / name).exists():
                os.replace(beside.folder / name, self.folder / name)
        words.folder = self.folder / "words"
        self._words = words
        if meaning is not None:
            meaning.folder = self.folder / "vectors"
            self.encoding.put(meaning)
        graph.take(beside.folder / "graph")

    def _change(self) -> int:
        """The change that the projections kept by this process stand at: a reader's graph is the holder's."""
        return min(self.words.change, self.graph.change) if self.holding else self.words.change

    def _apply_all(self, last: int, progress: Progress | None) -> None:
        start = done = self._change()
        while changes := self.ledger.changes(done, _CHUNK):
            before = replaced(self.ledger, changes)
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
        if self.holding and (opened := self.encoding.opened) is not None:
            opened.save()

    def _words_at(self, folder: Path) -> Words:
        words = Words(folder, self.settings.passage)
        if not words.current or words.change > self.ledger.last_change():
            raise InvalidLibrary("字词索引与词典或台账不一致")
        return words

    def _graph_at(self, folder: Path) -> GraphStore:
        graph = GraphStore(folder, self.holding, self.ledger.about("base") or names.BASE)
        if graph.change > self.ledger.last_change():
            graph.close()
            raise InvalidLibrary("图谱与台账不一致")
        return graph

    def _mended(self, part: str, at: Callable[[Path], _Part]) -> _Part:
        """The part that `at` opens in its folder; where it is refused, who holds the folder makes it anew."""
        folder = self.folder / part
        try:
            return at(folder)
        except InvalidLibrary as error:
            if not self.holding:
                raise InvalidLibrary(error.what, str(folder), "请停止占用资料库的程序后运行 perfkg rebuild") from error
            shutil.rmtree(folder, ignore_errors=True)
            self.notices.append(f"{error.what}，已自动重建")
        return at(folder)


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        raise InvalidLibrary(
            f"写入资料库时出错：{error.strerror or error}",
            str(folder),
            "台账完好；清理磁盘后再打开，检索与图谱会自动补齐",
        ) from error
