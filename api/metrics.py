"""Counts for a monitor, as Prometheus text."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter

from perfkg.library import Library
from perfkg.sparql import Pool

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Requests by method, route and status, and how long they took (seconds)."""

    def __init__(self) -> None:
        """All zero."""
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._within: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answered request; `route` is the route's template, so that labels stay few."""
        # Any word may be sent as a method.
        method = method if method in {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"} else "other"
        with self._lock:
            self._requests[method, route or "other", status] += 1
            within = self._within.setdefault(route or "other", [0] * (len(_BOUNDS) + 1))
            within[bisect_left(_BOUNDS, seconds)] += 1
            self._seconds[route or "other"] += seconds  # type: ignore[assignment]

    def text(self, library: Library, pool: Pool) -> str:
        """All counts, the sizes of `library`, and what `pool` has, in the text format of Prometheus."""
        with self._lock:
            lines = [*self._request_lines(), *self._time_lines()]
        sizes = _sizes(library) | {"graph_in_memory": int(pool.in_memory)}
        told = [f"# TYPE perfkg_{name} gauge\nperfkg_{name} {size}" for name, size in sizes.items()]
        return "\n".join([*lines, *told]) + "\n"

    def _request_lines(self) -> list[str]:
        return [
            "# TYPE perfkg_requests_total counter",
            *(
                f'perfkg_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'
                for (method, route, status), number in sorted(self._requests.items())
            ),
        ]

    def _time_lines(self) -> list[str]:
        lines = ["# TYPE perfkg_request_seconds histogram"]
        for route, within in sorted(self._within.items()):
            total = 0
            for bound, number in zip((*_BOUNDS, "+Inf"), within, strict=True):
                total += number
                lines.append(f'perfkg_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
            lines.append(f'perfkg_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'perfkg_request_seconds_count{{route="{route}"}} {total}')
        return lines


def _sizes(library: Library) -> dict[str, int]:
    facts = library.info()
    projections = facts["projections"]
    return {
        "declarations": facts["declarations"],
        "indicators": facts["indicators"],
        "organizations": facts["organizations"],
        "change": facts["change"],
        "words_change": projections["words"]["change"],
        "graph_change": projections["graph"]["change"],
        "vectors": (projections["vectors"] or {}).get("texts", 0),
        "holding": int(facts["holding"]),
    }
