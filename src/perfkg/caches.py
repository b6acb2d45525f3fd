"""Where a user keeps what is slow to make and can be made anew at any time: the dictionary, the encoder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def folder() -> Path | None:
    """The user's own cache folder for us, made where it is missing; None where the user has none that can be made.

    It is `perfkg` in what XDG_CACHE_HOME names, which does not count where it is empty or relative, else in ~/.cache:
    never the folder that all users share for temporary files, where another one could plant what is loaded here.
    """
    with suppress(OSError, RuntimeError):  # no permission; no home
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        own = (named if named.is_absolute() else Path.home() / ".cache") / "perfkg"
        own.mkdir(parents=True, exist_ok=True)
        return own
    return None
