"""Announcements: what Sentinels say unasked, that another server leads.

A planned failover can be noticed in no other way in time: the old leader goes on answering for seconds, and what is
written to it is lost.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

_SUBSCRIBE: Final = ("SUBSCRIBE", "+promoted-slave", "+switch-master")  # when it leads; when all is settled
_PAUSE: Final = 1.0  # seconds until a Sentinel is heard again that was lost


class Announcements:
    """Of one event loop. `heard` is told of each. One connection to each Sentinel."""

    def __init__(self, pools: Sequence[ConnectionPool], heard: Callable[[], None], chance: Callable[[], float]) -> None:
        from redis.exceptions import RedisError

        self._pools = pools
        self._heard = heard
        self._chance = chance
        self._lost = (RedisError, OSError, ValueError)
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Again is harmless."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._listen(pool)) for pool in self._pools]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, pool: ConnectionPool) -> None:
        while True:
            connection = pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await pool.ensure_connection(connection)
                await connection.send_command(*_SUBSCRIBE, check_health=False)
                while True:
                    if (await connection.read_response(timeout=math.inf))[0] == b"message":
                        self._heard()
            except self._lost:
                await asyncio.sleep(_PAUSE * (1 + self._chance()))
            finally:
                await connection.disconnect(nowait=True)
