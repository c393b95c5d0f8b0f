"""Allowance: how much feedback a key may give, so that nobody floods the store, or drowns what others say."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from gateway.wire.errors import TooManyRequests

_WINDOW = 60.0  # seconds


class Allowance:
    """Of one worker. `steady` gives seconds and never goes back. Keys are those of the configuration, so few."""

    def __init__(self, per_minute: int, steady: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._steady = steady
        self._used: dict[str, tuple[float, int]] = {}  # since when, and how much

    def take(self, key: str) -> None:
        """Raises `TooManyRequests` with the seconds until there is more."""
        now = self._steady()
        since, used = self._used.get(key, (now, 0))
        if now - since >= _WINDOW:
            since, used = now, 0
        if used >= self._per_minute:
            wait = max(1, ceil(since + _WINDOW - now))
            raise TooManyRequests("This key gives feedback faster than it may.", retry_after=wait)
        self._used[key] = since, used + 1
