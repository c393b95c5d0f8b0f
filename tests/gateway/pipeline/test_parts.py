"""If these fail, work that no answer waits for is lost half-way."""

from __future__ import annotations

import asyncio

from gateway.pipeline.parts import Background


async def test_background_work_is_held_on_to_until_it_is_done() -> None:
    background, gate, done = Background(), asyncio.Event(), []

    async def work(number: int) -> None:
        await gate.wait()
        done.append(number)
        if number == 1:
            background.start(work(2))

    background.start(work(1))
    draining = asyncio.create_task(background.drained())
    await asyncio.sleep(0)
    assert not draining.done()
    gate.set()
    await draining
    assert done == [1, 2]
    await background.drained()
