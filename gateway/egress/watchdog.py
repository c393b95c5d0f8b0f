"""One timer for a whole stream: it looks when the last bytes came, and re-arms itself for the rest.

Starting a time-out for each chunk would cost more than relaying it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Watchdog:
    """Calls `on_silence` once if no `fed` came for `patience` seconds, or when `deadline` (loop time) has passed."""

    __slots__ = ("_deadline", "_handle", "_last", "_loop", "_on_silence", "_patience")

    def __init__(self, patience: float, deadline: float, on_silence: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._deadline = deadline
        self._on_silence = on_silence
        self._last = self._loop.time()
        self._handle: asyncio.TimerHandle | None = self._loop.call_at(self._due(), self._look)

    def fed(self, patience: float) -> None:
        """Bytes came; from now on `patience` seconds of silence are allowed."""
        self._last = self._loop.time()
        if patience < self._patience:  # the armed timer would ring too late
            self._patience = patience
            self._rearm()
        else:
            self._patience = patience

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _due(self) -> float:
        return min(self._last + self._patience, self._deadline)

    def _rearm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = self._loop.call_at(self._due(), self._look)

    def _look(self) -> None:
        if self._loop.time() >= self._due():
            self._handle = None
            self._on_silence()
        else:
            self._handle = self._loop.call_at(self._due(), self._look)
