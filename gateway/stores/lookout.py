"""Lookout: finds out in the background who serves what, when somebody has reason to doubt it, and now and then.

Nobody waits for it longer than for Redis itself. It looks again at short intervals until all is well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from gateway.stores.fault import StoreFault
from gateway.stores.lane import Errand, Lane, Reply
from gateway.stores.patience import Patience

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.exceptions import ResponseError

FIRST_PAUSE: Final = 0.1  # seconds between two looks while something is wrong; doubles
LONGEST_PAUSE: Final = 1.0
LIMIT: Final = 1.0  # seconds for one server to say what it knows


class Lookout:
    """Of one event loop. `look` says whether all is well; it must not raise. `period`: seconds after which what is
    known is old. `chance` gives numbers from 0 to 1.
    """

    def __init__(self, look: Callable[[], Awaitable[bool]], period: float, chance: Callable[[], float]) -> None:
        self._look = look
        self._period = period
        self._chance = chance
        self._old_at = 0.0  # in the loop's time
        self._task: asyncio.Task[None] | None = None
        self._told = asyncio.Event()  # somebody doubts what the last look found
        self._known = asyncio.Event()  # a look is over
        self._is_closed = False

    def soon(self) -> None:
        """There is a reason to look."""
        self._told.set()
        if (self._task is None or self._task.done()) and not self._is_closed:
            self._known.clear()
            self._task = asyncio.get_running_loop().create_task(self._run())

    def now_and_then(self, now: float) -> None:
        """To be called by the way, with the loop's time."""
        if now >= self._old_at:
            self._old_at = now + self._period * (0.8 + 0.4 * self._chance())  # so that workers do not look together
            self.soon()

    async def news(self, due: float) -> None:
        """Waits until the next look is over, at most until then in the loop's time."""
        self.soon()
        self._known.clear()
        try:
            async with asyncio.timeout_at(due):
                await self._known.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._told.clear()
            is_well = await self._look()
            self._known.set()
            if is_well and not self._told.is_set():
                return
            await asyncio.sleep(pause * (1 + self._chance()) / 2)
            pause = min(2 * pause, LONGEST_PAUSE)


async def asked(pool: ConnectionPool, commands: Sequence[bytes], seconds: float = LIMIT) -> list[Reply] | None:
    """The replies to commands, on a connection of their own; None where there is no answer, or an error."""
    from redis.exceptions import RedisError

    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    batch = [Errand(packed, loop.create_future(), due) for packed in commands]
    replies = [errand.reply for errand in batch]
    lane = Lane(pool, _refused)
    try:
        async with Patience(due):
            await lane.carry(batch)
        return [await reply for reply in replies]
    except (RedisError, OSError, ValueError, StoreFault):  # a TimeoutError is an OSError
        return None
    finally:
        for reply in replies:
            if reply.done():
                reply.exception()  # looked at: nobody is told that it never was
        await lane.drop()


def _refused(errand: Errand, _refusal: ResponseError) -> None:
    errand.reply.set_exception(StoreFault("reply"))
