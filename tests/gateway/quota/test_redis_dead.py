"""RedisQuota and workers that were killed: what they held and spent is what the ledger says at last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack

import pytest

from gateway.quota.answer import Refused, Spent
from gateway.quota.ask import Slice
from gateway.quota.script import FORGET_SECONDS, LIVE_SECONDS, SETTLED_SECONDS
from gateway.quota.seeding import REFRESH_SECONDS, REFRESHES
from tests.gateway.quota.harness import DAY, ME, NOON, Asks, InRedis, Ledger, Loop, day, granted, spend, take
from tests.gateway.quota.opening import OTHER, Open, eventually, known, opened
from tests.servers.valkey import ValkeyServer

_LIVES = "tidegate:{quota}:lives"


def silent_for(server: ValkeyServer, life: str, seconds: float) -> None:
    with server.client() as client:
        beat, number = client.hget(_LIVES, life).split()
        client.hset(_LIVES, life, f"{float(beat) - seconds:.3f} {int(number)}")


def in_own_time(case: Callable[[Open], Coroutine[None, None, None]]) -> None:
    """On an event loop whose time can be put forward; Redis has its own."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            await case(opened(stack))

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(run())


async def until_looked_up_again(server: ValkeyServer, house: InRedis) -> None:
    """Time passes, in which Redis forgets whose turn it was, until all that is due is done."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    with server.client() as client:
        for name in client.scan_iter("tidegate:{quota}:turn:*"):
            client.delete(name)
    loop.ahead += REFRESH_SECONDS
    await asyncio.sleep(0)
    await eventually(lambda: not house.is_looking_up)


async def becomes(house: InRedis, wanted: Spent, of: Slice | None = None) -> None:
    async with asyncio.timeout(20):
        while await house.quota.standing((of or day(),)) != [wanted]:  # noqa: ASYNC110 # the ledger is asked
            await asyncio.sleep(0.01)


async def test_a_dead_worker_has_no_concurrent_requests(valkey: ValkeyServer, opening: Open) -> None:
    one, two = opening(valkey), opening(valkey, OTHER)
    asks = Asks(one.wall)
    await granted(two.quota, asks.of(take(1, 1, "concurrent")))
    assert isinstance(await one.quota.hold(asks.of(take(1, 1, "concurrent"))), Refused)
    await two.close()
    silent_for(valkey, OTHER, LIVE_SECONDS + 1)
    await granted(one.quota, asks.of(take(1, 1, "concurrent")))


@pytest.mark.parametrize(
    ("silent", "unfinished", "says", "counted"),
    [
        (LIVE_SECONDS + 1, False, 9, 9),  # more than it told: that was while Redis was away
        (LIVE_SECONDS + 1, False, 5, 7),  # less: its journal may not be drained yet
        (SETTLED_SECONDS + 1, True, 5, 7),
        (SETTLED_SECONDS + 1, False, 5, 5),
        (SETTLED_SECONDS + 1, False, None, 0),  # it held something, and was killed before it wrote that down
        (0, False, 9, 7),  # not dead at all
    ],
)
async def test_what_a_dead_worker_spent_is_what_the_ledger_says_at_last(
    valkey: ValkeyServer, opening: Open, silent: float, unfinished: bool, says: int | None, counted: int
) -> None:
    ledger = Ledger()
    one, two = opening(valkey, ledger=ledger), opening(valkey, OTHER, ledger=ledger)
    asks = Asks(one.wall)
    await granted(two.quota, asks.of(spend(7, 100)))
    assert await known(one) == [Spent(0, 7)]
    await two.close()
    silent_for(valkey, OTHER, silent)

    ledger.counts = {day().name: {} if says is None else {OTHER: says}}
    ledger.unfinished = frozenset({OTHER} if unfinished else ())
    for _ in range(2):  # whoever looks it up, and however often
        await one.fill(day())
        (found,) = await known(one)
        assert sum(found) == counted


async def test_the_dead_are_looked_up_by_one_of_those_that_live(valkey: ValkeyServer, opening: Open) -> None:
    ledger = Ledger()
    one, two, three = (opening(valkey, life, ledger=ledger) for life in (ME, OTHER, "3"))
    for house in (one, two, three):
        await known(house)
    await three.close()
    silent_for(valkey, "3", FORGET_SECONDS - 5)
    ledger.asked.clear()
    await one.fill(day())
    await two.fill(day())
    assert len(ledger.asked) == 1


WITNESSES = pytest.mark.parametrize("witness", ["refused", "looks"])


@WITNESSES
def test_what_the_dead_held_is_free_again_also_where_nobody_who_lives_ever_held_any(
    valkey: ValkeyServer, witness: str
) -> None:
    """All workers were killed, and those that follow find the budget full: of what the dead held, and have spent less
    than that. If nobody looked it up, every request would be refused until the period is over."""

    async def run(opening: Open) -> None:
        ledger = Ledger()
        one, two = opening(valkey, ledger=ledger), opening(valkey, OTHER, ledger=ledger)
        asks = Asks(one.wall)
        await granted(two.quota, asks.of(spend(7, 10)))
        await two.kill()
        ledger.counts = {day().name: {OTHER: 5}}
        silent_for(valkey, OTHER, SETTLED_SECONDS + 1)
        if witness == "refused":
            assert isinstance(await one.quota.hold(asks.of(spend(5, 10))), Refused)
        else:
            assert await one.quota.standing((day(),)) == [Spent(0, 7)]
        await until_looked_up_again(valkey, one)
        await becomes(one, Spent(5, 0))
        if witness == "refused":
            await granted(one.quota, asks.of(spend(5, 10)))

    in_own_time(run)


def test_what_the_dead_have_in_an_older_part_of_a_rolling_budget_is_looked_up_too(valkey: ValkeyServer) -> None:
    days = (day(-1, days=2), day(days=2))

    async def run(opening: Open) -> None:
        ledger = Ledger()
        one, two = opening(valkey, ledger=ledger), opening(valkey, OTHER, ledger=ledger, born=NOON - DAY)
        await granted(two.quota, Asks(two.wall).of(spend(7, 10, days[0])))
        await two.kill()
        ledger.counts = {days[0].name: {OTHER: 5}}
        silent_for(valkey, OTHER, SETTLED_SECONDS + 1)
        assert isinstance(await one.quota.hold(Asks(one.wall).of(spend(4, 10, *days))), Refused)
        await until_looked_up_again(valkey, one)
        await becomes(one, Spent(5, 0), days[0])

    in_own_time(run)


def test_what_somebody_spent_whom_redis_never_heard_is_looked_up_when_another_comes(valkey: ValkeyServer) -> None:
    """A worker was started while Redis was away, went on as its budget allows, and was killed before Redis was back.
    The one that is started in its place is the first that tells of it."""

    async def run(opening: Open) -> None:
        ledger = Ledger()
        one, two = opening(valkey, ledger=ledger), opening(valkey, OTHER, ledger=ledger)
        assert await known(one) == [Spent(0, 0)]
        for _ in range(REFRESHES + 2):
            await until_looked_up_again(valkey, one)
        ledger.counts = {day().name: {"unheard": 4}}
        two._quota.begin()
        await eventually(lambda: one.lives == 2)
        await until_looked_up_again(valkey, one)
        await becomes(one, Spent(4, 0))

    in_own_time(run)
