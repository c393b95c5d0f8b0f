"""Drift: is what is asked now still like what a head was fitted on?

The population stability index of the difficulties that a head gives, against those of the requests it was learned from,
in ten bins of equal share: Σ (now − then) · ln(now / then). Below 0.1 nothing has changed, above 0.25 much has.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

BINS = 10
LEAST_FITTED = 100  # difficulties, for bins to be cut from
WINDOW = 1000  # requests; drift is told of the last one to two windows
_SMALLEST = 0.5  # of a row, in place of an empty bin


@dataclass(frozen=True, slots=True)
class Bins:
    """`edges` between bins, ascending, and the `shares` of difficulties in them when the head was fitted."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def number(self, difficulty: float) -> int:
        return bisect_right(self.edges, difficulty)

    def index(self, counts: Sequence[int]) -> float:
        """The population stability index of counts by bin."""
        total = sum(counts)
        if not total:
            return 0.0
        out = 0.0
        for count, then in zip(counts, self.shares, strict=True):
            now = max(count, _SMALLEST) / total
            out += (now - then) * math.log(now / then)
        return out

    def card(self) -> dict[str, list[float]]:
        return {"edges": list(self.edges), "shares": list(self.shares)}

    @classmethod
    def cut(cls, difficulties: Sequence[float]) -> Self | None:
        """Bins of equal share; `None` for too few difficulties."""
        if len(difficulties) < LEAST_FITTED:
            return None
        ordered = sorted(difficulties)
        edges = tuple(round(ordered[len(ordered) * number // BINS], 6) for number in range(1, BINS))
        counts = [0] * BINS
        for difficulty in ordered:
            counts[bisect_right(edges, difficulty)] += 1
        return cls(edges, tuple(round(max(count, _SMALLEST) / len(ordered), 6) for count in counts))

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Self | None:
        """What `card()` has put into a head's card; `None` where there is nothing of the kind."""
        try:
            stored = card["difficulty"]
            edges, shares = (tuple(map(float, stored[name])) for name in ("edges", "shares"))
        except (KeyError, TypeError, ValueError):
            return None
        sound = len(edges) == BINS - 1 and len(shares) == BINS and all(share > 0 for share in shares)
        return cls(edges, shares) if sound and list(edges) == sorted(edges) else None


@dataclass(slots=True)
class Drift:
    """The difficulties of one worker's requests, counted as they come."""

    bins: Bins
    _now: list[int] = field(default_factory=lambda: [0] * BINS)
    _before: list[int] = field(default_factory=lambda: [0] * BINS)
    _seen: int = 0

    def add(self, difficulty: float) -> bool:
        """Whether a window is full, and there is something new to be told."""
        self._now[bisect_right(self.bins.edges, difficulty)] += 1
        self._seen += 1
        if self._seen < WINDOW:
            return False
        self._seen = 0
        return True

    def told(self) -> float:
        """The index of the last two windows; to be asked when a window is full, which begins the next."""
        index = self.bins.index([new + old for new, old in zip(self._now, self._before, strict=True)])
        self._before, self._now = self._now, [0] * BINS
        return index
