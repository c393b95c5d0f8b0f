"""If these fail, a worker that leaves takes requests with it that nobody else has."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.serving.server import AT_ONCE, Farewell
from tests.gateway.serving.http.served import PATIENCE, Client, Served, Stage, get, serving

LONG = 3600.0  # seconds; nothing waits for them to pass


@asynccontextmanager
async def running(app: Stage) -> AsyncIterator[Served]:
    """With the server's own loop: it ends by itself once it is told to."""
    async with serving(app) as served:
        loop = asyncio.create_task(served.server.main_loop())
        try:
            yield served
        finally:
            served.server.should_exit = True
            await loop


async def answered(stage: Stage, client: Client) -> str | None:
    """Whether it is said of an answer that the connection closes behind it."""
    await client.send(get())
    await (await stage.turn()).end()
    return (await client.answer()).headers.get("connection")


async def test_while_it_still_lets_people_in_it_tells_everybody_to_come_back_elsewhere() -> None:
    stage = Stage()
    async with running(stage) as served:
        before, after = await served.client(), await served.client()
        assert await answered(stage, before) is None
        served.server.leave(Farewell(LONG, LONG, LONG))
        assert await answered(stage, before) == "close"
        assert await before.rest() == b""
        await asyncio.sleep(0)
        assert await answered(stage, await served.client()) == "close", "the door is open"
        assert await answered(stage, after) == "close"
        await served.server.on_tick(0)  # a new date, each second
        assert await answered(stage, await served.client()) == "close"
        assert not served.server.should_exit


async def test_it_lets_nobody_in_once_the_time_for_it_is_over() -> None:
    async with running(Stage()) as served:
        served.server.leave(Farewell(0.0, LONG, LONG))
        await served.until(lambda: served.server.should_exit)


async def test_a_connection_that_may_yet_be_used_is_left_open_until_it_has_been() -> None:
    """Its client does not know; what it sends meanwhile would be lost."""
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        assert await answered(stage, client) is None
        served.server.leave(Farewell(0.0, LONG, LONG))
        ending = asyncio.create_task(served.server.shutdown())
        await served.until(lambda: not served.server.servers[0].is_serving())
        assert await answered(stage, client) == "close"
        assert await client.rest() == b""
        await asyncio.wait_for(ending, PATIENCE)


async def test_a_request_that_lies_in_the_kernel_is_served_though_its_connection_was_to_be_closed() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        assert await answered(stage, client) is None
        (line,) = served.lines
        line._transport.pause_reading()  # as a worker does not get to it for a moment
        await client.send(get())
        await asyncio.sleep(0)
        line.shutdown()
        line._transport.resume_reading()
        await (await stage.turn()).end(b"served")
        assert (await client.answer()).body == b"served"
        client.close()


async def test_who_uses_a_connection_no_more_does_not_hold_it_up() -> None:
    async with serving(Stage()) as served:
        client = await served.client()
        await served.until(lambda: bool(served.lines))
        served.server.leave(AT_ONCE)
        await asyncio.wait_for(served.server.shutdown(), PATIENCE)
        assert await client.rest() == b""


async def test_a_second_word_breaks_off_what_is_under_way() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        served.server.leave(Farewell(LONG, LONG, LONG))
        ending = asyncio.create_task(served.server.shutdown())
        await asyncio.sleep(0)
        assert not ending.done()
        served.server.hurry()
        await asyncio.wait_for(ending, PATIENCE)
        await asyncio.wait_for(turn.done.wait(), PATIENCE)
        with contextlib.suppress(asyncio.IncompleteReadError):
            assert (await client.answer()).status == 500
        client.close()


async def test_so_does_the_end_of_its_patience() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        served.server.leave(Farewell(0.0, 0.0, 0.01))
        await asyncio.wait_for(served.server.shutdown(), PATIENCE)
        await asyncio.wait_for(turn.done.wait(), PATIENCE)
        client.close()
