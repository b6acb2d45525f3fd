"""What a text on a form is a word for: a column heading, a label, a part of the money block. The words are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from perfkg import schemes
from perfkg.text import squeeze

_DECORATION = re.compile(
    r"^(?:[*★☆▲●■◆]+|[一二三四五六七八九十]+[,.]|\([一二三四五六七八九十\d]+\)|\d+[.,](?!\d)|其中:)+"
)
_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST_HEADING = 40
_NO_HEADINGS = {"完成", "进度", "时间"}
_MONTHS = re.compile(r"^(?:截至)?\d{1,2}(?:[-~至]\d{1,2})?月(?:份|底|末)?(?=.)")
_IN_YEAR = re.compile(r"^(20[0-4]\d)年度?(?=.)")
_JOINT = re.compile(r"\s*[-—–－/:：>→、|\n]+\s*")
_POINTS = re.compile(r"\(?\d+(?:\.\d+)?(?:分|%)\)?$")


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """`text` as headings are compared: without spaces, stars, leading numbers, bracketed remarks, a last colon.

    >>> key("*指标值 (包含数字及文字描述)")
    '指标值'
    >>> key("（一）财政拨款小计：")
    '财政拨款小计'
    """
    plain = _DECORATION.sub("", squeeze(text))
    bare = _REMARK.sub("", plain).rstrip(":")
    return bare or plain.rstrip(":")


@cache
def _groups() -> dict[str, dict[str, str]]:
    raw = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return {group: _spellings(roles, key) | _spellings(roles, squeeze) for group, roles in raw.items()}


def _spellings(roles: Mapping[str, Sequence[str]], spelled: Callable[[str], str]) -> dict[str, str]:
    return {spelled(word): role for role, words in roles.items() for word in words}


def role(group: str, text: str) -> str | None:
    """The role that `text` stands for in a group of words (`columns`, `labels`, `money`, `ends`), or None.

    >>> role("columns", "年初目标值(A)"), role("labels", "项目名称："), role("money", "其中: 财政拨款")
    ('value', 'project', 'fiscal')
    >>> role("columns", "绩效度量单位")
    'unit'
    """
    words = _groups()[group]
    bare = key(text)
    known = words.get(squeeze(text).rstrip(":")) or words.get(bare)
    if known or group not in ("columns", "money"):
        return known
    timed = words.get(_MONTHS.sub("", bare))
    # Systems that export say 绩效 before every heading of the indicator table.
    return timed or (words.get(_IN_YEAR.sub("", bare).removeprefix("绩效")) if group == "columns" else None)


def year_before(text: str) -> int | None:
    """The year that a heading begins with.

    >>> year_before("2024年目标值"), year_before("目标值")
    (2024, None)
    """
    found = _IN_YEAR.match(key(text))
    return int(found.group(1)) if found else None


def role_by_ending(text: str) -> str | None:
    """What a column heading that is no known word is most likely for, by how it ends.

    >>> role_by_ending("年初设定的指标值"), role_by_ending("年底实际完成值"), role_by_ending("完成率")
    ('value', 'actual', None)
    """
    endings = _groups()["endings"]
    return next((role for ending, role in endings.items() if key(text).endswith(ending)), None)


@lru_cache(maxsize=65536)
def levels(text: str, family: str | None = None) -> frozenset[int]:
    """The levels (1, 2) of which the text is a heading, in the scheme `family`, or in any if that does not know it.

    >>> sorted(levels("成本指标")), sorted(levels("成本指标", "sichuan")), sorted(levels("维修、维护费用"))
    ([1, 2], [2], [])
    """
    if len(text) > _LONGEST_HEADING or bare_heading(text) in _NO_HEADINGS:
        return frozenset()
    known = _headings().get(schemes.fold(bare_heading(text)), ())
    own = frozenset(level for scheme, level in known if scheme == family)
    return own or frozenset(level for _, level in known) or frozenset((1, 2) if pair(text) else ())


def pair(text: str) -> tuple[str, str] | None:
    """A first and a second level that stand in one cell.

    >>> pair("产出指标-数量指标"), pair("数量指标")
    (('产出指标', '数量指标'), None)
    """
    first, _, second = (part.strip() for part in _JOINT.sub("\n", text.strip(), count=1).partition("\n"))
    whole = second and not _JOINT.search(second)
    return (first, second) if whole and 1 in levels(first) and 2 in levels(second) else None


@cache
def _headings() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for concept in schemes.concepts():
        for label in (concept.label, *concept.alternatives):
            name = schemes.fold(label)
            found[name] = (*found.get(name, ()), (concept.scheme, concept.level))
    return found


def family(texts: Iterable[str]) -> str | None:
    """The scheme a form is written in, by the headings among `texts` that are of one level alone."""
    found = [(text, levels(text)) for text in texts]
    firsts = [(bare_heading(text), None) for text, known in found if known == {1}]
    return schemes.family([*firsts, *((None, bare_heading(text)) for text, known in found if known == {2})])


@lru_cache(maxsize=4096)
def bare_heading(text: str) -> str:
    """A category heading without points, numbers and spaces: 产出指标（50分） → 产出指标.

    >>> bare_heading("一、 产出 指标（50分）")
    '产出指标'
    """
    return _POINTS.sub("", key(text))


@cache
def level_heading() -> re.Pattern[str]:
    """Category headings as they stand within a text, with their points: 产出指标(50分)."""
    labels = {label for concept in schemes.concepts() for label in (concept.label, *concept.alternatives)}
    labels |= {label.removesuffix("指标") + "目标" for label in labels if len(label) > 4}
    return re.compile(
        _any(label for label in labels if label.endswith(("指标", "目标")))
        + r"(?:\s*[(（]\d+分?[)）])?|(?:(?<=[^象]满意度指标)|(?<=分[)）]))服务对象满意度(?!指标)"
    )


@cache
def column_heading() -> re.Pattern[str]:
    """Column headings as they stand within a text, with their remarks: 年初目标值(A)."""
    whole = _any(word for word in _spelled("columns") if len(word) > 1)
    return re.compile(f"(?:{whole}{_REMARK_AFTER}|优(?=良中差)|(?<=优)良(?=中差)|(?<=优良)中(?=差)|(?<=优良中)差)")


@cache
def headings_glued() -> re.Pattern[str]:
    """Three column headings or more with nothing between them, two of them of this table: 二级指标三级指标指标值."""
    one = f"(?:{column_heading().pattern})"
    return re.compile(rf"{one}*(?:[一二三]级\s?指标|指标(?:内容|名称)|绩效指标描述){one}{{2,}}")


@cache
def label() -> re.Pattern[str]:
    """Labels and money words as they stand within a text, with their remarks and colon."""
    return re.compile(
        r"(?:其中\s*[:：]\s*)?"
        + _any(
            word
            for group in ("labels", "money")
            for word in _spelled(group)
            if len(word) > 2 or word in ("部门", "年度")
        )
        + _REMARK_AFTER
        + r"\s*[:：]?"
    )


@cache
def ending() -> re.Pattern[str]:
    """Words that end a table, as they stand within a text."""
    return re.compile(_any(word for word in _spelled("ends") if word not in ("注", "说明", "备注")) + r"\s*[:：]?")


_REMARK_AFTER = r"(?:\s*[(（][^()（）]{1,12}[)）])?"


def _spelled(group: str) -> Iterable[str]:
    raw = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return (word for words in raw[group].values() for word in words)


def _any(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; brackets of either width, a blank between characters."""
    spelled = (
        r"\s?".join({"(": "[(（]", ")": "[)）]"}.get(character, re.escape(character)) for character in word)
        for word in sorted(set(words), key=len, reverse=True)
    )
    return f"(?:{'|'.join(spelled)})"
