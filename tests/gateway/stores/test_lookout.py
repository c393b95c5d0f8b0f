"""Lookout: it looks until all is well, rests then, and nobody waits for it longer than they would."""

from __future__ import annotations

import asyncio

from gateway.stores.lookout import Lookout

PATIENCE = 30.0  # seconds


class Sights:
    """What each look finds; after the last, all is well. A look takes until `release` is set."""

    def __init__(self, *found: bool) -> None:
        self._found = list(found)
        self.looks = 0
        self.began: asyncio.Queue[None] = asyncio.Queue()
        self.release = asyncio.Event()
        self.release.set()

    async def __call__(self) -> bool:
        self.looks += 1
        self.began.put_nowait(None)
        await self.release.wait()
        return self._found.pop(0) if self._found else True


def lookout_on(sights: Sights) -> Lookout:
    return Lookout(sights, 10.0, lambda: 0.5)


async def test_it_looks_again_until_all_is_well() -> None:
    sights = Sights(False, False, True)
    lookout = lookout_on(sights)
    lookout.soon()
    async with asyncio.timeout(PATIENCE):
        while sights.looks < 3:
            await lookout.news(asyncio.get_running_loop().time() + PATIENCE)
    await lookout.close()
    assert sights.looks >= 3


async def test_doubts_that_come_up_during_a_look_are_looked_into_after_it() -> None:
    sights = Sights()
    sights.release.clear()
    lookout = lookout_on(sights)
    async with asyncio.timeout(PATIENCE):
        lookout.soon()
        await sights.began.get()
        lookout.soon()
        sights.release.set()
        await sights.began.get()
    await lookout.close()


async def test_while_all_is_well_it_looks_once_a_period() -> None:
    sights = Sights()
    lookout = lookout_on(sights)
    for now, looks in ((1.0, 1), (5.0, 1), (10.9, 1), (11.1, 2), (12.0, 2)):
        lookout.now_and_then(now)
        for _ in range(5):
            await asyncio.sleep(0)
        assert sights.looks == looks, now
    await lookout.close()


async def test_nobody_waits_for_news_longer_than_he_would() -> None:
    sights = Sights()
    sights.release.clear()
    lookout = lookout_on(sights)
    async with asyncio.timeout(PATIENCE):
        await lookout.news(asyncio.get_running_loop().time() + 0.05)
    await lookout.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closed_it_looks_no_more() -> None:
    sights = Sights()
    lookout = lookout_on(sights)
    await lookout.close()
    lookout.soon()
    await asyncio.sleep(0)
    assert sights.looks == 0
