"""One contract, both stores: if it fails, an alert comes from every replica, or from none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.once import _YOUNG, MemoryOnce, Once, RedisOnce
from gateway.stores.said import Said
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import SERVED, Served, ValkeyServer

WHAT = "evt_0123456789abcdef:log"
ERA = "tidegate:once:{era}"


class Harness(Protocol):
    """`one` and `other` are two that ask the same store; in memory they are the same."""

    one: Once
    other: Once

    def elapse(self, seconds: float) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self._clock = HandClock()
        self.one: Once = MemoryOnce(Said(self._clock), self._clock)
        self.other: Once = self.one

    def elapse(self, seconds: float) -> None:
        self._clock.now += seconds


class InRedis:
    def __init__(self, server: Served) -> None:
        self._server = server
        self._clocks = (HandClock(), HandClock())
        self.one: Once = once_in(server, self._clocks[0])
        self.other: Once = once_in(server, self._clocks[1])
        begin_long_ago(server)

    def elapse(self, seconds: float) -> None:
        for clock in self._clocks:
            clock.now += seconds
        name = f"tidegate:once:{{{WHAT}}}"
        with self._server.client(name) as client:
            left = client.pttl(name)
            assert isinstance(left, int)
            assert left > 0, "the key has no time to live"
            client.pexpire(name, left - int(seconds * 1000))  # not above 0: it is gone at once


def once_in(server: Served, clock: HandClock, file: Path | None = None) -> RedisOnce:
    return RedisOnce(settings_of(Redis, {**server.settings, "timeout": 30}), Said(clock, file), clock)


def begin_long_ago(server: Served) -> None:
    """Everybody has had the time to put back what they know."""
    with server.client(ERA) as client:
        now = client.time()
        assert isinstance(now, tuple)
        client.set(ERA, int(now[0]) - _YOUNG - 1)


@pytest.fixture(params=["memory", *SERVED])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    made: Harness
    if request.param == "memory":
        made = InMemory()
    else:
        server = request.getfixturevalue(request.param)
        made = InRedis(server)
    yield made
    await made.one.close()
    await made.other.close()


async def test_one_of_many_gets_the_turn(harness: Harness) -> None:
    stores = (harness.one, harness.other) * 20
    turns = await asyncio.gather(*(store.claim(WHAT, f"w{who}", 60) for who, store in enumerate(stores)))
    assert sorted(str(turn) for turn in turns) == ["others"] * 39 + ["yours"]


async def test_whoever_has_it_has_it_still_when_asking_again(harness: Harness) -> None:
    assert await harness.one.claim(WHAT, "a", 60) == "yours"
    harness.elapse(50)
    assert await harness.one.claim(WHAT, "a", 60) == "yours"
    harness.elapse(50)
    assert await harness.other.claim(WHAT, "b", 60) == "others"


async def test_what_is_done_is_over_for_everybody(harness: Harness) -> None:
    assert await harness.one.claim(WHAT, "a", 60) == "yours"
    await harness.one.done(WHAT, 3600)
    assert await harness.one.claim(WHAT, "a", 60) == "over"
    assert await harness.other.claim(WHAT, "b", 60) == "over"
    harness.elapse(3590)
    assert await harness.other.claim(WHAT, "b", 60) == "over"
    harness.elapse(11)
    assert await harness.other.claim(WHAT, "b", 60) == "yours"


async def test_the_turn_of_one_who_has_died_goes_to_the_next(harness: Harness) -> None:
    assert await harness.one.claim(WHAT, "a", 60) == "yours"
    harness.elapse(59)
    assert await harness.other.claim(WHAT, "b", 60) == "others"
    harness.elapse(2)
    assert await harness.other.claim(WHAT, "b", 60) == "yours"


async def test_things_do_not_meet(harness: Harness) -> None:
    await harness.one.done(WHAT, 60)
    assert await harness.other.claim(f"{WHAT}2", "b", 60) == "yours"


async def test_closing_twice_is_harmless(harness: Harness) -> None:
    await harness.one.claim(WHAT, "a", 60)
    await harness.one.close()
    await harness.one.close()


async def test_a_redis_that_came_back_empty_is_told_what_was_done_before_anybody_gets_a_turn(
    own_valkey: ValkeyServer,
) -> None:
    knows, knows_not = once_in(own_valkey, HandClock()), once_in(own_valkey, HandClock())
    begin_long_ago(own_valkey)
    await knows.claim(WHAT, "a", 60)
    await knows.done(WHAT, 3600)
    with own_valkey.client() as client:
        client.flushall()
    assert await knows_not.claim(WHAT, "b", 60) is None
    await knows.beat()
    begin_long_ago(own_valkey)  # as if the test had waited
    assert await knows_not.claim(WHAT, "b", 60) == "over"
    for once in (knows, knows_not):
        await once.close()


async def test_what_was_done_while_redis_was_away_is_put_there_later(own_valkey: ValkeyServer) -> None:
    clock, faults = HandClock(), list[str]()
    settings = settings_of(Redis, {"url": own_valkey.url, "timeout": 5})
    one = RedisOnce(settings, Said(clock), clock, faults.append)
    own_valkey.kill()
    assert await one.claim(WHAT, "a", 60) is None
    await one.done(WHAT, 3600)
    assert await one.claim(WHAT, "a", 60) == "over"
    assert faults
    own_valkey.start()
    begin_long_ago(own_valkey)
    clock.now += 60
    await one.beat()
    other = once_in(own_valkey, clock)
    assert await other.claim(WHAT, "b", 60) == "over"
    for once in (one, other):
        await once.close()


async def test_a_restart_knows_what_was_done(valkey: ValkeyServer, tmp_path: Path) -> None:
    begin_long_ago(valkey)
    clock = HandClock()
    before = once_in(valkey, clock, tmp_path / "said")
    await before.claim(WHAT, "a", 60)
    await before.done(WHAT, 3600)
    await before.close()
    with valkey.client() as client:
        client.flushall()
    after = once_in(valkey, clock, tmp_path / "said")
    assert await after.claim(WHAT, "c", 60) == "over"
    await after.close()


async def test_the_turn_itself_is_one_command_on_one_key(valkey: ValkeyServer) -> None:
    """So a Cluster takes it, and nobody can come in between."""
    begin_long_ago(valkey)
    once = once_in(valkey, HandClock())
    await once.claim(WHAT, "a", 60)
    await once.close()
    with valkey.client() as client:
        found = client.keys("*")
        assert isinstance(found, list)
        assert sorted(found) == sorted([ERA.encode(), f"tidegate:once:{{{WHAT}}}".encode()])
