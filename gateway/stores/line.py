"""Line: a connection of one's own to the server that has a key, for commands that wait there (`XREAD BLOCK`, `BLPOP`).

On the shared lanes such a command would hold up all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from gateway.stores.fault import StoreFault
from gateway.stores.lane import Errand, Lane, Reply
from gateway.stores.patience import Patience
from gateway.stores.slot import Word

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.exceptions import ResponseError


class Line:
    """One command at a time. After a `StoreFault` a new line should be asked for: the key may be elsewhere by now."""

    def __init__(self, pool: ConnectionPool, pack: Callable[[tuple[Word, ...]], bytes], timeout: float) -> None:
        from redis import exceptions

        self._lane = Lane(pool, _refused)
        self._pack = pack
        self._timeout = timeout
        self._errors = (exceptions.RedisError, OSError, ValueError)  # a TimeoutError is an OSError

    async def ask(self, *command: Word, waits: float = 0.0) -> Reply:
        """`waits`: for how many seconds the server may keep silent, as the command says. Raises `StoreFault`."""
        loop = asyncio.get_running_loop()
        due = loop.time() + waits + self._timeout
        errand = Errand(self._pack(command), loop.create_future(), due)
        try:
            async with Patience(due):
                await self._lane.carry([errand])
        except TimeoutError:
            raise StoreFault("timeout") from None
        except self._errors:
            raise StoreFault("connection") from None
        return await errand.reply

    async def close(self) -> None:
        await self._lane.drop()


def _refused(errand: Errand, _refusal: ResponseError) -> None:
    errand.reply.set_exception(StoreFault("reply"))
