"""One contract, every quota: if it fails, somebody gets more than they may, or less than they are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.quota.answer import Balance, Refused, Room, Spent, Unknown
from gateway.quota.ask import Spend, Take, Whose
from gateway.quota.window import SLOT_SECONDS, SLOTS
from tests.gateway.quota.harness import DAY, ME, NOON, Asks, Harness, InMemory, InRedis, day, granted, spend, take
from tests.servers.valkey import SERVED

HUGE = 123_456_789_012_345_678_901  # quanta; above what a double can tell apart
_OVER = (SLOTS + 1) * SLOT_SECONDS  # seconds after which nothing of a window counts


@pytest.fixture(params=["memory", *SERVED])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    server = None if request.param == "memory" else request.getfixturevalue(request.param)
    harness: Harness = InRedis(server) if server is not None else InMemory()
    yield harness
    await harness.close()
    assert harness.faults == []


@pytest.fixture
def asks(harness: Harness) -> Asks:
    return Asks(harness.wall)


async def test_a_limit_of_a_minute_is_never_passed_and_is_there_again_after_it(harness: Harness, asks: Asks) -> None:
    quota = harness.quota
    await granted(quota, asks.of(take(600, 1000)))
    harness.elapse(20)
    await granted(quota, asks.of(take(400, 1000)))

    refused = await quota.hold(asks.of(take(1, 1000)))
    assert isinstance(refused, Refused)
    assert refused.which == take(1, 1000)
    assert 40 - SLOT_SECONDS <= refused.retry_after <= 40 + SLOT_SECONDS

    harness.elapse(_OVER - 20)
    await granted(quota, asks.of(take(600, 1000)))
    assert isinstance(await quota.hold(asks.of(take(1, 1000))), Refused)


async def test_what_is_refused_takes_nothing_of_anything(harness: Harness, asks: Asks) -> None:
    quota = harness.quota
    wanted: list[Take | Spend] = [take(1, 1, "requests"), take(5, 10), take(1, 1, "concurrent"), spend(7, 10)]
    refused = await quota.hold(asks.of(*wanted, spend(1, 0, day(whose="all"), budget="all")))
    assert isinstance(refused, Refused)
    assert refused.which == spend(1, 0, day(whose="all"), budget="all")

    _, standings = await granted(quota, asks.of(*wanted))
    assert [room.remaining for room in standings.limits] == [0, 5, 0]
    assert standings.budgets[0].held == 7


async def test_a_limit_of_nothing_lets_nobody_in_and_names_no_time(harness: Harness, asks: Asks) -> None:
    for wanted in (take(1, 0), take(1, 0, "concurrent"), spend(11, 10)):
        refused = await harness.quota.hold(asks.of(wanted))
        assert isinstance(refused, Refused)
        assert refused.retry_after == float("inf")


async def test_tokens_are_corrected_at_the_end_in_the_minute_in_which_they_were_taken(
    harness: Harness, asks: Asks
) -> None:
    quota = harness.quota
    held, _ = await granted(quota, asks.of(take(900, 1000)))
    [held] = harness.elapse(30, held)
    quota.release(held, 100)
    _, standings = await granted(quota, asks.of(take(800, 1000)))
    assert standings.limits[0].remaining == 100

    quota.release(held, 0)  # a second time: nothing
    harness.elapse(_OVER - 30)
    _, standings = await granted(quota, asks.of(take(1, 1000)))
    assert standings.limits[0].remaining == 199


async def test_a_correction_that_comes_after_the_minute_changes_nothing(harness: Harness, asks: Asks) -> None:
    held, _ = await granted(harness.quota, asks.of(take(900, 1000)))
    [held] = harness.elapse(_OVER, held)
    harness.quota.release(held, 5000)
    _, standings = await granted(harness.quota, asks.of(take(1, 1000)))
    assert standings.limits[0].remaining == 999


async def test_unknown_tokens_stay_as_they_were_taken(harness: Harness, asks: Asks) -> None:
    held, _ = await granted(harness.quota, asks.of(take(900, 1000)))
    harness.quota.release(held, None)
    _, standings = await granted(harness.quota, asks.of(take(1, 1000)))
    assert standings.limits[0].remaining == 99


async def test_concurrent_requests_are_as_many_as_are_not_over(harness: Harness, asks: Asks) -> None:
    quota = harness.quota
    first, _ = await granted(quota, asks.of(take(1, 2, "concurrent")))
    await granted(quota, asks.of(take(1, 2, "concurrent")))
    refused = await quota.hold(asks.of(take(1, 2, "concurrent")))
    assert isinstance(refused, Refused)
    assert 0 < refused.retry_after < 10

    quota.release(first, None)
    quota.release(first, None)
    await granted(quota, asks.of(take(1, 2, "concurrent")))
    assert isinstance(await quota.hold(asks.of(take(1, 2, "concurrent"))), Refused)


async def test_rooms_say_what_is_left_and_when_there_is_more(harness: Harness, asks: Asks) -> None:
    await granted(harness.quota, asks.of(take(10, 100)))
    harness.elapse(20)
    _, standings = await granted(harness.quota, asks.of(take(10, 100), take(1, 8, "concurrent")))
    tokens, concurrent = standings.limits
    assert tokens[:4] == ("key:alice:tokens", "tokens", 100, 80)
    assert 40 - SLOT_SECONDS <= tokens.more_in <= 40 + SLOT_SECONDS
    assert 60 - SLOT_SECONDS <= tokens.clear_in <= 60 + SLOT_SECONDS
    assert concurrent == Room("key:alice:concurrent", "concurrent", 8, 7, 0.0, 0.0)


async def test_what_is_settled_takes_the_place_of_what_was_held(harness: Harness, asks: Asks) -> None:
    quota = harness.quota
    held, standings = await granted(quota, asks.of(spend(HUGE, 3 * HUGE)))
    assert standings.budgets == (Balance("alices", day(), 3 * HUGE, 0, HUGE, DAY / 2),)
    assert quota.open == 1

    quota.settle(held, HUGE - 1)
    quota.settle(held, HUGE)  # a second time: nothing
    assert quota.open == 0
    assert await quota.standing((day(),)) == [Spent(HUGE - 1, 0)]
    await granted(quota, asks.of(spend(2 * HUGE + 1, 3 * HUGE)))
    assert isinstance(await quota.hold(asks.of(spend(1, 3 * HUGE))), Refused)


async def test_an_unknown_cost_is_all_that_was_held(harness: Harness, asks: Asks) -> None:
    held, _ = await granted(harness.quota, asks.of(spend(7, 10)))
    harness.quota.settle(held, None)
    assert await harness.quota.standing((day(),)) == [Spent(7, 0)]


async def test_a_cost_above_what_was_held_is_counted_whole(harness: Harness, asks: Asks) -> None:
    held, _ = await granted(harness.quota, asks.of(spend(7, 10)))
    harness.quota.settle(held, 12)
    assert await harness.quota.standing((day(),)) == [Spent(12, 0)]
    refused = await harness.quota.hold(asks.of(spend(1, 10)))
    assert isinstance(refused, Refused)
    assert refused.retry_after == DAY / 2
    assert refused.standings.budgets[0].spent == 12


async def test_budgets_that_share_a_stretch_count_an_attempt_once(harness: Harness, asks: Asks) -> None:
    both = (spend(7, 10), spend(7, None, budget="soft"))
    held, standings = await granted(harness.quota, asks.of(*both))
    assert [balance.held for balance in standings.budgets] == [7, 7]
    harness.quota.settle(held, 5)
    assert await harness.quota.standing((day(),)) == [Spent(5, 0)]


async def test_a_soft_budget_refuses_nothing_and_nobody_waits_for_it(harness: Harness, asks: Asks) -> None:
    _, standings = await granted(harness.quota, asks.of(spend(1, None)))
    assert standings.budgets == ()  # nobody has looked yet
    assert await harness.quota.standing((day(),)) == [Spent(0, 1)]
    _, standings = await granted(harness.quota, asks.of(spend(HUGE, None)))
    assert standings.budgets[0].held == HUGE + 1


async def test_a_rolling_budget_is_the_sum_of_its_days_and_the_oldest_leaves_first(
    harness: Harness, asks: Asks
) -> None:
    days = [day(number, days=3) for number in (-2, -1, 0)]
    harness.ledger.counts = {days[0].name: {"gone": 4}, days[1].name: {"gone": 5}}
    held, standings = await granted(harness.quota, asks.of(spend(1, 10, *days)))
    assert standings.budgets == (Balance("alices", days[2], 10, 9, 1, DAY / 2),)
    assert await harness.quota.standing(days) == [Spent(4, 0), Spent(5, 0), Spent(0, 1)]

    for amount, wait in ((4, DAY / 2), (5, DAY * 3 / 2)):  # there is room when the first day has left, or the second
        refused = await harness.quota.hold(asks.of(spend(amount, 10, *days)))
        assert isinstance(refused, Refused)
        assert refused.retry_after == wait
    harness.quota.settle(held, 1)


async def test_what_was_spent_before_this_worker_started_counts(harness: Harness, asks: Asks) -> None:
    harness.ledger.counts = {day().name: {"one": 3, "other": HUGE}}
    _, standings = await granted(harness.quota, asks.of(spend(1, HUGE + 4)))
    assert standings.budgets[0].spent == HUGE + 3
    assert isinstance(await harness.quota.hold(asks.of(spend(1, HUGE + 4))), Refused)


async def test_what_this_worker_spent_before_there_was_a_budget_counts_once(harness: Harness, asks: Asks) -> None:
    harness.ledger.counts = {day().name: {ME: 3 + 2}}  # the drain is quick
    harness.ledger.before = {day().name: {ME: 3}}
    held, standings = await granted(harness.quota, asks.of(spend(2, 10)))
    assert standings.budgets[0].spent == 3
    harness.quota.settle(held, 2)
    assert await harness.quota.standing((day(),)) == [Spent(5, 0)]
    assert harness.ledger.asked[-1].end == NOON


async def test_while_the_ledger_cannot_say_nobody_knows_and_what_goes_on_is_counted(
    harness: Harness, asks: Asks
) -> None:
    harness.ledger.away = True
    unknown = await harness.quota.hold(asks.of(spend(7, 10), spend(7, None, day(whose="soft"), budget="soft")))
    assert isinstance(unknown, Unknown)
    assert unknown.which == (spend(7, 10),)
    assert await harness.quota.standing((day(),)) == [None]
    harness.quota.settle(unknown.held, 6)
    assert harness.quota.open == 0


async def test_limits_hold_while_nobody_knows_what_is_left_of_a_budget(harness: Harness, asks: Asks) -> None:
    harness.ledger.away = True
    first = await harness.quota.hold(asks.of(take(1, 1, "requests"), spend(7, 10)))
    second = await harness.quota.hold(asks.of(take(1, 1, "requests"), spend(7, 10)))
    assert isinstance(first, Unknown)
    assert isinstance(second, Refused)


async def test_many_at_once_never_hold_more_than_there_is(harness: Harness, asks: Asks) -> None:
    answers = await asyncio.gather(*(harness.quota.hold(asks.of(spend(7, 100))) for _ in range(200)))
    assert sum(not isinstance(answer, Refused) for answer in answers) == 14
    assert await harness.quota.standing((day(),)) == [Spent(0, 98)]


async def test_nobody_pays_for_somebody_else(harness: Harness, asks: Asks) -> None:
    bobs = day(whose="bob")
    assert bobs.whose == Whose(key="bob")
    await granted(harness.quota, asks.of(take(1, 1, "requests"), spend(10, 10)))
    await granted(harness.quota, asks.of(take(1, 1, "requests", "key:bob"), spend(10, 10, bobs, budget="bobs")))


async def test_closing_twice_is_harmless(harness: Harness, asks: Asks) -> None:
    await granted(harness.quota, asks.of(spend(1, 10)))
    await harness.quota.close()
    await harness.quota.close()
