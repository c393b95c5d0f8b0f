"""If these fail, requests wait for a ledger that does not answer, or a budget is never known again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from gateway.quota.ask import Slice
from gateway.quota.seeding import (
    FIRST_RETRY_SECONDS,
    REFRESH_SECONDS,
    REFRESHES,
    RETRY_SECONDS,
    WAIT_SECONDS,
    Seeding,
)
from tests.gateway.quota.harness import Loop, day


class Ledger:
    """Is asked; answers when it `is_there`, with whether it knew."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.knows = True
        self.is_there = asyncio.Event()
        self.is_there.set()

    async def __call__(self, of: Slice) -> bool:
        self.asked.append(of.name)
        await self.is_there.wait()
        return self.knows


Case = Callable[[Seeding, Ledger], Coroutine[None, None, None]]


def in_time(case: Case) -> Callable[[], None]:
    """A test whose event loop has a time of its own."""

    async def run() -> None:
        ledger = Ledger()
        seeding = Seeding(ledger)
        try:
            await case(seeding, ledger)
        finally:
            await seeding.close()

    def test() -> None:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(run())

    return test


async def pass_by(seconds: float) -> None:
    """Time passes, and all that is due is done."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    loop.ahead += seconds
    for _ in range(10):
        await asyncio.sleep(0)


@in_time
async def test_who_waits_goes_on_when_it_is_known_and_it_is_asked_once(seeding: Seeding, ledger: Ledger) -> None:
    assert await asyncio.gather(*(seeding.wait_for([day(), day(1)]) for _ in range(5))) == [True] * 5
    assert ledger.asked == [day().name, day(1).name]


@in_time
async def test_nobody_waits_longer_than_that_and_those_who_come_later_not_at_all(
    seeding: Seeding, ledger: Ledger
) -> None:
    ledger.is_there.clear()
    waiting = asyncio.ensure_future(seeding.wait_for([day()]))
    await pass_by(WAIT_SECONDS / 2)
    assert not waiting.done()
    await pass_by(WAIT_SECONDS / 2)
    assert not await waiting
    assert not await asyncio.wait_for(seeding.wait_for([day()]), WAIT_SECONDS / 10)
    ledger.is_there.set()
    await pass_by(0)
    assert ledger.asked == [day().name]


@in_time
async def test_a_ledger_that_knows_nothing_keeps_nobody_and_is_asked_again(seeding: Seeding, ledger: Ledger) -> None:
    ledger.knows = False
    assert not await asyncio.wait_for(seeding.wait_for([day()]), WAIT_SECONDS / 10)
    assert not await asyncio.wait_for(seeding.wait_for([day()]), WAIT_SECONDS / 10)
    assert ledger.asked == [day().name]
    pause, tries = FIRST_RETRY_SECONDS, 1
    while pause < RETRY_SECONDS:
        await pass_by(pause)
        tries, pause = tries + 1, pause * 2
        assert ledger.asked == [day().name] * tries
    ledger.knows = True
    await pass_by(RETRY_SECONDS)
    assert ledger.asked == [day().name] * (tries + 1)
    assert await seeding.wait_for([]) is True


async def test_what_is_filled_is_known_also_where_the_store_is_heard_late() -> None:
    """It said that it had nothing right before it was filled. Who waits for that would be told that nobody knows."""
    late: list[Slice] = []
    ledger = Ledger()
    ledger.is_there.clear()

    async def fill(of: Slice) -> bool:
        if of in late:
            await ledger.is_there.wait()
        elif of == day():
            late.append(of)
            asyncio.get_running_loop().call_soon(seeding.want, [of])
        return True

    seeding = Seeding(fill)
    assert await seeding.wait_for([day(), day(1)])
    assert late
    await seeding.close()


@in_time
async def test_what_came_in_late_is_looked_up_a_few_times(seeding: Seeding, ledger: Ledger) -> None:
    await seeding.wait_for([day()])
    for _ in range(REFRESHES + 3):
        await pass_by(REFRESH_SECONDS)
    assert ledger.asked == [day().name] * (1 + REFRESHES)
    seeding.again(day())
    seeding.again(day())
    await pass_by(REFRESH_SECONDS)
    assert ledger.asked == [day().name] * (2 + REFRESHES)


@in_time
async def test_closing_leaves_nothing_to_do(seeding: Seeding, ledger: Ledger) -> None:
    ledger.is_there.clear()
    seeding.want([day(), day(1)])
    await pass_by(0)
    await seeding.close()
    ledger.is_there.set()
    seeding.again(day(2))  # the store has answered after that
    await pass_by(REFRESH_SECONDS)
    assert ledger.asked == [day().name]
