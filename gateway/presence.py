"""Presence: notices clients that dawdle with their request's body or go away, and cancels the task that serves them.

One timer looks after all requests of a worker. Most are over before it looks at them, and have cost nothing for it.
"""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.wire.http import Receive

BODY_SECONDS = 60.0  # for a whole body to arrive: 10 MiB at 1.4 Mbit/s; who dawdles longer holds a place in vain
LOOK_SECONDS: Final = 0.05  # most cache hits and small answers are over by then


class Guest:
    """One client while it is served. `is_gone` and `dawdles` say why the task was cancelled."""

    __slots__ = ("_receive", "_task", "_watcher", "arrived", "dawdles", "has_told_all", "is_gone")

    def __init__(self, receive: Receive, arrived: float, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = receive
        self._task = asyncio.current_task(loop)
        self._watcher: asyncio.Task[None] | None = None
        self.arrived = arrived  # loop time
        self.has_told_all = False  # its body has been read
        self.is_gone = False
        self.dawdles = False

    def forgive(self) -> None:
        """The cancellation has done its work: the task may end normally."""
        if self._task is not None:
            self._task.uncancel()

    def give_up(self) -> None:
        self.dawdles = True
        if self._task is not None:
            self._task.cancel()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watcher = loop.create_task(self._watch())

    def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        if self._task is not None:
            self._task.cancel()


class Presence:
    """All clients of a worker that nobody watches yet, in the order in which they came."""

    __slots__ = ("_body_seconds", "_loop", "_timer", "_unwatched")

    def __init__(self, body_seconds: float = BODY_SECONDS) -> None:
        self._body_seconds = body_seconds
        self._unwatched: dict[Guest, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        # Before Python 3.12, to ask which loop is running is a system call each time. A worker has one.
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self, receive: Receive) -> Guest:
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        guest = Guest(receive, loop.time(), loop)
        self._unwatched[guest] = None
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look, loop)
        return guest

    def leave(self, guest: Guest) -> None:
        self._unwatched.pop(guest, None)
        guest.stop()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for guest in tuple(self._unwatched):
            if now - guest.arrived < LOOK_SECONDS:
                break  # and so are all behind it
            if guest.has_told_all:
                del self._unwatched[guest]
                guest.watch(loop)
            elif now - guest.arrived > self._body_seconds:
                del self._unwatched[guest]
                guest.give_up()
        self._timer = loop.call_later(LOOK_SECONDS, self._look, loop) if self._unwatched else None
