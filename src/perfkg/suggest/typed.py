"""What a drafter has typed against a wording: its beginning, a part of it, its pinyin or its initials."""

from __future__ import annotations

import re
from functools import lru_cache

from perfkg.concepts.wording import bare, plain

BEGINS, HOLDS = 0, 1
_LATIN = re.compile(r"[a-z']+")


class Typed:
    """The words typed so far, ready to be held against many wordings."""

    def __init__(self, text: str) -> None:
        """`text` as typed; 'wlgz, wangluo and 网络 all begin 网络故障."""
        self.text = bare(text)
        self._plain = plain(text)
        self.is_latin = bool(_LATIN.fullmatch(self.text))

    def fits(self, name: str, like: str) -> int | None:
        """BEGINS, HOLDS or None, for a wording's `bare` name and its plain form `like`."""
        best = place(self.text, name)
        if best != BEGINS and self._plain:
            best = _better(best, place(self._plain, like))
        if best != BEGINS and self.is_latin:
            for sound in spelled(name):
                best = _better(best, place(self.text, sound))
        return best


def place(typed: str, text: str) -> int | None:
    """Whether `text` begins with what was typed, holds it, or neither."""
    if typed not in text:
        return None
    return BEGINS if text.startswith(typed) else HOLDS


def _better(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


@lru_cache(200_000)
def spelled(name: str) -> tuple[str, str]:
    """A `bare` name in pinyin and in initials, without tones; ü is v.

    >>> spelled("网络可用率")
    ('wangluokeyonglv', 'wlkyl')
    """
    from pypinyin import lazy_pinyin

    syllables = [one.lower() for one in lazy_pinyin(name)]
    return "".join(syllables), "".join(one[:1] if one.isalpha() else one for one in syllables)
