"""Knob: a dial of one route at work. What holds of several is the strictest, whatever their kinds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from router.costs import Costs, share_for
from router.dial import Dial
from router.ranks import NOBODY
from router.steering import Steering


class Knob:
    """`dial` is None for a route without one. `steering` is None where the threshold does not move."""

    __slots__ = ("_costs", "_moved", "_threshold", "by", "dial", "steering")

    def __init__(
        self,
        by: str,
        dial: Dial | None,
        threshold: float,
        steering: Steering | None = None,
        costs: Costs | None = None,
        moved: Callable[[], None] | None = None,
    ) -> None:
        self.by = by  # who set it: `route` or `caller`
        self.dial = dial
        self.steering = steering
        self._threshold = threshold
        self._costs = costs  # of a dial in dollars
        self._moved = moved

    @property
    def threshold(self) -> float:
        """The difficulty from which requests go to the large model now; `NOBODY`: none does."""
        return self._threshold if self.steering is None else self.steering.threshold

    def heed(self, large: bool, difficulty: float | None) -> None:
        """A request was decided by this knob, and both classes were open to it. None: nobody knows how hard it is."""
        steering = self.steering
        if steering is None:
            return
        if self._costs is not None and self.dial is not None:
            steering.share = share_for(self.dial.number, self._costs.small, self._costs.large)
        steering.heed(large, difficulty)
        if self._moved is not None:
            self._moved()

    def amend(self, large: bool) -> None:
        """A request that was decided by this knob went the other way after all."""
        if self.steering is not None:
            self.steering.amend(large)

    def __str__(self) -> str:
        """For the receipt: `share=0.3; threshold=0.6123; by=route`."""
        threshold = self.threshold
        said = "none" if threshold >= NOBODY else f"{threshold:.4f}"
        dial = "" if self.dial is None else f"{self.dial}; "
        return f"{dial}threshold={said}; by={self.by}"


def strictest(own: Knob, asked: Knob) -> Knob:
    """The one with the higher threshold now: of two dials, the one that sends less to the large model."""
    return asked if asked.threshold >= own.threshold else own


def dollars_of(cost: Decimal) -> float:
    """Money as a plain number, to steer with and for nothing else."""
    return float(cost)
