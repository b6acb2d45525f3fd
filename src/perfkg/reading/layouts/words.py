"""What a text on a form is a word for: a column heading, a label, a part of the money block. The words are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from perfkg import schemes
from perfkg.text import squeeze

_DECORATION = re.compile(
    r"^(?:[*★☆▲●■◆]+|[一二三四五六七八九十]+[,.]|\([一二三四五六七八九十\d]+\)|\d+[.,](?!\d)|其中:)+"
)
_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST_HEADING = 40
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
    return {
        group: {form: role for role, words in roles.items() for word in words for form in (squeeze(word), key(word))}
        for group, roles in raw.items()
    }


def role(group: str, text: str) -> str | None:
    """The role that `text` stands for in a group of words (`columns`, `labels`, `money`, `ends`), or None.

    >>> role("columns", "年初目标值(A)"), role("labels", "项目名称："), role("money", "其中: 财政拨款")
    ('value', 'project', 'fiscal')
    """
    words = _groups()[group]
    return words.get(squeeze(text).rstrip(":")) or words.get(key(text))


@lru_cache(maxsize=65536)
def levels(text: str, family: str | None = None) -> frozenset[int]:
    """The levels (1, 2) of which the text is a heading, in the scheme `family`, or in any if that does not know it.

    >>> sorted(levels("成本指标")), sorted(levels("成本指标", "sichuan")), sorted(levels("维修、维护费用"))
    ([1, 2], [2], [])
    """
    if len(text) > _LONGEST_HEADING:
        return frozenset()
    known = _headings().get(schemes.fold(bare_heading(text)), ())
    own = frozenset(level for scheme, level in known if scheme == family)
    return own or frozenset(level for _, level in known)


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


def is_known(text: str) -> bool:
    """Whether the text is any word of the vocabulary or a category heading."""
    return any(role(group, text) for group in ("columns", "labels", "money")) or bool(levels(text))
