"""If these fail, an alert is lost where a receiver, a worker or Redis was away for a moment; or it is told twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from gateway.alerts import courier as module
from gateway.alerts.courier import Courier, Pace
from gateway.alerts.event import Event
from gateway.alerts.sinks import Outcome
from gateway.config.alerts import Kind
from gateway.stores.once import MemoryOnce, Once, Turn
from gateway.stores.said import Said
from tests.gateway.alerts.harness import EVENT, LIMIT
from tests.gateway.stores.harness import HandClock

FAST = Pace(first=0.001, longest=0.004, patience=30, alone=30, lease=60, look=0.001)
AWAY: list[Outcome] = ["again"] * 1000


class Scripted:
    """A sink that answers as it is told to, and then takes everything."""

    def __init__(self, *outcomes: Outcome, name: str = "webhook:ops", wants: tuple[Kind, ...] = ()) -> None:
        self.name = name
        self.told: list[Event] = []
        self.outcomes = list(outcomes)
        self.open = asyncio.Event()
        self.open.set()
        self._wants = wants
        self._heard = asyncio.Event()

    async def hears(self) -> None:
        """Until it has been told something."""
        async with asyncio.timeout(5):
            await self._heard.wait()

    def wants(self, kind: Kind) -> bool:
        return not self._wants or kind in self._wants

    async def tell(self, event: Event) -> Outcome:
        self.told.append(event)
        self._heard.set()
        await self.open.wait()
        return self.outcomes.pop(0) if self.outcomes else "told"


class Away:
    """A store that cannot be asked the first so many times. `asked` is set when it has been asked three times."""

    def __init__(self, once: Once, asked_in_vain: int) -> None:
        self._once = once
        self._in_vain = asked_in_vain
        self._count = 0
        self.asked = asyncio.Event()

    async def claim(self, what: str, who: str, lease: int) -> Turn | None:
        self._in_vain -= 1
        self._count += 1
        if self._count == 3:
            self.asked.set()
        return None if self._in_vain >= 0 else await self._once.claim(what, who, lease)

    async def done(self, what: str, ttl: int) -> None:
        await self._once.done(what, ttl)

    async def beat(self) -> None:
        await self._once.beat()

    async def close(self) -> None:
        """It is others' too."""


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def once(clock: HandClock) -> MemoryOnce:
    return MemoryOnce(Said(clock), clock)


@pytest.fixture
def losses() -> list[tuple[str, str]]:
    return []


Making = Callable[..., Courier]


@pytest.fixture
async def make(once: MemoryOnce, losses: list[tuple[str, str]]) -> AsyncIterator[Making]:
    made: list[Courier] = []

    def making(*sinks: Scripted, store: Once = once, pace: Pace = FAST) -> Courier:
        courier = Courier(store, f"w{len(made)}", lambda *loss: losses.append(loss), pace)
        courier.sinks = {sink.name: sink for sink in sinks}
        made.append(courier)
        return courier

    yield making
    for courier in made:
        await courier.close()


async def emptied(*couriers: Courier) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(*(task for courier in couriers for task in tuple(courier._tasks.values())))
    await asyncio.sleep(0)  # they are taken off the list right after
    assert not any(courier.waiting for courier in couriers)


async def test_every_sink_is_told_once_whoever_notices(make: Making) -> None:
    log, ops = Scripted(name="log"), Scripted()
    couriers = [make(log, ops) for _ in range(5)]
    for courier in couriers:
        courier.take(EVENT)
        courier.take(EVENT)
        courier.take(LIMIT)
    await emptied(*couriers)
    assert Counter(event.kind for event in log.told) == Counter(event.kind for event in ops.told)
    assert Counter(event.kind for event in ops.told) == {"budget.share": 1, "budget.limit": 1}
    couriers[0].take(EVENT)
    await emptied(*couriers)
    assert len(ops.told) == 2


async def test_a_sink_that_is_away_is_tried_again_and_the_others_do_not_wait(
    make: Making, losses: list[tuple[str, str]]
) -> None:
    log, ops = Scripted(name="log"), Scripted("again", "again", "again")
    courier = make(log, ops)
    courier.take(EVENT)
    await emptied(courier)
    assert (len(log.told), len(ops.told)) == (1, 4)
    assert losses == []


