"""Keep-alive: work that a client waits for, and when a sign of life is due to it.

One timer looks after all that wait in a worker. Most are over before it rings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Work(Generic[T]):
    """A task, and a bell that rings when it is over or when a sign of life is due."""

    __slots__ = ("bell", "due", "task")

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> None:
        self.bell: asyncio.Future[None] = loop.create_future()
        self.due = 0.0  # loop time
        self.task = loop.create_task(self._done(coroutine))

    def ring(self) -> None:
        if not self.bell.done():
            self.bell.set_result(None)

    async def _done(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return await coroutine
        finally:
            self.ring()  # who waits is woken in the next round, when the task is over


class KeepAlive:
    """`seconds` may pass without a sign of life; 0: any time. Belongs to the event loop that it is first used in."""

    __slots__ = ("_loop", "_timer", "_waiting", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[Work[Any], None] = {}  # in the order in which they are due

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Work[T]:
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        return Work(loop, coroutine)

    async def wait(self, work: Work[Any]) -> None:
        """Until the work is over, and `seconds` at the most."""
        loop = self._loop
        if loop is None or work.task.done():
            return
        if work.bell.done():
            work.bell = loop.create_future()
        work.due = loop.time() + self.seconds
        self._waiting[work] = None
        if self._timer is None:
            self._timer = loop.call_at(work.due, self._look, loop)
        try:
            await work.bell
        finally:
            self._waiting.pop(work, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """A timer that was set for one that is over looks when the next one is due."""
        now = loop.time()
        self._timer = None
        for work in tuple(self._waiting):
            if work.due > now:
                self._timer = loop.call_at(work.due, self._look, loop)
                break
            del self._waiting[work]
            work.ring()
