"""Signs and words that say on which side of a number the target lies."""

from __future__ import annotations

import re

_BEFORE = {
    ">=": "≥ >= => ≥= ≮ 不低于 不少于 不小于 不下于 不得低于 不得少于 不得小于 不亚于 大于等于 大于或等于 高于或等于"
    " 至少 至少为 最少 最低 最低为 达到 达 达至",
    "<=": "≤ <= =< ≤= ≯ 不超过 不超出 不高于 不多于 不大于 不得超过 不得高于 不得大于 不得多于 不突破 小于等于 小于或等于"
    " 低于或等于 至多 最多 最高 最高不超过 最迟 最长 控制在 控制为 限额 上限",
    ">": "> 超过 超出 大于 高于 多于 突破 超 优于",
    "<": "< 小于 低于 少于 不足 不到 不满 未达到",
    "~": "~ ≈ 约 大约 约为 大概 近 将近 接近 预计约 约计",
    "=": "= == 等于",
}
_AFTER = {
    ">=": "以上 及以上 或以上 (含)以上 及其以上 之上 (含)及以上",
    "<=": "以下 及以下 或以下 (含)以下 以内 之内 内 范围内 范围以内 之下 (含)以内 封顶",
    "~": "左右 上下",
}


def _words(table: dict[str, str]) -> dict[str, str]:
    return {word: sign for sign, words in table.items() for word in words.split()}


BEFORE, AFTER = _words(_BEFORE), _words(_AFTER)
SIGNS = {word: sign for word, sign in BEFORE.items() if not word[0].isalnum()}
# A slip of the keyboard at the head of a value: 》95%.
SIGNS |= {"》": ">", "》=": ">=", "《": "<", "《=": "<="}


def _any(words: dict[str, str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


# "不少于每年完成4次", "至少全年完成2次宣传": words of more than one syllable reach over what does not count.
_FAR = {word: sign for word, sign in BEFORE.items() if len(word) > 1 and word[-1] in "于过少多在"}
# 下达100%, 节约5%: the sign is the end of a word.
_BEFORE_NUMBER = re.compile(
    rf"(?:(?P<sign>[<>=≥≤≮≯≈~]+|\A[》《]=?)|(?<![下传到发抵送节制签合预条公契履最附临邻赶])(?P<near>{_any(BEFORE)})(?:在|到|为|了|:)?"
    rf"|(?P<far>{_any(_FAR)}|[<>≥≤]=?)[^0-9%一<>=≥≤]{{1,9}})$"
)
_AFTER_NUMBER = re.compile(
    rf"(?P<word>{_any(AFTER)})(?!(?<=内)[容部设外在存涵蒙])|(?P<sign>[<>≤≥])(?=[^\d<>=≤≥-])|(?P<plus>\+)(?=$|[，,。;、])"
)
_SIGN = re.compile(r"[<>》《]=|=[<>]|[≥≤]=|.")
# 达到90%左右, 控制在5%以下: what stands behind the number decides.
YIELDING = ("控制", "达")
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def before(text: str, since: int, at: int) -> tuple[str | None, int, int]:
    """What text[since:at], standing before a number, says of it: comparator or None, where it begins, how long it is.

    The length is 0 where nothing stands between it and the number.
    """
    match = _BEFORE_NUMBER.search(text, max(since, at - 16), at)
    if not match:
        return None, at, 0
    word = match["near"] or match["far"]
    signs = {BEFORE[word]} if word else {SIGNS[sign] for sign in _SIGN.findall(match["sign"]) if sign in SIGNS}
    return merge(signs), match.start(), match.end("far") - match.start() if match["far"] else 0


def after(text: str, at: int) -> tuple[str | None, int]:
    """The comparator that stands at `at`, behind a number, and where it ends. 90%≤X says that X is at least 90 %."""
    match = _AFTER_NUMBER.match(text, at)
    if not match:
        return None, at
    if match["sign"]:
        return _TURNED[SIGNS[match["sign"]]], match.end()
    return ">=" if match["plus"] else AFTER[match["word"]], match.end()


def merge(signs: set[str]) -> str:
    """One comparator for all that was said of one number; "" where it contradicts itself (不低于5%以下)."""
    signs = signs - {"="} or signs
    if len(signs) == 1:
        return next(iter(signs))
    ups, downs = signs & {">", ">="}, signs & {"<", "<="}
    if ups and downs:
        return ""
    sides = ups or downs
    return ">" if ">" in sides else "<" if "<" in sides else next(iter(sides))
