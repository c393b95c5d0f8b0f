"""If these fail, a replaced configuration is closed under a request, or never."""

from __future__ import annotations

import asyncio

from gateway.occupancy import Occupancy


async def test_it_is_empty_when_the_last_has_left() -> None:
    occupancy = Occupancy()
    occupancy.enter()
    occupancy.enter()
    emptied = asyncio.create_task(occupancy.emptied())
    occupancy.leave()
    await asyncio.sleep(0)
    assert not emptied.done()
    occupancy.leave()
    await emptied
    assert occupancy.count == 0


async def test_one_that_nobody_entered_is_empty_at_once() -> None:
    await asyncio.wait_for(Occupancy().emptied(), 1)
