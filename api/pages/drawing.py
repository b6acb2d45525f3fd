"""A network as an SVG drawing: circles, lines and regions at their places, and names that do not cover one another."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfkg.network import View
from perfkg.network.layout import HEIGHT, WIDTH
from perfkg.network.views import Drawn

COLOURS = 7
"""Hues of communities; from this number on they come again, told apart by their regions and names."""

_LETTER = 12.5
_NAME = 13.5
_LINE = 16.0
_LONGEST, _WHOLE = 13, 18
_FEW = 20
"""So few nodes leave room for longer names."""

_CENTRE = 15.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Name:
    """Letters at a place. `spare`: there is no room for them unless one looks closer."""

    x: float
    y: float
    anchor: str
    text: str
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A node as a circle with its name; `colour` is the number of its community's."""

    drawn: Drawn
    r: float
    colour: int
    name: Name
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two things by their ids; `width` by its weight, `colour` of the community that both are in.
    `aside`: it does not lead to what stands in the middle.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    source: str
    target: str
    said: str
    colour: int | None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """A community's ground: a polygon around its nodes, and its name above."""

    points: str
    colour: int
    name: Name
    id: str


@dataclass(frozen=True, slots=True)
class Disc:
    """A community as one circle, its name in lines inside, or beside it where it is small."""

    id: str
    x: float
    y: float
    r: float
    colour: int
    lines: tuple[str, ...]
    name: Name
    size: int
    said: str


@dataclass(slots=True)
class Drawing:
    """All that is drawn, in the order it is painted."""

    regions: list[Region] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    discs: list[Disc] = field(default_factory=list)


class _Room:
    """Where letters stand already, so that others do not."""

    def __init__(self) -> None:
        self._taken: list[Box] = []

    def free(self, box: Box) -> bool:
        """Whether the box is on the sheet and touches no letters."""
        left, top, right, bottom = box
        inside = left >= 3 and right <= WIDTH - 3 and top >= -2 and bottom <= HEIGHT + 2
        return inside and not any(left < r and right > x and top < b and bottom > y for x, y, r, b in self._taken)

    def take(self, box: Box) -> None:
        """Letters stand in the box from now on."""
        self._taken.append(box)


def draw(view: View) -> Drawing:
    """The drawing of a view."""
    room = _Room()
    if view.kind == "communities":
        return _communities(view, room)
    drawing = Drawing()
    if view.kind == "nodes":
        drawing.regions = list(_regions(view, room))
    drawing.lines = list(_lines(view))
    drawing.dots = list(_dots(view, room))
    return drawing


def colour(number: int | None) -> int:
    """The hue of a community by its place among them; grey for none."""
    return COLOURS if number is None else number % COLOURS


