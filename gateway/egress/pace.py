"""Pace: how long deployments take to begin an answer, as a histogram of what was seen lately.

Bins grow by a fifth, so that a quantile is at most that far off. Once enough has been counted everything counts half:
what a server was like an hour ago is soon forgotten.
"""

from __future__ import annotations

import math
from typing import Final

LEAST: Final = 50  # answers; of fewer nobody can say what is slow
_ENOUGH: Final = 1000.0
_SHORTEST: Final = 0.001  # seconds; all that is quicker is in the first bin
_GROWTH: Final = math.log(1.2)
_BINS: Final = 80  # up to half an hour


class Pace:
    """Of the answers of one deployment."""

    __slots__ = ("_bins", "_count")

    def __init__(self) -> None:
        self._bins = [0.0] * _BINS
        self._count = 0.0

    def took(self, seconds: float) -> None:
        place = 0 if seconds <= _SHORTEST else min(_BINS - 1, math.ceil(math.log(seconds / _SHORTEST) / _GROWTH))
        self._bins[place] += 1.0
        self._count += 1.0
        if self._count >= _ENOUGH:
            self._bins = [count / 2 for count in self._bins]
            self._count /= 2

    def quantile(self, share: float) -> float | None:
        """Seconds within which `share` of the answers had begun; None while there are too few to say."""
        if self._count < LEAST:
            return None
        wanted, seen = share * self._count, 0.0
        for place, count in enumerate(self._bins):
            seen += count
            if seen >= wanted:
                return _SHORTEST * math.exp(_GROWTH * place)
        return _SHORTEST * math.exp(_GROWTH * _BINS)


class Paces:
    """Of all deployments: streams, and whole answers, whose beginning is their end."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[tuple[str, bool], Pace] = {}

    def took(self, deployment: str, seconds: float, *, streamed: bool) -> None:
        pace = self._of.get((deployment, streamed))
        if pace is None:
            pace = self._of[deployment, streamed] = Pace()
        pace.took(seconds)

    def quantile(self, deployment: str, share: float, *, streamed: bool) -> float | None:
        pace = self._of.get((deployment, streamed))
        return None if pace is None else pace.quantile(share)
