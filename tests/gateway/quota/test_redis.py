"""RedisQuota when things break: nobody waits for long, nobody gets too much, and nothing is counted twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.quota.answer import Granted, Refused, Spent, Unknown
from gateway.quota.ask import Spend, Take
from gateway.quota.redis import HOLD_SECONDS, RedisQuota
from gateway.quota.script import GRACE_SECONDS
from tests.gateway.quota.harness import ME, Asks, Ledger, day, granted, grown_up, spend, take
from tests.gateway.quota.opening import OTHER, Open, eventually, known
from tests.servers.valkey import ValkeyServer

SLACK = 0.25  # seconds, for a busy machine
_LIVES = "tidegate:{quota}:lives"
_CALLS = ("eval", "evalsha")


@asynccontextmanager
async def frozen(server: ValkeyServer) -> AsyncIterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


async def test_every_key_is_in_one_slot_of_a_cluster(valkey: ValkeyServer, opening: Open) -> None:
    house = opening(valkey)
    asks = Asks(house.wall)
    await granted(house.quota, asks.of(take(1, 9), take(1, 9, "concurrent"), spend(1, 9)))
    with valkey.client() as client:
        names = client.keys("*")
        assert len(names) == 5
        assert all(name.startswith(b"tidegate:{quota}:") for name in names)
        assert all(client.ttl(name) > 0 for name in names if not name.endswith((b"store", b"lives")))


async def test_workers_share_limits_and_budgets(valkey: ValkeyServer, opening: Open) -> None:
    one, two = opening(valkey), opening(valkey, OTHER)
    asks = Asks(one.wall)
    wanted: list[Take | Spend] = [take(1, 2, "requests"), take(1, 2, "concurrent"), spend(5, 10)]
    held, _ = await granted(one.quota, asks.of(*wanted))
    await granted(two.quota, asks.of(*wanted))
    for part in wanted:
        for house in (one, two):
            refused = await house.quota.hold(asks.of(part))
            assert isinstance(refused, Refused)
            assert refused.which == part
    one.quota.settle(held, 1)
    one.quota.release(held, None)
    assert await one.quota.standing((day(),)) == [Spent(1, 5)]  # and so the release has arrived, too
    await granted(two.quota, asks.of(take(1, 2, "concurrent"), spend(4, 10)))


TIMEOUTS = pytest.mark.parametrize("timeout", [HOLD_SECONDS / 2, 30])  # its connections are given up, or are not


@TIMEOUTS
async def test_a_frozen_redis_costs_one_call_its_time_and_what_comes_then_nothing(
    own_valkey: ValkeyServer, opening: Open, timeout: float
) -> None:
    house = opening(own_valkey, patience=HOLD_SECONDS, timeout=timeout)
    asks = Asks(house.wall)
    await known(house)
    async with frozen(own_valkey):
        began = time.monotonic()
        answer = await house.quota.hold(asks.of(take(1, 1000), spend(1, 10)))
        first = time.monotonic() - began
        assert isinstance(answer, Unknown)
        assert answer.which == (spend(1, 10),)
        for _ in range(200):
            assert isinstance(await house.quota.hold(asks.of(take(1, 1000))), Granted)
            house.quota.settle(answer.held, 1)
        assert time.monotonic() - began - first < SLACK
    assert first < HOLD_SECONDS + SLACK
    assert await known(house) == [Spent(1, 0)]


@TIMEOUTS
async def test_what_a_frozen_redis_does_when_it_wakes_is_made_good(
    own_valkey: ValkeyServer, opening: Open, timeout: float
) -> None:
    """The hold that nobody waited for is carried out late, and so is the settlement."""
    house = opening(own_valkey, patience=HOLD_SECONDS, timeout=timeout)
    asks = Asks(house.wall)
    await known(house)
    async with frozen(own_valkey):
        unknown = await house.quota.hold(asks.of(spend(7, 10)))
        assert isinstance(unknown, Unknown)
        house.quota.settle(unknown.held, 0)
        lost = [asyncio.ensure_future(house.quota.hold(asks.of(spend(1, 10)))) for _ in range(3)]
        for one in await asyncio.gather(*lost):
            assert isinstance(one, Unknown)
            house.quota.settle(one.held, 1)
    assert await known(house) == [Spent(3, 0)]
    await granted(house.quota, asks.of(spend(7, 10)))
    assert isinstance(await house.quota.hold(asks.of(spend(1, 10))), Refused)


async def test_what_was_refused_meanwhile_and_granted_late_is_not_taken(
    own_valkey: ValkeyServer, opening: Open
) -> None:
    """One that waits alone has half of the limit; the store, which has all of it, answers after that."""
    one, two = opening(own_valkey, patience=HOLD_SECONDS), opening(own_valkey, OTHER)
    asks = Asks(one.wall)
    await known(two)
    await known(one)
    await eventually(lambda: one.lives == 2)
    async with frozen(own_valkey):
        refused = await one.quota.hold(asks.of(take(6, 10), take(1, 2, "concurrent"), spend(7, 10)))
        assert isinstance(refused, Refused)
        assert one.is_late
    await eventually(lambda: not one.is_late)
    assert await known(one) == [Spent(0, 0)]
    _, standings = await granted(one.quota, asks.of(take(9, 10), take(2, 2, "concurrent"), spend(10, 10)))
    assert standings.limits[0].remaining == 1


async def test_while_it_is_away_each_worker_has_its_part_of_a_limit_and_keeps_what_it_took(
    own_valkey: ValkeyServer, opening: Open
) -> None:
    one, two = opening(own_valkey), opening(own_valkey, OTHER)
    asks = Asks(one.wall)
    await known(two)
    await granted(one.quota, asks.of(take(3, 10), take(1, 4, "concurrent")))
    await known(one)
    await eventually(lambda: one.lives == 2)
    own_valkey.kill()
    await eventually(lambda: one.is_away)
    await granted(one.quota, asks.of(take(2, 10), take(1, 4, "concurrent")))
    for part in (take(1, 10), take(1, 4, "concurrent")):
        refused = await one.quota.hold(asks.of(part))
        assert isinstance(refused, Refused)
        assert refused.which == part
    assert await one.quota.standing((day(),)) == [None]
    own_valkey.start()


async def test_a_redis_that_comes_back_empty_is_told_everything_and_counts_nothing_twice(
    own_valkey: ValkeyServer, opening: Open
) -> None:
    ledger = Ledger()
    ledger.counts = {day().name: {"gone": 2}}
    one, two = opening(own_valkey, ledger=ledger), opening(own_valkey, OTHER, ledger=ledger)
    asks = Asks(one.wall)
    first, _ = await granted(one.quota, asks.of(spend(10, 20)))
    second, _ = await granted(two.quota, asks.of(spend(5, 20)))
    one.quota.settle(first, 3)
    assert await known(one) == await known(two) == [Spent(5, 5)]
    ledger.counts = {day().name: {"gone": 2, ME: 3, OTHER: 5}}  # the drain has got so far
    for _ in range(2):
        own_valkey.restart()
        await eventually(lambda: one.is_away or one.is_young)
        assert isinstance(await one.quota.hold(asks.of(spend(1, None), spend(1, 20))), Unknown)
        await eventually(lambda: not one.is_away and not two.is_away)
        grown_up(own_valkey)
        await eventually(lambda: not one.is_young and not two.is_young)
        (found,) = await known(one)
        assert found.spent == 5
    two.quota.settle(second, 5)
    assert (await known(two))[0].spent == 10


async def test_a_new_server_is_believed_once_everybody_had_the_time_to_tell_it(
    own_valkey: ValkeyServer, opening: Open
) -> None:
    house = opening(own_valkey, is_young=True)
    asks = Asks(house.wall)
    began = time.monotonic()
    assert isinstance(await house.quota.hold(asks.of(spend(1, 10))), Unknown)
    assert await known(house) == [Spent(0, 1)]
    assert time.monotonic() - began > GRACE_SECONDS
    await granted(house.quota, asks.of(spend(9, 10)))


async def test_a_redis_that_forgot_the_scripts_is_told_them_again(valkey: ValkeyServer, opening: Open) -> None:
    house = opening(valkey)
    asks = Asks(house.wall)
    await granted(house.quota, asks.of(spend(1, 10)))
    with valkey.client() as client:
        client.script_flush()
    await granted(house.quota, asks.of(spend(9, 10)))
    assert not house.is_away


async def test_keys_that_were_evicted_are_told_again(valkey: ValkeyServer, opening: Open) -> None:
    house = opening(valkey)
    asks = Asks(house.wall)
    held, _ = await granted(house.quota, asks.of(spend(4, 10)))
    house.quota.settle(held, 4)
    assert await known(house) == [Spent(4, 0)]
    with valkey.client() as client:
        client.delete(_LIVES, f"tidegate:{{quota}}:slice:{day().name}")
    assert await known(house) == [Spent(4, 0)]


@pytest.mark.parametrize("is_first", [False, True])
async def test_who_goes_away_while_he_waits_holds_nothing(
    own_valkey: ValkeyServer, opening: Open, is_first: bool
) -> None:
    house, other = opening(own_valkey), opening(own_valkey, OTHER)
    asks = Asks(house.wall)
    await known(other if is_first else house)
    async with frozen(own_valkey):
        waiting = asyncio.ensure_future(house.quota.hold(asks.of(take(4, 10), take(1, 1, "concurrent"), spend(10, 10))))
        await eventually(lambda: house.is_under_way)
        waiting.cancel()
        await asyncio.wait((waiting,))
    _, standings = await granted(house.quota, asks.of(take(4, 10), take(1, 1, "concurrent"), spend(10, 10)))
    assert standings.limits[0].remaining == 6
    assert house.quota.open == 1


async def test_where_a_budget_stands_is_told_after_a_hold_and_after_a_settlement(
    valkey: ValkeyServer, opening: Open
) -> None:
    house = opening(valkey)
    asks = Asks(house.wall)
    await known(house)
    held, _ = await granted(house.quota, asks.of(spend(4, 10), spend(4, None, budget="soft")))
    house.quota.settle(held, 3)
    await known(house)
    assert [(one.budget, one.spent, one.held) for one in house.told] == [
        ("alices", 0, 4),
        ("soft", 0, 4),
        ("alices", 3, 0),
        ("soft", 3, 0),
    ]


async def test_what_was_settled_last_is_told_before_the_end(valkey: ValkeyServer, opening: Open) -> None:
    one, two = opening(valkey), opening(valkey, OTHER)
    held, _ = await granted(one.quota, Asks(one.wall).of(spend(4, 10)))
    one.quota.settle(held, 3)
    await one.close()
    assert await known(two) == [Spent(3, 0)]


async def test_another_configuration_goes_on_with_what_the_worker_has(valkey: ValkeyServer, opening: Open) -> None:
    before = opening(valkey)
    asks = Asks(before.wall)
    held, _ = await granted(before.quota, asks.of(spend(4, 10)))
    after = before.next()
    assert isinstance(after, RedisQuota)
    await granted(after, asks.of(spend(5, 10)))
    before.quota.settle(held, 1)
    await granted(after, asks.of(spend(4, 10)))
    assert isinstance(await after.hold(asks.of(spend(1, 10))), Refused)
    await after.close()


async def test_who_asks_when_it_is_closed_does_not_wait_for_ever(valkey: ValkeyServer, opening: Open) -> None:
    """A reload closes it, while somebody looks a budget up who does not belong to a request."""
    house = opening(valkey)
    house.ledger.away = True
    looking = asyncio.create_task(house.quota.standing([day()]))
    await eventually(lambda: house.ledger.asked)
    await house.close()
    async with asyncio.timeout(10):
        assert await looking == [None]
        assert isinstance(await house.quota.hold(Asks(house.wall).of(spend(1, 9))), Unknown)


async def test_no_call_is_about_more_than_redis_can_do_in_a_moment(valkey: ValkeyServer, opening: Open) -> None:
    """While Redis is at it everybody waits, and after 80 ms nobody knows what is left of any budget. Callers choose
    their tags: with rolling budgets for each of them one request is about a thousand slices."""
    house = opening(valkey)
    asks, days = Asks(house.wall), range(-30, 1)

    def wide(number: int) -> list[Spend]:
        """Of one request: 32 tags, 31 days."""
        owners = [f"{number}.{tag}" for tag in range(32)]
        return [spend(1, 9, *(day(back, owner, 31) for back in days), budget=owner) for owner in owners]

    with valkey.client() as client:
        client.config_resetstat()
        answers = await asyncio.gather(*(house._quota._courier.ask(asks.of(*wide(number))) for number in range(40)))
        calls = sum(client.info("commandstats").get(f"cmdstat_{name}", {}).get("calls", 0) for name in _CALLS)
    assert all(isinstance(answer, Unknown) for answer in answers)  # nobody has asked the ledger yet
    assert len(house.life.owns) == 40 * 32
    assert calls >= 40 * 32 * len(days) / 4096
