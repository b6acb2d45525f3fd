from __future__ import annotations

import doctest

from perfkg import tokens


def test_examples_in_the_docstrings() -> None:
    assert doctest.testmod(tokens).failed == 0


def test_words_are_those_of_the_lexicon() -> None:
    assert "网络" in tokens.words("网络故障处理时间")
    assert "满意度" in tokens.words("服务对象满意度")


def test_full_width_and_case_are_one() -> None:
    assert tokens.grams("ＬＥＤ９５％") == tokens.grams("led95%")


def test_nothing_to_cut() -> None:
    assert tokens.grams("，。 🎉") == []
    assert tokens.words("") == []


def test_stop_words_part_a_question() -> None:
    assert tokens.pieces("怎么样") == []
    assert tokens.pieces("5天") == ["5", "天"]


def test_synonyms_are_found_in_running_text() -> None:
    assert "视频监控" in tokens.alike("装摄像头要花多少钱")
    assert tokens.alike("没有这样的词组") == []
