"""If these fail, two workers ask a model for the same at a time, or none does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.leases import LEASE, RedisLeases, Taken
from gateway.stores.redis import RedisStore
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import SERVED, Served, ValkeyServer

NAME = "exact:4:0123456789abcdef"


class Workers:
    """Two that share a Redis, and what is kept there."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self._stores = [RedisStore(settings_of(Redis, {**server.settings, "timeout": 30}), HandClock()) for _ in "ab"]
        self.store = self._stores[0]
        self.first, self.second = (
            RedisLeases(store.link, "tidegate", who) for store, who in zip(self._stores, "ab", strict=True)
        )

    def lease(self) -> str:
        return f"tidegate:{{{NAME}}}:flight"

    async def close(self) -> None:
        for store in self._stores:
            await store.close()


@pytest.fixture(params=SERVED)
async def workers(request: pytest.FixtureRequest) -> AsyncIterator[Workers]:
    workers = Workers(request.getfixturevalue(request.param))
    yield workers
    await workers.close()


async def test_who_looks_first_has_the_turn(workers: Workers) -> None:
    assert await workers.first.look_up(NAME) == Taken("a", LEASE)
    found = await workers.second.look_up(NAME)
    assert isinstance(found, Taken)
    assert found.holder == "a"
    assert 0 < found.seconds <= LEASE
    assert await workers.first.look_up(NAME) == Taken("a", LEASE)  # it may take it again


async def test_what_is_kept_comes_before_any_turn(workers: Workers) -> None:
    await workers.store.put(NAME, b"an answer", 60)
    assert await workers.first.look_up(NAME) == b"an answer"
    assert await workers.second.look_up(NAME, value=False) == Taken("b", LEASE)  # what is kept was of no use to it


async def test_a_turn_that_is_given_back_is_the_next_ones(workers: Workers) -> None:
    await workers.first.look_up(NAME)
    workers.second.release(NAME)  # it is not its own
    assert isinstance(found := await workers.second.look_up(NAME), Taken)
    assert found.holder == "a"
    workers.first.release(NAME)
    await workers.first.look_up("exact:4:another")  # on the same link, so behind it
    assert await until_taken(workers.second, "b")


async def until_taken(leases: RedisLeases, who: str) -> bool:
    """Clusters have other servers for other names: what was sent first may be done last."""
    async with asyncio.timeout(5):
        while True:
            found = await leases.look_up(NAME)
            if isinstance(found, Taken) and found.holder == who:
                return True


async def test_a_turn_ends_by_itself_unless_it_is_renewed(workers: Workers) -> None:
    await workers.first.look_up(NAME)
    with workers.server.client(workers.lease()) as client:
        assert 0 < client.pttl(workers.lease()) <= LEASE * 1000
        client.pexpire(workers.lease(), 60)
    workers.first.renew([NAME])
    assert isinstance(found := await workers.first.look_up(NAME), Taken)
    assert found.holder == "a"
    with workers.server.client(workers.lease()) as client:
        client.pexpire(workers.lease(), 1)
    assert await until_taken(workers.second, "b")
    workers.first.renew([NAME])  # too late: it is another one's
    assert isinstance(found := await workers.first.look_up(NAME), Taken)
    assert found.holder == "b"


async def test_where_redis_is_away_nobody_need_be_heeded(own_valkey: ValkeyServer) -> None:
    faults: list[str] = []
    store = RedisStore(settings_of(Redis, {"url": own_valkey.url}), HandClock(), faults.append)
    leases = RedisLeases(store.link, "tidegate", "a")
    own_valkey.kill()
    assert await leases.look_up(NAME) is None
    leases.renew([NAME])
    leases.release(NAME)
    assert faults
    await store.close()


async def test_a_full_redis_gives_what_it_has_and_no_turns(own_valkey: ValkeyServer) -> None:
    store = RedisStore(settings_of(Redis, {"url": own_valkey.url, "timeout": 5}), HandClock())
    leases = RedisLeases(store.link, "tidegate", "a")
    await store.put(NAME, b"an answer", 60)
    with own_valkey.client() as client:
        client.config_set("maxmemory", "1")
    assert await leases.look_up(NAME) == b"an answer"
    assert await leases.look_up("exact:4:another") is None
    await store.close()
