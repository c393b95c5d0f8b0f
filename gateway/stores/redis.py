"""RedisStore: a ByteStore in Redis or Valkey, shared by all workers and replicas.

What it does when Redis is down: reading is a miss, writing does nothing. That is right for what can be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from gateway.config.redis import Redis as RedisSettings
from gateway.stores.link import RedisLink, StoreFault, uncounted


class RedisStore:
    """Keys become `prefix:{key}`. Only what stands in braces chooses the Cluster slot, so that a later key beside it
    (`prefix:{key}:lock`) is in the same slot; every command here names one key.
    """

    def __init__(
        self, settings: RedisSettings, clock: Callable[[], float], on_fault: Callable[[str], None] = uncounted
    ) -> None:
        self.zone = settings.zone
        self._prefix = settings.prefix
        self._link = RedisLink(settings, clock, on_fault)

    async def get(self, key: str) -> bytes | None:
        try:
            value = await self._link.ask(b"GET", self._name(key))
        except StoreFault:
            return None
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        with suppress(StoreFault):
            await self._link.ask(b"SET", self._name(key), value, b"EX", ttl)

    async def delete(self, key: str) -> None:
        with suppress(StoreFault):
            await self._link.ask(b"DEL", self._name(key))

    async def close(self) -> None:
        await self._link.close()

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{{{key}}}"
