"""Steering: a slow controller that keeps the share of requests that go to the large model at the share asked for.

Adaptive conformal inference (Gibbs and Candès 2021, arXiv:2106.00170) in ranks of difficulty: after each request on
which the dial had a say, the threshold rises a little if it went to the large model, and falls a little if it did not,
in the proportion in which the two should occur. The rank is then the sum of all errors, and since it cannot leave
0..1 by more than a step (above 1 nothing goes to the large model, below 0 everything does), the mean error of any N
requests in a row is at most (1 + STEP) / (STEP · N), whatever the traffic does: 0.92 points for 5,000.

What a rank means is learned, too: from the last few hundred difficulties, to begin with those of the calibration table.
That changes nothing about the bound, which holds for any scale, but keeps a step a small one where traffic has changed,
so that it is still the harder requests that go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from router.ranks import Ranks

STEP: Final = 1 / 45  # ranks a request; the promise for 5,000 requests (1 point) needs 1/49 at least
# Ranks: what several replicas may overshoot together before they have heard of one another. One alone never gets there.
LOWEST: Final = -0.25
HIGHEST: Final = 1.25
_RECENT: Final = 5000  # requests: how far back the achieved share looks
_EVERY: Final = 64  # requests: how often the scale is made anew, which takes some 0.05 ms


class Steering:
    """One dial of one route. `share` is the one asked for, `threshold` the difficulty in force, `achieved` the share of
    late. `told` and `turned` are how many requests there were since others were last told, and what they turned.
    """

    __slots__ = (
        *("_fresh", "_place", "_ranks", "_window"),
        *("achieved", "heard", "rank", "share", "step", "threshold", "told", "turned"),
    )

    def __init__(self, quantiles: Sequence[float], rank: float, share: float) -> None:
        """`quantiles`: difficulties that requests are likely to have, evenly spaced in rank."""
        ranks = Ranks.of(quantiles)
        self._ranks = ranks
        self._window = list(quantiles)  # the last difficulties, the oldest at `_place`
        self._place = 0
        self._fresh = 0
        self.share = share
        self.step = STEP
        self.rank = rank
        self.threshold = ranks.threshold(rank)
        self.heard = 0
        self.achieved = share
        self.told = 0
        self.turned = 0.0

    def heed(self, large: bool, difficulty: float | None) -> None:
        """A request was decided with this threshold, and either class was open to it. None: nobody knows how hard."""
        turn = self.step * ((1.0 - self.share) if large else -self.share)
        self.told += 1
        self.turned += turn
        if self.heard < _RECENT:
            self.heard += 1
        self.achieved += ((1.0 if large else 0.0) - self.achieved) / self.heard
        if difficulty is not None:
            self._see(difficulty)
        self.turn_to(self.rank + turn)

    def amend(self, large: bool) -> None:
        """A request that was heard of went the other way after all: to the large model, or not."""
        change = 1.0 if large else -1.0
        turn = self.step * change
        self.turned += turn
        if self.heard:
            self.achieved = min(max(self.achieved + change / self.heard, 0.0), 1.0)
        self.turn_to(self.rank + turn)

    def turn_to(self, rank: float) -> None:
        """Within bounds, so that what went wrong for a while is not made up for ever after."""
        self.rank = min(max(rank, LOWEST), HIGHEST)
        self.threshold = self._ranks.threshold(self.rank)

    def _see(self, difficulty: float) -> None:
        self._window[self._place] = difficulty
        self._place = (self._place + 1) % len(self._window)
        self._fresh += 1
        if self._fresh == _EVERY:
            self._fresh = 0
            self._ranks = Ranks.of(sorted(self._window))

    def take(self) -> tuple[float, int]:
        """What is to be told to others: what was turned since the last time, for how many requests."""
        taken = (self.turned, self.told)
        self.turned = 0.0
        self.told = 0
        return taken


def step_for(others: int) -> float:
    """The step of one of several replicas, where the others decide on so many requests before it hears of them.

    All correct the same error at once. So that together they do not turn too far, the more happens unheard, the smaller
    the steps: half of what would correct an error in full meanwhile.
    """
    return min(STEP, 0.5 / others) if others > 0 else STEP
