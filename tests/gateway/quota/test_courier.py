"""If these fail, a request waits for a call that is over, or a store hears things in the wrong order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.quota.answer import Granted
from gateway.quota.ask import Ask, Held
from gateway.quota.courier import Courier, Parcel, Waiting
from gateway.quota.life import Life
from gateway.quota.message import Reply
from gateway.quota.script import FILL
from gateway.stores.link import RedisLink, StoreFault
from tests.gateway.quota.harness import ME, NOON, Asks, day, spend
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import ValkeyServer

PREFIX = "tidegate:{quota}:"


class Desk:
    """Notes what is delivered, and answers what cannot be asked; or `fails`."""

    def __init__(self) -> None:
        self.delivered: list[tuple[Parcel, Reply]] = []
        self.alone: list[Ask] = []
        self.fails = False

    def deliver(self, parcel: Parcel, reply: Reply) -> None:
        if self.fails:
            raise RuntimeError("what nobody thought of")
        self.delivered.append((parcel, reply))
        for waiting in parcel.waiting:
            waiting.answer.set_result(Granted(Held(waiting.ask, reply.slot), ()))  # type: ignore[arg-type]

    def answer_alone(self, waiting: Waiting) -> None:
        self.alone.append(waiting.ask)
        if not waiting.answer.done():
            waiting.answer.set_result(Granted(Held(waiting.ask, -1), ()))  # type: ignore[arg-type]


@pytest.fixture
def asks() -> Asks:
    clock = HandClock()
    clock.now = NOON
    return Asks(clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def courier(valkey: ValkeyServer, desk: Desk) -> AsyncIterator[Courier]:
    link = RedisLink(settings_of(Redis, {"url": valkey.url, "timeout": 30}), time.monotonic)
    life = Life(ME, NOON, time.monotonic)
    courier = Courier(life, link, PREFIX, desk.deliver, desk.answer_alone, 30, lambda _: None)
    yield courier
    await courier.close()
    await link.close()


async def eventually(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 # a server decides it
            await asyncio.sleep(0.001)


async def test_what_comes_up_during_a_call_goes_with_the_next_and_numbers_rise(
    courier: Courier, desk: Desk, asks: Asks
) -> None:
    first = [courier.ask(asks.of(spend(1, 9)))]
    await eventually(lambda: courier._task is not None and not courier._waiting)
    await asyncio.gather(*first, *(courier.ask(asks.of(spend(1, 9))) for _ in range(50)))
    parcels = [parcel for parcel, _ in desk.delivered if parcel.waiting]
    assert [len(parcel.waiting) for parcel in parcels] == [1, 50]
    numbers = [parcel.number for parcel, _ in desk.delivered]
    assert numbers == sorted(set(numbers))


async def test_nobody_waits_for_ever_whatever_happens_and_it_goes_on_afterwards(
    courier: Courier, desk: Desk, asks: Asks
) -> None:
    desk.fails = True
    await courier.ask(asks.of(spend(1, 9)))
    assert len(desk.alone) == 1
    task = courier._task
    assert task is not None
    with pytest.raises(RuntimeError, match="nobody thought of"):
        await task
    desk.fails = False
    await eventually(lambda: not courier.is_away)
    await courier.ask(asks.of(spend(1, 9)))
    assert len(desk.alone) == 1


async def test_a_script_that_the_server_does_not_know_is_sent_once(courier: Courier, valkey: ValkeyServer) -> None:
    keys = (f"{PREFIX}store", f"{PREFIX}lives", f"{PREFIX}slice:{day().name}")
    nothing = b"\x93\x00\x90\x90"  # until 0, of nobody, nobody unfinished
    with valkey.client() as client:
        for forgets in (False, True):
            if forgets:
                client.script_flush()
            assert await courier.evaluate(FILL, keys, nothing) == b""  # the server is young
            assert client.script_exists(FILL.digest.decode()) == [True]


async def test_what_a_script_refuses_is_a_fault(courier: Courier, valkey: ValkeyServer) -> None:
    with valkey.client() as client:
        client.set(f"{PREFIX}store", "no hash")
    with pytest.raises(StoreFault):
        await courier.evaluate(FILL, (f"{PREFIX}store", f"{PREFIX}lives", f"{PREFIX}slice:x"), b"\x93\x00\x90\x90")
