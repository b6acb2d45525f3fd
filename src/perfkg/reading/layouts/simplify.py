"""Documents that a site has put into traditional characters, with the sound in brackets after some: 產(chǎn)出指標.

They were written in simplified characters; without this neither their headings nor their words would be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_SOUND = re.compile(r"[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ]{1,7}[)）]")
_TRADITIONAL_SHARE = 0.05
_HAN = re.compile(r"[\u4e00-\u9fff]")


def is_traditional(texts: Iterable[str]) -> bool:
    """Whether the texts are in traditional characters: many of them are not in GB 2312.

    >>> is_traditional(["績效指標"]), is_traditional(["绩效指标"])
    (True, False)
    """
    characters = _HAN.findall("".join(texts))
    return sum(map(_is_foreign, characters)) > _TRADITIONAL_SHARE * len(characters)


def simplified(text: str) -> str:
    """The text in simplified characters, without sounds in brackets.

    >>> simplified("產(chǎn)出指標")
    '产出指标'
    """
    return _SOUND.sub("", text).translate(_table())


def _is_foreign(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


@cache
def _table() -> dict[int, str]:
    lines = files(__package__).joinpath("traditional.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}
