"""Costs: what requests of one route cost by class, as running means, and the share that a budget pays for."""

from __future__ import annotations

from typing import Final

_MEMORY: Final = 500  # requests: how far back a mean looks


class Costs:
    """Mean dollars of one request. Plain numbers: they steer, and no money is counted with them."""

    __slots__ = ("_heard_large", "_heard_small", "large", "small")

    def __init__(self, small: float, large: float) -> None:
        self.small = small
        self.large = large
        self._heard_small = _MEMORY // 5  # what the table says weighs as much as so many requests
        self._heard_large = _MEMORY // 5

    def heed(self, cost: float, large: bool) -> None:
        """What a request came to."""
        if large:
            if self._heard_large < _MEMORY:
                self._heard_large += 1
            self.large += (cost - self.large) / self._heard_large
        else:
            if self._heard_small < _MEMORY:
                self._heard_small += 1
            self.small += (cost - self.small) / self._heard_small


def share_for(per_thousand: float, small: float, large: float) -> float:
    """The share of requests for the large model that this many dollars per 1,000 requests pay for, 0..1.

    None, where not even the small one can be paid for. All, where the large one costs no more.
    """
    budget = per_thousand / 1000.0
    if large <= small:
        return 1.0
    return min(max((budget - small) / (large - small), 0.0), 1.0)
