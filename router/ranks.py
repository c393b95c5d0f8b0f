"""Ranks: where a difficulty stands among those of all requests. What the controller turns is a rank, not a difficulty.

Thresholds of difficulty are no even scale: between 0.20 and 0.21 may lie a fifth of the traffic, between 0.6 and 0.9
nothing. In ranks, a step means the same share of requests everywhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NOBODY: Final = (
    2.0  # a threshold that no difficulty reaches: not even those go to the large model of which none is known
)
STEPS: Final = 256
# How much of the scale is plain difficulty. Where traffic comes to lie outside of all that was seen so far, ranks would
# else all be 0 or all be 1, and tell nothing apart.
_PLAIN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ranks:
    """`grid[i]` is the difficulty at rank `i / STEPS`; it never falls."""

    grid: tuple[float, ...]

    def threshold(self, rank: float) -> float:
        """The difficulty at this rank: 0 below rank 0, `NOBODY` above rank 1."""
        if rank <= 0.0:
            return 0.0
        if rank > 1.0:
            return NOBODY
        place = rank * STEPS
        low = int(place)
        if low >= STEPS:
            return self.grid[STEPS]
        below = self.grid[low]
        return below + (self.grid[low + 1] - below) * (place - low)

    @classmethod
    def of(cls, quantiles: Sequence[float]) -> Ranks:
        """`quantiles`: difficulties from the smallest to the largest, evenly spaced in rank; at least two."""
        last = len(quantiles) - 1
        points = [(0.0, 0.0)]
        points += [(mixed(place / last, value), value) for place, value in enumerate(quantiles)]
        points.append((1.0, 1.0))
        ranks = [rank for rank, _ in points]
        grid = [_between(points, ranks, step / STEPS) for step in range(STEPS + 1)]
        return cls(tuple(grid))


def mixed(rank: float, difficulty: float) -> float:
    """The rank on this scale of what has this rank by the table alone."""
    return (1.0 - _PLAIN) * rank + _PLAIN * difficulty


def start(quantiles: Sequence[float], abstained: float, share: float) -> float:
    """The rank from which a share of requests goes to the large model, as the table has it.

    `abstained`: the share of requests whose difficulty nobody knows. They go to the large model first.
    """
    if share >= 1.0:
        return 0.0
    if share <= 0.0:
        return NOBODY
    if abstained >= share:
        return 1.0
    kept = 1.0 - (share - abstained) / (1.0 - abstained)
    place = kept * (len(quantiles) - 1)
    low = min(int(place), len(quantiles) - 2)
    value = quantiles[low] + (quantiles[low + 1] - quantiles[low]) * (place - low)
    return mixed(kept, value)


def _between(points: Sequence[tuple[float, float]], ranks: Sequence[float], rank: float) -> float:
    place = min(max(bisect_left(ranks, rank), 1), len(points) - 1)
    (low, below), (high, above) = points[place - 1], points[place]
    if high <= low:
        return above
    return min(above, below + (above - below) * (rank - low) / (high - low))
