"""Text brought to one shape for matching. What is kept and shown is always the text as written."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import opencc

_TAG = re.compile(
    r"</?(?:p|br|div|span|b|i|u|em|strong|font|sup|sub|a|img|h[1-6]|ul|ol|li|table|tbody|tr|t[dh]|style|[a-z]+:[a-z]+)"
    r"(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ALIKE = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "「": '"',
        "」": '"',
        "‘": "'",
        "’": "'",
        "、": ",",
        "。": ".",
        "—": "-",
        "–": "-",
        "－": "-",
        "―": "-",
        "−": "-",
        "〔": "[",
        "〕": "]",
        "【": "[",
        "】": "]",
        "≧": "≥",
        "≦": "≤",
        "⩾": "≥",
        "⩽": "≤",
        "∶": ":",
        "\u200b": None,
        "\ufeff": None,
        "\u00ad": None,
    }
)


def fold(text: str) -> str:
    """`text` for matching, never for keeping: one width, one form of each punctuation mark, no HTML, single spaces.

    >>> fold("≧ 95％，<p>其中： 财政拨款</p>&nbsp;")
    '≥ 95%,其中: 财政拨款'
    """
    plain = unicodedata.normalize("NFKC", strip_html(text).translate(_ALIKE)).translate(_ALIKE)
    return " ".join(plain.split())


def simplified(text: str) -> str:
    """`text` for matching with its traditional characters simplified, by word where one has several simplified forms.

    >>> simplified("服務對象滿意度，乾淨"), simplified("乾隆")
    ('服务对象满意度，干净', '乾隆')
    """
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        made: str = _simplifier().convert(text.encode("utf-8", "replace").decode())
        return made
    return text


def strip_html(text: str) -> str:
    """`text` without the tags and entities that forms copied from web pages keep (`<p>`, `&nbsp;`).

    >>> strip_html("<p>按计划开展&nbsp;</p>")
    '按计划开展\\xa0'
    >>> strip_html("a<b且c>d，<业务科>")
    'a<b且c>d，<业务科>'
    """
    return html.unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text


def squeeze(text: str) -> str:
    """`fold` without any space: how headings are compared, since forms stretch them (绩 效 指 标).

    >>> squeeze("总 体 目\\n标：")
    '总体目标:'
    """
    return fold(text).replace(" ", "")


@cache
def _simplifier() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("t2s")
