"""What a 指标值 says: cases, properties that hold for every value, bad input, units."""

from __future__ import annotations

import json
import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkg import targets
from perfkg.records import Target, as_json
from perfkg.targets.units import table

CASES = Path(__file__).parent / "cases"
VALUES: list[dict[str, Any]] = json.loads((CASES / "targets_values.json").read_text(encoding="utf-8"))
LABELLED = [
    json.loads(line)
    for name in ("targets_seed.jsonl", "targets_real.jsonl")
    for line in (CASES / name).read_text(encoding="utf-8").splitlines()
]
TEXTS = [case["value"] for case in VALUES]
QUICK = settings(max_examples=150, deadline=None, derandomize=True)


def read(case: dict[str, Any]) -> tuple[Target, ...]:
    year = case.get("year", 2021)
    return targets.read(case["value"], case.get("name"), year, sign=case.get("sign"), unit=case.get("unit"))


def plain(found: tuple[Target, ...], *hidden: str) -> list[dict[str, Any]]:
    return [{key: part for key, part in as_json(target).items() if key not in hidden} for target in found]


def facts(value: str, year: int | None = 2021) -> list[dict[str, Any]]:
    """All that is understood, without where and how it was written."""
    return plain(targets.read(value, None, year), "span", "text", "label")


# ---------------------------------------------------------------- cases


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case["value"])
def test_value_says_what_a_reviewer_reads_in_it(case: dict[str, Any]) -> None:
    assert plain(read(case), "span") == case["targets"]


def test_labelled_values_are_understood() -> None:
    sure = [row for row in LABELLED if not row.get("unsure")]
    wrong = [row["value"] for row in sure if plain(read(row), "span", "doubt") != row["targets"]]
    assert len(sure) > 500
    assert len(wrong) <= 0.03 * len(sure), wrong


def test_no_quantity_is_invented_in_labelled_values() -> None:
    for row in LABELLED:
        known = {target.get(key) for target in row["targets"] for key in ("value", "low", "high")}
        for target in read(row):
            assert {target.value, target.low, target.high} - {None} <= known, row["value"]


@pytest.mark.parametrize(
    "name",
    "财通字【2016】430号 第三届 十四届六次会议 县十八届人大六次会议 5A级 G318国道 天网 互联网+ 110接警 12345热线 一卡通 "
    "五险一金 三支一扶 最多跑一次 两不愁三保障 一村一品 二期工程 三年行动计划 7×24小时 师生比1:20 PM2.5 前10名".split(),
)
@pytest.mark.parametrize("around", ["{}", "确保{}正常运转", "按{}执行，稳定运行"])
def test_numbers_that_count_nothing_give_none(name: str, around: str) -> None:
    assert {target.kind for target in targets.read(around.format(name), "数量", 2021)} <= {
        "state",
        "reference",
        "scope",
    }


# ---------------------------------------------------------------- properties

SIGNS = {
    ">=": ["≥{}", ">={}", "不低于{}", "{}以上", "至少{}"],
    "<=": ["≤{}", "不超过{}", "{}以内", "控制在{}以内"],
    ">": [">{}", "超过{}"],
    "<": ["<{}", "低于{}"],
    "~": ["约{}", "{}左右"],
    "=": ["{}", "={}"],
}
UNITS = {
    "%": ["%", "％"],
    "CNY": ["元"],
    "{人}": ["人"],
    "h": ["小时", "个小时"],
    "d": ["天"],
    "mo": ["个月"],
    "km": ["公里", "km"],
    "m2": ["平方米", "㎡"],
    "{亩}": ["亩"],
    "{场次}": ["场次"],
    "CNY/{人}/mo": ["元/人·月", "元每人每月", "元/人/月"],
    "CNY/{亩}": ["元/亩"],
    "t": ["吨"],
    "{工作日}": ["个工作日"],
    "TB": ["TB"],
    "Mbit/s": ["Mbps"],
    "kW": ["千瓦"],
    "Cel": ["℃"],
    "{百分点}": ["个百分点"],
    "{分}": ["分"],
}
TIMES = {"月": "/mo", "年": "/a", "周": "/wk", "季度": "/{季度}", "天": "/d"}
numbers = st.one_of(st.integers(0, 10**9), st.decimals("0.01", 99999, places=2).map(float))


