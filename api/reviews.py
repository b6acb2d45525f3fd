"""Reviews of many forms: read and judged one after another while the browser watches, kept for a while in memory.

Nothing is recorded. What was reviewed is known by a number nobody can guess, and is forgotten when newer reviews need
the room or the service ends.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from api.judging import MOST, outcomes
from perfkg.errors import InvalidFile, PerfkgError, UnavailableService, UnknownId
from perfkg.ledger import content_digest
from perfkg.library import Library
from perfkg.reading import Outcome
from perfkg.records import Declaration
from perfkg.review import Report, review

KEPT, KEPT_FORMS = 40, 3000
"""Reviews that are remembered, and the forms in all of them together; the last is remembered in any case."""

_WORKERS = 2
"""Reviews that go on at once; those that come later wait."""

WAITING_BYTES = 256 * 1024 * 1024
"""Bytes of files that may wait for their review, or be at it."""

_FAULT = InvalidFile("审核时程序内部出错，已记入服务日志", None, "请把这份文件交给维护人员")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A form's report, and the digest of its content that rulings are kept by."""

    report: Report
    digest: str


@dataclass(slots=True)
class Batch:
    """One review of `total` files or recorded forms; `done` and `step` count what happened to it.

    `refused` are files that could not be read, with the reason; `cut` tells that there were more forms than `MOST`.
    """

    id: str
    total: int
    reviewed: list[Reviewed] = field(default_factory=list)
    refused: list[tuple[str, PerfkgError]] = field(default_factory=list)
    cut: bool = False
    done: int = 0
    step: int = 0
    finished: bool = False


class Reviews:
    """The reviews of this process."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """`library` gives the library that forms are judged beside."""
        self._library = library
        self._batches: dict[str, Batch] = {}
        self._waiting = 0
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="review")
        self._closing = threading.Event()

    def submit(self, files: Sequence[tuple[str, bytes]]) -> Batch:
        """Begins to review the forms in `files` (name, content). Raises UnavailableService when too much is waiting."""
        size = sum(len(content) for _, content in files)
        return self._begun(len(files), lambda: outcomes(files), size)

    def submit_recorded(self, declarations: Sequence[Declaration]) -> Batch:
        """Begins to review forms that are in the library."""
        return self._begun(len(declarations), lambda: (Outcome(one.source.file, (one,)) for one in declarations))

    def get(self, id: str) -> Batch:
        """The review `id`. Raises UnknownId."""
        batch = self._batches.get(id)
        if batch is None:
            raise UnknownId("这次审核的结果已不再保留", id, "请到审核页重新选择文件；记过的采纳和不采纳还在")
        return batch

    def close(self) -> None:
        """Ends after the form that is being judged."""
        self._closing.set()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _begun(self, total: int, given: Callable[[], Iterable[Outcome]], size: int = 0) -> Batch:
        batch = Batch(secrets.token_urlsafe(12), total)
        with self._lock:
            if self._waiting + size > WAITING_BYTES:
                raise UnavailableService("排队等待审核的文件太多", None, "请等前面的审核完成后再上传")
            self._waiting += size
            self._forget()
            self._batches[batch.id] = batch
        self._workers.submit(self._run, batch, given, size)
        return batch

    def _forget(self) -> None:
        """Makes room for one more: the oldest go first, never one that is going on."""
        for id, batch in list(self._batches.items()):
            forms = sum(len(one.reviewed) for one in self._batches.values())
            if len(self._batches) < KEPT and forms < KEPT_FORMS:
                return
            if batch.finished:
                del self._batches[id]

    def _run(self, batch: Batch, given: Callable[[], Iterable[Outcome]], size: int) -> None:
        try:
            for outcome in given():
                self._take(batch, outcome)
                batch.done = min(batch.done + 1, batch.total)
                batch.step += 1
                if self._closing.is_set() or batch.cut:
                    break
        except PerfkgError as error:
            batch.refused.append(("这一批", error))
        except Exception:  # the worker must live on, whatever a file does
            logging.getLogger("perfkg").exception("review %s", batch.id)
            batch.refused.append(("这一批", _FAULT))
        finally:
            with self._lock:
                self._waiting -= size
            batch.done, batch.finished = batch.total, True
            batch.step += 1

    def _take(self, batch: Batch, outcome: Outcome) -> None:
        if outcome.refusal:
            batch.refused.append((outcome.file, outcome.refusal))
        room = MOST - len(batch.reviewed)
        batch.cut = len(outcome.declarations) > room
        for reviewed in self._judged(batch, outcome.declarations[:room]):
            batch.reviewed.append(reviewed)
            batch.step += 1

    def _judged(self, batch: Batch, declarations: Iterable[Declaration]) -> Iterator[Reviewed]:
        for one in declarations:
            try:
                yield Reviewed(review(one, self._library()), content_digest(one))
            except Exception:  # one form must not stop the others
                logging.getLogger("perfkg").exception("review of %s", one.id)
                batch.refused.append((one.project or one.source.file, _FAULT))
