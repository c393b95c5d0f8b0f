"""If these fail, what was purged is given again, or what was not is asked for anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from msgspec.structs import replace

from gateway.cache.exact import ExactCache
from gateway.cache.purges import CURRENT_SECONDS, Purges, longest_kept, name_of, names_of
from gateway.config.cacheplans import CachePlan
from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.eras import EVERYTHING, MemoryEras, eras_of
from gateway.stores.link import RedisLink, StoreFault
from gateway.stores.memory import MemoryStore
from tests.gateway.cache.test_exact import ENTRY
from tests.gateway.stores.harness import HandClock
from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

NAMES = names_of("auto", "dev", "lab", ["blue"])


def in_memory() -> Purges:
    return Purges(MemoryEras(HandClock()), HandClock())


class Sharing:
    """What workers that share a Redis know of purges."""

    def __init__(self, server: ValkeyServer) -> None:
        self.clock = HandClock()
        self._settings = settings_of(Redis, {"url": server.url, "timeout": 30})
        self._made: list[tuple[Purges, RedisLink]] = []

    def purges(self) -> Purges:
        link = RedisLink(self._settings, HandClock())
        made = Purges(eras_of(link, "purges"), self.clock)
        self._made.append((made, link))
        return made

    async def close(self) -> None:
        for purges, link in self._made:
            await purges.close()
            await link.close()


@pytest.fixture
async def sharing(own_valkey: ValkeyServer) -> AsyncIterator[Sharing]:
    made = Sharing(own_valkey)
    yield made
    await made.close()


def test_what_an_answer_can_be_purged_by() -> None:
    assert NAMES == ("route:auto", "key:dev", "team:lab", "tag:blue")
    assert names_of("auto", "dev", None, ()) == ("route:auto", "key:dev")


async def test_where_nothing_was_purged_nothing_is() -> None:
    purges = in_memory()
    assert purges.is_current
    assert not purges.concern(0, NAMES)


@pytest.mark.parametrize("name", [*NAMES, EVERYTHING])
async def test_what_was_asked_before_is_purged_and_what_is_asked_after_is_not(name: str) -> None:
    purges = in_memory()
    await purges.purge(["route:other"])
    before = purges.era
    await purges.purge([name])
    assert purges.concern(before, NAMES)
    assert purges.concern(0, NAMES)
    assert not purges.concern(purges.era, NAMES)


async def test_others_are_not() -> None:
    purges = in_memory()
    await purges.purge(
        [name_of("key", "auto"), name_of("route", "dev"), name_of("tag", "lab"), name_of("team", "blue")]
    )
    assert not purges.concern(0, NAMES)
    assert purges.concern(0, names_of("dev", "x", None, ()))


async def test_a_cache_gives_nothing_again_that_was_purged() -> None:
    purges = in_memory()
    cache = ExactCache(MemoryStore(100_000, HandClock()), max_entry_bytes=10_000, clock=HandClock(), purges=purges)
    entry = replace(ENTRY, names=NAMES, era=cache.era)
    await cache.put("k", entry, keep=60)
    assert await cache.get("k", within=60) == entry
    await purges.purge(["team:lab"])
    assert await cache.get("k", within=60) is None
    await cache.put("k", entry, keep=60)  # it was under way when the purge came
    assert await cache.get("k", within=60) is None
    await cache.put("k", replace(entry, era=cache.era), keep=60)
    assert await cache.get("k", within=60) is not None


async def test_one_hears_what_another_purges(sharing: Sharing) -> None:
    one, other = sharing.purges(), sharing.purges()
    await other.refresh()
    await one.purge(["route:auto"])
    assert one.concern(0, NAMES)
    assert not other.concern(0, NAMES)
    await other.refresh()
    assert other.concern(0, NAMES)
    assert other.known == one.known
    assert not other.concern(one.era, NAMES)


async def test_it_is_heard_by_itself(sharing: Sharing) -> None:
    one, other = sharing.purges(), sharing.purges()
    other.start()
    other.start()
    await asyncio.to_thread(until, "the first word", lambda: other.is_current)
    await one.purge(["all"])
    await asyncio.to_thread(until, "the purge", lambda: other.concern(0, NAMES))


async def test_who_has_not_heard_gives_nothing(sharing: Sharing, own_valkey: ValkeyServer) -> None:
    purges = sharing.purges()
    store = MemoryStore(100_000, HandClock())
    cache = ExactCache(store, max_entry_bytes=10_000, clock=HandClock(), purges=purges)
    await cache.put("k", ENTRY, keep=60)
    assert await cache.get("k", within=60) is None  # not yet
    await purges.refresh()
    assert await cache.get("k", within=60) == ENTRY
    sharing.clock.now += CURRENT_SECONDS + 0.1
    assert await cache.get("k", within=60) is None
    own_valkey.kill()
    with pytest.raises(StoreFault):
        await purges.refresh()
    assert not purges.is_current
    with pytest.raises(StoreFault):
        await purges.purge(["all"])


async def test_a_redis_that_was_emptied_is_told_again(sharing: Sharing, own_valkey: ValkeyServer) -> None:
    """One of those that were there knows, so those that come do."""
    one = sharing.purges()
    await one.purge(["key:dev"])
    with own_valkey.client() as client:
        client.flushall()
    await one.refresh()
    late = sharing.purges()
    await late.refresh()
    assert late.concern(0, NAMES)
    assert late.era == one.era


async def test_so_it_is_where_somebody_purges_before_it_was_told(sharing: Sharing, own_valkey: ValkeyServer) -> None:
    one, other = sharing.purges(), sharing.purges()
    await one.purge(["key:dev"])
    with own_valkey.client() as client:
        client.flushall()
    await other.purge(["route:x"])
    assert not other.concern(0, NAMES)
    await one.refresh()
    assert one.concern(0, NAMES)
    await asyncio.gather(*(purges.refresh() for purges in (one, other)))
    late = sharing.purges()
    await late.refresh()
    assert late.known.keys() == {"key:dev", "route:x"}


class SlowToHear(MemoryEras):
    """A store that others have too, can forget a purge, and takes its time when it is told for the first time."""

    shared = True

    def __init__(self) -> None:
        super().__init__(HandClock())
        self.is_told = asyncio.Event()
        self.may_go_on = asyncio.Event()

    def forget(self, name: str) -> None:
        del self._eras[name]

    async def remind(self, eras: Mapping[str, int]) -> None:
        if not self.is_told.is_set():
            self.is_told.set()
            await self.may_go_on.wait()
        await super().remind(eras)


async def test_a_purge_is_in_force_while_the_store_is_told_of_another() -> None:
    eras = SlowToHear()
    purges, other = Purges(eras, HandClock()), Purges(eras, HandClock())
    await purges.purge(["route:x"])
    eras.forget("route:x")
    await other.purge(["route:y"])
    refreshing = asyncio.create_task(purges.refresh())
    await eras.is_told.wait()
    era = await purges.purge(["key:dev"])
    eras.may_go_on.set()
    await refreshing
    assert purges.concern(0, NAMES)
    assert purges.era == era
    assert purges.known.keys() == {"route:x", "route:y", "key:dev"}


async def test_a_store_that_remembers_an_older_purge_of_a_name_is_told_of_the_newer() -> None:
    eras = MemoryEras(HandClock())
    one, other = Purges(eras, HandClock()), Purges(eras, HandClock())
    first = await one.purge(["key:dev"])
    second = await one.purge(["key:dev"])
    eras._eras["key:dev"] = first  # it goes on from an older copy
    await other.purge(["route:x"])
    await one.refresh()
    assert (await eras.known())["key:dev"] == second


def test_how_long_a_purge_has_to_be_known() -> None:
    assert longest_kept([]) == longest_kept([CachePlan(ttl=60, stale=40)]) - 100
    assert longest_kept([CachePlan(ttl=60), CachePlan(ttl=5)]) == longest_kept([CachePlan(ttl=60)])
