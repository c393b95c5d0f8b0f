"""If these fail, an upstream is paid for a client that has left, or one that dawdles holds its place for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.presence import Guest, Presence
from gateway.wire.http import Message

PATIENCE = 20.0  # seconds until a test gives up


class Client:
    """It is served in a task of its own until `served` is set, and leaves when `left` is."""

    def __init__(self, presence: Presence, *, told: bool = True) -> None:
        self.presence = presence
        self.told = told
        self.left = asyncio.Event()
        self.served = asyncio.Event()
        self.entered = asyncio.Event()
        self.asked = asyncio.Event()  # whether it is still there
        self.guest: Guest | None = None
        self.task = asyncio.create_task(self._serve())

    async def receive(self) -> Message:
        self.asked.set()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _serve(self) -> str:
        guest = self.guest = self.presence.enter(self.receive)
        guest.has_told_all = self.told
        self.entered.set()
        try:
            await self.served.wait()
        except asyncio.CancelledError:
            guest.forgive()
            return "gone" if guest.is_gone else "dawdled" if guest.dawdles else "stopped"
        finally:
            self.presence.leave(guest)
        return "served"

    async def end(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return await self.task


async def arrived(presence: Presence, count: int = 1, *, told: bool = True) -> list[Client]:
    clients = [Client(presence, told=told) for _ in range(count)]
    for client in clients:
        await client.entered.wait()
    return clients


@asynccontextmanager
async def no_task_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    async with asyncio.timeout(PATIENCE):
        while asyncio.all_tasks() - before:  # noqa: ASYNC110  # what it waits for is this loop's own tasks
            await asyncio.sleep(0)


async def test_a_client_that_leaves_ends_what_is_done_for_it() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence())
        client.left.set()
        assert await client.end() == "gone"
        assert client.task.cancelling() == 0  # the task may go on, as if it had never been cancelled


async def test_one_that_stays_is_served() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence())
        await asyncio.wait_for(client.asked.wait(), PATIENCE)  # it is being watched
        client.served.set()
        assert await client.end() == "served"


async def test_one_that_is_served_at_once_is_never_watched() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence())
        client.served.set()
        assert await client.end() == "served"
        (other,) = await arrived(client.presence)
        await asyncio.wait_for(other.asked.wait(), PATIENCE)
        assert not client.asked.is_set()
        other.served.set()
        await other.end()


async def test_one_that_dawdles_with_its_body_is_given_up() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence(body_seconds=0.0), told=False)
        assert await client.end() == "dawdled"
        assert not client.asked.is_set()  # whoever reads its body is told when it leaves


async def test_one_that_has_sent_all_may_take_any_time() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence(body_seconds=0.0))
        await asyncio.wait_for(client.asked.wait(), PATIENCE)
        client.served.set()
        assert await client.end() == "served"


async def test_one_that_sends_the_rest_later_is_watched_from_then_on() -> None:
    async with no_task_left():
        presence = Presence()
        (slow,) = await arrived(presence, told=False)
        (other,) = await arrived(presence)
        await asyncio.wait_for(other.asked.wait(), PATIENCE)
        assert not slow.asked.is_set()
        assert slow.guest is not None
        slow.guest.has_told_all = True
        slow.left.set()
        assert await slow.end() == "gone"
        other.served.set()
        await other.end()


async def test_each_is_told_apart() -> None:
    async with no_task_left():
        presence = Presence()
        clients = await arrived(presence, 50)
        for client in clients[::2]:
            client.left.set()
        assert [await client.end() for client in clients[::2]] == ["gone"] * 25
        for client in clients[1::2]:
            client.served.set()
        assert [await client.end() for client in clients[1::2]] == ["served"] * 25


async def test_a_task_that_is_cancelled_from_elsewhere_is_no_client_that_left() -> None:
    async with no_task_left():
        (client,) = await arrived(Presence())
        client.task.cancel()
        assert await client.end() == "stopped"


@pytest.mark.parametrize("rounds", [1, 3])
async def test_the_timer_rests_when_nobody_is_there(rounds: int) -> None:
    presence = Presence()
    for _ in range(rounds):
        (client,) = await arrived(presence)
        assert presence._timer is not None
        client.served.set()
        await client.end()
        async with asyncio.timeout(PATIENCE):
            while presence._timer is not None:  # noqa: ASYNC110  # the loop's own timer
                await asyncio.sleep(0)
