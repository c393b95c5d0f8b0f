"""Once: whose turn it is to tell something that shall be told once, by one of many workers and replicas.

Whoever gets the turn has it for a while, and says when it is done. A turn whose holder has died goes to the next that
asks, so nothing is lost with a process; and what was told stays told when Redis comes back empty, for every process
puts back what it knows of before anybody gets a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, Protocol

from gateway.config.redis import Redis as RedisSettings
from gateway.stores.link import RedisLink, StoreFault, uncounted
from gateway.stores.said import Said

Turn = Literal["yours", "others", "over"]
BEAT: Final = 2  # seconds between two looks whether Redis has come back empty
_YOUNG: Final = 3 * BEAT  # seconds after which everybody has looked
_ERA_TTL: Final = 40 * 86_400  # longer than anything is remembered; renewed by every look
_DONE: Final = b"done"

# One key. The turn is whose name stands there, or nobody's: 0, else 1. Where it is over, 2 and the seconds it still is.
# Asking again prolongs a turn, so a command that the link carried out twice changes nothing.
_CLAIM: Final = b"""
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[3] then return 2 + math.max(redis.call('TTL', KEYS[1]), 0) end
if holder and holder ~= ARGV[1] then return 1 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 0
"""
# One key: when what is in this Redis began, and how long ago that is.
_ERA: Final = b"""
local now = tonumber(redis.call('TIME')[1])
local began = tonumber(redis.call('GET', KEYS[1]))
if not began then began = now redis.call('SET', KEYS[1], now) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return {began, now - began}
"""
_TURNS: Final[tuple[Turn, ...]] = ("yours", "others", "over")
_OVER: Final = 2


class Once(Protocol):
    """`what` is ASCII without braces, at most a few hundred characters; `who` names the one who asks, and no other."""

    async def claim(self, what: str, who: str, lease: int) -> Turn | None:
        """`yours` for `lease` seconds from now, also when asked again; `others`; `over`: it was told. None: nobody can
        tell at the moment."""

    async def done(self, what: str, ttl: int) -> None:
        """It has been told, and is not told again for `ttl` seconds."""

    async def beat(self) -> None:
        """To be called every `BEAT` seconds."""

    async def close(self) -> None:
        """Let go of connections and memory. Calling it twice is harmless."""


class MemoryOnce:
    """Of one process; `steady` gives seconds and never goes back."""

    def __init__(self, said: Said, steady: Callable[[], float]) -> None:
        self._said = said
        self._steady = steady
        self._held: dict[str, tuple[str, float]] = {}

    async def claim(self, what: str, who: str, lease: int) -> Turn | None:
        if what in self._said:
            return "over"
        now = self._steady()
        holder, until = self._held.get(what, (who, now))
        if holder != who and until > now:
            return "others"
        self._held[what] = (who, now + lease)
        return "yours"

    async def done(self, what: str, ttl: int) -> None:
        self._held.pop(what, None)
        self._said.add(what, ttl)

    async def beat(self) -> None:
        """Nothing comes back empty here."""

    async def close(self) -> None:
        self._held.clear()


class _Era(NamedTuple):
    began: int  # seconds since the epoch, by the server's clock
    age: int  # seconds


class RedisOnce:
    """In Redis or Valkey, shared by all workers and replicas. Keys become `prefix:once:{what}`."""

    def __init__(
        self,
        settings: RedisSettings,
        said: Said,
        clock: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
    ) -> None:
        self._prefix = settings.prefix
        self._link = RedisLink(settings, clock, on_fault)
        self._said = said
        self._era: int | None = None  # in which all that is known here was put there
        self._unkept: dict[str, int] = {}  # what is not there yet, and for how many seconds it shall be

    async def claim(self, what: str, who: str, lease: int) -> Turn | None:
        if what in self._said:
            return "over"
        try:
            if not await self._is_settled():
                return None
            place = await self._link.ask(b"EVAL", _CLAIM, 1, self._name(what), who, lease, _DONE)
        except StoreFault:
            return None
        if not isinstance(place, int):
            return None
        if place > _OVER:
            self._said.add(what, place - _OVER)
        return _TURNS[min(place, _OVER)]

    async def done(self, what: str, ttl: int) -> None:
        self._said.add(what, ttl)
        self._unkept[what] = ttl
        await self._keep()

    async def beat(self) -> None:
        if self._unkept:
            await self._keep()
        try:
            await self._is_settled()
        except StoreFault:
            return

    async def close(self) -> None:
        await self._link.close()

    async def _is_settled(self) -> bool:
        """Whether everybody has had the time to put back what they know. Raises `StoreFault`."""
        match await self._link.ask(b"EVAL", _ERA, 1, f"{self._prefix}:once:{{era}}", _ERA_TTL):
            case [int(began), int(age)]:
                era = _Era(began, age)
            case _:
                return False
        if era.began != self._era:
            self._unkept.update(self._said.left())
            await self._keep()
            self._era = era.began
        return not self._unkept and era.age >= _YOUNG

    async def _keep(self) -> None:
        for what, ttl in tuple(self._unkept.items()):
            try:
                await self._link.ask(b"SET", self._name(what), _DONE, b"EX", ttl)
            except StoreFault:
                return
            self._unkept.pop(what, None)

    def _name(self, what: str) -> str:
        return f"{self._prefix}:once:{{{what}}}"
