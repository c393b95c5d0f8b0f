"""Sums: numbers that several workers add to, each telling the others what it added. What the dials share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from gateway.config.redis import Redis as RedisSettings
from gateway.stores.link import RedisLink, StoreFault, uncounted

TTL: Final = 86_400  # seconds since it was last added to
LOW: Final = -0.25  # bounds of the sum
HIGH: Final = 1.25
_MOST_KEPT = 1024

# One key, one call: what is there, else where it starts; then what is added, within bounds.
_SCRIPT: Final = b"""
local value = tonumber(redis.call('HGET', KEYS[1], 'value') or ARGV[1])
value = math.min(math.max(value + ARGV[2], ARGV[4]), ARGV[5])
redis.call('HSET', KEYS[1], 'value', string.format('%.12f', value))
local count = redis.call('HINCRBY', KEYS[1], 'count', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return {string.format('%.12f', value), count}
"""


class Sum(NamedTuple):
    """`value` is what all have made of it; `events` how many they have added up."""

    value: float
    events: int


class Sums(Protocol):
    """Numbers by key. Keys are ASCII without braces. One that nobody has added to for `TTL` seconds starts anew."""

    async def add(self, key: str, start: float, change: float, count: int) -> Sum | None:
        """Adds to the number, which begins with `start` where there is none, and is kept within `LOW` and `HIGH`.

        What it comes to with all that others added. None where nobody can tell, nor whether it was added.
        """

    async def close(self) -> None:
        """Let go of connections and memory. Calling it twice is harmless."""


class MemorySums:
    """Of one process; the least recently used go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[Sum, float]] = OrderedDict()

    async def add(self, key: str, start: float, change: float, count: int) -> Sum | None:
        now = self._clock()
        before, until = self._kept.pop(key, (Sum(start, 0), now + TTL))
        if until <= now:
            before = Sum(start, 0)
        after = Sum(min(max(before.value + change, LOW), HIGH), before.events + count)
        self._kept[key] = (after, now + TTL)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return after

    async def close(self) -> None:
        self._kept.clear()


class RedisSums:
    """In Redis or Valkey, shared by all workers and replicas. Keys become `prefix:dial:{key}`."""

    def __init__(
        self, settings: RedisSettings, clock: Callable[[], float], on_fault: Callable[[str], None] = uncounted
    ) -> None:
        self._prefix = settings.prefix
        self._link = RedisLink(settings, clock, on_fault)

    async def add(self, key: str, start: float, change: float, count: int) -> Sum | None:
        name = f"{self._prefix}:dial:{{{key}}}"
        numbers = (f"{start:.12f}", f"{change:.12f}", count, f"{LOW:.12f}", f"{HIGH:.12f}", TTL)
        try:
            reply = await self._link.ask(b"EVAL", _SCRIPT, 1, name, *numbers)
        except StoreFault:
            return None
        match reply:
            case [bytes(value), int(counted)]:
                return Sum(float(value), counted)
        return None

    async def close(self) -> None:
        await self._link.close()