async def test_one_that_refuses_is_not_asked_again(make: Making, losses: list[tuple[str, str]]) -> None:
    ops = Scripted("refused")
    courier, other = make(ops), make(ops)
    courier.take(EVENT)
    await emptied(courier)
    other.take(EVENT)
    await emptied(other)
    assert len(ops.told) == 1
    assert losses == [("webhook:ops", "refused")]


async def test_one_that_stays_away_is_given_up(make: Making, losses: list[tuple[str, str]]) -> None:
    ops = Scripted(*AWAY)
    courier = make(ops, pace=FAST._replace(patience=0.05))
    courier.take(EVENT)
    await emptied(courier)
    assert 2 <= len(ops.told) < 100
    assert losses == [("webhook:ops", "gave_up")]


async def test_a_worker_that_dies_leaves_its_errand_to_the_next(
    make: Making, once: MemoryOnce, clock: HandClock
) -> None:
    dead, living, store = Scripted(), Scripted(), Away(once, 0)
    dead.open.clear()
    first, second = make(dead, store=Away(once, 0)), make(living, store=store)
    first.take(EVENT)
    await dead.hears()
    second.take(EVENT)
    await first.close()
    await asyncio.wait_for(store.asked.wait(), 5)
    assert living.told == []
    clock.now += FAST.lease
    await emptied(second)
    assert len(living.told) == 1


async def test_a_store_that_is_away_for_a_moment_is_waited_for(make: Making, once: MemoryOnce) -> None:
    ops = Scripted()
    couriers = [make(ops, store=Away(once, 3)) for _ in range(3)]
    for courier in couriers:
        courier.take(EVENT)
    await emptied(*couriers)
    assert len(ops.told) == 1


async def test_one_that_stays_away_keeps_nobody_from_hearing_it(make: Making, once: MemoryOnce) -> None:
    ops = Scripted()
    courier = make(ops, store=Away(once, 10_000), pace=FAST._replace(alone=0.02))
    courier.take(EVENT)
    await emptied(courier)
    assert len(ops.told) == 1


async def test_who_did_not_ask_for_it_is_not_told(make: Making) -> None:
    ops = Scripted(wants=("budget.limit",))
    courier = make(ops)
    courier.take(EVENT)
    courier.take(LIMIT)
    await emptied(courier)
    assert [event.kind for event in ops.told] == ["budget.limit"]


async def test_a_configuration_that_names_another_address_is_heeded_at_once(make: Making) -> None:
    wrong, right = Scripted(*AWAY), Scripted()
    courier = make(wrong)
    courier.take(EVENT)
    await wrong.hears()
    courier.sinks = {right.name: right}
    await emptied(courier)
    assert len(right.told) == 1


async def test_one_that_the_configuration_has_no_more_is_left_alone(make: Making) -> None:
    ops = Scripted(*AWAY)
    courier = make(ops)
    courier.take(EVENT)
    await ops.hears()
    courier.sinks = {}
    await emptied(courier)


async def test_what_waits_is_bounded_and_so_is_what_is_told_at_once(
    make: Making, losses: list[tuple[str, str]]
) -> None:
    ops = Scripted()
    ops.open.clear()
    courier = make(ops)
    for number in range(module.MOST_WAITING + 10):
        courier.take(replace(EVENT, budget=f"b{number}"))
    assert courier.waiting == module.MOST_WAITING
    assert losses == [("webhook:ops", "full")] * 10
    for _ in range(10):  # rounds of the event loop
        await asyncio.sleep(0)
    assert len(ops.told) == module._AT_ONCE
    ops.open.set()
    await emptied(courier)
    assert len(ops.told) == module.MOST_WAITING


async def test_a_sink_that_is_away_keeps_nothing_from_another(make: Making, losses: list[tuple[str, str]]) -> None:
    """The log is told at once, however many alerts wait for a webhook that does not answer."""
    away, log = Scripted(), Scripted(name="log")
    away.open.clear()
    courier = make(away, log)
    for number in range(module.MOST_WAITING + 10):
        courier.take(replace(EVENT, budget=f"b{number}"))
        for _ in range(10):  # rounds of the event loop
            await asyncio.sleep(0)
    assert len(log.told) == module.MOST_WAITING + 10
    assert losses == [("webhook:ops", "full")] * 10
    away.open.set()
    await emptied(courier)


def test_a_turn_is_longer_than_a_try_and_the_pause_after_it() -> None:
    longest_try = 60  # `alerts.webhooks.X.timeout`
    assert module.PACE.lease > longest_try + module.PACE.longest
