"""Houses with a cache, and what is kept in it."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from gateway.access.principal import Principal
from gateway.cache.entry import Entry
from gateway.pipeline.admit import admit
from gateway.pipeline.recall import Recall
from gateway.wire.call import Call
from gateway.wire.http import Reply
from tests.gateway.house import DEVELOPER, House, read

SECRET: Final = "a-secret-for-the-cache-of-32-characters"
CACHED: Final[dict[str, Any]] = {"cache": {"enabled": True}}
ENCRYPTED: Final[dict[str, Any]] = {"cache": {"enabled": True, "sensitive": "encrypted", "key": SECRET}}
LONG: Final = 1_000_000_000  # seconds: whatever its age


async def kept(house: House, call: Call, principal: Principal = DEVELOPER) -> Reply:
    """The reply, read to its end, and what it comes to is in the cache."""
    reply = await house.ask(call, principal)
    await read(reply)
    await house.pipeline.parts.background.drained()
    return reply


def kept_under(house: House, call: Call, principal: Principal = DEVELOPER) -> str:
    """The key under which the answer to a call is kept."""
    parts = house.pipeline.parts
    exchange = admit(parts, call, principal)
    return Recall(parts).key_of(exchange, parts.cache_plans[exchange.route.name], call.body)


async def entry_of(house: House, call: Call, principal: Principal = DEVELOPER) -> Entry | None:
    """What is kept for a call, encrypted or not."""
    cache = house.pipeline.parts.cache
    assert cache is not None
    return await cache.get(kept_under(house, call, principal), within=LONG, sealed=True)


async def aged(house: House, call: Call, seconds: float, *, sealed: bool = False) -> None:
    """What is kept for a call becomes older by so much."""
    cache, entry = house.pipeline.parts.cache, await entry_of(house, call)
    assert cache is not None
    assert entry is not None
    older = replace(entry, stored_at=entry.stored_at - seconds)
    assert await cache.put(kept_under(house, call), older, keep=3600, sealed=sealed)
