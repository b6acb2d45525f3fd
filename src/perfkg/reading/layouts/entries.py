"""A row of pieces as what it says: name, value, actual, weight, score, note."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from perfkg.reading.layouts import looks, words
from perfkg.reading.layouts.levels import Levels
from perfkg.reading.layouts.pieces import Piece
from perfkg.reading.layouts.rows import Row
from perfkg.records import Category, Place, Repair
from perfkg.text import squeeze, strip_html

_BREAK = re.compile(r"\s*\n\s*")
_POINTS_AFTER = re.compile(r"\s*(?:[(（︵]\s*\d+(?:\.\d+)?\s*(?:分|%)?\s*[)）︶]|(?<=指标)\s*\d+(?:\.\d+)?\s*[分%])$")
_NUMBER_BEFORE = re.compile(r"^(?:[一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十\d]+[)）]|\d+[、.．])\s*")
_LABELLED = {"excellent": "优", "good": "良", "fair": "中", "poor": "差", "earlier": "前年", "last_year": "上年"}
_SHORTEST_NAME = 2
_COMPARES = re.compile(r"[=<>≥≤]+")


@dataclass(slots=True)
class Entry:
    """One indicator as read, before it gets its identity."""

    category: Category
    name: str | None
    value: str | None
    sign: str | None
    unit: str | None
    actual: str | None
    weight: float | None
    score: float | None
    note: str | None
    place: Place
    repairs: list[Repair] = field(default_factory=list)
    unsure: bool = False


def entry(row: Row, levels: Levels) -> Entry | None:
    """What the row says, or None if it names or states nothing; headings are taken note of either way."""
    repairs: list[Repair] = []
    first = _heading(row, "level1", repairs)
    second = _heading(row, "level2", repairs) or _heading(row, "term_level2", repairs)
    alone = first if second is None else second if first is None else None
    if both := words.pair(alone or ""):
        first, second = both
        repairs.append(Repair("levels-split", "一格里写了一级和二级指标，分开", before=alone, after=" | ".join(both)))
    category, mended, unsure = levels.read(first, second)
    repairs.extend(mended)
    name, value = _name(row, repairs), _value(row, repairs)
    if len(name or "") < _SHORTEST_NAME and not value and not any(row.has(role) for role in _alone(row)):
        return None
    places = [piece for role in ("name", "value") for piece in row.cells.get(role, ())]
    repairs.extend(_html_removed(places))
    anywhere = [piece for _, piece in row.areas] + [piece for cells in row.cells.values() for piece in cells]
    return Entry(
        category,
        name,
        value,
        _sign(row),
        _text(row, "unit"),
        _content(row, "actual"),
        _points(row, "weight"),
        _points(row, "score"),
        _note(row),
        (places or anywhere)[0].place,
        [*row.repairs, *repairs],
        unsure or row.doubtful or len(row.areas) == 1,
    )


def _alone(row: Row) -> tuple[str, ...]:
    """What makes a row an indicator without name and value; not a value that has a name of its own beside it."""
    return ("actual",) if "term_name" in row.cells else ("actual", "term_value")


def _text(row: Row, role: str) -> str | None:
    """The pieces of a role as one text, line breaks within a word closed."""
    pieces = row.cells.get(role, ())
    return joined(pieces) or None


def _sign(row: Row) -> str | None:
    """The sign that compares, where a row has words like 定量 or 正向 in a column of their own beside it."""
    compares = [one.text for one in row.cells.get("sign", ()) if _COMPARES.fullmatch(squeeze(one.text))]
    return compares[0] if compares else _text(row, "sign")


def joined(pieces: list[Piece] | tuple[Piece, ...]) -> str:
    """The texts of pieces as one: broken lines closed, HTML left-overs gone."""
    return unbroken(" ".join(strip_html(piece.text).strip() for piece in pieces))


def _html_removed(pieces: Iterable[Piece]) -> Iterator[Repair]:
    for piece in pieces:
        bare = strip_html(piece.text)
        if bare != piece.text:
            yield Repair("html-removed", "文字里残留的网页标记已去掉", before=piece.text, after=bare)


def unbroken(text: str) -> str:
    """The text with its lines put together: no blank between Chinese words, one between others."""
    return _BREAK.sub(_closed, text)


def _closed(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return " " if before.isascii() and after.isascii() and before.isalnum() and after.isalnum() else ""


def _heading(row: Row, role: str, repairs: list[Repair]) -> str | None:
    """A category heading without the points that self-evaluations print with it, the number before it, and blanks."""
    text = _text(row, role)
    bare = _POINTS_AFTER.sub("", text).strip() if text else None
    if text and bare != text:
        repairs.append(Repair("points-removed", "指标类别后的分值不是类别名称的一部分", before=text, after=bare))
    if not bare or not words.levels(bare):
        return bare or None
    named = _NUMBER_BEFORE.sub("", bare)
    if named != bare:
        repairs.append(Repair("number-removed", "指标类别前的编号不是类别名称的一部分", before=bare, after=named))
    return "".join(named.split())


def _content(row: Row, role: str) -> str | None:
    return _text(row, role) if row.has(role) else None


def _name(row: Row, repairs: list[Repair]) -> str | None:
    name = _content(row, "name")
    if not name or words.role("columns", name) == "name":
        return None
    bare = name[len(looks.number_before(name)) :].strip()
    if bare != name:
        repairs.append(Repair("number-removed", "指标名称前的编号不是名称的一部分", before=name, after=bare))
    return bare or None


def _value(row: Row, repairs: list[Repair]) -> str | None:
    """The value with its sign and unit columns joined to it, as written; values of places each with its name."""
    if row.areas:
        return _of_areas(row, repairs)
    value, sign, unit = _content(row, "value"), _sign(row), _text(row, "unit")
    parts = [
        sign if sign and value and _COMPARES.fullmatch(squeeze(sign)) and not value.startswith(sign) else "",
        value or "",
        unit if unit and value and value[-1].isdigit() else "",
    ]
    whole = "".join(parts)
    if value and whole != value:
        before = " | ".join(part for part in (sign, value, unit) if part)
        repairs.append(Repair("joined-columns", "符号、数值、单位分在几列，合成一个指标值", before=before, after=whole))
    return whole or None


def _of_areas(row: Row, repairs: list[Repair]) -> str:
    if len(row.areas) == 1:
        heading, piece = row.areas[0]
        repairs.append(Repair("value-supposed", f"没有“指标值”一列，把“{heading}”一列当作指标值", after=piece.text))
        return piece.text
    values = {piece.text for _, piece in row.areas}
    labelled = "；".join(f"{name}{piece.text}" for name, piece in row.areas)
    whole = values.pop() if len(values) == 1 else labelled
    repairs.append(Repair("joined-areas", "各地区一列的指标值合在一起", before=labelled, after=whole))
    return whole


def _points(row: Row, role: str) -> float | None:
    pieces = row.cells.get(role, ())
    text = squeeze(pieces[-1].text if pieces else "").rstrip("分%")
    return float(text.replace(",", "")) if looks.is_number(text) else None


def _note(row: Row) -> str | None:
    parts = [text for role in ("explain", "extra", "basis", "note") if (text := _content(row, role))]
    if term := " ".join(filter(None, (_content(row, "term_name"), _content(row, "term_value")))):
        parts.append(f"中期{'指标' if row.has('term_name') else '指标值'}：{term}")
    parts += [f"{label}：{text}" for role, label in _LABELLED.items() if (text := _content(row, role))]
    value, unit = _content(row, "value"), _text(row, "unit")
    if unit and unit not in (value or "") and not (value or "")[-1:].isdigit():
        parts.append(f"度量单位：{unit}")
    parts += [f"{unbroken(heading)}：{unbroken(piece.text)}" for heading, piece in row.others]
    natures = [one.text for one in row.cells.get("sign", ()) if not _COMPARES.fullmatch(squeeze(one.text))]
    if natures:
        parts.append(f"指标性质：{'、'.join(natures)}")
    return "；".join(parts) or None
