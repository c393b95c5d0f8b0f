"""Keep-alive: one timer for all requests of a worker that wait for their answer. Most are over before it rings."""

from __future__ import annotations

import asyncio
from typing import Any


class KeepAlive:
    """`seconds` may pass without a sign of life; 0: any time. Belongs to the event loop that it is first used in."""

    __slots__ = ("_loop", "_timer", "_waiting", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[asyncio.Future[None], float] = {}  # when each is due, in loop time; the first one first

    async def wait(self, task: asyncio.Task[Any]) -> None:
        """Until the task is done, and `seconds` at the most."""
        if task.done():
            return
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        waiter = loop.create_future()

        def wake(_: asyncio.Task[Any]) -> None:
            if not waiter.done():
                waiter.set_result(None)

        self._waiting[waiter] = due = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._look, loop)
        task.add_done_callback(wake)
        try:
            await waiter
        finally:
            self._waiting.pop(waiter, None)
            task.remove_done_callback(wake)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """A timer that was set for one that is over looks when the next one is due."""
        now = loop.time()
        self._timer = None
        for waiter, due in tuple(self._waiting.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look, loop)
                break
            del self._waiting[waiter]
            if not waiter.done():
                waiter.set_result(None)
