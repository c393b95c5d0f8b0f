"""One timer for a whole connection: it looks when the last bytes came, and re-arms itself for the rest.

Starting a time-out for each chunk would cost more than relaying it, and starting and cancelling one for each request
is not free either: a timer that was set for an earlier request stays, and rings too early at worst.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Watchdog:
    """Calls `on_silence` once if no `fed` came for `patience` seconds, or when `deadline` (loop time) has passed."""

    __slots__ = ("_deadline", "_handle", "_last", "_loop", "_on_silence", "_patience", "_rings_at", "_watches")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_silence: Callable[[], None]) -> None:
        self._loop = loop
        self._on_silence = on_silence
        self._watches = False
        self._patience = 0.0
        self._deadline = 0.0
        self._last = 0.0
        self._rings_at = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def watch(self, patience: float, deadline: float) -> None:
        """From now on, until it is stopped."""
        self._watches = True
        self._deadline = deadline
        self._patience = patience
        self._last = self._loop.time()
        self._arm()

    def fed(self, patience: float) -> None:
        """Bytes came; from now on `patience` seconds of silence are allowed."""
        self._last = self._loop.time()
        if patience != self._patience:
            self._patience = patience
            self._arm()

    def stop(self) -> None:
        """The timer is left to ring: it may be of use to the next one that is watched."""
        self._watches = False

    def end(self) -> None:
        """For good: it does not hold any more whom it would call."""
        self._watches = False
        self._on_silence = _nobody
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _due(self) -> float:
        return min(self._last + self._patience, self._deadline)

    def _arm(self) -> None:
        due = self._due()
        if self._handle is not None:
            if self._rings_at <= due:
                return
            self._handle.cancel()
        self._rings_at = due
        self._handle = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._handle = None
        if not self._watches:
            return
        if self._loop.time() >= self._due():
            self._watches = False
            self._on_silence()
        else:
            self._arm()


def _nobody() -> None:
    pass
