"""One contract, every NeighbourStore: in memory, as a log in Redis and Valkey, as vector sets, in a Cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import numpy as np
import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.link import RedisLink
from gateway.stores.neighbours import OVERHEAD, Item, MemoryNeighbours, NeighbourStore, Vector
from gateway.stores.neighbours_redis import LogNeighbours, RedisNeighbours, SetNeighbours
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import Served, ValkeyServer

DIMENSIONS = 24
SERVERS = ("valkey", "redis_server", "cluster", "redis8")
HOUR = 3600


class Making(Protocol):
    def __call__(self) -> NeighbourStore:
        """Another worker of the same gateway; in memory there is but one."""


@pytest.fixture(params=["memory", *SERVERS])
async def making(request: pytest.FixtureRequest) -> AsyncIterator[Making]:
    made: list[NeighbourStore] = []
    links: list[RedisLink] = []
    alone = MemoryNeighbours(10_000_000, HandClock())

    def make() -> NeighbourStore:
        if request.param == "memory":
            return alone
        server: Served = request.getfixturevalue(request.param)
        links.append(RedisLink(settings_of(Redis, {**server.settings, "timeout": 30}), HandClock()))
        made.append(RedisNeighbours(links[-1], "local", "tidegate", HandClock()))
        return made[-1]

    yield make
    for store in made:
        await store.close()
    for link in links:
        await link.close()


def vector(*strong: int) -> Vector:
    """Of length 1, in the plane of these axes."""
    found = np.zeros(DIMENSIONS, dtype=np.float32)
    found[list(strong)] = 1
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


def item(name: str, *strong: int) -> Item:
    return Item(name, f"value of {name}".encode(), vector(*strong))


async def names(store: NeighbourStore, at: Vector, scope: str = "s", count: int = 8) -> list[str]:
    return [near.name for near in await store.nearest(scope, at, count)]


async def test_the_nearest_comes_first_with_its_value_and_its_cosine(making: Making) -> None:
    store = making()
    await store.put("s", item("far", 0, 5), most=100, ttl=HOUR)
    await store.put("s", item("near", 0, 1), most=100, ttl=HOUR)
    first, second = await store.nearest("s", vector(0, 1), 2)
    assert (first.name, first.value) == ("near", b"value of near")
    assert first.similarity == pytest.approx(1, abs=0.01)
    assert second.name == "far"
    assert second.similarity == pytest.approx(0.5, abs=0.02)


async def test_no_more_than_asked_for(making: Making) -> None:
    store = making()
    for number in range(5):
        await store.put("s", item(f"i{number}", 0, number + 1), most=100, ttl=HOUR)
    assert len(await names(store, vector(0), count=3)) == 3


async def test_of_an_empty_scope_nothing_is_near(making: Making) -> None:
    assert await names(making(), vector(0)) == []


async def test_scopes_do_not_meet(making: Making) -> None:
    store = making()
    await store.put("a", item("of-a", 0), most=100, ttl=HOUR)
    await store.put("A", item("of-A", 0), most=100, ttl=HOUR)
    assert await names(store, vector(0), "a") == ["of-a"]
    assert await names(store, vector(0), "A") == ["of-A"]
    assert await names(store, vector(0), "b") == []


async def test_what_is_deleted_is_gone(making: Making) -> None:
    store = making()
    await store.put("s", item("stays", 0), most=100, ttl=HOUR)
    await store.put("s", item("goes", 0, 1), most=100, ttl=HOUR)
    near = (await store.nearest("s", vector(0, 1), 1))[0]
    assert near.name == "goes"
    await store.delete("s", near)
    assert await names(store, vector(0, 1)) == ["stays"]
    await store.delete("s", near)  # which is no error
    await store.delete("nowhere", near)


async def test_the_same_name_again_takes_its_place(making: Making) -> None:
    store = making()
    await store.put("s", item("one", 0), most=100, ttl=HOUR)
    await store.put("s", item("one", 3), most=100, ttl=HOUR)
    near = await store.nearest("s", vector(3), 8)
    assert [each.name for each in near] == ["one"]
    assert near[0].similarity == pytest.approx(1, abs=0.01)


async def test_values_are_bytes_and_names_text(making: Making) -> None:
    store = making()
    value = bytes(range(256))
    await store.put("s", Item("ein Näme", value, vector(0)), most=100, ttl=HOUR)
    near = await store.nearest("s", vector(0), 1)
    assert (near[0].name, near[0].value) == ("ein Näme", value)


async def test_what_one_worker_keeps_the_other_finds(making: Making) -> None:
    one, other = making(), making()
    await one.put("s", item("first", 0), most=100, ttl=HOUR)
    assert await names(other, vector(0)) == ["first"]
    await other.put("s", item("second", 1), most=100, ttl=HOUR)
    assert await names(one, vector(1), count=1) == ["second"]
    await one.delete("s", item("first", 0))
    assert await names(other, vector(0), count=1) == ["second"]


async def test_many_are_found_again(making: Making) -> None:
    store, later = making(), making()
    for number in range(300):  # more than one look-up reads of a log
        random = np.random.default_rng(number).normal(size=DIMENSIONS).astype(np.float32)
        wanted = random / np.linalg.norm(random)
        await store.put("s", Item(f"i{number}", b"", wanted), most=1000, ttl=HOUR)
    for each in (store, later):
        await names(each, wanted)  # who is far behind reads on with the next
        assert (await names(each, wanted, count=1)) == ["i299"]


async def test_a_scope_is_bounded(making: Making) -> None:
    store = making()
    for number in range(400):
        await store.put("s", item(f"i{number}", number % DIMENSIONS, (number + 1) % DIMENSIONS), most=50, ttl=HOUR)
    fresh = making()
    for _ in range(3):
        found = await names(fresh, vector(3), count=500)
    assert len(found) <= 200  # a log is trimmed by whole nodes


async def test_a_redis_that_is_away_finds_nothing_and_raises_nothing(own_valkey: ValkeyServer) -> None:
    link = RedisLink(settings_of(Redis, {"url": own_valkey.url}), HandClock())
    store = RedisNeighbours(link, "local", "tidegate", HandClock())
    own_valkey.kill()
    await store.put("s", item("one", 0), most=100, ttl=HOUR)
    await store.delete("s", item("one", 0))
    assert await names(store, vector(0)) == []
    await link.close()


async def test_what_a_server_lost_is_forgotten_or_stays_harmless(own_valkey: ValkeyServer) -> None:
    """A worker goes on with what it has read; what comes anew is read as well."""
    link = RedisLink(settings_of(Redis, {"url": own_valkey.url, "timeout": 30}), HandClock())
    store = LogNeighbours(link, "local", "tidegate", HandClock())
    await store.put("s", item("before", 0), most=100, ttl=HOUR)
    assert await names(store, vector(0)) == ["before"]
    own_valkey.restart()
    await store.put("s", item("after", 0), most=100, ttl=HOUR)
    assert set(await names(store, vector(0))) == {"before", "after"}
    await link.close()


@pytest.mark.parametrize(("server", "kind"), [("valkey", LogNeighbours), ("redis8", SetNeighbours)])
async def test_what_the_server_can_is_found_out(request: pytest.FixtureRequest, server: str, kind: type) -> None:
    served: Served = request.getfixturevalue(server)
    link = RedisLink(settings_of(Redis, {**served.settings, "timeout": 30}), HandClock())
    store = RedisNeighbours(link, "local", "tidegate", HandClock())
    await store.put("s", item("one", 0), most=100, ttl=HOUR)
    assert isinstance(store.chosen, kind)
    with served.client() as client:
        keys = client.keys("*")
        assert len(keys) == 1
        assert 0 < client.ttl(keys[0]) <= HOUR
    await link.close()


async def test_damaged_lines_are_passed_over(valkey: ValkeyServer) -> None:
    link = RedisLink(settings_of(Redis, {"url": valkey.url, "timeout": 30}), HandClock())
    store = LogNeighbours(link, "local", "tidegate", HandClock())
    await store.put("s", item("one", 0), most=100, ttl=HOUR)
    with valkey.client() as client:
        key = client.keys("*")[0]
        client.xadd(key, {"i": b"\xff\xff"})
        client.xadd(key, {"i": b""})
    await store.put("s", item("two", 1), most=100, ttl=HOUR)
    assert await names(store, vector(0)) == ["one", "two"]
    await link.close()


async def test_memory_is_bounded_and_the_scope_that_was_not_used_for_longest_goes() -> None:
    room = 16 * DIMENSIONS * 4 + OVERHEAD + 20  # what a scope of one item takes, at most
    store = MemoryNeighbours(4 * room, HandClock())
    for scope in ("a", "b", "c"):
        await store.put(scope, item(scope, 0), most=100, ttl=HOUR)
    await store.nearest("a", vector(0), 1)
    for number in range(4):
        await store.put("d", item(f"d{number}", 1), most=100, ttl=HOUR)
    assert store.size <= 4 * room
    found = {scope: len(await names(store, vector(0, 1), scope)) for scope in "abcd"}
    assert found == {"a": 1, "b": 0, "c": 1, "d": 4}


async def test_in_memory_time_passes() -> None:
    clock = HandClock()
    store = MemoryNeighbours(1_000_000, clock)
    await store.put("s", item("one", 0), most=100, ttl=10)
    clock.now += 9
    assert await names(store, vector(0)) == ["one"]
    clock.now += 1
    assert await names(store, vector(0)) == []


async def test_vectors_of_another_encoder_meet_nothing() -> None:
    store = MemoryNeighbours(1_000_000, HandClock())
    await store.put("s", item("one", 0), most=100, ttl=10)
    short = np.ones(3, dtype=np.float32)
    assert await store.nearest("s", short, 3) == []
    await store.put("s", Item("other", b"", short), most=100, ttl=10)
    assert await names(store, vector(0)) == ["one"]
