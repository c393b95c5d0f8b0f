"""Leases: whose turn it is to ask a model what many ask at a time, on whatever worker or replica.

A lease stands beside the entry of the cache that its answer becomes, and is taken in the same step in which that entry
is looked for: no trip more, and no moment between the two in which the answer could come. Whoever has it and dies loses
it after `LEASE` seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from gateway.stores.link import RedisLink, StoreFault

LEASE: Final = 3.0  # seconds; to be renewed in time
_MILLISECONDS: Final = int(LEASE * 1000)

# Two keys of one slot: the entry, and its lease. What is kept; else 1, where the lease is the caller's, or who has it
# and for how long. A full Redis takes no lease: then everybody is on his own.
_LOOK_UP: Final = b"""
if ARGV[3] == '1' then
  local value = redis.call('GET', KEYS[1])
  if value then return value end
end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {holder, redis.call('PTTL', KEYS[2])} end
local done = redis.pcall('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
if type(done) == 'table' and done.err then return 0 end
return 1
"""
_RENEW: Final = b"""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE: Final = b"""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Taken(NamedTuple):
    """By whom, and how many seconds until it is free unless it is renewed."""

    holder: str
    seconds: float


Found = bytes | Taken | None
"""What is kept; or who has the lease; None: nobody can tell, and nobody need be heeded."""


class RedisLeases:
    """In Redis or Valkey, shared by all workers and replicas; `who` names this one, and no other. Link and prefix are
    those of the cache's store: what is asked of both at a time is one write, in that order.
    """

    def __init__(self, link: RedisLink, prefix: str, who: str) -> None:
        self.who = who
        self._prefix = prefix
        self._link = link

    async def look_up(self, name: str, *, value: bool = True) -> Found:
        """One step. Without `value` what is kept is not asked for. Who has the lease already may take it again."""
        entry = f"{self._prefix}:{{{name}}}"
        try:
            found = await self._link.ask(
                b"EVAL", _LOOK_UP, 2, entry, f"{entry}:flight", self.who, _MILLISECONDS, int(value)
            )
        except StoreFault:
            return None
        match found:
            case bytes():
                return found
            case 1:
                return Taken(self.who, LEASE)
            case [bytes(holder), int(left)]:
                return Taken(holder.decode("ascii", "replace"), max(0, left) / 1000)
        return None

    def renew(self, names: Iterable[str]) -> None:
        """Nobody waits for it: a lease that is lost costs a call."""
        for name in names:
            self._send(_RENEW, name, _MILLISECONDS)

    def release(self, name: str) -> None:
        self._send(_RELEASE, name)

    def _send(self, script: bytes, name: str, *more: int) -> None:
        with suppress(StoreFault):
            sent = self._link.ask(b"EVAL", script, 1, f"{self._prefix}:{{{name}}}:flight", self.who, *more)
            sent.add_done_callback(lambda reply: reply.cancelled() or reply.exception())
