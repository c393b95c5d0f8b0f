"""MemoryStore: what must not grow beyond its bound, and who has to go when it is full."""

from __future__ import annotations

import time
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from gateway.stores.memory import ENTRY_OVERHEAD, MemoryStore
from router.clearance import LOCAL_ZONE
from tests.gateway.stores.harness import HandClock


def cost(key: str, value: bytes) -> int:
    return len(key) + len(value) + ENTRY_OVERHEAD


async def test_the_memory_of_the_gateway_is_at_home() -> None:
    assert MemoryStore(1000, HandClock()).zone == LOCAL_ZONE


async def test_the_one_used_longest_ago_goes_first() -> None:
    store = MemoryStore(3 * cost("a", b"1"), HandClock())
    for key in "abc":
        await store.put(key, b"1", 60)
    await store.get("a")
    await store.put("d", b"1", 60)
    assert [key for key in "abcd" if await store.get(key)] == ["a", "c", "d"]


async def test_a_value_too_large_for_the_store_empties_nothing_but_its_own_key() -> None:
    store = MemoryStore(2 * cost("a", b"1"), HandClock())
    await store.put("a", b"1", 60)
    await store.put("b", b"1", 60)
    await store.put("b", bytes(10_000), 60)
    assert await store.get("a") == b"1"
    assert await store.get("b") is None


async def test_an_expired_value_is_let_go_when_asked_for() -> None:
    clock = HandClock()
    store = MemoryStore(10_000, clock)
    await store.put("a", b"1", 60)
    clock.now += 60
    assert await store.get("a") is None
    assert (len(store), store.size) == (0, 0)


steps = st.lists(
    st.tuples(st.sampled_from(["put", "get", "delete", "wait"]), st.sampled_from("abcdef"), st.integers(0, 900)),
    max_size=60,
)


@given(steps)
async def test_the_books_are_exact_and_the_bound_holds(steps: list[tuple[str, str, int]]) -> None:
    clock = HandClock()
    store = MemoryStore(4 * ENTRY_OVERHEAD, clock)
    model: dict[str, tuple[bytes, float]] = {}
    for step, key, number in steps:
        match step:
            case "put":
                await store.put(key, bytes(number), 1 + number)
                model[key] = (bytes(number), clock.now + 1 + number)
            case "delete":
                await store.delete(key)
                model.pop(key, None)
            case "wait":
                clock.now += number
            case _:
                value = await store.get(key)
                # it may have been pushed out, but it is never another value, and never too old
                if value is not None:
                    assert value == model[key][0]
                    assert clock.now < model[key][1]
        assert store.size <= 4 * ENTRY_OVERHEAD
    for key in "abcdef":
        await store.delete(key)
    assert (len(store), store.size) == (0, 0)


async def test_the_bound_is_true_to_the_memory_really_taken() -> None:
    store = MemoryStore(2_000_000, time.monotonic)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(20_000):
            await store.put(f"exact:1:{number:064x}", number.to_bytes(4, "big") * 25, 3600)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.5 * store.size < after - before < 1.1 * store.size
