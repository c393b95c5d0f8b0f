"""If these fail, a client that goes away takes the answer of others with it, or a call goes on that nobody needs."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from gateway.wire.errors import UpstreamFailed
from gateway.wire.http import Message, Reply
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, read
from tests.gateway.listener import Listener
from tests.gateway.pipeline.flyers import CACHED, asked, boarded, calls, once_only, said, together
from tests.servers.upstream import Upstreams


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house(**CACHED)


@pytest.fixture
def once(open_house: OpenHouse, upstreams: Upstreams) -> House:
    """A call that fails is not made again for the same client."""
    return open_house(**CACHED, routes=once_only(upstreams))


@pytest.mark.parametrize("stream", [False, True])
async def test_a_leader_that_leaves_early_ends_nobody_elses_answer(
    house: House, upstreams: Upstreams, stream: bool
) -> None:
    leader, *others = await together(house, upstreams, [{"stream": stream}] * 3, "hold:0")
    occupancy = house.pipeline.parts.occupancy
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    assert occupancy.count == 1  # a gateway that is stopping waits for it
    upstreams.local.release()
    assert len({said(await read(await task)) for task in others}) == 1
    assert calls(upstreams) == 1
    assert sorted(line.outcome for line in house.settlements()) == ["hit", "hit", "ok"]
    assert house.counted("tidegate_requests_total", status="4xx") == 1
    assert occupancy.count == 0


async def test_a_leader_that_leaves_in_the_middle_ends_nobody_elses_answer(house: House, upstreams: Upstreams) -> None:
    leader, other = [await task for task in await together(house, upstreams, [{"stream": True}] * 2)]
    assert leader.stream is not None
    await leader.stream.next()
    leader.stream.close()
    upstreams.local.release()
    assert said(await read(other)).startswith("local-model says")
    assert house.pipeline.parts.occupancy.count == 0
    assert sorted(line.outcome for line in house.settlements()) == ["hit", "ok"]


async def test_a_leader_that_leaves_while_it_waits_for_more_ends_nobody_elses_answer(
    house: House, upstreams: Upstreams
) -> None:
    upstreams.local.next("hold:2")
    leader = await house.ask(call(stream=True))
    assert leader.stream is not None
    await leader.stream.next()
    reading = asyncio.create_task(leader.stream.next())
    await asyncio.sleep(0)
    other = await house.ask(call(stream=True))
    reading.cancel()
    await asyncio.wait({reading})
    leader.stream.close()
    upstreams.local.release()
    assert said(await read(other)).startswith("local-model says")
    assert calls(upstreams) == 1
    assert house.pipeline.parts.occupancy.count == 0


async def test_when_all_have_left_the_upstream_is_closed_and_the_books_too(house: House, upstreams: Upstreams) -> None:
    replies = [await task for task in await together(house, upstreams, [{"stream": True}] * 3)]
    for reply in replies:
        assert reply.stream is not None
        await reply.stream.next()
    (exchange,) = upstreams.local.journal.exchanges
    for reply in replies:
        assert reply.stream is not None
        reply.stream.close()
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, exchange)
    assert sorted(line.outcome for line in house.settlements()) == ["cancelled", "hit", "hit"]
    assert {line.status for line in house.settlements() if line.outcome == "hit"} == {499}


async def test_when_all_have_left_before_an_answer_came_the_upstream_is_closed(
    house: House, upstreams: Upstreams
) -> None:
    tasks = await together(house, upstreams, [{}] * 3, "hang")
    (exchange,) = upstreams.local.journal.exchanges
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, exchange)
    await house.pipeline.parts.background.drained()
    assert [line.outcome for line in house.settlements()] == ["cancelled"]
    assert house.counted("tidegate_requests_total", status="4xx") == 3


async def test_who_is_to_lead_and_leaves_at_that_moment_leaves_it_to_the_next(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """While its line is taken from the sign of life that its client does not read."""
    house = open_house(**CACHED, server={"keep_alive_comment": 0.02}, routes=once_only(upstreams))
    upstreams.local.next("cut:0:fin:gate")
    leader = asyncio.create_task(house.ask(call(model="home", stream=True)))
    await asked(upstreams)
    client = Leaving()
    client.task = asyncio.create_task(house.ask(client.asks(model="home")))
    await client.stuck.wait()
    other = asyncio.create_task(house.ask(call(model="home", stream=True)))
    await boarded(house, 2)
    upstreams.local.release()
    with pytest.raises(UpstreamFailed):
        await leader
    with pytest.raises(asyncio.CancelledError):
        await client.task
    async with asyncio.timeout(10):
        assert said(await read(await other)).startswith("local-model says")


class Leaving(Listener):
    """Reads nothing, and is gone when that is noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck = asyncio.Event()
        self.task: asyncio.Task[Reply] | None = None

    async def _send(self, message: Message) -> None:
        self.stuck.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.task is not None:
                self.task.cancel()
            raise


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_fails_after_its_client_has_left_is_told_to_those_who_wait_and_to_no_log(
    once: House, upstreams: Upstreams, stream: bool
) -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: heard.append(what))
    upstreams.local.always("hang")
    body = {"model": "home", "stream": stream}
    leader, other = await together(once, upstreams, [body, body], "hang")
    leader.cancel()
    with pytest.raises(UpstreamFailed):
        await other
    del leader, other
    await once.pipeline.parts.background.drained()
    gc.collect()
    await asyncio.sleep(0)
    assert heard == []
