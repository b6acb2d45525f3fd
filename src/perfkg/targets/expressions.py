"""Units as they stand behind a number: 万元/公里, 元/人·年, 元每人每月, 台(套), 200m."""

from __future__ import annotations

import re

from perfkg.targets.numerals import SCALES
from perfkg.targets.units import table, written

_SCALE = re.compile(r"[百千]?(?:万[万亿]?|亿)|[百千]")
_TWIN = re.compile(
    r"(?:/(?:台|套|件|辆|副|组))+|\((?:个|次|套|件|人|台|户|家|只|头|项|处|座|副|册|班|条|所|张|份|间)\)"
)
_NOUN = re.compile(r"[\u4e00-\u9fff]{1,4}(?![\u4e00-\u9fff])")
# Words that begin like a unit: 方面 is no 方, 年级 no 年.
_DECOY = re.compile(
    r"年[级代制轮生]|方[面案式向便针]|分[之类级析别布局支管工]|度[假夏过]|平台|天[然线网]|口[岸径腔]|元[旦素]|克[服扣]|里[面程]"
    r"|人[大民才防]|周[边岁]|日[常均]|月[度均底末]|季节|路[面灯径]|组[织成]|件均|户[籍外]|名[录称]|位[置于]|本[级地科]|部[门分]"
    r"|场[地所]|面[积向]|座谈|台账|门[诊店]|片区"
)
# Letters whose meaning hangs on what is measured.
_LETTER = re.compile(r"([MmGgKkT]|兆)(?![A-Za-z0-9²³/])")
_RATES = {"M": "Mbit/s", "m": "Mbit/s", "兆": "Mbit/s", "G": "Gbit/s", "g": "Gbit/s", "K": "kbit/s", "k": "kbit/s"}
_SIZES = {"M": "MB", "兆": "MB", "G": "GB", "g": "GB", "T": "TB", "K": "kB"}


def whole(text: str) -> tuple[float, str] | None:
    """Factor and code of a text that is a unit and nothing else (万元/公里 is 10000 and CNY/km); None if it is none."""
    unit = expression(text, 0)
    if unit and unit[1] == len(text):
        return 1.0, unit[0]
    scale = _SCALE.match(text)
    unit = expression(text, scale.end()) if scale else None
    if scale and unit and unit[1] == len(text):
        return SCALES[scale[0]], unit[0]
    return None


def expression(text: str, at: int) -> tuple[str, int] | None:
    """The code of the unit at `at`, with what it is counted by below the line, and where it ends."""
    unit = written(text, at)
    if unit is None or _is_decoy(text, at, unit[1]):
        return None
    code, end = unit
    if (twin := _TWIN.match(text, end)) and code.startswith("{"):
        end = twin.end()
    below = _below(text, end)
    while below is not None:
        code, end = f"{code}/{below[0]}", below[1]
        below = _below(text, end, first=False)
    return code, end


def _is_decoy(text: str, at: int, end: int) -> bool:
    return end - at <= 2 and _DECOY.match(text, end - 1) is not None


def _below(text: str, at: int, *, first: bool = True) -> tuple[str, int] | None:
    """What stands below the fraction line: /人, 每月, and after one of them ·年, 、天, *月."""
    mark = text[at : at + 1]
    if not mark or mark not in ("/每" if first else "/每·*.、"):
        return None
    start = at + 2 if text[at : at + 2] in ("/每", "每个", ".每", "·每", "、每") else at + 1
    unit = written(text, start)
    if unit is None and text.startswith("每个", at):
        return "{个}", start
    if unit is None and mark in "/每" and (noun := _NOUN.match(text, start)):
        return (f"{{{noun[0]}}}", noun.end()) if mark == "/" else None
    if unit is None or (mark in ".、" and unit[0] != "{人}" and not is_time(unit[0])):
        return None
    return unit


def is_time(code: str) -> bool:
    """Whether `code` measures time."""
    unit = table().units.get(code)
    return unit is not None and unit.dimension.endswith(("/time", "/work-time"))


def letter(text: str, at: int, *, wide: bool, stored: bool) -> tuple[str, int] | None:
    """The unit a lone letter stands for where bandwidth (`wide`) or storage (`stored`) is measured: 200m, 100兆, 2T."""
    match = _LETTER.match(text, at)
    if not match:
        return None
    code = _SIZES.get(match[1]) if stored and not wide else _RATES.get(match[1]) if wide or match[1] in "M兆" else None
    return (code, match.end()) if code else None
