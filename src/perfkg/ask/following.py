"""The columns of a library's declarations, kept in memory and following its ledger; of a large library on disk as well.

The file stands in the folder of the word index, is dropped and made anew with it, and may be missing.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from perfkg import __version__
from perfkg.ask.stated import Forms, Numbers, Rows, Stated
from perfkg.index.tables import Array, Names
from perfkg.library import Library

_CHUNK = 500
_FILE = "stated.npz"
_UNSAVED = 1000
"""More changes than these, and than a quarter of all, are not read again from the ledger by every new process."""
_PARTS = {"forms": Forms, "rows": Rows, "numbers": Numbers}


def stated(library: Library) -> Stated:
    """What the declarations of `library` state at the change that its searches see; the first call reads them."""
    with _lock:
        last = library.words.change
        found = _known.get(library) or _load(library.words.folder)
        if found.change > last:
            found = Stated.empty()
        start = found.change
        while found.change < last and (changes := library.ledger.changes(found.change, _CHUNK)):
            found = found.after(changes, min(last, changes[-1].number))
        _known[library] = found
        if library.holding and found.change - start > max(_UNSAVED, found.change // 4):
            _save(found, library.words.folder)
        return found


def _save(found: Stated, folder: Path) -> None:
    """Writes the file; a crash leaves the old one. What cannot be written is read from the ledger again."""
    columns = {f"{part}.{name}": column for part in _PARTS for name, column in getattr(found, part).columns().items()}
    about = json.dumps({"version": __version__, "change": found.change, "names": found.names.known})
    told = np.frombuffer(about.encode("ascii"), np.uint8)
    part = folder / f"{_FILE}.part"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            np.savez(stream, allow_pickle=False, about=told, **columns)
        os.replace(part, folder / _FILE)


def _load(folder: Path) -> Stated:
    """What the file says; before the first change where there is none, or one that is damaged or of another version."""
    try:
        with (folder / _FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        about = json.loads(arrays["about"].tobytes())
        if about["version"] == __version__:
            parts = {part: kind(**_of(part, arrays)) for part, kind in _PARTS.items()}
            return Stated(about["change"], Names(about["names"]), **parts)
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error):
        pass
    return Stated.empty()


def _of(part: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The columns of one part, by their own names."""
    start = f"{part}."
    return {name.removeprefix(start): column for name, column in arrays.items() if name.startswith(start)}


_known: WeakKeyDictionary[Library, Stated] = WeakKeyDictionary()
_lock = threading.Lock()
