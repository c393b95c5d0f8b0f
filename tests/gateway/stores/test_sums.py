"""One contract, every store of sums: if it fails, replicas turn a dial against one another, or further than it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.sums import HIGH, LOW, TTL, MemorySums, RedisSums, Sum, Sums
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import SERVED, Served, ValkeyServer

KEY = "auto|share=0.3|0123456789abcdef"


def assert_is(found: Sum | None, value: float, events: int) -> None:
    assert found is not None
    assert found.events == events
    assert found.value == pytest.approx(value, abs=1e-9)


class Harness(Protocol):
    sums: Sums

    def elapse(self, key: str, seconds: float) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self._clock = HandClock()
        self.sums: Sums = MemorySums(self._clock)

    def elapse(self, key: str, seconds: float) -> None:
        self._clock.now += seconds


class InRedis:
    def __init__(self, server: Served) -> None:
        self._server = server
        self.sums: Sums = RedisSums(settings_of(Redis, {**server.settings, "timeout": 30}), HandClock())

    def elapse(self, key: str, seconds: float) -> None:
        name = f"tidegate:dial:{{{key}}}"
        with self._server.client(name) as client:
            left = client.pttl(name)
            assert isinstance(left, int)
            assert left > 0, "the key has no time to live"
            client.pexpire(name, left - int(seconds * 1000))


@pytest.fixture(params=["memory", *SERVED])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    made: Harness
    if request.param == "memory":
        made = InMemory()
    else:
        server = request.getfixturevalue(request.param)
        made = InRedis(server)
    yield made
    await made.sums.close()


async def test_the_first_to_add_says_where_it_starts(harness: Harness) -> None:
    assert_is(await harness.sums.add(KEY, 0.7, 0.01, 3), 0.71, 3)
    assert_is(await harness.sums.add(KEY, 0.2, 0.01, 2), 0.72, 5)


async def test_what_many_add_at_once_is_all_there(harness: Harness) -> None:
    await asyncio.gather(*(harness.sums.add(KEY, 0.5, 0.001 * (-1) ** place, 1) for place in range(100)))
    assert_is(await harness.sums.add(KEY, 0, 0, 0), 0.5, 100)


async def test_keys_do_not_meet(harness: Harness) -> None:
    await harness.sums.add("auto|share=0.3|x", 0.5, 0.1, 1)
    await harness.sums.add("auto|share=0.4|x", 0.5, 0.2, 1)
    assert_is(await harness.sums.add("auto|share=0.3|x", 0, 0, 0), 0.6, 1)


@pytest.mark.parametrize(("change", "bound"), [(100.0, HIGH), (-100.0, LOW)])
async def test_it_stays_within_its_bounds(harness: Harness, change: float, bound: float) -> None:
    found = await harness.sums.add(KEY, 0.5, change, 1)
    assert_is(found, bound, 1)


async def test_small_turns_are_not_rounded_away(harness: Harness) -> None:
    for _ in range(50):
        await harness.sums.add(KEY, 0.5, 1e-7, 1)
    assert_is(await harness.sums.add(KEY, 0, 0, 0), 0.5 + 50e-7, 50)


async def test_what_nobody_adds_to_starts_anew(harness: Harness) -> None:
    await harness.sums.add(KEY, 0.5, 0.1, 1)
    harness.elapse(KEY, TTL - 5)
    assert_is(await harness.sums.add(KEY, 0.1, 0.1, 1), 0.7, 2)
    harness.elapse(KEY, TTL + 1)
    assert_is(await harness.sums.add(KEY, 0.1, 0.1, 1), 0.2, 1)


async def test_closing_twice_is_harmless(harness: Harness) -> None:
    await harness.sums.add(KEY, 0.5, 0.1, 1)
    await harness.sums.close()
    await harness.sums.close()


async def test_memory_is_bounded() -> None:
    sums = MemorySums(HandClock())
    for number in range(3000):
        await sums.add(f"k{number}", 0.5, 0.1, 1)
    assert await sums.add("k0", 0.3, 0.0, 0) == Sum(0.3, 0)
    assert_is(await sums.add("k2999", 0.3, 0.0, 0), 0.6, 1)


async def test_a_redis_that_is_not_there_is_no_answer() -> None:
    faults: list[str] = []
    sums = RedisSums(settings_of(Redis, {"url": "redis://127.0.0.1:9/0"}), HandClock(), faults.append)
    assert await sums.add(KEY, 0.5, 0.1, 1) is None
    assert faults
    await sums.close()


async def test_a_key_that_somebody_else_has_filled_is_no_answer(valkey: ValkeyServer) -> None:
    sums = RedisSums(settings_of(Redis, {"url": valkey.url, "timeout": 30}), HandClock())
    with valkey.client() as client:
        client.set(f"tidegate:dial:{{{KEY}}}", "text")
    assert await sums.add(KEY, 0.5, 0.1, 1) is None
    await sums.close()
