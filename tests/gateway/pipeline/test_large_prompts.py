"""If these fail, one huge prompt stops every stream of its worker, or a queue of them grows without end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.pipeline.large_prompts import LargePrompts
from gateway.wire.errors import Overloaded


async def test_the_loop_runs_on_while_a_large_prompt_is_read() -> None:
    prompts, reading = LargePrompts(), threading.Event()
    work = asyncio.create_task(prompts.run(lambda: reading.wait(10)))
    await asyncio.sleep(0)  # the work has begun, and only the loop can let it end
    reading.set()
    assert await work
    prompts.close()


async def test_the_queue_is_bounded_and_says_when_to_come_back() -> None:
    prompts, reading = LargePrompts(most_waiting=2), threading.Event()
    work = [asyncio.create_task(prompts.run(lambda: reading.wait(10))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as caught:
        await prompts.run(lambda: True)
    assert (caught.value.status, caught.value.retry_after) == (503, 1)
    reading.set()
    assert await asyncio.gather(*work) == [True, True]
    assert await prompts.run(lambda: "read")
    prompts.close()