@QUICK
@given(st.sampled_from(sorted(SIGNS)), numbers, st.sampled_from(sorted(UNITS)), st.data())
def test_formatting_a_quantity_and_reading_it_gives_it(
    sign: str, number: float, unit: str, data: st.DataObject
) -> None:
    amount = f"{number:,}" if data.draw(st.booleans()) else f"{number}"
    written = data.draw(st.sampled_from(SIGNS[sign])).format(amount + data.draw(st.sampled_from(UNITS[unit])))
    assert facts(written) == [{"kind": "quantity", "comparator": sign, "value": number, "unit": unit}], written


@QUICK
@given(st.integers(1, 9999), st.sampled_from([("万", 10**4), ("亿", 10**8), ("", 1)]), st.integers(1, 500))
def test_intervals_share_unit_and_scale(low: int, scale: tuple[str, int], more: int) -> None:
    word, factor = scale
    low_high = {"low": low * factor, "high": (low + more) * factor}
    expected = [{"kind": "quantity", "comparator": "[]", **low_high, "unit": "CNY"}]
    assert facts(f"{low}-{low + more}{word}元") == expected
    assert facts(f"{low}{word}元至{low + more}{word}元") == expected


@QUICK
@given(st.dates(date(1950, 1, 1), date(2089, 12, 1)), st.integers(0, 900))
def test_formatting_a_period_and_reading_it_gives_it(first: date, days: int) -> None:
    last = min(first + timedelta(days), date(2089, 12, 31))
    expected = [{"kind": "period", "comparator": "=", "start": first.isoformat(), "end": last.isoformat()}]
    words = "{0.year}年{0.month}月{0.day}日"
    assert facts(f"{words.format(first)}至{words.format(last)}") == expected
    assert facts(f"{first:%Y.%m.%d}-{last:%Y.%m.%d}") == expected
    assert facts(f"{words.format(last)}前") == [{"kind": "period", "comparator": "<=", "end": last.isoformat()}]


@QUICK
@given(st.sampled_from(sorted(TIMES)), st.integers(1, 60), st.booleans())
def test_formatting_a_frequency_and_reading_it_gives_it(span: str, often: int, before: bool) -> None:
    written = f"每{span}{often}次" if before else f"{often}次/{span}"
    assert facts(written) == [{"kind": "frequency", "comparator": "=", "value": often, "unit": TIMES[span]}]


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


UNTAGGED = [value for value in TEXTS if "</" not in value]
"""A tag with a blank in it is a tag no more."""


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(UNTAGGED), st.data())
def test_blanks_width_and_last_punctuation_change_nothing(value: str, data: st.DataObject) -> None:
    expected = facts(value)
    parts = re.findall(r"[\d.,\s]+|[A-Za-z]+|.", value)
    spaced = "".join(part + data.draw(st.sampled_from(["", " ", "\u3000", "\xa0"])) for part in parts)
    assert facts(spaced) == expected, spaced
    if not re.search(r"\d，\d", value):  # 1，600 is a slip for 1,600 or a list; １，６００ is neither
        assert facts(full_width(value)) == expected
    assert facts(value + data.draw(st.sampled_from(["。", "；", "，", ";", "。 "]))) == expected


NUMERALS = "零一二两三四五六七八九十百千万亿半壹贰叁肆伍陆柒捌玖拾佰仟"
HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, exclude_characters=NUMERALS)
PHRASES = "每 每月 每人 以上 不低于 控制在 个 元 年 月 日 底前 % ≥ ， 。 、 + 率 人次 小时内 左右 约 提高 全年 号 届"
WORDS = st.sampled_from(PHRASES.split())


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.one_of(HANZI, WORDS), max_size=25).map("".join))
def test_no_numeral_no_quantity(value: str) -> None:
    assert all(target.kind != "quantity" for target in targets.read(value, "完成数量（个）", 2021)), value


