"""What the contract needs to know of each store: how its time passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.memory import MemoryStore
from gateway.stores.protocol import ByteStore
from gateway.stores.redis import RedisStore
from tests.servers.valkey import Served


class HandClock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Harness(Protocol):
    store: ByteStore

    def elapse(self, key: str, seconds: float) -> None:
        """Let time pass for this key."""


class MemoryHarness:
    def __init__(self) -> None:
        self._clock = HandClock()
        self.store: ByteStore = MemoryStore(1_000_000, self._clock)

    def elapse(self, key: str, seconds: float) -> None:
        self._clock.now += seconds


class RedisHarness:
    """Time passes in the server by taking it off what the key has left."""

    def __init__(self, server: Served) -> None:
        self._server = server
        settings = settings_of(Redis, {**server.settings, "timeout": 30})
        self.store: ByteStore = RedisStore(settings, HandClock())

    def elapse(self, key: str, seconds: float) -> None:
        name = f"tidegate:{{{key}}}"
        with self._server.client(name) as client:
            left = client.pttl(name)
            assert isinstance(left, int)
            assert left > 0, "the key has no time to live"
            client.pexpire(name, left - int(seconds * 1000))


def redis_store(
    url: str, clock: HandClock | None = None, faults: list[str] | None = None, timeout: float = 0.08
) -> RedisStore:
    """A store that counts its faults; `timeout` in seconds is what settings default to."""
    noted: list[str] = [] if faults is None else faults
    return RedisStore(settings_of(Redis, {"url": url, "timeout": timeout}), clock or HandClock(), noted.append)


@asynccontextmanager
async def closing(store: RedisStore) -> AsyncIterator[RedisStore]:
    try:
        yield store
    finally:
        await store.close()
