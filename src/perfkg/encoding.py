"""The vectors of a library, opened when first asked for; where the encoder is another, made anew from the ledger.

Whoever can wait has them made at once, with progress. Who cannot (the server) is answered by words alone until they are
whole, and makes them a step at a time meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from perfkg import encoder
from perfkg.encoder import CachedEncoder, Settings
from perfkg.errors import InvalidLibrary, UnavailableService
from perfkg.index.meaning import Meaning
from perfkg.index.words import Words
from perfkg.ledger import Change, Ledger
from perfkg.ledger.encodings import Encodings

Progress = Callable[[str, int, int | None], None]
"""Told the stage (in Chinese), how much of it is done, and of how much, if known."""

STEP = 20
"""Changes whose texts are encoded in a step: a second or two."""

_MOMENT = 500
"""Texts that nobody minds waiting for."""

_STAGE = "换过编码器，重算向量"


class Encoding:
    """The vectors of `ledger` in `folder` and their encoder. Safe to share between threads, by `lock`."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        settings: Settings,
        words: Callable[[], Words],
        lock: threading.RLock,
        notices: list[str],
        progress: Progress | None,
        patient: bool,
    ) -> None:
        """Opens nothing yet. What people should know is added to `notices`. Who is not `patient` calls `step`."""
        self._folder, self._ledger, self._settings, self._words = folder, ledger, settings, words
        self._lock, self._notices, self._progress, self._patient = lock, notices, progress, patient
        self._meaning: Meaning | None = None
        self._tried = False
        self._unfinished: Meaning | None = None
        self.said: str | None = None
        """The notice of how far they are, while they are made a step at a time."""

    @property
    def meaning(self) -> Meaning | None:
        """Vectors that stand where the words do; None, with a notice, where there are none, or none yet."""
        if not self._tried:
            with self._lock:
                if not self._tried:
                    try:
                        self._meaning = self._open()
                    finally:
                        self._tried = True
        return self._meaning

    @property
    def opened(self) -> Meaning | None:
        """The same, where it has been asked for."""
        return self._meaning

    @property
    def done(self) -> tuple[int, int] | None:
        """Of how many texts how many are encoded, while they are made a step at a time."""
        unfinished = self._unfinished
        return None if unfinished is None else (len(unfinished.texts), self._words().distinct)

    def put(self, meaning: Meaning | None) -> None:
        """Takes these from now on."""
        self._meaning, self._tried = meaning, True

    def forget(self) -> None:
        """Has them opened anew when asked for next."""
        self._meaning, self._tried, self._unfinished = None, False, None
        self._say(None)

    def step(self) -> bool:
        """Makes some of the vectors that are lacking, and takes them into use when all are there; gives whether it did."""
        unfinished = self._unfinished
        if unfinished is None:
            return False
        if self._follow(unfinished, STEP):
            self._say_how_far()
            return False
        with self._lock:
            if self._unfinished is not unfinished:
                return False
            while self._follow(unfinished, STEP):
                pass
            self._meaning, self._unfinished = unfinished, None
            self._say(None)
        return True

    def _open(self) -> Meaning | None:
        try:
            engine = encoder.load(self._settings)
            return None if engine is None else self._made(CachedEncoder(engine, Encodings(self._ledger.database)))
        except (UnavailableService, InvalidLibrary) as error:
            self._notices.append(f"没有按意思检索，只按字词：{error.what}")
            return None

    def _made(self, engine: CachedEncoder) -> Meaning | None:
        """The vectors of `engine`, made whole if nobody minds or is kept waiting; None where that is left to `step`."""
        meaning = self._stored(engine)
        lacking = self._words().distinct - len(meaning.texts)
        if self._patient or meaning.change == self._words().change or lacking <= _MOMENT:
            while self._follow(meaning, STEP):
                if self._progress:
                    self._progress(_STAGE, meaning.change, self._words().change)
            return meaning
        self._unfinished = meaning
        self._say_how_far()
        return None

    def _stored(self, engine: CachedEncoder) -> Meaning:
        """What the folder has of this encoder, or nothing."""
        try:
            stored = Meaning(self._folder, engine, self._settings.passage)
        except InvalidLibrary as error:
            self._notices.append(f"{error.what}，已自动重建")
        else:
            if stored.change <= self._ledger.last_change():
                return stored
        return Meaning(self._folder, engine, self._settings.passage, afresh=True)

    def _follow(self, meaning: Meaning, limit: int) -> bool:
        """Brings it some changes further, if it is behind the words."""
        if meaning.change >= self._words().change or not (changes := self._ledger.changes(meaning.change, limit)):
            return False
        meaning.apply(changes, replaced(self._ledger, changes), self._words().view)
        return True

    def _say_how_far(self) -> None:
        done, total = self.done or (0, 0)
        self._say(f"{_STAGE}，已完成{100 * done // max(1, total)}%；算完之前没有按意思检索，只按字词")

    def _say(self, text: str | None) -> None:
        """Puts this notice in the place of the one before."""
        if self.said == text:
            return
        self._notices[:] = [one for one in self._notices if one != self.said] + ([text] if text else [])
        self.said = text


def replaced(ledger: Ledger, changes: Sequence[Change]) -> list[Change]:
    """The versions that `changes` took the place of."""
    return [
        replace(change, declaration=ledger.get(change.id, change.version - (change.action == "revise")))
        for change in changes
        if change.action != "record"
    ]
