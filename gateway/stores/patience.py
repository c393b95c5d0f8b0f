"""Patience: a time limit for a server's answer, which does not count against it that this worker was busy.

A busy worker looks at its sockets late. When the limit is over the answer may long be there, unread; so before giving
up, the event loop goes round a few times more. In a loop that is idle that takes microseconds.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

ROUNDS: Final = 12  # to connect takes five or six; that something is received, read, and goes to who waits, three each


class Patience:
    """`async with Patience(when)`: raises `TimeoutError` after `when`, in the loop's time, as `asyncio.timeout_at`."""

    __slots__ = ("_limit", "_loop", "_timer", "_when")

    def __init__(self, when: float) -> None:
        self._when = when
        self._limit = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._timer = self._loop.call_at(self._when, self._over, ROUNDS)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def _over(self, rounds: int) -> None:
        if rounds:
            self._timer = self._loop.call_soon(self._over, rounds - 1)
        else:
            self._limit.reschedule(self._loop.time())
