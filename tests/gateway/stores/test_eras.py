"""One contract, both stores of eras: if it fails, what was purged is given again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.eras import EVERYTHING, LATEST, MOST_NAMES, Eras, MemoryEras, begin_in, eras_of
from gateway.stores.link import RedisLink, StoreFault
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import SERVED, Served, ValkeyServer

LONG = 31_536_000  # seconds
PREFIX = "eras"  # gateways of other tests may run, and remind the server of what they know


def redis(url: str, timeout: float = 30) -> Redis:
    return settings_of(Redis, {"url": url, "timeout": timeout, "prefix": PREFIX})


@pytest.fixture(params=["memory", *SERVED])
async def eras(request: pytest.FixtureRequest) -> AsyncIterator[Eras]:
    if request.param == "memory":
        yield MemoryEras(HandClock())
        return
    server: Served = request.getfixturevalue(request.param)
    link = RedisLink(settings_of(Redis, {**server.settings, "timeout": 30}), HandClock())
    yield eras_of(link, PREFIX)
    await link.close()


async def test_where_nothing_was_purged_there_is_no_era(eras: Eras) -> None:
    assert await eras.latest() == 0
    assert await eras.known() == {}


async def test_each_era_comes_after_all_others(eras: Eras) -> None:
    begun = [await eras.begin([name], LONG) for name in ("a", "b", "a", "c", "a")]
    assert begun == sorted(set(begun))
    assert await eras.latest() == begun[-1]
    assert await eras.known() == {"a": begun[4], "b": begun[1], "c": begun[3], LATEST: begun[4]}


async def test_several_names_begin_one_together(eras: Eras) -> None:
    era = await eras.begin(["route:ä", "key:b c"], LONG)
    assert await eras.known() == {"route:ä": era, "key:b c": era, LATEST: era}


async def test_it_can_be_reminded_of_what_it_has_lost_and_of_nothing_else(eras: Eras) -> None:
    era = await eras.begin(["a", "b"], LONG)
    await eras.remind({"a": era + 5, "b": era - 5, "c": 7, LATEST: era + 5})
    assert await eras.known() == {"a": era + 5, "b": era, "c": 7, LATEST: era + 5}
    assert await eras.begin(["d"], LONG) > era + 5


async def test_where_names_get_too_many_everything_is_purged(eras: Eras) -> None:
    for start in range(0, MOST_NAMES + 500, 500):
        era = await eras.begin([f"key:{number}" for number in range(start, start + 500)], LONG)
        known = await eras.known()
        assert len(known) <= MOST_NAMES
        if EVERYTHING in known:
            break
    assert known == {EVERYTHING: era, LATEST: era}


async def test_what_can_concern_nothing_any_more_is_forgotten(eras: Eras) -> None:
    await eras.remind({"old": 5, LATEST: 5})
    names = [f"key:{number}" for number in range(MOST_NAMES // 2)]
    for start in range(0, len(names), 500):
        era = await eras.begin(names[start : start + 500], 600)
    known = await eras.known()
    assert "old" not in known
    assert EVERYTHING not in known
    assert known[LATEST] == known[names[-1]] == era


async def test_begun_by_one_known_by_all(valkey: ValkeyServer) -> None:
    era = await begin_in(redis(valkey.url), ["route:auto"], LONG, HandClock())
    link = RedisLink(redis(valkey.url), HandClock())
    assert await eras_of(link, PREFIX).known() == {"route:auto": era, LATEST: era}
    assert await eras_of(link, "another").known() == {}
    await link.close()


async def test_a_redis_that_is_away_says_so(own_valkey: ValkeyServer) -> None:
    own_valkey.kill()
    with pytest.raises(StoreFault):
        await begin_in(redis(own_valkey.url), ["all"], LONG, HandClock())


async def test_what_is_no_era_is_a_fault(valkey: ValkeyServer) -> None:
    link = RedisLink(redis(valkey.url), HandClock())
    with valkey.client() as client:
        client.hset(f"{PREFIX}:{{cache:eras}}", "", "yesterday")
    with pytest.raises(StoreFault):
        await eras_of(link, PREFIX).latest()
    await link.close()
