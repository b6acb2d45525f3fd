"""How a spreadsheet shows a number: its number format applied (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

# Formats known by number alone; 27 to 36 and 50 to 58 as Chinese Excel has them.
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "¥#,##0;¥-#,##0",
    6: "¥#,##0;¥-#,##0",
    7: "¥#,##0.00;¥-#,##0.00",
    8: "¥#,##0.00;¥-#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "General",
    13: "General",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: "#,##0;-#,##0;-",
    42: "¥#,##0;-¥#,##0;-",
    43: "#,##0.00;-#,##0.00;-",
    44: "¥#,##0.00;-¥#,##0.00;-",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), 'AM/PMh"时"mm"分"'),
    **dict.fromkeys((35, 56), 'AM/PMh"时"mm"分"ss"秒"'),
}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<pad>[_*].)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hms]+)\]'
    r"|\[(?P<condition>[<>=]+-?[\d.]+)\]|(?P<bracket>\[[^\]]*\])|(?P<noon>AM/PM|A/P|上午/下午)|(?P<general>General|G/通用格式)"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}|e+|b+)|(?P<number>[0#?][0#?,.]*(?:[eE][+-][0#?]+)?|\.[0#?]+)|(?P<rest>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_CODE = 255
_TOO_LARGE = 1e15
_MOST_PLACES = 30
_WEEKDAYS = "一二三四五六日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Token = tuple[str, str]


def shown(value: float, code: str, from_1904: bool = False) -> str:
    """What a cell with number format `code` shows for `value`; dates count days from 1900, or from 1904.

    A number that its format would hide (`;;;`) or mangle is shown in General: nothing is lost. A point with no digit
    behind it is left out.
    """
    if not abs(value) < _TOO_LARGE:
        return general(value)
    tokens, signed = _section(code[:_LONGEST_CODE], value)
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed", "noon"}:
        return _date(value, tokens, from_1904) or general(value)
    if [kind for kind, _ in tokens].count("number") == 1:
        return _number(value, tokens, signed) or general(value)
    if "number" in kinds:  # a fraction or a telephone number
        return general(value)
    text = "".join(_literal(token) if token[0] != "general" else general(_size(value, signed)) for token in tokens)
    says_something = kinds & {"general", "quoted"} or text.strip() == "-"
    return text.strip() if says_something and text.strip() else general(value)


def general(value: float) -> str:
    """A number as the General format shows it: up to eleven digits, and whole numbers in full."""
    if not abs(value) < float("inf"):
        return str(value)
    if value == int(value) and abs(value) < _TOO_LARGE:
        return str(int(value))
    text = f"{value:.11g}"
    if "e" in text and abs(value) >= 1e-9:
        text = format(Decimal(text), "f")
    return text.replace("e", "E")


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[tuple[Token, ...], ...]:
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "rest", match[match.lastgroup or "rest"]
        if (kind, text) == ("rest", ";"):
            sections.append([])
        else:
            sections[-1].append((kind, text))
    return tuple(map(tuple, sections[:4]))


def _section(code: str, value: float) -> tuple[tuple[Token, ...], bool]:
    """The section of the format that `value` falls in, and whether its minus sign is still to be written."""
    sections = _sections(code or "General")
    for section in sections:
        for kind, text in section:
            if kind == "condition" and _holds(value, text):
                return section, True
    if any(kind == "condition" for section in sections for kind, _ in section):
        return sections[min(len(sections), 3) - 1], True
    if value < 0 and len(sections) > 1:
        return sections[1], False
    if value == 0 and len(sections) > 2:
        return sections[2], True
    return sections[0], True


def _holds(value: float, condition: str) -> bool:
    operator = condition.rstrip("-.0123456789")
    limit = float(condition[len(operator) :])
    answers = {">": value > limit, "<": value < limit, ">=": value >= limit, "<=": value <= limit, "=": value == limit}
    return answers.get(operator, operator == "<>" and value != limit)


def _size(value: float, signed: bool) -> float:
    return value if signed else abs(value)


def _literal(token: Token) -> str:
    kind, text = token
    if kind in {"quoted", "escaped", "currency"}:
        return text
    return text if kind == "rest" and text != "@" else ""


def _number(value: float, tokens: tuple[Token, ...], signed: bool) -> str:
    percents = min(sum(token == ("rest", "%") for token in tokens), 2)
    scaled = Decimal(repr(abs(value))) * 100**percents
    first = next(index for index, (kind, _) in enumerate(tokens) if kind == "number")
    pattern = tokens[first][1]
    before = "".join(map(_literal, tokens[:first]))
    after = "".join(map(_literal, tokens[first + 1 :]))
    digits = _digits(scaled, pattern)
    minus = "-" if signed and value < 0 and any(character in "123456789" for character in digits) else ""
    return f"{minus}{before}{digits}{after}".strip()


def _digits(value: Decimal, pattern: str) -> str:
    mantissa, *exponent = re.split(r"[eE][+-]", pattern)
    if exponent:
        places = len(mantissa.partition(".")[2])
        number, power = f"{value:.{places}E}".split("E")
        return f"{number}E{power[0]}{power[1:].zfill(len(exponent[0]))}"
    thousands = len(mantissa) - len(mantissa.rstrip(","))
    mantissa = mantissa.rstrip(",")
    whole, _, fraction = mantissa.partition(".")
    smallest = Decimal(1).scaleb(-min(len(fraction), _MOST_PLACES))
    value = (value / 1000**thousands).quantize(smallest, ROUND_HALF_UP, Context(prec=2 * _MOST_PLACES))
    grouped = "," if "," in whole else ""
    integer, _, decimals = f"{value:{grouped}f}".partition(".")
    required = sum(character == "0" for character in whole)
    integer = "" if integer == "0" and not required else integer.zfill(required)
    while decimals and fraction[len(decimals) - 1] in "#?" and decimals.endswith("0"):
        decimals = decimals[:-1]
    return f"{integer}.{decimals}" if decimals else integer


def _date(value: float, tokens: tuple[Token, ...], from_1904: bool) -> str | None:
    """`value` days after the epoch; None outside the calendar of spreadsheets."""
    if not 0 <= value < 2958466:
        return None
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if value >= 60 else 31)
    moment = start + timedelta(seconds=round(value * 86400))
    half_day = any(kind == "noon" for kind, _ in tokens)
    parts = []
    for index, (kind, text) in enumerate(tokens):
        if kind == "date":
            parts.append(_date_part(moment, text.lower(), _counts_minutes(tokens, index), half_day))
        elif kind == "elapsed":
            parts.append(str(int(value * {"h": 24, "m": 1440, "s": 86400}[text[0].lower()] + 1e-6)))
        elif kind == "noon":
            parts.append("上午" if moment.hour < 12 else "下午")
        else:
            parts.append(_literal((kind, text)))
    return "".join(parts).strip()


def _counts_minutes(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether an `m` stands for minutes: right after hours or right before seconds."""
    dated = [(at, text[0].lower()) for at, (kind, text) in enumerate(tokens) if kind in {"date", "elapsed"}]
    order = [at for at, _ in dated].index(index)
    before = dated[order - 1][1] if order else ""
    after = dated[order + 1][1] if order + 1 < len(dated) else ""
    return before == "h" or after == "s"


def _date_part(moment: datetime, text: str, minutes: bool, half_day: bool) -> str:
    hour = (moment.hour % 12 or 12) if half_day else moment.hour
    letter, width = text[0], len(text)
    if letter == "m" and not minutes:
        names = {3: _MONTHS[moment.month - 1], 4: _MONTHS[moment.month - 1]}
        return names.get(width) or str(moment.month).zfill(min(width, 2))
    if letter == "d" and width > 2:
        return _DAYS[moment.weekday()]
    if letter == "a":
        return ("星期" if width > 3 else "") + _WEEKDAYS[moment.weekday()]
    if letter in "ye":
        return str(moment.year) if width > 2 or letter == "e" else f"{moment.year % 100:02d}"
    number = {"d": moment.day, "h": hour, "m": moment.minute, "s": moment.second}.get(letter)
    return "" if number is None else str(number).zfill(min(width, 2))
