"""RedisLink: the connection to Redis, with a time limit on every call and a breaker around it.

A Redis that is down, frozen or slow costs a call at most `redis.timeout`, and that once in a while: in between, calls
fail at once. It is used again by itself as soon as it answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from gateway.config.settings import Redis as RedisSettings
from gateway.stores.breaker import Breaker

if TYPE_CHECKING:
    from redis.asyncio import Redis

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64  # of one worker; a call is under way for a fraction of a millisecond


class StoreFault(Exception):
    """The store could not be asked. `kind`: `timeout`, `connection`, `reply` (it answered with an error) or `open`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the store could not be asked: {kind}")
        self.kind = kind


def uncounted(_kind: str) -> None:
    """For those who do not count faults."""


class RedisLink:
    """Of one event loop. `on_fault` is told the kind of every fault; `clock` gives seconds and never goes back.

    Raises `ValueError` when the address is not one (`redis://`, `rediss://`, `unix://`).
    """

    def __init__(
        self, settings: RedisSettings, clock: Callable[[], float], on_fault: Callable[[str], None] = uncounted
    ) -> None:
        # Imported here: redis.asyncio takes 165 ms, and whoever has no Redis shall not pay for it.
        from redis import exceptions
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
            settings.url.get_secret_value(),
            max_connections=MAX_CONNECTIONS,
            timeout=None,  # waiting for a connection is within the time limit of the call
            socket_timeout=None,
            socket_connect_timeout=settings.timeout,
            # A pooled connection that the server closed in the meantime is replaced at once.
            retry=Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
            protocol=2,
            driver_info=None,
        )
        self._client: Redis = Redis.from_pool(pool)
        self._error = exceptions.RedisError
        self._reply_error = exceptions.ResponseError
        self._timeout = settings.timeout
        self._breaker = Breaker(clock)
        self._on_fault = on_fault

    async def run(self, command: Callable[[Redis], Awaitable[_T]]) -> _T:
        """Run one command, within the time limit. Raises `StoreFault`, and nothing else of Redis."""
        if not self._breaker.allow():
            raise self._fault("open")
        try:
            async with asyncio.timeout(self._timeout):
                result = await command(self._client)
        except TimeoutError:
            raise self._broken("timeout") from None
        except self._reply_error:
            self._working()
            raise self._fault("reply") from None
        except (self._error, OSError, ValueError):  # ValueError: redis-py's own parser, on what is not Redis' protocol
            raise self._broken("connection") from None
        self._working()
        return result

    async def close(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.aclose()
        except (self._error, OSError):
            _log.debug("the connection to Redis did not close cleanly")

    def _fault(self, kind: str) -> StoreFault:
        self._on_fault(kind)
        return StoreFault(kind)

    def _broken(self, kind: str) -> StoreFault:
        if self._breaker.failure():
            _log.warning("Redis does not answer (%s): going on without it until it does", kind)
        return self._fault(kind)

    def _working(self) -> None:
        if self._breaker.success():
            _log.info("Redis answers again")
