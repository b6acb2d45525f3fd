"""Keeps the one library of the process open, warm and up to date."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable

from perfkg import ask, suggest
from perfkg.concepts.catalogue import catalogue
from perfkg.concepts.projection import keep
from perfkg.errors import PerfkgError
from perfkg.library import Library
from perfkg.search import search

POLL = 0.5
"""Seconds between two looks at the ledger, so that another process's import is seen within one."""

_PATIENCE = 30


class Keeper:
    """Holds `library` and follows its ledger in a thread of its own, from `start` to `stop`."""

    def __init__(self, library: Library) -> None:
        """Nothing is read before `start`."""
        self.library = library
        self.warm = threading.Event()
        self.stopping = threading.Event()
        self.trouble: str | None = None
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Begins to follow; loads the encoder and the dictionary meanwhile, so that the first question is fast."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and gives the library back."""
        self.stopping.set()
        self._thread.join(_PATIENCE)
        self.library.close()

    def _keep(self) -> None:
        for step in (self._follow, self._warm_up):
            self._try(step)
        # What is loaded stays: looking through it for garbage again and again would hold up some answer each time.
        gc.freeze()
        self.warm.set()
        while not self.stopping.wait(POLL):
            self._try(self._follow)
            if self.trouble is None:
                self._try(self._gather if self.library.projections.encoding.done is None else self._encode)

    def _follow(self) -> None:
        self.library.take_over()
        self.library.catch_up()

    def _encode(self) -> None:
        """Vectors for another encoder than before; whoever searches meanwhile is answered by words."""
        while self.library.encode() and not self.stopping.is_set():
            self._follow()

    def _gather(self) -> None:
        """What questions are answered from, and the catalogue of concepts, here and in the graph: after all else, as it
        takes seconds in a large library.
        """
        ask.warm(self.library)
        catalogue(self.library)
        keep(self.library)

    def _warm_up(self) -> None:
        search(self.library, "预热", limit=1)
        suggest.warm(self.library)
        ask.warm(self.library)

    def _try(self, step: Callable[[], None]) -> None:
        """The thread must outlive any failure: it is said at /health, and tried again."""
        try:
            step()
            self.trouble = None
        except Exception as error:
            said = str(error) if isinstance(error, PerfkgError) else "后台更新出错，详见服务日志"
            if said != self.trouble:
                logging.getLogger("perfkg").exception("keeper")
            self.trouble = said
