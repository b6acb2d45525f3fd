"""Where things stand in a drawing: the same for the same network, communities apart, nothing upon one another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 1000.0, 530.0
"""Of the drawing, in its own units; nodes and letters keep their size in them."""

Place = tuple[float, float]
Ends = Mapping[tuple[int, int], float]
"""Links between things by their numbers, with their weights."""

_STEPS = 150
_ROUNDS = 4
_STEP = 54.0
"""How far two linked nodes stand apart."""

_ROOM = 30.0
_GAP = 26.0
_MARGIN = 46.0
_LETTERS = 160.0
_GOLDEN = math.pi * (3 - math.sqrt(5))
_LANDSCAPE = 1.7


def spread(count: int, links: Ends) -> NDArray[Any]:
    """Places for connected nodes, as far apart as the links between them are long (stress majorization).

    The first stands about the middle.
    """
    import numpy as np

    number = np.arange(count)
    at = np.stack([np.sqrt(number) * np.cos(_GOLDEN * number), np.sqrt(number) * np.sin(_GOLDEN * number)], axis=1)
    if count < 3:
        return np.array([[0.0, 0.0], [1.0, 0.35]])[:count] * _STEP
    far = _distances(count, links)
    weight = 1 / np.maximum(far, 0.1) ** 2
    np.fill_diagonal(weight, 0)
    for _ in range(_STEPS):
        apart = at[:, None] - at[None]
        length = np.sqrt((apart**2).sum(2))
        length[length == 0] = 1
        pull = weight * far / length
        np.fill_diagonal(pull, 0)
        at = (weight @ at + pull.sum(1)[:, None] * at - pull @ at) / weight.sum(1)[:, None]
    placed: NDArray[Any] = (at - at.mean(0)) * _STEP
    return placed


def pack(radii: Sequence[float], links: Ends, gap: float = _GAP) -> list[Place]:
    """Centres of discs that do not touch, each as near as can be to those it is linked to and to the middle."""
    import numpy as np

    placed: list[Place] = []
    turns = np.arange(6000)
    out = np.sqrt(turns) * 7
    ring = np.stack([np.cos(_GOLDEN * turns) * out * _LANDSCAPE, np.sin(_GOLDEN * turns) * out], axis=1)
    for number, radius in enumerate(radii):
        near = [(links.get((min(number, one), max(number, one)), 0.0), one) for one in range(number)]
        pull = sum(weight for weight, _ in near) or 1.0
        wanted = [sum(weight * placed[one][axis] for weight, one in near) / pull for axis in (0, 1)]
        free = np.ones(len(ring), dtype=bool)
        for one, (x, y) in enumerate(placed):
            free &= np.hypot(ring[:, 0] - x, ring[:, 1] - y) >= radius + radii[one] + gap
        cost = (ring[:, 0] / _LANDSCAPE) ** 2 + ring[:, 1] ** 2
        cost = cost + 0.5 * (((ring[:, 0] - wanted[0]) / _LANDSCAPE) ** 2 + (ring[:, 1] - wanted[1]) ** 2)
        cost[~free] = np.inf
        x, y = ring[int(np.argmin(cost))]
        placed.append((float(x), float(y)))
    return placed


def apart(places: NDArray[Any], room: float = _ROOM, steps: int = 80) -> NDArray[Any]:
    """The places moved until any two are `room` apart, or nearly."""
    import numpy as np

    at = places.copy()
    for _ in range(steps):
        between = at[:, None] - at[None]
        length = np.sqrt((between**2).sum(2))
        np.fill_diagonal(length, np.inf)
        short = np.clip(room - length, 0, None)
        if short.max(initial=0) < 0.5:
            break
        length[length == 0] = 1e-3
        at = at + (between / length[..., None] * (short / 2)[..., None]).sum(1)
    return at


def groups(members: Sequence[Sequence[str]], links: Mapping[tuple[str, str], float]) -> dict[str, Place]:
    """Places of the nodes of several communities, each a region of its own, fitted to the drawing."""
    import numpy as np

    of = {node: number for number, some in enumerate(members) for node in some}
    between: dict[tuple[int, int], float] = {}
    inner: list[dict[tuple[int, int], float]] = [{} for _ in members]
    order = [{node: at for at, node in enumerate(some)} for some in members]
    for (one, other), weight in links.items():
        first, second = sorted((of[one], of[other]))
        if first != second:
            between[first, second] = between.get((first, second), 0.0) + weight
        else:
            inner[first][order[first][one], order[first][other]] = weight
    shapes = [apart(spread(len(some), inner[number]), _STEP * 0.8) for number, some in enumerate(members)]
    shapes = [shape - (shape.max(0) + shape.min(0)) / 2 for shape in shapes]
    radii = [float(np.hypot(shape[:, 0], shape[:, 1]).max(initial=0)) + _ROOM for shape in shapes]
    centres = pack(radii, between)
    at = np.concatenate([shape + centre for shape, centre in zip(shapes, centres, strict=True)])
    at = fit(_wide(at))
    for _ in range(_ROUNDS):
        # What is pushed apart may need more room than there is, and is then drawn together again.
        at = fit(apart(at), grow=False)
    names = [node for some in members for node in some]
    return dict(zip(names, _rounded(at), strict=True))


def bubbles(sizes: Sequence[int], links: Ends) -> list[tuple[float, float, float]]:
    """Centre and radius of a disc for each community, its area by its size, fitted to the drawing."""
    import numpy as np

    share = 0.34 * WIDTH * HEIGHT / max(1, sum(sizes)) / math.pi
    radii = [min(105.0, max(15.0, math.sqrt(size * share))) for size in sizes]
    at = _wide(np.array(pack(radii, links, 30.0)))
    # Centres and radii in one measure: discs that do not touch keep apart.
    grown = min(1.4, _scale(np.concatenate([at - max(radii), at + max(radii)]), 0.0))
    middle = (at.max(0) + at.min(0)) / 2
    fitted = _rounded((at - middle) * grown + np.array([WIDTH / 2, HEIGHT / 2]))
    return [(x, y, round(radius * grown, 1)) for (x, y), radius in zip(fitted, radii, strict=True)]


def sides(count: int) -> list[Place]:
    """Places of nodes around one in the middle, best first: on both sides, level by level, so that each has its line."""
    places: list[Place] = []
    halves = [(count + 1) // 2, count // 2]
    for number in range(count):
        half, rank = number % 2, number // 2
        # From the middle line outwards, so that the strongest stand level with the centre.
        level = (rank + 1) // 2 * (-1 if rank % 2 else 1) + (0.5 if halves[half] % 2 == 0 else 0.0)
        y = level * min(60.0, (HEIGHT - 2.4 * _MARGIN) / max(1, halves[half]))
        bow = math.sqrt(max(0.0, 1 - (y / (HEIGHT * 0.56)) ** 2))
        places.append((round(WIDTH / 2 + (1, -1)[half] * (70 + 140 * bow), 1), round(HEIGHT / 2 + y, 1)))
    return places


def fit(at: NDArray[Any], margin: float = 0.0, grow: bool = True) -> NDArray[Any]:
    """The places moved into the drawing; drawn together where they need more room, and a little apart where less."""
    import numpy as np

    middle = (at.max(0) + at.min(0)) / 2
    scale = _scale(at, margin)
    fitted: NDArray[Any] = (at - middle) * min(scale, 1.9 if grow else 1.0) + np.array([WIDTH / 2, HEIGHT / 2])
    return fitted


def _wide(at: NDArray[Any]) -> NDArray[Any]:
    """The places drawn out sideways as far as the drawing has room for it: names need more of it than lines."""
    import numpy as np

    span = np.maximum(1.0, at.max(0) - at.min(0))
    room = (WIDTH - 2 * _MARGIN - _LETTERS) / (HEIGHT - 2 * _MARGIN)
    widened: NDArray[Any] = at * np.array([min(1.5, max(1.0, room * span[1] / span[0])), 1.0])
    return widened


def _scale(at: NDArray[Any], margin: float) -> float:
    span = at.max(0) - at.min(0)
    edge = 2 * (_MARGIN + margin)
    return float(min((WIDTH - edge) / max(1.0, span[0]), (HEIGHT - edge) / max(1.0, span[1])))


def _distances(count: int, links: Ends) -> NDArray[Any]:
    """How far nodes are apart along the links; a strong one is shorter."""
    import numpy as np

    far = np.full((count, count), np.inf)
    np.fill_diagonal(far, 0)
    for (one, other), weight in links.items():
        far[one, other] = far[other, one] = 1.15 - 0.3 * min(1.0, weight / 2)
    for middle in range(count):
        far = np.minimum(far, far[:, middle, None] + far[None, middle])
    longest = far[np.isfinite(far)].max(initial=1.0)
    return np.where(np.isfinite(far), far, longest + 1)


def _rounded(at: NDArray[Any]) -> list[Place]:
    return [(round(float(x), 1), round(float(y), 1)) for x, y in at]
