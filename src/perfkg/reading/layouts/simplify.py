"""Documents that a site has put into traditional characters, with the sound in brackets after some: 產(chǎn)出指標.

They were written in simplified characters; without this neither their headings nor their words would be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from perfkg import text

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


def simplified(written: str) -> str:
    """The text in simplified characters, without sounds in brackets.

    >>> simplified("產(chǎn)出指標")
    '产出指标'
    """
    return text.simplified(_SOUND.sub("", written))


def _is_foreign(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
