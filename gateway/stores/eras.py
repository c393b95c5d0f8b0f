"""Eras: numbers that say what came before what, for all who share a store. A purge begins one.

Each is larger than all before it, whoever begins it, so that no clocks are compared. They are milliseconds since the
epoch where that is enough, so that they go on where a store that was emptied has forgotten the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from gateway.config.redis import Redis
from gateway.stores.link import RedisLink, StoreFault

LATEST: Final = ""  # the name of the last era, whatever it was for
EVERYTHING: Final = "all"  # the name under which all others go where they get too many
MOST_NAMES: Final = 10_000

# KEYS[1] the hash; ARGV[1] milliseconds for which a name is known, ARGV[2] the most names, ARGV[3..] the names.
_BEGIN: Final = b"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('HGET', KEYS[1], '') or '0')
local era = math.max(now, last + 1)
local text = string.format('%.0f', era)
for place = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[place], text) end
redis.call('HSET', KEYS[1], '', text)
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) / 2 then
  local kept = redis.call('HGETALL', KEYS[1])
  for place = 1, #kept, 2 do
    if tonumber(kept[place + 1]) < era - tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], kept[place]) end
  end
end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], '', text, 'all', text)
end
return text
"""

# KEYS[1] the hash; ARGV[1..] names and eras in turns: what somebody knows, where the hash knows less.
_REMIND: Final = b"""
for place = 1, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[place]) or '0')
  if known < tonumber(ARGV[place + 1]) then redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1]) end
end
return 1
"""


class Eras(Protocol):
    """The last era of each name, and of all. Methods raise `StoreFault` where the store cannot be asked."""

    shared: bool
    """Whether others may begin eras too."""

    async def begin(self, names: Sequence[str], keep: int) -> int:
        """A new era, for these names. They may be forgotten after `keep` seconds; where they get too many, it is one
        for `all`."""

    async def latest(self) -> int:
        """0 where there is none."""

    async def known(self) -> dict[str, int]:
        """By name; the latest of all under an empty one."""

    async def remind(self, eras: Mapping[str, int]) -> None:
        """Of what the store has lost: no era of it becomes smaller."""


class MemoryEras:
    """Of one process. `wall` gives seconds since the epoch."""

    shared = False

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._eras: dict[str, int] = {}

    async def begin(self, names: Sequence[str], keep: int) -> int:
        era = max(int(self._wall() * 1000), self._eras.get(LATEST, 0) + 1)
        self._eras |= dict.fromkeys((*names, LATEST), era)
        if len(self._eras) > MOST_NAMES // 2:
            self._eras = {name: of for name, of in self._eras.items() if of >= era - keep * 1000}
        if len(self._eras) > MOST_NAMES:
            self._eras = {LATEST: era, EVERYTHING: era}
        return era

    async def latest(self) -> int:
        return self._eras.get(LATEST, 0)

    async def known(self) -> dict[str, int]:
        return dict(self._eras)

    async def remind(self, eras: Mapping[str, int]) -> None:
        for name, era in eras.items():
            self._eras[name] = max(era, self._eras.get(name, 0))


class RedisEras:
    """Of all who share a Redis, under `name`."""

    shared = True

    def __init__(self, link: RedisLink, name: str) -> None:
        self._link = link
        self._name = name

    async def begin(self, names: Sequence[str], keep: int) -> int:
        reply = await self._link.ask(b"EVAL", _BEGIN, 1, self._name, keep * 1000, MOST_NAMES, *names)
        return _number(reply)

    async def latest(self) -> int:
        return _number(await self._link.ask(b"HGET", self._name, LATEST))

    async def known(self) -> dict[str, int]:
        reply = await self._link.ask(b"HGETALL", self._name)
        if not isinstance(reply, list):
            raise StoreFault("reply")
        return {_text(name): _number(era) for name, era in zip(reply[::2], reply[1::2], strict=True)}

    async def remind(self, eras: Mapping[str, int]) -> None:
        words: Iterable[str | int] = (word for pair in eras.items() for word in pair)
        await self._link.ask(b"EVAL", _REMIND, 1, self._name, *words)


def eras_of(link: RedisLink, prefix: str) -> RedisEras:
    """Those of all who share a Redis and a prefix."""
    return RedisEras(link, f"{prefix}:{{cache:eras}}")


async def begin_in(settings: Redis, names: Sequence[str], keep: int, clock: Callable[[], float]) -> int:
    """As `Eras.begin`, for those who have nothing else to do with that Redis."""
    link = RedisLink(settings, clock)
    try:
        return await eras_of(link, settings.prefix).begin(names, keep)
    finally:
        await link.close()


def _number(reply: object) -> int:
    """Raises `StoreFault` for what is none: nobody else writes there."""
    if reply is None:
        return 0
    if isinstance(reply, bytes) and reply.isdigit():
        return int(reply)
    raise StoreFault("reply")


def _text(reply: object) -> str:
    if not isinstance(reply, bytes):
        raise StoreFault("reply")
    return reply.decode("utf-8", "replace")
