"""ExactCache: who gets which answer again, for how long, and what may not be kept where."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.cache.entry import Entry
from gateway.cache.exact import ExactCache
from gateway.cache.key import CacheKeys
from gateway.stores.memory import MemoryStore
from tests.gateway.stores.harness import HandClock, closing, redis_store
from tests.gateway.stores.scripted import Client, bulk, scripted
from tests.servers.valkey import ValkeyServer

ENTRY = Entry(
    body=b'{"object":"chat.completion","choices":[]}',
    stored_at=1000.0,
    deployment="large",
    zone="cloud",
    model="cloud-model",
    clearance="any",
    prompt_tokens=12,
    completion_tokens=34,
)


class Kept(MemoryStore):
    """A store whose zone the test chooses, and whose values it can reach."""

    def __init__(self, zone: str = "local") -> None:
        super().__init__(1_000_000, HandClock())
        self.zone = zone


def cache(store: MemoryStore, clock: HandClock | None = None, *, most: int = 10_000) -> ExactCache:
    return ExactCache(store, max_entry_bytes=most, clock=clock or HandClock())


async def test_an_answer_is_given_again() -> None:
    exact = cache(Kept())
    assert await exact.put("k", ENTRY, keep=60)
    assert await exact.get("k", within=60) == ENTRY
    assert await exact.get("other", within=60) is None


async def test_an_answer_has_an_age_and_an_end() -> None:
    clock = HandClock()
    store = Kept()  # whose own clock stands still
    exact = cache(store, clock)
    await exact.put("k", ENTRY, keep=60)
    clock.now += 59.5
    kept = await exact.get("k", within=60)
    assert kept is not None
    assert exact.age(kept) == 59.5
    clock.now += 0.5
    assert await exact.get("k", within=60) is None


def test_a_clock_that_is_behind_makes_no_negative_age() -> None:
    assert cache(Kept()).age(replace(ENTRY, stored_at=2000.0)) == 0.0


async def test_evicted_is_forgotten() -> None:
    exact = cache(Kept())
    await exact.put("k", ENTRY, keep=60)
    await exact.evict("k")
    assert await exact.get("k", within=60) is None


async def test_too_large_is_not_kept() -> None:
    store = Kept()
    assert not await cache(store, most=80).put("k", ENTRY, keep=60)
    assert len(store) == 0


@pytest.mark.parametrize(
    ("clearance", "zone", "kept"),
    [
        ("any", "cloud", True),
        ("local", "local", True),
        ("local", "cloud", False),
        ("local", "eu", False),
        ("eu+local", "eu", True),
        ("eu+local", "cloud", False),
        ("masked", "local", True),
        ("masked", "cloud", False),
        ("none", "local", False),
        ("", "local", False),
        ("LOCAL", "local", False),
        ("nonsense!", "local", False),
    ],
)
async def test_an_answer_is_kept_only_where_its_clearance_permits(clearance: str, zone: str, kept: bool) -> None:
    store = Kept(zone)
    assert await cache(store).put("k", replace(ENTRY, clearance=clearance), keep=60) is kept
    assert (len(store) == 1) is kept


async def test_a_value_that_came_for_another_key_is_a_miss() -> None:
    store = Kept()
    exact = cache(store)
    await exact.put("of-b", ENTRY, keep=60)
    value = await store.get("exact:4:of-b")
    assert value is not None
    await store.put("exact:4:of-a", value, 60)  # as a store would that mixes up its replies
    assert await exact.get("of-a", within=60) is None


@pytest.mark.parametrize("value", [b"", b"k", b"garbage", b"k\x01garbage"])
async def test_a_value_that_cannot_be_read_is_a_miss(value: bytes) -> None:
    store = Kept()
    await store.put("exact:4:k", value, 60)
    assert await cache(store).get("k", within=60) is None


async def test_a_server_that_is_one_reply_off_gives_nobody_what_is_anothers() -> None:
    kept: dict[bytes, bytes] = {}

    async def conversation(client: Client) -> None:
        before = b"$-1\r\n"
        while True:
            for command in await client.batch():
                if command[0] == b"SET":
                    kept[command[1]] = command[2]
                    client.say(b"+OK\r\n")
                else:
                    client.say(before)
                    before = bulk(kept[command[1]])

    keys = [f"{number:064x}" for number in range(20)]
    async with scripted(conversation) as url, closing(redis_store(url, timeout=30)) as store:
        exact = ExactCache(store, max_entry_bytes=10_000, clock=HandClock())
        for key in keys:
            assert await exact.put(key, replace(ENTRY, model=key), keep=60)
        assert len(kept) == len(keys)
        assert await asyncio.gather(*(exact.get(key, within=60) for key in keys)) == [None] * len(keys)
        assert await exact.get(keys[-1], within=60) == replace(
            ENTRY, model=keys[-1]
        )  # one off from itself: its own after all


async def test_two_replicas_share_what_is_in_redis(valkey: ValkeyServer) -> None:
    async with (
        closing(redis_store(valkey.url, timeout=30)) as one,
        closing(redis_store(valkey.url, timeout=30)) as other,
    ):
        clock = HandClock()
        assert await ExactCache(one, max_entry_bytes=10_000, clock=clock).put("k", ENTRY, keep=60)
        assert await ExactCache(other, max_entry_bytes=10_000, clock=clock).get("k", within=60) == ENTRY
    with valkey.client() as client:
        assert 0 < client.ttl("tidegate:{exact:4:k}") <= 60


tenants = st.sampled_from(["key:a", "key:b", "team:a", "team:b"])
asked = st.sampled_from(["x", "y", 'x","y'])


@given(st.lists(st.tuples(tenants, asked), max_size=20))
async def test_a_tenant_never_gets_the_answer_of_another(requests: list[tuple[str, str]]) -> None:
    exact, keys = cache(Kept()), CacheKeys(b"secret", "v1")
    for scope, prompt in requests:
        key = keys.key({"messages": [{"role": "user", "content": prompt}]}, route="auto", scope=scope, labels="")
        found = await exact.get(key, within=60)
        if found is not None:
            assert found.model == f"{scope} {prompt}"
        await exact.put(key, replace(ENTRY, model=f"{scope} {prompt}"), keep=60)


async def test_only_the_masked_form_of_a_masked_exchange_is_kept_outside() -> None:
    masked = replace(ENTRY, clearance="masked", masked="a-mark")
    assert not await cache(Kept("cloud")).put("k", replace(ENTRY, clearance="masked"), keep=60)
    assert not await cache(Kept("cloud")).put("k", replace(masked, clearance="masked:eu+local"), keep=60)
    exact = cache(Kept("cloud"))
    assert await exact.put("k", masked, keep=60)
    assert await exact.get("k", within=60) == masked
