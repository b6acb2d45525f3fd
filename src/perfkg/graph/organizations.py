"""Which names mean the same organization, and what a name says about where it belongs.

Names are folded, never compared by likeness: two organizations become one only if nothing but spelling differs.
"""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_CODE = re.compile(r"^(?:[\[(【](?P<boxed>\d{3,})[\])】][-_:]?|(?P<plain>\d{3,})[-_—:])(?=[一-鿿])")
_PARTY = "中国共产党|中共|中国人民政治协商会议|政协|国家税务总局|共青团|中国共产主义青年团"
_LEVEL = "自治区|自治州|自治县|自治旗|省|市(?![场政容民])|州|县|区(?![域划])|旗"
_AREA = re.compile(rf"^(?:{_PARTY})?(?P<area>(?:[一-鿿]{{2,6}}?(?:{_LEVEL}))+)")
_PART = re.compile(
    r"^(?P<whole>.{2,}(?:局|委员会|厅|人民政府|人民法院|人民检察院))(?P<part>.*(?:办公室|大队|支队|中心|站|所))$"
)


def fold(name: str) -> str:
    """The name without what spelling adds: width, spaces, a leading code (`[066]六安市…`, `219001-池州市…`)."""
    return _CODE.sub("", _plain(name))


def code(name: str) -> str | None:
    """The budget code written before a name, if any."""
    found = _CODE.match(_plain(name))
    return (found["boxed"] or found["plain"]) if found else None


def area(name: str) -> str | None:
    """The administrative area a name begins with: 盐边县公安局 is in 盐边县. None where it shows none."""
    found = _AREA.match(fold(name))
    return found["area"] if found else None


def whole(name: str) -> str | None:
    """The organization this one is part of, where the name shows it: 盐边县公安局交警大队 is part of 盐边县公安局."""
    found = _PART.match(fold(name))
    return found["whole"] if found and found["whole"] != area(name) else None


def project(name: str | None, organization: str | None, declaration: str) -> str | None:
    """The id of a project; projects of one name are one only within one organization. None without a name."""
    return f"{fold(organization) if organization else declaration}~{fold(name)}" if name and fold(name) else None


def _plain(name: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", name))
