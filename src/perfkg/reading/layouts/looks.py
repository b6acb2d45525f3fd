"""What a text looks like, apart from where it stands: a sign, a number, a value, a placeholder."""

from __future__ import annotations

import re
from functools import lru_cache

from perfkg.text import squeeze

_SIGN = re.compile(
    r"(?:[=<>≥≤~≈]|>=|<=|=>|=<|(?:定性|定量|正向|反向|逆向|负向)(?:指标)?|等于|大于|小于|大于等于|小于等于)"
)
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_POINTS = re.compile(r"[-+]?\d+(?:\.\d+)?(?:分|%)?|/|-+|—+")
_COMPARED = re.compile(
    r"(?:[=<>≥≤~≈]{1,2}|不低于|不少于|不超过|不高于|大于|小于|达到|达|约|超过|控制在|至少|完成|每[年月周日])*\d[\d,]*(?:\.\d+)?"
)
_TAIL = r"(?:[%‰](?:以上|以下|以内|左右|\([^()]*\))?|(?!\S*[率积量数额])[^\d,;%‰]{0,10})"
_AMOUNT = re.compile(_COMPARED.pattern + _TAIL)
_DATE = re.compile(
    r"(?:\d{4}年|\d{4}[-./]\d|\d{1,2}月|\d{1,2}-\d{1,2}月)[^<>=≥≤]{0,18}|(?:每[年月季]|全年|年度内|年内|年底|长期)[^<>=≥≤]{0,6}"
)
_STATE = re.compile(
    r"(?:是|否|有|无|好|高|优|良|优良|良好|明显|显著|较好|合格|规范|充分|明确|合理|合规|健全|有效|完善|及时|长期|长远|达标|完成|已完成|未完成|启动|基本完成|基本达到|不超过?预算"
    r"|(?:有所|有效|显著|明显|不断|持续|逐步|逐年|稳步|进一步|较为|大幅|得到|基本|保持|全面|巩固|长期|极大|有力|效果|严格|按时|按期|稳定)"
    r"\S{0,2}(?:提高|提升|改善|改进|增强|增加|增长|减少|下降|降低|缩小|扩大|加强|完善|保障|保证|稳定|运行|发展|促进|带动|推进|优化|明显|显著|良好|维护|落实|满足|执行|控制|办结|完成|实现|达标|巩固|好转))"
)
_PLACEHOLDER = re.compile(
    r"(?:(?:指标|目标)\d*[:.,]?)?(?:[….·]+|-+|/+|\*+)*|\(\d+分?\)|[一二三四五六七八九十]{1,2}[,.]?|:"
)
_NOTE = re.compile(r"(?:注|说明|备注|附件)\d*[:：.．]")
_BRACKETED = re.compile(r"［[^［］]*］")
_PAGE = re.compile(
    r"第\s*\d{1,4}\s*页(?:\s*[/／,，;；]?\s*共\s*\d{1,4}\s*页)?|[-–—·]+\s*\d{1,4}\s*[-–—·]+|\d{1,4}\s*[/／]\s*\d{1,4}"
)
_NUMBERED = re.compile(r"\s*指标\s*(?:(?:\d{1,2}|[①-⑳])\s*[:：.．、，,]|[1-9](?=[^\d\s])|[1-9](?=20\d\d年))\s*")


def is_sign(text: str) -> bool:
    """Whether the text is a comparison sign or a word of a 指标性质 column."""
    return bool(_SIGN.fullmatch(squeeze(text)))


def is_number(text: str) -> bool:
    """Whether the text is a bare number."""
    return bool(_NUMBER.fullmatch(squeeze(text)))


def is_points(text: str) -> bool:
    """Whether the text can be a weight or a score: a number, or a stroke for none."""
    return bool(_POINTS.fullmatch(squeeze(text)))


@lru_cache(maxsize=65536)
def is_value(text: str) -> bool:
    """Whether the text by itself looks like a 指标值: an amount with its unit, a date, a state or a trend."""
    plain = squeeze(text)
    return any(pattern.fullmatch(plain) for pattern in (_AMOUNT, _STATE, _DATE))


def is_state(text: str) -> bool:
    """Whether the text is a state or a trend: 良好, 有所提高."""
    return bool(_STATE.fullmatch(squeeze(text)))


def state_end(text: str, start: int) -> int | None:
    """Where a state or trend that begins at `start` ends, if one does; single characters only if they are 是 or 否."""
    found = _STATE.match(text, start)
    return found.end() if found and (found.end() - start > 1 or found.group() in "是否") else None


@lru_cache(maxsize=65536)
def is_placeholder(text: str) -> bool:
    """Whether the text only holds a place for something: ……, 指标2：, /, (50分).

    >>> is_placeholder("指标2："), is_placeholder("……"), is_placeholder("指标1:/"), is_placeholder("5天")
    (True, True, True, False)
    """
    plain = squeeze(text)
    return bool(_PLACEHOLDER.fullmatch(plain))


def is_note(text: str) -> bool:
    """Whether the text is a remark on the form, 注：……, or on its reading."""
    return bool(_NOTE.match(text)) or is_bracketed(text)


def is_bracketed(text: str) -> bool:
    """Whether the text is a remark on the reading: ［第2页是扫描图像，没有读取］."""
    return bool(_BRACKETED.fullmatch(text))


def is_page_number(text: str) -> bool:
    """Whether the text numbers a page: 第1页，共2页, - 3 -, 1/2."""
    return bool(_PAGE.fullmatch(text.strip()))


def number_before(text: str) -> str:
    """The 指标1： in front of a name, or an empty text.

    >>> number_before("指标1：培训人数"), number_before("指标体系建设")
    ('指标1：', '')
    """
    found = _NUMBERED.match(text)
    return found.group() if found else ""
