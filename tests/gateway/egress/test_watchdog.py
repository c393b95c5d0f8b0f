"""If these fail, a silent upstream hangs a client for ever, or a slow one is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.egress.watchdog import Watchdog


def watchdog(on_silence: Callable[[], None], patience: float, deadline: float = 100.0) -> Watchdog:
    """One that watches. `deadline`: seconds from now."""
    loop = asyncio.get_running_loop()
    dog = Watchdog(loop, on_silence)
    dog.watch(patience, loop.time() + deadline)
    return dog


async def passed(seconds: float) -> None:
    tick = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, tick.set)
    await tick.wait()


async def test_silence_is_noticed() -> None:
    silent = asyncio.Event()
    started = asyncio.get_running_loop().time()
    watchdog(silent.set, 0.05)
    await asyncio.wait_for(silent.wait(), 5)
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_what_is_fed_is_left_alone_until_it_falls_silent() -> None:
    silent = asyncio.Event()
    dog = watchdog(silent.set, 0.2)
    for _ in range(5):
        await passed(0.08)
        dog.fed(0.2)
        assert not silent.is_set()
    await asyncio.wait_for(silent.wait(), 5)


async def test_a_shorter_patience_counts_from_now() -> None:
    silent = asyncio.Event()
    watchdog(silent.set, 60).fed(0.05)
    await asyncio.wait_for(silent.wait(), 5)


async def test_a_longer_patience_counts_although_the_timer_is_set_for_a_shorter_one() -> None:
    barked: list[bool] = []
    dog = watchdog(lambda: barked.append(True), 0.05)
    dog.fed(60)
    await passed(0.1)
    assert barked == []
    dog.fed(0.05)
    await passed(0.1)
    assert barked == [True]


async def test_the_deadline_holds_whatever_is_fed() -> None:
    silent = asyncio.Event()
    watchdog(silent.set, 60, deadline=0.05).fed(60)
    await asyncio.wait_for(silent.wait(), 5)


async def test_once_stopped_it_says_nothing() -> None:
    barked: list[bool] = []
    dog = watchdog(lambda: barked.append(True), 0.01)
    dog.stop()
    watchdog(lambda: barked.append(True), 0.01).end()
    await passed(0.05)
    assert barked == []


async def test_the_timer_of_an_earlier_request_does_not_end_the_next_one() -> None:
    barked: list[bool] = []
    dog = watchdog(lambda: barked.append(True), 0.05)
    dog.stop()
    dog.watch(60, asyncio.get_running_loop().time() + 60)
    await passed(0.1)
    assert barked == []


async def test_the_next_request_is_watched_whether_the_timer_still_runs_or_not() -> None:
    for pause, patience in ((0.0, 60.0), (0.05, 0.01)):
        silent = asyncio.Event()
        dog = watchdog(silent.set, patience)
        dog.stop()
        await passed(pause)
        dog.watch(0.02, asyncio.get_running_loop().time() + 60)
        await asyncio.wait_for(silent.wait(), 5)


async def test_it_barks_once() -> None:
    barked: list[bool] = []
    watchdog(lambda: barked.append(True), 0.01)
    await passed(0.05)
    assert barked == [True]