DIGITS = "0 1 12 95 2021 2,000 3.5 二十 百分之五 一 两 半 十 % ‰ ≥ ≤ < > = - ~ / 万 亿 ( ) （ ） ： · * × “ ” 【 】"
PARTS = st.one_of(WORDS, st.sampled_from([*DIGITS.split(), " ", "\n", "\t"]), HANZI, st.characters())


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(PARTS, max_size=20).map("".join), st.sampled_from([None, 2021]))
def test_any_text_is_read_and_each_fact_is_underlined(value: str, year: int | None) -> None:
    end = 0
    for target in targets.read(value, value[:9], year, sign=value[:2], unit=value[-3:]):
        assert target.span is not None
        assert value[slice(*target.span)] == target.text != ""
        assert end <= target.span[0] < target.span[1]
        assert target.label is None or target.label in target.text
        end = target.span[1]


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("value", [None, "", " ", "\u3000\n", "/", "—", "……", "。", "\x00"])
def test_nothing_gives_nothing(value: str | None) -> None:
    assert targets.read(value, "数量", 2021) == ()


DOUBTS = {
    "过长": ["95" * 200, "9" * 400 + "%", "很" * 10000, "1" * 10000],
    "没有30日": ["2月30日", "2021-02-30", "2021年2月30日前完成"],
    "没有13月": ["13月", "2021年13月底前"],
    "矛盾": ["≥≤95%", "不低于5%以下"],
    "粘连": ["95%%", "82%2%", "12 34"],
    "没有填": ["≥**%", "≥XX万元"],
}


@pytest.mark.parametrize(("value", "doubt"), [(value, doubt) for doubt, values in DOUBTS.items() for value in values])
def test_what_cannot_be_is_doubted_and_not_guessed(value: str, doubt: str) -> None:
    found = targets.read(value, "合格率", 2021)
    assert [target.kind for target in found] == ["state"]
    assert doubt in (found[0].doubt or "")
    assert found[0].value is None


@pytest.mark.parametrize("part", "≥ 每 1、 ( 2021年 一 5%以下 - 12月 1- 提高 a1 按 不超过 “ 人次 1*".split())
def test_long_nonsense_takes_no_time(part: str) -> None:
    value = part * (3900 // len(part))
    begun = time.process_time()
    targets.read(value, value, 2021)
    assert time.process_time() - begun < 1
    assert len(targets.read(part * 10000, part * 10000, 2021)) <= 1


# ---------------------------------------------------------------- units


def only(value: str, name: str | None = None) -> Target:
    (target,) = targets.read(value, name, 2021)
    return target


EQUAL = (
    "1.5小时=90分钟 1天=24小时 1万元=10000元 0.5亿元=5000万元 5‰=0.5% 1Gbps=1000Mbps 12个月=1年 1公里=1000米 15亩=1公顷 1吨=2000斤"
    " 每月2次=每年24次 每季度1次=4次/年 100元/人·月=每人每年1200元 3人=3名 1000元/亩=1.5万元/公顷 1000度=1000千瓦时"
)
UNLIKE = "3小时=3个工作日 5%=5个百分点 5元=5元/人 5人=5人次 5美元=5元 2次=每月2次 5台=5公里 良好=5%"


@pytest.mark.parametrize("pair", EQUAL.split())
def test_equal_amounts_are_equal_in_canonical_units(pair: str) -> None:
    one, other = pair.split("=")
    first, second = targets.canonical(only(one)), targets.canonical(only(other))
    assert first is not None
    assert second is not None
    assert first[1:] == second[1:]
    assert first.number == pytest.approx(second.number, rel=1e-9)
    assert targets.comparable(only(one), only(other))


@pytest.mark.parametrize("pair", UNLIKE.split())
def test_unlike_amounts_are_not_comparable(pair: str) -> None:
    one, other = pair.split("=")
    assert not targets.comparable(only(one), only(other))


def test_counters_are_synonyms_once_the_name_says_what_is_counted() -> None:
    assert not targets.comparable(only("2个"), only("2所"))
    assert targets.comparable(only("2个"), only("2所"), same_thing=True)
    assert not targets.comparable(only("2个"), only("2公里"), same_thing=True)


def test_words_have_no_canonical_number() -> None:
    assert targets.canonical(only("良好")) is None
    assert targets.canonical(only("90%-95%")) == (90, "%", "proportion")


def test_every_unit_has_a_dimension_it_can_be_converted_in() -> None:
    units, dimensions = table().units, table().dimensions
    for unit in units.values():
        assert not unit.dimension or dimensions[unit.dimension].canonical in units, unit
        assert unit.factor > 0
        assert unit.broader is None or unit.broader in units
    assert all(dimension.rate in units for dimension in dimensions.values())
