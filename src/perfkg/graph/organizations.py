"""Which names mean the same organization, and what a name says about where it belongs.

Names are brought to one spelling, never compared by likeness: two organizations become one only if nothing but spelling
differs, or a short form that has one long form only. A budget code is kept, but proves nothing: each county has its own.
"""

from __future__ import annotations

import re
import unicodedata

from perfkg.text import simplified

_SPACE = re.compile(r"[\s\u200b\ufeff\u00ad]+")
_BRACKETS = str.maketrans("〔［【[〕］】]", "(((())))")
_EDGE = "。，、；：,.;:"
_CODE = re.compile(
    r"^(?:[(](?P<boxed>\d{3,})[)][-_:]?|(?P<plain>\d{3,})[-_—:]|(?P<long>\d{6,}))(?=[一-鿿])"
    r"|(?<=[一-鿿)])[(](?P<last>\d{3,})[)]$"
)
_SEAL = re.compile(r"\((?:盖章|公章|签章)\)$")
_LEVEL = (
    "自治区|自治州|自治县|自治旗|省|市(?<![^省区]{2}城市)(?![场政容民])|州|县|(?<![社校景灾小片厂护灌])区(?![域划])|旗"
)
_SHORT = "(?![本我该全各外郊县])[一-鿿]县"
_PARTY = "中国共产党|中共|中国人民政治协商会议|政协|国家税务总局|共青团|中国共产主义青年团"
_AREA = re.compile(rf"^(?:{_PARTY})?(?P<area>(?:{_SHORT}|[一-鿿]{{2,6}}?(?:{_LEVEL}))+)")
_SEAT = "省|市|州|县|区|旗|乡|镇"
_IN_FULL = (
    (re.compile("^中共"), "中国共产党"),
    (re.compile(rf"^(中国共产党[一-鿿]{{2,}}?(?:{_SEAT}))委(?!员)"), r"\1委员会"),
    (re.compile(rf"(?<={_SEAT})政府(?=$|办公室$|[(])"), "人民政府"),
    (re.compile(r"街道办$"), "街道办事处"),
    (re.compile(r"(?<=[局委厅部会院府室处])\(?(本级|机关|本部)\)?$"), r"(\1)"),
)
"""Short forms that stand for one long form only."""

_PART = re.compile(
    r"^(?P<whole>.{2,}(?:局|委员会|厅|人民政府|人民法院|人民检察院))"
    r"(?P<part>.*(?:办公室|大队|支队|中队|中心|分局|站|所|科|股|室|办事处)|\((?:本级|机关|本部)\))$"
)
_SEVERAL = re.compile("[、，,;；/]")


def fold(name: str) -> str:
    """The name without what spelling adds: width, spaces, brackets, traditional characters, stops at its ends, and a
    code beside it (`[066]六安市…`, `219001-池州市…`, `六安市…（066）`).
    """
    return _CODE.sub("", _plain(name))


def formal(name: str) -> str:
    """The name of an organization, folded and in full: 青山街道办 is 青山街道办事处, 南岳镇政府 is 南岳镇人民政府."""
    told = fold(name)
    for short, full in _IN_FULL:
        told = short.sub(full, told)
    return told


def code(name: str) -> str | None:
    """The budget code written beside a name, if any."""
    found = _CODE.search(_plain(name))
    return next((one for one in found.groups() if one), None) if found else None


def area(name: str) -> str | None:
    """The administrative area a name begins with: 盐边县公安局 is in 盐边县. None where it shows none."""
    found = _AREA.match(fold(name))
    return found["area"] if found else None


def whole(name: str) -> str | None:
    """The organization this one is part of, where the name shows it: 盐边县公安局交警大队 is part of 盐边县公安局.

    None where it shows none, or several.
    """
    told = formal(name)
    found = None if _SEVERAL.search(told) else _PART.match(told)
    return found["whole"] if found and found["whole"] != area(name) else None


def project(name: str | None, organization: str | None, declaration: str) -> str | None:
    """The id of a project; projects of one name are one only within one organization. None without a name."""
    return f"{formal(organization) if organization else declaration}~{fold(name)}" if name and fold(name) else None


def _plain(name: str) -> str:
    told = unicodedata.normalize("NFKC", simplified(_SPACE.sub("", name))).translate(_BRACKETS)
    return _SEAL.sub("", _SPACE.sub("", told).strip(_EDGE))
