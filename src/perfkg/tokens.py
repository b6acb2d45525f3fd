"""Chinese text to the tokens of the word index: characters and their pairs, and jieba words with our lexicon.

A private jieba tokenizer with a private dictionary: nothing else in the process can change what we cut. Guessing of
new words (HMM) is off, so that every token is one that the index can know.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from perfkg import caches
from perfkg.text import simplified

if TYPE_CHECKING:
    import jieba

_RUN = re.compile(r"[一-鿿㐀-䶿]+|[a-z]+|\d+(?:\.\d+)?|[%≥≤><℃]")
_LONGEST_TERM = 12
_LATIN_OR_NUMBER = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[%≥≤><℃]")


def runs(text: str) -> list[str]:
    """The stretches of one kind (Chinese, Latin, number, sign) in folded text; punctuation parts them.

    >>> runs("互聯網200m，丢包率≤５％")
    ['互联网', '200', 'm', '丢包率', '≤', '5', '%']
    """
    return _RUN.findall(simplified(unicodedata.normalize("NFKC", text)).lower())


def grams(text: str) -> list[str]:
    """Single Chinese characters and neighbouring pairs; Latin words, numbers and signs whole.

    >>> grams("断网24小时")
    ['断', '断网', '网', '24', '小', '小时', '时']
    """
    found: list[str] = []
    for run in runs(text):
        if _LATIN_OR_NUMBER.fullmatch(run):
            found.append(run)
        else:
            for first, second in zip(run, [*run[1:], ""], strict=True):
                found += [first, first + second] if second else [first]
    return found


def words(text: str) -> list[str]:
    """Words of two characters or more as jieba's search mode cuts them with our lexicon."""
    cut = _tokenizer().cut_for_search(" ".join(runs(text)), HMM=False)
    return [word for word in cut if len(word) > 1]


def cut(text: str) -> list[str]:
    """The text as jieba cuts it with our lexicon, each word once; words of two characters or more.

    >>> cut("学生家长满意度")
    ['学生', '家长满意度']
    """
    return [word for run in runs(text) for word in _tokenizer().cut(run, HMM=False) if len(word) > 1]


def pieces(text: str) -> list[str]:
    """What is left of a question without its stop words.

    >>> pieces("断网了怎么办，多少小时修好")
    ['断网', '小时修好']
    """
    stop, found = stopwords(), [""]
    for run in runs(text):
        for word in _tokenizer().cut(run, HMM=False):
            if word in stop:
                found.append("")
            else:
                found[-1] += word
        found.append("")
    return [piece for piece in found if piece]


def starts(text: str) -> list[int]:
    """Where words begin in folded text, also the words inside longer ones."""
    return sorted({start for _, start, _ in _tokenizer().tokenize(text, mode="search", HMM=False)})


def short_words(text: str) -> list[str]:
    """Words of two characters at most, longer ones taken apart where the dictionary lets them: what names are made of.

    >>> short_words("故障处理时间")
    ['故障', '处理', '时间']
    """
    return [part for run in runs(text) for word in _tokenizer().cut(run, HMM=False) for part in _apart(word)]


@lru_cache(100_000)
def _apart(word: str) -> tuple[str, ...]:
    """The fewest parts of one or two characters, a known pair before two single characters."""
    if len(word) <= 2 or not "一" <= word[0] <= "鿿":
        return (word,)
    known: dict[str, int] = _tokenizer().FREQ
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ()), *[(len(word) + 1, 0, ())] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 2), end):
            part = word[start:end]
            frequency = known.get(part, 0)
            if len(part) == 1 or frequency:
                cost, spread, before = best[start]
                best[end] = min(best[end], (cost + 1, spread - frequency, (*before, part)), key=lambda one: one[:2])
    return best[-1][2]


def alike(text: str) -> list[str]:
    """The synonyms of the terms in `text`, longest terms first served.

    >>> "网络故障" in alike("断网多久修好")
    True
    """
    groups, folded = synonyms(), "".join(runs(text))
    found: list[str] = []
    start = 0
    while start < len(folded):
        ends = range(min(len(folded), start + _LONGEST_TERM), start + 1, -1)
        end = next((end for end in ends if folded[start:end] in groups), start + 1)
        term = folded[start:end]
        found += [other for other in groups.get(term, ()) if other != term]
        start = end
    return list(dict.fromkeys(found))


@cache
def stopwords() -> frozenset[str]:
    """Words of questions and forms that carry no matter (哪些, 怎么)."""
    return frozenset(_lines("stopwords.txt"))


@cache
def kinds() -> dict[str, str]:
    """The terms of the lexicon, each with its kind (matter, object, measure, …)."""
    return {word: kind for word, _, kind in (line.split() for line in _lines("lexicon.txt"))}


def frequency(word: str) -> int:
    """How often a word stands in general Chinese texts, as jieba counted; 0 for one it does not know."""
    return int(_tokenizer().FREQ.get(word, 0) or 0)


@cache
def version() -> str:
    """Changes when the tokens of a text may change: the word index is rebuilt then."""
    import hashlib

    lexicon = "\n".join(_lines("lexicon.txt"))
    return "2-" + hashlib.sha256(lexicon.encode()).hexdigest()[:12]


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Every term of a group, folded, with the whole group."""
    lines = (tuple("".join(runs(term)) for term in line.split("\t")) for line in _lines("synonyms.tsv"))
    return {term: group for group in lines for term in group}


@cache
def _lines(name: str) -> tuple[str, ...]:
    file = resources.files("embeddings").joinpath(name)
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def _tokenizer() -> jieba.Tokenizer:
    import logging

    import jieba

    # It tells of a cache that it cannot write by a traceback.
    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    if (folder := caches.folder()) is not None:
        tokenizer.tmp_dir = str(folder)
        tokenizer.initialize()
    else:
        # Left to itself it would look for its cache in the temporary folder of all users, and unmarshal what is there.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
    for line in _lines("lexicon.txt"):
        word, frequency, *_ = line.split()
        tokenizer.add_word(word, int(frequency))
    return tokenizer
