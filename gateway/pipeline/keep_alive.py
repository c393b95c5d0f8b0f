"""Keep-alive: who waits long for an answer, and when a sign of life is due.

One timer looks after all that wait in a worker. Most are over before it rings.
"""

from __future__ import annotations

import asyncio
from typing import Protocol


class Waiter(Protocol):
    """`due` is loop time, and the keep-alive's own to set."""

    due: float

    def ring(self) -> None:
        """A sign of life is due."""
        ...


class KeepAlive:
    """`seconds` may pass without a sign of life; 0: any time. Belongs to the event loop that it is first used in."""

    __slots__ = ("_loop", "_timer", "_waiting", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[Waiter, None] = {}  # in the order in which they are due

    def add(self, waiter: Waiter) -> None:
        """It rings every `seconds` from now on, until it is removed."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        waiter.due = loop.time() + self.seconds
        self._waiting[waiter] = None
        if self._timer is None:
            self._timer = loop.call_at(waiter.due, self._look, loop)

    def remove(self, waiter: Waiter) -> None:
        self._waiting.pop(waiter, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """A timer that was set for one that is over looks when the next one is due."""
        now = loop.time()
        self._timer = None
        for waiter in tuple(self._waiting):
            if waiter.due > now:
                break
            del self._waiting[waiter]
            waiter.due = now + self.seconds
            self._waiting[waiter] = None
            waiter.ring()
        if self._waiting:
            self._timer = loop.call_at(next(iter(self._waiting)).due, self._look, loop)
