"""RedisStore: a ByteStore in Redis or Valkey, shared by all workers and replicas.

What it does when Redis is down: reading is a miss, writing does nothing. That is right for what can be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from gateway.config.settings import Redis as RedisSettings
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
        name = self._name(key)
        try:
            return cast("bytes | None", await self._link.run(lambda redis: redis.get(name)))
        except StoreFault:
            return None

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        name = self._name(key)
        try:
            await self._link.run(lambda redis: redis.set(name, value, ex=ttl))
        except StoreFault:
            return

    async def delete(self, key: str) -> None:
        name = self._name(key)
        try:
            await self._link.run(lambda redis: redis.delete(name))
        except StoreFault:
            return

    async def close(self) -> None:
        await self._link.close()

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{{{key}}}"
