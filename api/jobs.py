"""What takes longer than a request: imports, one at a time in the order they came, and rebuilding; watched as they run."""

from __future__ import annotations

import logging
import secrets
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from perfkg.encoding import Progress
from perfkg.errors import PerfkgError, UnavailableService, UnknownId
from perfkg.library import Library
from perfkg.records import Json

KEPT = 500
"""Finished jobs that are still answered."""

WAITING_BYTES = 512 * 1024 * 1024
"""Bytes of files that may wait for their import."""


@dataclass(slots=True)
class Job:
    """One import, or a rebuilding, which has no files: `state` is waiting, running, done or failed; `step` counts what
    happened to it.
    """

    id: str
    files: tuple[str, ...]
    state: str = "waiting"
    stage: str = "排队"
    done: int = 0
    total: int | None = None
    report: Json | None = None
    problem: str | None = None
    step: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {"done", "failed"}

    def tell(self, stage: str, done: int, total: int | None) -> None:
        """Notes how far it is."""
        self.stage, self.done, self.total = stage, done, total
        self.step += 1

    def end(self, state: str, report: Json | None = None, problem: str | None = None) -> None:
        """Notes how it ended."""
        self.report, self.problem, self.stage = report, problem, "完成" if state == "done" else "失败"
        self.state = state
        self.step += 1


class Jobs:
    """The imports of this process, and the rebuilding of its projections."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """`library` gives the library when an import begins."""
        self._library = library
        self._jobs: dict[str, Job] = {}
        self._waiting = 0
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="import")
        # Beside the imports, which go on meanwhile.
        self._rebuilder = ThreadPoolExecutor(1, thread_name_prefix="rebuild")
        self._closing = False
        self.rebuilt: Job | None = None
        """The last rebuilding since this process began, be it over or not."""

    def submit(self, files: Sequence[tuple[str, bytes]], actor: str) -> Job:
        """Queues the import of `files` (name, content). Raises UnavailableService when too much is waiting."""
        size = sum(len(content) for _, content in files)
        with self._lock:
            if self._waiting + size > WAITING_BYTES:
                raise UnavailableService("排队等待导入的文件太多", None, "请等前面的导入完成后再上传")
            self._waiting += size
            job = Job(secrets.token_hex(8), tuple(name for name, _ in files))
            self._jobs[job.id] = job
            self._forget()
        self._worker.submit(self._run, job, files, actor, size)
        return job

    def rebuild(self) -> Job:
        """Begins to make the projections anew; gives the job that does so already, if one does."""
        with self._lock:
            if self.rebuilt is not None and not self.rebuilt.finished:
                return self.rebuilt
            job = self.rebuilt = Job(secrets.token_hex(8), ())
            self._jobs[job.id] = job
            self._forget()
        self._rebuilder.submit(self._make_anew, job)
        return job

    def get(self, id: str) -> Job:
        """The job `id`. Raises UnknownId."""
        job = self._jobs.get(id)
        if job is None:
            raise UnknownId("没有这个导入任务", id, "服务重启后任务记录不再保留；是否已导入请看资料库页面")
        return job

    def recent(self, number: int = 20) -> list[Job]:
        """The last imports, newest first."""
        with self._lock:
            known = list(self._jobs.values())
        return [job for job in known if job.files][: -number - 1 : -1]

    def close(self) -> None:
        """Ends what runs between two steps and drops what waits. An import is then recorded whole or not at all, and what is
        recorded is indexed at the next start; a rebuilding leaves the old projections.
        """
        self._closing = True
        self._rebuilder.shutdown(wait=True, cancel_futures=True)
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, files: Sequence[tuple[str, bytes]], actor: str, size: int) -> None:
        job.state = "running"
        try:
            job.end("done", report=self._import(job, files, actor))
        except PerfkgError as error:
            job.end("failed", problem=str(error))
        except Exception:  # the worker must live on, whatever an import meets
            logging.getLogger("perfkg").exception("import %s", job.id)
            job.end("failed", problem="导入时程序内部出错，已记入服务日志；请到资料库核对写入了什么")
        finally:
            with self._lock:
                self._waiting -= size

    def _make_anew(self, job: Job) -> None:
        job.state, job.stage = "running", "正在重建"
        ended = UnavailableService("服务停止了，重建没有做完", None, "原来的索引和图谱没有变；启动后可以再重建")
        try:
            self._library().renew(self._unless_closing(ended, lambda _, *done: job.tell("正在重建", *done)))
            job.end("done")
        except PerfkgError as error:
            job.end("failed", problem=str(error))
        except Exception:  # whatever is met, the old projections stay
            logging.getLogger("perfkg").exception("rebuild")
            job.end("failed", problem="重建时程序内部出错，已记入服务日志；原来的索引和图谱没有变")

    def _import(self, job: Job, files: Sequence[tuple[str, bytes]], actor: str) -> Json:
        with tempfile.TemporaryDirectory(prefix="perfkg-") as folder:
            paths = list(dict.fromkeys(_saved(Path(folder), number, *file) for number, file in enumerate(files)))
            ended = UnavailableService(
                "服务停止了，导入没有做完", None, "启动后请到资料库核对：这次的表要么都在，要么都不在"
            )
            return self._library().import_paths(paths, actor, self._unless_closing(ended, job.tell)).as_json()

    def _unless_closing(self, ended: UnavailableService, tell: Progress) -> Progress:
        """Passes progress on; where the service stops it raises `ended` instead, which ends the work between two steps."""

        def told(stage: str, done: int, total: int | None) -> None:
            """Tells, or raises."""
            if self._closing:
                raise ended
            tell(stage, done, total)

        return told

    def _forget(self) -> None:
        finished = [job.id for job in self._jobs.values() if job.finished]
        for id in finished[: max(0, len(self._jobs) - KEPT)]:
            del self._jobs[id]


def _saved(folder: Path, number: int, name: str, content: bytes) -> Path:
    """What is to be read: the file, or the folder it came in. Where that has one of this name, the file stands alone:
    names are shortened, and two that begin alike must not become one.
    """
    top, _, below = name.partition("/")
    among, alone = folder / "folders" / name, folder / str(number) / name.rpartition("/")[2]
    is_free = below and not among.exists() and not any(above.is_file() for above in among.parents)
    path = among if is_free else alone
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return folder / "folders" / top if is_free else path
