"""If these fail, replicas forget what they learned, undo what others learned, or wait for a Redis that is down."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.dials.controllers import MOST, SECONDS, Controllers
from gateway.stores.sums import MemorySums, Sum
from router import ranks
from router.ranks import NOBODY
from router.steering import STEP, Steering
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import ValkeyServer

EVEN = tuple(step / 100 for step in range(101))
KEY = "auto|share=0.3|x"


def start(share: float = 0.3) -> Steering:
    return Steering(EVEN, ranks.start(EVEN, 0.0, share), share)


def serve(dial: Steering, dice: random.Random, requests: int, scale: float = 1.0) -> int:
    large = 0
    for _ in range(requests):
        difficulty = dice.random() * scale
        went = dial.threshold < NOBODY and difficulty >= dial.threshold
        dial.heed(went, difficulty)
        large += went
    return large


class Unreachable(MemorySums):
    """A store that answers when the test says so."""

    def __init__(self) -> None:
        super().__init__(HandClock())
        self.up = True
        self.asked = 0

    async def add(self, key: str, start: float, change: float, count: int) -> Sum | None:
        self.asked += 1
        return await super().add(key, start, change, count) if self.up else None


def replicas(count: int, store: MemorySums) -> list[Controllers]:
    made = [Controllers(HandClock()) for _ in range(count)]
    for each in made:
        each.meet_in(store)
    return made


async def test_a_dial_is_the_same_one_until_it_is_forgotten() -> None:
    controllers = Controllers(HandClock())
    first = controllers.steering(KEY, start, own=False)
    assert controllers.steering(KEY, start, own=False) is first
    assert controllers.steering(KEY, start, own=True) is first  # the operator comes to want what a caller wanted
    controllers.keep(frozenset({KEY}))
    assert controllers.steering(KEY, start, own=True) is first
    controllers.keep(frozenset())
    assert controllers.steering(KEY, start, own=True) is not first


async def test_callers_cannot_fill_the_memory_nor_push_out_the_operators_dial() -> None:
    controllers = Controllers(HandClock())
    own = controllers.steering(KEY, start, own=True)
    first = controllers.steering("auto|share=0.0|x", start, own=False)
    for number in range(MOST):
        controllers.steering(f"auto|cost={number}|x", start, own=False)
    assert controllers.steering(KEY, start, own=False) is own
    assert controllers.steering("auto|share=0.0|x", start, own=False) is not first


async def test_running_means_are_kept_over_a_reload_and_need_somewhere_to_start() -> None:
    controllers = Controllers(HandClock())
    assert controllers.costs("auto x", None) is None
    first = controllers.costs("auto x", (Decimal("0.001"), Decimal("0.01")))
    assert first is not None
    first.heed(0.5, True)
    assert controllers.costs("auto x", (Decimal("0.001"), Decimal("0.01"))) is first


@pytest.mark.parametrize("count", [2, 5])
async def test_replicas_come_to_one_rank_and_keep_the_share_together(count: int) -> None:
    """Requests become three times as easy, and every one of them hears of the others only now and then."""
    fleet = replicas(count, MemorySums(HandClock()))
    dials = [each.steering(KEY, start, own=True) for each in fleet]
    dice, large, requests = random.Random(count), 0, 0
    for round_ in range(100):
        for dial in dials:
            large += serve(dial, dice, 20, 1.0 if round_ < 20 else 0.3)
            requests += 20
        for each in fleet:
            await each.meet()
    for each in fleet:
        await each.meet()
    assert abs(large / requests - 0.3) < 0.02
    assert max(dial.rank for dial in dials) - min(dial.rank for dial in dials) < 20 * count * STEP
    assert all(0.15 < dial.threshold < 0.29 for dial in dials)


async def test_what_others_turned_is_taken_over() -> None:
    one, other = replicas(2, MemorySums(HandClock()))
    busy, idle = one.steering(KEY, start, own=True), other.steering(KEY, start, own=True)
    for _ in range(10):
        busy.heed(True, 0.9)
    await one.meet()
    idle.heed(False, 0.1)
    await other.meet()
    expected = 0.7 + STEP * (10 * 0.7 - 0.3)
    assert idle.rank == pytest.approx(expected, abs=0.001)


async def test_without_the_store_each_goes_on_and_tells_afterwards() -> None:
    store = Unreachable()
    fleet = replicas(2, store)
    dials = [each.steering(KEY, start, own=True) for each in fleet]
    dice = random.Random(1)

    async def a_while(rounds: int, scale: float) -> float:
        large = 0
        for _ in range(rounds):
            for each, dial in zip(fleet, dials, strict=True):
                large += serve(dial, dice, 20, scale)
                await each.meet()
        return large / (rounds * 40)

    assert abs(await a_while(30, 1.0) - 0.3) < 0.03
    store.up = False
    assert abs(await a_while(50, 0.2) - 0.3) < 0.03
    store.up = True
    assert abs(await a_while(30, 0.2) - 0.3) < 0.04
    assert abs(dials[0].rank - dials[1].rank) < 0.5


async def test_a_store_that_is_asked_for_nothing_is_left_alone() -> None:
    store = Unreachable()
    (controllers,) = replicas(1, store)
    controllers.steering(KEY, start, own=True)
    await controllers.meet()
    assert store.asked == 0


async def test_a_turn_is_told_by_itself_and_reported() -> None:
    store, told = Unreachable(), asyncio.Event()
    controllers = Controllers(HandClock(), told.set)
    controllers.meet_in(store)
    dial = controllers.steering(KEY, start, own=True)
    dial.heed(True, 0.9)
    controllers.moved()
    controllers.moved()
    async with asyncio.timeout(SECONDS * 20):
        await told.wait()
    assert store.asked == 1
    await controllers.close()


async def test_closing_tells_what_was_not_told_yet() -> None:
    store = MemorySums(HandClock())
    one, other = replicas(2, store)
    one.steering(KEY, start, own=True).heed(True, 0.9)
    one.moved()
    await one.meet()
    found = await store.add(KEY, 0, 0, 0)
    assert found is not None
    assert found.value == pytest.approx(0.7 + STEP * 0.7, abs=0.001)
    await one.close()
    await other.close()


async def test_in_redis_they_are_shared_and_a_new_address_is_a_new_beginning(valkey: ValkeyServer) -> None:
    shared = settings_of(Redis, {"url": valkey.url, "timeout": 30})
    one, other = Controllers(HandClock()), Controllers(HandClock())
    for each in (one, other):
        each.share_in(shared)
    dials = [each.steering(KEY, start, own=True) for each in (one, other)]
    for _ in range(5):
        dials[0].heed(True, 0.9)
    await one.meet()
    dials[1].heed(True, 0.9)
    await other.meet()
    assert dials[1].rank == pytest.approx(0.7 + 6 * STEP * 0.7, abs=0.001)
    other.share_in(settings_of(Redis, {}))
    dials[1].heed(True, 0.9)
    await other.meet()
    with valkey.client() as client:
        assert client.hget(f"tidegate:dial:{{{KEY}}}", "count") == b"6"
    await one.close()
    await other.close()
