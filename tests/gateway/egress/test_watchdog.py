"""If these fail, a silent upstream hangs a client for ever, or a slow one is cut off."""

from __future__ import annotations

import asyncio

from gateway.egress.watchdog import Watchdog


async def test_silence_is_noticed() -> None:
    silent = asyncio.Event()
    started = asyncio.get_running_loop().time()
    Watchdog(0.05, started + 10, silent.set)
    await asyncio.wait_for(silent.wait(), 5)
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_what_is_fed_is_left_alone_until_it_falls_silent() -> None:
    loop = asyncio.get_running_loop()
    silent = asyncio.Event()
    dog = Watchdog(0.2, loop.time() + 10, silent.set)
    fed = 0
    while fed < 5:
        fed += 1
        tick = asyncio.Event()
        loop.call_later(0.08, tick.set)
        await tick.wait()
        dog.fed(0.2)
        assert not silent.is_set()
    await asyncio.wait_for(silent.wait(), 5)


async def test_a_shorter_patience_counts_from_now() -> None:
    loop = asyncio.get_running_loop()
    silent = asyncio.Event()
    dog = Watchdog(60, loop.time() + 100, silent.set)
    dog.fed(0.05)
    await asyncio.wait_for(silent.wait(), 5)


async def test_the_deadline_holds_whatever_is_fed() -> None:
    loop = asyncio.get_running_loop()
    silent = asyncio.Event()
    dog = Watchdog(60, loop.time() + 0.05, silent.set)
    dog.fed(60)
    await asyncio.wait_for(silent.wait(), 5)


async def test_once_stopped_it_says_nothing() -> None:
    loop = asyncio.get_running_loop()
    barked: list[bool] = []
    Watchdog(0.01, loop.time() + 10, lambda: barked.append(True)).stop()
    later = asyncio.Event()
    loop.call_later(0.05, later.set)
    await later.wait()
    assert barked == []
