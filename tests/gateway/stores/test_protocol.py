"""One contract, every ByteStore: what a cache may rely on, whichever store is configured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.gateway.stores.harness import Harness, MemoryHarness, RedisHarness
from tests.servers.valkey import SERVED


@pytest.fixture(params=["memory", *SERVED])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    is_memory = request.param == "memory"
    made: Harness = MemoryHarness() if is_memory else RedisHarness(request.getfixturevalue(request.param))
    yield made
    await made.store.close()


async def test_what_was_put_comes_back(harness: Harness) -> None:
    value = bytes(range(256)) * 4
    await harness.store.put("k", value, 60)
    assert await harness.store.get("k") == value


async def test_what_was_never_put_is_a_miss(harness: Harness) -> None:
    assert await harness.store.get("k") is None


async def test_an_empty_value_is_a_value(harness: Harness) -> None:
    await harness.store.put("k", b"", 60)
    assert await harness.store.get("k") == b""


async def test_keys_do_not_meet(harness: Harness) -> None:
    await harness.store.put("k", b"one", 60)
    await harness.store.put("K", b"two", 60)
    assert await harness.store.get("k") == b"one"
    assert await harness.store.get("K") == b"two"


async def test_the_last_put_wins(harness: Harness) -> None:
    await harness.store.put("k", b"one", 60)
    await harness.store.put("k", b"two", 60)
    assert await harness.store.get("k") == b"two"


async def test_a_value_is_there_until_its_time_is_over(harness: Harness) -> None:
    await harness.store.put("k", b"v", 60)
    harness.elapse("k", 59)
    assert await harness.store.get("k") == b"v"
    harness.elapse("k", 1.001)
    assert await harness.store.get("k") is None


async def test_a_new_put_brings_a_new_time(harness: Harness) -> None:
    await harness.store.put("k", b"v", 10)
    harness.elapse("k", 9)
    await harness.store.put("k", b"v", 10)
    harness.elapse("k", 9)
    assert await harness.store.get("k") == b"v"


async def test_deleted_is_gone_and_deleting_nothing_is_fine(harness: Harness) -> None:
    await harness.store.put("k", b"v", 60)
    await harness.store.delete("k")
    await harness.store.delete("k")
    assert await harness.store.get("k") is None


async def test_many_at_once_get_their_own(harness: Harness) -> None:
    names = [f"k{number}" for number in range(300)]
    await asyncio.gather(*(harness.store.put(name, name.encode(), 60) for name in names))
    values = await asyncio.gather(*(harness.store.get(name) for name in names))
    assert values == [name.encode() for name in names]


async def test_one_who_gives_up_waiting_spoils_nothing_for_the_next(harness: Harness) -> None:
    await harness.store.put("a", b"of a", 60)
    await harness.store.put("b", b"of b", 60)
    for steps in range(12):  # give up after every possible number of steps
        waiting = asyncio.ensure_future(harness.store.get("a"))
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await harness.store.get("b") == b"of b"


async def test_closing_twice_is_harmless(harness: Harness) -> None:
    await harness.store.close()
    await harness.store.close()