def short(text: str, longest: int = _LONGEST) -> str:
    """A name cut to what stands in a drawing."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _communities(view: View, room: _Room) -> Drawing:
    at = dict(enumerate(view.bubbles))
    lines, heaviest = [], max((one.weight for one in view.bridges), default=1.0)
    for one in sorted(view.bridges, key=lambda one: one.weight):
        first, second = at[one.source], at[one.target]
        width = round(1 + 9 * one.weight / heaviest, 1)
        said = f"{first.community.name} — {second.community.name}：{one.count} 处联系"
        lines.append(
            Line(first.x, first.y, second.x, second.y, width, first.community.id, second.community.id, said, None)
        )
    for bubble in view.bubbles:
        room.take(
            (bubble.x - bubble.radius, bubble.y - bubble.radius, bubble.x + bubble.radius, bubble.y + bubble.radius)
        )
    discs = []
    for number, bubble in at.items():
        community, size = bubble.community, len(bubble.community.nodes)
        rows = _inside(community.name, bubble.radius)
        beside = Name(bubble.x, bubble.y, "middle", community.name, spare=True)
        name = beside if rows else _placed(room, bubble.x, bubble.y, bubble.radius, short(community.name, 10), _LETTER)
        said = f"{community.name}，{size} 个，可比的有{'、'.join(community.topics)}"
        discs.append(Disc(community.id, bubble.x, bubble.y, bubble.radius, colour(number), rows, name, size, said))
    return Drawing(lines=lines, discs=discs)


def _regions(view: View, room: _Room) -> Iterable[Region]:
    for number, community in enumerate(view.communities):
        places = [(one.x, one.y) for one in view.nodes if one.community == number]
        if not places:
            continue
        hull = _hull(places)
        x, top = (min(x for x, _ in places) + max(x for x, _ in places)) / 2, min(y for _, y in places) - 30
        wide = _width(community.name, _NAME) / 2
        x = min(max(x, wide + 4), WIDTH - wide - 4)
        name = Name(round(x, 1), round(max(top, 14), 1), "middle", community.name)
        room.take((x - wide, top - _LINE + 2, x + wide, top + 5))
        yield Region(" ".join(f"{x:g},{y:g}" for x, y in hull), colour(number), name, community.id)


def _lines(view: View) -> Iterable[Line]:
    at = {one.node.id: one for one in view.nodes}
    for link in view.links:
        one, other = at[link.source], at[link.target]
        same = one.community is not None and one.community == other.community
        said = f"{one.node.label} — {other.node.label}：{len(link.pairs)} 项可比"
        width = round(min(7.0, 0.9 + 1.5 * link.weight), 1)
        aside = view.kind == "around" and view.centre not in (link.source, link.target)
        hue = colour(one.community) if same else None
        yield Line(one.x, one.y, other.x, other.y, width, link.source, link.target, said, hue, aside)
    for drawn, pair in zip(view.nodes, view.pairs, strict=False):
        said = f"{drawn.node.label}：{pair.other.name} {pair.other.value}"
        width = round(0.9 + 3 * pair.weight, 1)
        yield Line(
            WIDTH / 2,
            HEIGHT / 2,
            drawn.x,
            drawn.y,
            width,
            view.centre or "",
            drawn.node.id,
            said,
            colour(drawn.community),
        )


def _dots(view: View, room: _Room) -> Iterable[Dot]:
    """The circles; the best linked are named first."""
    for one in view.nodes:
        r = _radius(view, one)
        room.take((one.x - r - 1, one.y - r - 1, one.x + r + 1, one.y + r + 1))
    if view.kind == "indicator":
        room.take((WIDTH / 2 - 95, HEIGHT / 2 - 16, WIDTH / 2 + 95, HEIGHT / 2 + 54))
    ordered = sorted(view.nodes, key=lambda one: (one.step, -one.strength, one.node.id))
    under = {drawn.node.id: pair.other.value for drawn, pair in zip(view.nodes, view.pairs, strict=False)}
    usual = _WHOLE if len(view.nodes) <= _FEW else _LONGEST
    for one in ordered:
        r, beside = _radius(view, one), under.get(one.node.id)
        text = short(one.node.label, {"around": _WHOLE, "indicator": 14}.get(view.kind, usual))
        text = f"{short(beside, 10)}　{text}" if beside else text
        name = _placed(room, one.x, one.y, r, text, _LETTER, middle=one.step == 0 and view.kind == "around")
        yield Dot(one, r, colour(one.community), name, beside)


def _radius(view: View, one: Drawn) -> float:
    if view.kind == "around" and one.step == 0:
        return _CENTRE
    return round(min(11.0, 4.5 + 1.6 * math.sqrt(one.strength)), 1)


def _placed(room: _Room, x: float, y: float, r: float, text: str, letter: float, middle: bool = False) -> Name:
    """The name beside its circle, where there is room: outwards, inwards, below, above."""
    wide, gap = _width(text, letter), r + 5
    right: tuple[float, float, str, float] = (x + gap, y + 4.5, "start", x + gap)
    left = (x - gap, y + 4.5, "end", x - gap - wide)
    middle_at = min(max(x, wide / 2 + 4), WIDTH - wide / 2 - 4)
    below = (middle_at, y + r + 14, "middle", middle_at - wide / 2)
    above = (middle_at, y - r - 6, "middle", middle_at - wide / 2)
    beside = [right, left] if x >= WIDTH / 2 else [left, right]
    for at, line, anchor, start in ([below, above] if middle else []) + beside + [below, above]:
        box = (start, line - letter + 1, start + wide, line + 4)
        if room.free(box):
            room.take(box)
            return Name(round(at, 1), round(line, 1), anchor, text)
    at, line, anchor, _ = below if middle else beside[0]
    return Name(round(at, 1), round(line, 1), anchor, text, spare=True)


def _width(text: str, letter: float) -> float:
    """About how wide a text is: Chinese characters are square."""
    return letter * sum(1.0 if unicodedata.east_asian_width(one) in "WFA" else 0.56 for one in text)


def _inside(name: str, radius: float) -> tuple[str, ...]:
    """A name in the lines that a disc has room for, above the line that says its size; none where it has not."""
    longest, most = int(radius * 1.75 / _NAME), int((1.6 * radius - 18) / 17)
    lines: list[str] = []
    for part in name.replace("（", "、（").split("、"):
        if lines and len(lines[-1]) + len(part) < longest and not part.startswith("（"):
            lines[-1] += f"、{part}"
        else:
            lines += [part[at : at + longest] for at in range(0, len(part), max(1, longest))]
    return tuple(lines) if 0 < len(lines) <= most and longest > 2 else ()


def _hull(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the narrowest convex ground that holds all places (Andrew's monotone chain)."""
    ordered = sorted(set(places))
    if len(ordered) < 3:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(ordered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for x, y in ordered:
        while len(found) > 1 and _turn(found[-2], found[-1], (x, y)) <= 0:
            found.pop()
        found.append((x, y))
    return found


def _turn(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
