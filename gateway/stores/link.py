"""RedisLink: the way to Redis, be it one server, the leader that Sentinel names, or a Cluster.

A Redis that is down, frozen or slow costs a command at most `redis.timeout`, and that once in a while: in between,
commands fail at once. It is used again by itself as soon as it answers. In a Cluster that holds for each server.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from gateway.config.redis import Redis as RedisSettings
from gateway.stores.breaker import Breaker
from gateway.stores.cluster import Cluster
from gateway.stores.dialler import Dialler
from gateway.stores.fault import StoreFault
from gateway.stores.lane import Errand, Reply
from gateway.stores.leader import Leader
from gateway.stores.line import Line
from gateway.stores.node import LANES, Terms
from gateway.stores.servers import OneServer, Servers
from gateway.stores.slot import Word

__all__ = ["LANES", "RedisLink", "StoreFault", "uncounted"]


def uncounted(_kind: str) -> None:
    """For those who do not count faults."""


class RedisLink:
    """Of one event loop. `on_fault` is told the kind of every fault; `clock` gives seconds and never goes back.
    `breaker` makes those of another patience, one for each server; `chance` gives numbers from 0 to 1.

    Raises `ValueError` where the address is none (`redis://`, `rediss://`, `unix://`) or a certificate cannot be read.
    """

    def __init__(
        self,
        settings: RedisSettings,
        clock: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
        breaker: Callable[[], Breaker] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        from hiredis import pack_command

        dialler = Dialler(settings)
        terms = Terms(settings.timeout, breaker or (lambda: Breaker(clock)), on_fault, chance)
        self._pack: Callable[[tuple[Word, ...]], bytes] = pack_command  # type: ignore[assignment]  # its stub: one word
        self._timeout = settings.timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: Servers
        if settings.sentinel is not None:
            self._servers = Leader(dialler, settings.sentinel, terms, self._pack)
        elif settings.cluster:
            self._servers = Cluster(dialler, terms, self._pack)
        else:
            self._servers = OneServer(dialler, terms)

    def ask(self, *command: Word) -> asyncio.Future[Reply]:
        """The reply to one command, which names at most one key, or several of one slot. It comes within the time
        limit, or is a `StoreFault`.

        A command may be carried out twice, when the connection is lost on the way.
        """
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = loop.create_future()
        self._servers.take(Errand(self._pack(command), reply, loop.time() + self._timeout), command)
        return reply

    def line(self, key: str) -> Line | None:
        """A connection of one's own to the server that has this key; to be closed. None where nobody knows yet who has
        it: any command that names the key finds out."""
        pool = self._servers.pool_of(key.encode())
        return None if pool is None else Line(pool, self._pack, self._timeout)

    async def close(self) -> None:
        """What is under way is answered first."""
        await self._servers.close()
