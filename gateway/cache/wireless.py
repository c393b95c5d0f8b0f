"""Wireless: how one worker looks for the turn to ask, and tells others about it. What is sent, nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

from gateway.cache.flight_message import Message, encoded
from gateway.stores.leases import LEASE, Taken

PAUSE: Final = LEASE / 12  # seconds between two tries while Redis is away
TRIES: Final = 12


class Leases(Protocol):
    """As `RedisLeases`."""

    @property
    def who(self) -> str: ...

    async def look_up(self, name: str, *, value: bool = True) -> bytes | Taken | None: ...

    def renew(self, names: list[str]) -> None: ...

    def release(self, name: str) -> None: ...


class Post(Protocol):
    """As `Inbox`."""

    def open(self) -> None: ...

    async def send(self, to: str, message: bytes) -> bool | None: ...

    async def close(self) -> None: ...


class Look:
    """One look for an answer, and for the turn to ask for it where there is none."""

    __slots__ = ("_leases", "is_used", "name", "taken")

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.name = ""  # of the entry
        self.is_used = False  # the turn was taken
        self.taken: Taken | None = None  # None: nobody has it, as far as is known

    async def read(self, name: str) -> bytes | None:
        """What is kept under that name; where there is nothing, it is known afterwards whose turn it is."""
        self.name = name
        found = await self._leases.look_up(name)
        if isinstance(found, bytes):
            return found
        self.taken = found
        return None

    async def turn(self) -> Taken | None:
        """Whose turn it is, where what is kept was of no use."""
        if self.taken is None and self.name:
            found = await self._leases.look_up(self.name, value=False)
            self.taken = found if isinstance(found, Taken) else None
        return self.taken


class Wireless:
    """`who` names this worker, and no other; `post` makes its inbox, which hands on what comes."""

    def __init__(
        self, who: str, post: Callable[[Callable[[bytes], None]], Post], take: Callable[[bytes], None]
    ) -> None:
        self.who = who
        self._post = post(take)
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """From now on this worker hears."""
        self._post.open()

    async def send(self, to: str, message: Message) -> bool | None:
        """As `Inbox.send`."""
        return await self._post.send(to, encoded(message))

    async def insist(self, to: str, message: Message) -> bool:
        """The same, tried for as long as a lease lasts that is not renewed. It may come twice."""
        data = encoded(message)
        for _ in range(TRIES):
            went = await self._post.send(to, data)
            if went is not None:
                return went
            await asyncio.sleep(PAUSE)
        return False

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._post.close()
